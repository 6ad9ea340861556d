"""An exploration in parts: what the first runs taught is fixed, and parts add up to the whole."""

from __future__ import annotations

import pytest

from emu.campaign.catalogue import find_scenario
from emu.engine.scenario import setup
from emu.errors import InternalError
from emu.record.history import History
from emu.search.explore import explore
from emu.search.start import Learned, Start

PHILOSOPHERS = setup(find_scenario("philosophers"), {})


async def taught(strategy: str = "rotation") -> Learned:
    first = await explore(PHILOSOPHERS, strategy, runs=64, seed=7, stop="budget")
    assert first.learned is not None
    return first.learned


async def digests(learned: Learned, first: int, runs: int, lanes: int = 32) -> list[str]:
    seen: dict[int, str] = {}

    def keep(run: int, history: History) -> None:
        seen[run] = history.digest

    start = Start(first, learned)
    await explore(
        PHILOSOPHERS, runs=runs, seed=7, stop="budget", lanes=lanes, start=start, on_history=keep
    )
    assert list(seen) == list(range(first, first + runs))
    return list(seen.values())


async def test_parts_run_what_the_whole_runs() -> None:
    learned = await taught()
    whole = await digests(learned, 64, 60)

    assert await digests(learned, 64, 25) + await digests(learned, 89, 35) == whole


async def test_a_part_does_not_depend_on_its_lanes() -> None:
    learned = await taught()

    assert await digests(learned, 70, 40, lanes=1) == await digests(learned, 70, 40, lanes=7)


async def test_what_is_taught_does_not_depend_on_lanes() -> None:
    one = await explore(PHILOSOPHERS, runs=64, seed=7, stop="budget", lanes=1)

    assert one.learned == await taught()


async def test_a_part_teaches_nothing() -> None:
    learned = await taught()
    start = Start(64, learned)
    part = await explore(PHILOSOPHERS, runs=50, seed=7, stop="budget", start=start)

    assert part.learned == learned


async def test_a_part_numbers_its_runs_as_the_whole_does() -> None:
    start = Start(1_000, await taught())
    part = await explore(PHILOSOPHERS, runs=200, seed=7, start=start)

    assert part.findings[0].first_run == 1_000 + part.runs - 1


async def test_a_part_is_settled_by_what_was_seen_before() -> None:
    start = Start(64, await taught(), {"deadlock": ("deadlock",)})
    part = await explore(PHILOSOPHERS, runs=50, seed=7, stop="met", start=start)

    assert part.runs == 1


async def test_a_run_that_breaks_emu_is_unknown_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken: list[tuple[int, str]] = []
    add = History.__dict__["steps"].fget

    def steps(history: History) -> int:
        if not broken:
            raise InternalError("a fault of ours")
        return int(add(history))

    monkeypatch.setattr(History, "steps", property(steps))
    explored = await explore(
        PHILOSOPHERS,
        "random",
        runs=20,
        stop="budget",
        on_broken=lambda run, seed, error: broken.append((run, str(error))),
    )

    assert broken == [(0, "a fault of ours")]
    assert explored.runs == 20
    assert explored.outcomes["unknown"] == 1

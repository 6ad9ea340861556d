"""A soak: entry after entry, until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from emu.campaign.plan import Entry, Plan
from emu.campaign.result import Result
from emu.campaign.soak import Orders, soak, worst
from emu.engine.scenario import Scenario, setup
from emu.record.finding import Verdict
from emu.record.reading import read_history
from emu.record.store import load_finding
from emu.search.edge import Halt
from emu.search.exploration import Exploration
from tests.campaign import programs


def entry(scenario: Scenario, name: str = "", **settings: object) -> Entry:
    name = name or scenario.name
    made: Callable[..., Entry] = Entry
    return made(name, f"plan.toml#{name}", setup(scenario), **settings)


def nothing(*_: object) -> None:
    pass


async def run(
    *entries: Entry,
    orders: Orders | None = None,
    halt: Halt | None = None,
    on_run: Callable[[Exploration], object] = nothing,
) -> list[Result]:
    return await soak(
        [Plan("p", "plan.toml", entries)],
        orders or Orders(out=None),
        halt or Halt(),
        on_entry=nothing,
        on_run=on_run,
        on_result=nothing,
    )


async def test_every_entry_has_a_verdict() -> None:
    results = await run(entry(programs.inversion), entry(programs.calm, runs=3))
    assert [result.verdict for result in results] == [Verdict.MET, Verdict.MET]


async def test_what_must_turn_up_and_does_not_is_not_met() -> None:
    fixed = Entry("e", "p#e", setup(programs.inversion, {"fix": True}), runs=20)
    (result,) = await run(fixed)
    assert result.verdict is Verdict.NOT_MET


async def test_a_run_that_meets_a_limit_leaves_it_unknown() -> None:
    (result,) = await run(entry(programs.endless, runs=1))
    assert result.verdict is Verdict.UNKNOWN


async def test_orders_go_before_the_plan() -> None:
    (result,) = await run(entry(programs.calm, runs=500), orders=Orders(runs=4, seed=9, out=None))
    assert (result.exploration.runs, result.exploration.seed) == (4, 9)


async def test_after_a_halt_no_further_entry_begins_and_what_was_done_is_kept() -> None:
    halt = Halt()

    def stop(so_far: Exploration) -> None:
        if so_far.runs == 5:
            halt.call()

    (result,) = await run(
        entry(programs.calm, runs=10_000_000),
        entry(programs.inversion),
        halt=halt,
        on_run=stop,
    )
    assert result.exploration.interrupted
    assert result.exploration.runs >= 5


async def test_what_was_cut_short_before_it_was_found_is_unknown() -> None:
    halt = Halt()
    fixed = Entry("e", "p#e", setup(programs.inversion, {"fix": True}), runs=10_000_000)
    (result,) = await run(fixed, halt=halt, on_run=lambda _: halt.call())
    assert result.verdict is Verdict.UNKNOWN


async def test_what_was_cut_short_while_all_was_well_is_unknown() -> None:
    halt = Halt()
    (result,) = await run(
        entry(programs.calm, runs=10_000_000), halt=halt, on_run=lambda _: halt.call()
    )
    assert result.verdict is Verdict.UNKNOWN


async def test_findings_are_saved_with_message_and_log(tmp_path: Path) -> None:
    (result,) = await run(entry(programs.inversion, "a/b c"), orders=Orders(out=tmp_path))
    shelf = tmp_path / "p" / "0001" / "a-b-c"
    saved = load_finding(shelf)
    assert saved.message == result.messages[0]
    assert str(read_history(shelf / saved.log).tape) == saved.tape


async def test_the_log_line_of_a_message_names_the_file(tmp_path: Path) -> None:
    (result,) = await run(entry(programs.inversion), orders=Orders(out=tmp_path))
    path = result.messages[0].splitlines()[-1].removeprefix("  log     ")
    assert await trio.Path(path).exists()


async def test_without_findings_nothing_is_written(tmp_path: Path) -> None:
    await run(entry(programs.calm, runs=2), orders=Orders(out=tmp_path))
    assert not await trio.Path(tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ((), Verdict.UNKNOWN),
        ((Verdict.MET, Verdict.MET), Verdict.MET),
        ((Verdict.MET, Verdict.UNKNOWN), Verdict.UNKNOWN),
        ((Verdict.NOT_MET, Verdict.UNKNOWN, Verdict.MET), Verdict.NOT_MET),
    ],
)
def test_the_whole_is_as_bad_as_its_worst_part(
    verdicts: tuple[Verdict, ...], whole: Verdict
) -> None:
    assert worst(verdicts) is whole


async def test_a_row_has_the_shape_that_programs_read() -> None:
    (result,) = await run(entry(programs.inversion, runs=50))
    row = result.as_row()
    assert list(row) == [
        *("scenario", "params", "strategy", "seed", "runs", "steps", "seconds"),
        *("outcomes", "met", "answer", "exhausted", "bound", "behaviours", "estimate", "findings"),
    ]
    assert list(row["findings"][0]) == [
        *("signature", "kind", "message", "count", "first_run", "seed", "tape", "original_tape")
    ]


async def test_the_run_that_first_showed_what_must_turn_up_is_counted_from_one() -> None:
    (result,) = await run(entry(programs.inversion))
    assert result.first_found == result.exploration.findings[0].first_run + 1


async def test_nothing_found_has_no_first_run() -> None:
    (result,) = await run(entry(programs.calm, runs=1))
    assert result.first_found is None

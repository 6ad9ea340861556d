"""A look at the locks in many logs: a share of each entry's, up to a budget."""

from __future__ import annotations

from pathlib import Path

from emu.campaign.survey import TOLD, named, survey
from emu.record.log import log_bytes
from tests.record.histories import history, raw

EVENTS = 4


def log(lock: str) -> bytes:
    """A run with so many events, in which one thread has this lock twice."""
    had = (
        raw("lock.acquire", 1, "T1", lock, 0, False, None, "lock"),
        raw("lock.release", 2, "T1", lock, "lock"),
    )
    return log_bytes(history(*had, *had))


def logbook(here: Path, **logs: bytes) -> list[Path]:
    """Files with these names, each with ten runs."""
    for name, content in logs.items():
        (here / f"{name}.jsonl").write_bytes(content * 10)
    return sorted(here.iterdir())


def test_every_run_is_looked_at_where_the_budget_allows_it(tmp_path: Path) -> None:
    seen = survey(logbook(tmp_path, a=log("left"), b=log("left")))
    assert (seen.runs, seen.events, seen.cut) == (20, 20 * EVENTS, 0)
    assert seen.in_words() == "From the logs of 20 runs."


def test_acquisitions_are_those_of_all_runs(tmp_path: Path) -> None:
    (program,) = survey(logbook(tmp_path, a=log("left"))).programs
    assert [(one.name, one.acquired) for one in program.locks] == [("left", 20)]
    assert program.order.runs == 10


def test_entries_share_the_budget(tmp_path: Path) -> None:
    for entry in ("0001", "0002"):
        for part in ("001", "002"):
            path = tmp_path / f"{entry}-0000000000-{part}.jsonl"
            path.write_bytes(log(f"lock {entry}") * 10)
    (program,) = survey(sorted(tmp_path.iterdir()), events=6 * EVENTS).programs
    assert {one.name for one in program.locks} == {"lock 0001", "lock 0002"}


def test_what_was_not_read_to_its_end_is_counted(tmp_path: Path) -> None:
    seen = survey(logbook(tmp_path, a=log("left"), b=log("left")), events=3 * EVENTS)
    assert (seen.runs, seen.cut, seen.files) == (3, 2, 2)
    assert "2 of 2 files of logs were not read to their end" in seen.in_words()


def test_one_run_is_always_looked_at(tmp_path: Path) -> None:
    assert survey(logbook(tmp_path, a=log("left")), events=1).runs == 1


def test_damage_is_named_and_costs_its_run_alone(tmp_path: Path) -> None:
    files = logbook(tmp_path, a=log("left"))
    files[0].write_bytes(files[0].read_bytes()[:-10])
    seen = survey(files)
    assert seen.runs == 9
    (sentence,) = seen.damage
    assert sentence.startswith(f"{files[0]}:")


def test_each_run_is_told_once(tmp_path: Path) -> None:
    lines: list[int] = []
    survey(logbook(tmp_path, a=log("left")), on_run=lambda run: lines.append(run.line))
    assert lines == list(range(1, 10 * (EVENTS + 2), EVENTS + 2))


def test_of_much_damage_the_first_is_named_and_the_rest_counted() -> None:
    told = named([f"log {n} is damaged" for n in range(TOLD + 7)])
    assert (len(told), told[-1]) == (TOLD + 1, "7 more logs are damaged.")
    assert named(["once", "once"]) == ["once"]

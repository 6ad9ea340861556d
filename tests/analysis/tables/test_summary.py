"""The summary counts what is there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from emu.analysis.tables.summary import CUT_OFF, NAMELESS, summary
from emu.analysis.tables.tables import Tables
from emu.record.history import History
from tests.analysis.tables.logs import acquire, histories, run, written


@pytest.fixture
async def runs() -> list[History]:
    return await histories()


async def test_runs_events_and_outcomes_are_those_of_the_histories(
    runs: list[History], tmp_path: Path
) -> None:
    with Tables([written(tmp_path / "a.jsonl", runs)]) as tables:
        found = summary(tables)
    total = found.total
    assert total.runs == len(runs)
    assert total.outcomes == Counter(one.outcome.name for one in runs)
    assert total.events == sum(len(one.raw) for one in runs) == found.kinds.total()
    assert found.kinds == Counter(event.event for one in runs for event in one.events)


async def test_steps_and_times_are_those_of_the_histories(
    runs: list[History], tmp_path: Path
) -> None:
    with Tables([written(tmp_path / "a.jsonl", runs)]) as tables:
        total = summary(tables).total
    assert total.steps == sum(one.steps for one in runs)
    assert total.t == sum(one.ending.t for one in runs)
    assert total.longest == max(one.ending.t for one in runs)


async def test_each_program_has_its_own_counts(runs: list[History], tmp_path: Path) -> None:
    with Tables([written(tmp_path / "a.jsonl", runs)]) as tables:
        programs = summary(tables).programs
    for name, program in programs.items():
        own = [one for one in runs if one.info.scenario == name]
        kinds = Counter(event.event for one in own for event in one.events)
        assert (program.runs, program.events) == (len(own), kinds.total())
        assert program.threads == kinds["thread.start"]
        assert program.sent.total() == kinds["signal.send"]
        assert program.injections.total() == kinds["inject"]


def test_a_run_without_an_end_is_cut_off(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"))])
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    with Tables([log]) as tables:
        assert summary(tables).total.outcomes == Counter({CUT_OFF: 1})


def test_events_of_no_run_have_no_program(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"))])
    log.write_bytes(log.read_bytes().partition(b"\n")[2])
    with Tables([log]) as tables:
        found = summary(tables)
    assert found.programs[NAMELESS].events == 1
    assert found.total.runs == 0

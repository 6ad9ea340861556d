"""The findings of an entry, shrunk."""

from __future__ import annotations

import pytest

from emu.campaign.entry import Entry
from emu.campaign.plan import read_plan
from emu.campaign.result import Result
from emu.campaign.simplest import shrink_findings
from emu.engine.scenario import setup
from emu.search.edge import Halt
from emu.search.explore import explore
from emu.search.shrink import shrink
from tests.campaign import programs
from tests.cli.prompt import ROOT

ROWS = [
    ("go-1777", "F1-07 before, amd64"),
    ("go-1777", "R1-01a before"),
    ("go-3017", "T2-05 deep before, 386"),
]
"""Entries whose findings take several choices."""


async def explored(entry: Entry, strategy: str = "") -> Result:
    made = await explore(
        entry.setup,
        strategy or entry.strategy,
        runs=min(entry.runs or 200, 200),
        seed=entry.seed,
        stop="budget",
    )
    return Result(entry, made)


INVERSION = Entry("e", "p#e", setup(programs.inversion))


async def test_the_row_has_the_simplest_tape_and_the_one_that_was_found() -> None:
    result = await shrink_findings(await explored(INVERSION, "random"))
    (row,) = result.as_row()["findings"]
    found = result.exploration.findings[0]
    assert row["original_tape"] == str(found.tape)
    assert row["tape"] == str(result.shrunk[found.signature].tape)


async def test_after_a_halt_nothing_is_shrunk() -> None:
    halt = Halt()
    halt.call()
    result = await shrink_findings(await explored(INVERSION), halt=halt)
    assert result.shrunk == {}


@pytest.mark.parametrize(("plan", "name"), ROWS)
async def test_findings_of_the_go_bugs_are_shrunk_to_at_most_six_deviations(
    plan: str, name: str
) -> None:
    entry = read_plan(str(ROOT / "configs" / f"{plan}.toml")).entry(name)
    result = await explored(entry)
    for found in result.exploration.findings:
        once = await shrink(entry.setup, found.tape, signature=found.signature)
        twice = await shrink(entry.setup, once.tape, signature=found.signature)
        assert len(once.tape) <= 6
        assert once.finished
        assert twice.tape == once.tape

"""One finding of a campaign: its files, its timeline, its report, and how it gets them late."""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import trio

from emu.analysis.report.page import MAGIC
from emu.campaign.catch import Catch, catch_at
from emu.campaign.ledger import open_ledger, view
from emu.campaign.onefinding import as_whole, log_of, message_of, report_of, timeline_of
from emu.campaign.retelling import tell_again
from emu.campaign.terms import TERMS
from emu.errors import LogError, UsageError
from emu.record.store import load_finding
from tests.campaign import programs
from tests.campaign.crews import new_ledger, spec, work
from tests.campaign.found import entries, find, ledger_of

EMPTY = "emu1:"
"""The tape of a run without a deviation, of whatever program."""

DEADLOCK = "inversion deadlocks\n"


@pytest.fixture
async def directory(tmp_path: Path) -> Path:
    """A campaign that has found, and told, one deadlock."""
    specs = [spec(programs.inversion, strategy="random", runs=64, until="budget")]
    with closing(new_ledger(tmp_path / "c", specs)) as ledger:
        await work(ledger)
    return tmp_path / "c"


def caught(directory: Path, number: int = 1) -> Catch:
    with closing(view(directory)) as ledger:
        return catch_at(ledger, number)


@pytest.fixture
def untold(directory: Path) -> Path:
    """The same, before it was told."""
    with closing(open_ledger(directory)) as ledger:
        ledger._execute("UPDATE finding SET told = NULL")
    shutil.rmtree(directory / "findings")
    return directory


async def test_what_was_told_has_its_log(directory: Path) -> None:
    log = directory / "findings" / "0001" / "history.jsonl.zst"
    assert log_of(caught(directory), directory) == log


async def test_what_was_not_told_has_none(untold: Path) -> None:
    assert log_of(caught(untold), untold) is None


async def test_a_campaign_without_logs_has_none_of_its_findings(tmp_path: Path) -> None:
    specs = [spec(programs.inversion, strategy="random", runs=64, until="budget")]
    with closing(new_ledger(tmp_path, specs)) as ledger:
        await work(ledger, terms=replace(TERMS, level="none"))
    assert log_of(caught(tmp_path), tmp_path) is None


async def test_the_timeline_has_the_lanes_and_the_circle_of_the_finding(directory: Path) -> None:
    scene = timeline_of(caught(directory), directory)
    threads = [scene["names"][one[0]] for one in scene["threads"]]
    assert threads == ["main", "T1", "T2"]
    assert {threads[one[0]] for one in scene["cycle"]} == {"T1", "T2"}


async def test_the_timeline_is_a_value_for_json(directory: Path) -> None:
    scene = timeline_of(caught(directory), directory)
    assert orjson.loads(orjson.dumps(scene)) == scene


async def test_the_report_is_a_page_about_this_finding(directory: Path) -> None:
    text = report_of(caught(directory), directory).decode()
    assert text.startswith(MAGIC)
    assert "plan #1" in text
    assert caught(directory).signature in text


@pytest.mark.parametrize("read", [timeline_of, report_of])
async def test_without_a_log_there_is_neither(untold: Path, read: object) -> None:
    assert callable(read)
    with pytest.raises(UsageError, match=r"finding 1 in .* has no log"):
        read(caught(untold), untold)


async def test_a_damaged_log_is_a_sentence(directory: Path) -> None:
    (directory / "findings" / "0001" / "history.jsonl.zst").write_bytes(b"junk")
    with pytest.raises(LogError, match=r"history\.jsonl\.zst"):
        timeline_of(caught(directory), directory)


async def test_the_whole_row_has_texts_and_the_way_back(directory: Path) -> None:
    one = caught(directory)
    row = as_whole(one, directory)
    assert row.items() >= one.as_brief().items()
    assert (row["tape"], row["has_log"], row["seed"]) == (one.tape, True, one.tally.sighted.seed)
    assert row["message"].startswith(DEADLOCK)
    assert row["replay"] == f"emu replay plan.toml#inversion {one.tape}"


async def test_a_finding_that_was_not_told_says_how_to_run_it(untold: Path) -> None:
    one = caught(untold)
    assert message_of(one, untold) == (
        f"{one.tally.sighted.sentence}\n\n  replay  emu replay plan.toml#inversion {one.tape}"
    )


def test_a_trouble_has_a_text_and_nothing_to_replay(tmp_path: Path) -> None:
    with closing(ledger_of(tmp_path, entries(1))) as ledger:
        find(ledger, 0, troubles=1)
        row = as_whole(catch_at(ledger, 1), tmp_path)
    assert (row["tape"], row["replay"], row["has_log"]) == (None, None, False)
    assert "a stack" in row["message"]


async def test_a_program_that_is_gone_is_not_missed_by_who_reads(directory: Path) -> None:
    one = caught(directory)
    gone = replace(one, spec=replace(one.spec, scenario="gone:inversion"))
    assert timeline_of(gone, directory) == timeline_of(one, directory)
    assert report_of(gone, directory) == report_of(one, directory)


async def test_it_is_run_again_when_somebody_asks(untold: Path) -> None:
    one = caught(untold)
    log = await tell_again(one, untold)
    assert log == log_of(one, untold) == untold / "again" / "0001" / "history.jsonl.zst"
    assert load_finding(log.parent).signature == one.signature
    assert message_of(one, untold).startswith(DEADLOCK)
    assert len(timeline_of(one, untold)["cycle"]) == 2
    assert report_of(one, untold).startswith(MAGIC.encode())


async def test_what_has_a_log_is_not_run_again(directory: Path) -> None:
    one = caught(directory)
    gone = replace(one, spec=replace(one.spec, scenario="gone:inversion"))
    assert await tell_again(gone, directory) == log_of(one, directory)
    assert not (directory / "again").exists()


async def test_several_may_ask_at_once(untold: Path) -> None:
    one = caught(untold)
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(tell_again, one, untold)
    assert [path.name for path in (untold / "again").iterdir()] == ["0001"]
    assert load_finding(untold / "again" / "0001").signature == one.signature


PROGRAM = """
import os
from emu import scenario

@scenario()
async def ends(m):
    os._exit(7)

@scenario()
async def calm(m):
    pass
"""


@pytest.mark.parametrize(
    ("scenario", "why"),
    [
        ("fragile:ends", "worker lost: it ended with status 7"),
        ("fragile:calm", "does not give deadlock"),
        ("gone:calm", "there is no module 'gone'"),
    ],
)
async def test_what_cannot_be_run_again_is_a_sentence(
    untold: Path, scenario: str, why: str
) -> None:
    (untold.parent / "fragile.py").write_text(PROGRAM)
    one = caught(untold)
    other = replace(one, spec=replace(one.spec, scenario=scenario, params={}))
    other = replace(other, tally=replace(one.tally, sighted=replace(one.tally.sighted, tape=EMPTY)))
    with pytest.raises(UsageError, match=f"finding 1 cannot be run again: .*{why}"):
        await tell_again(other, untold, path=[str(untold.parent), *sys.path])
    assert "fragile" not in sys.modules
    assert not (untold / "again").exists()


async def test_a_trouble_cannot_be_run_again(tmp_path: Path) -> None:
    with closing(ledger_of(tmp_path, entries(1))) as ledger:
        find(ledger, 0, troubles=1)
        one = catch_at(ledger, 1)
    with pytest.raises(UsageError, match="finding 1 is a run without an answer: it has no tape"):
        await tell_again(one, tmp_path)

"""Power that fails: the ledger is that of a moment before, and the campaign goes on from there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emu.campaign.account import Account
from emu.campaign.ledger import FILE, Ledger, open_ledger
from emu.campaign.ledgerlock import LOCK
from emu.errors import LogError
from emu.record.store import write_file
from tests.campaign import programs
from tests.campaign.crews import new_ledger, spec, work

WAL = f"{FILE}-wal"


MADE = "made"
"""The size of the log of writes when the campaign began, in a file."""


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = [
        spec(programs.inversion, runs=600, until="budget"),
        spec(programs.calm, runs=200, until="budget"),
    ]
    ledger = new_ledger(tmp_path / "c", made)
    (ledger.directory / MADE).write_text(str((ledger.directory / WAL).stat().st_size))
    return ledger


def after_a_power_cut(ledger: Ledger, copy: Path, share: float) -> Path:
    """What is left of a campaign if only a share of what was written has reached the disk."""
    copy.mkdir()
    (copy / LOCK).touch()
    shutil.copy(ledger.directory / FILE, copy)
    written = (ledger.directory / WAL).read_bytes()
    made = int((ledger.directory / MADE).read_text())
    (copy / WAL).write_bytes(written[: made + int((len(written) - made) * share)])
    return copy


def told(accounts: list[Account]) -> list[tuple[int, dict[str, int], dict[str, int]]]:
    return [
        (
            one.figures.runs,
            one.figures.outcomes,
            {signature: tally.count for signature, tally in one.findings.items()},
        )
        for one in accounts
    ]


def test_nothing_is_acknowledged_before_it_is_on_the_disk(ledger: Ledger) -> None:
    (synchronous,) = ledger._execute("PRAGMA synchronous")
    (journal,) = ledger._execute("PRAGMA journal_mode")

    assert (synchronous[0], journal[0]) == (2, "wal"), "2 is FULL"


@pytest.mark.parametrize("percent", range(5, 100, 10))
async def test_what_never_reached_the_disk_is_done_again(
    ledger: Ledger, tmp_path: Path, percent: int
) -> None:
    whole = await work(ledger)
    left = open_ledger(after_a_power_cut(ledger, tmp_path / "left", percent / 100))
    for account in left.accounts():
        assert sum(account.figures.outcomes.values()) == account.figures.runs
    again = await work(left)

    assert told(again.accounts) == told(whole.accounts)


def test_a_campaign_that_ended_while_it_was_made_says_so(ledger: Ledger, tmp_path: Path) -> None:
    (ledger.directory / MADE).write_text("0")
    with pytest.raises(LogError, match="is empty: its campaign ended while it was made"):
        open_ledger(after_a_power_cut(ledger, tmp_path / "left", 0.5))


def test_a_file_is_synced_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr("os.fsync", lambda _: done.append("sync"))
    monkeypatch.setattr(Path, "replace", lambda *_: done.append("name"))
    write_file(tmp_path / "a" / "b", b"")

    assert done == ["sync", "name", "sync"]

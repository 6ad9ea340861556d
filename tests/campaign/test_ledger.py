"""The ledger: one writer, any readers, and a clear word where it cannot be read."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emu.campaign.account import Account
from emu.campaign.ledger import FILE, VERSION, Ledger, create, open_ledger, view
from emu.campaign.ledgerlock import LOCK, holder
from emu.errors import LogError, UsageError
from emu.search.calibration import Calibration, Measure
from emu.search.census import Tally
from emu.search.start import Learned
from tests.campaign import programs
from tests.campaign.crews import new_ledger, spec, work


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = new_ledger(tmp_path, [spec(programs.inversion, runs=80, until="budget")])
    yield made
    made.close()


def test_an_entry_is_read_as_it_was_written(ledger: Ledger) -> None:
    assert ledger.accounts()[0].spec == spec(programs.inversion, runs=80, until="budget")


def test_a_new_entry_has_no_runs(ledger: Ledger) -> None:
    (account,) = ledger.accounts()
    assert account.figures == Account(account.spec).figures


def test_what_was_learned_is_read_as_it_was_written(ledger: Ledger) -> None:
    tally = Tally("T1", "main", ("lock", "a"), (("a", 3), ("", 1)))
    learned = Learned(Calibration((Measure(7, (1, 2), (0, 1), (tally,)),)), (0, 2, 1))
    ledger.save(0, ledger.accounts()[0], learned=learned)

    assert ledger.learned(0) == learned


def test_facts_are_kept(ledger: Ledger) -> None:
    ledger.set_facts({"began": "5"})
    ledger.set_facts({"began": "6", "emu": "1"})

    assert ledger.facts() == {"began": "6", "emu": "1"}


def test_a_campaign_is_worked_on_by_one_process_alone(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match=f"is being worked on by process {os.getpid()}"):
        open_ledger(ledger.directory)


def test_who_works_on_it_is_known(ledger: Ledger) -> None:
    assert holder(ledger.directory) == str(os.getpid())


def test_nobody_works_on_it_when_it_is_closed(ledger: Ledger) -> None:
    ledger.close()
    assert holder(ledger.directory) == ""


def test_a_process_that_dies_lets_go_of_it(ledger: Ledger) -> None:
    ledger.close()
    code = (
        "import os, sys; from pathlib import Path; from emu.campaign.ledger import open_ledger\n"
        "open_ledger(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(ledger.directory)], check=False)
    again = open_ledger(ledger.directory)
    again.close()


async def test_others_may_look_while_it_is_written(ledger: Ledger) -> None:
    await work(ledger)
    looking = view(ledger.directory)

    assert looking.accounts()[0].figures.runs == 80
    looking.close()


def test_who_looks_cannot_write(ledger: Ledger) -> None:
    looking = view(ledger.directory)
    with pytest.raises(LogError, match="readonly"):
        looking._execute("DELETE FROM fact")
    looking.close()


def test_a_directory_that_has_a_campaign_gets_no_other(ledger: Ledger) -> None:
    ledger.close()
    with pytest.raises(UsageError, match="has a campaign already"):
        create(ledger.directory, [], {})


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gone is no directory"):
        open_ledger(tmp_path / "gone")


def test_a_directory_without_a_campaign_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"is no campaign: it has no '{FILE}'"):
        view(tmp_path)


def test_a_store_of_a_newer_version_is_refused(ledger: Ledger) -> None:
    ledger.close()
    database = sqlite3.connect(ledger.directory / FILE)
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    with pytest.raises(UsageError, match="made by a newer emu"):
        open_ledger(ledger.directory)


def test_another_database_is_no_campaign(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / FILE)
    database.execute("CREATE TABLE other (a)")
    database.close()
    with pytest.raises(LogError, match="not of a campaign of emu"):
        open_ledger(tmp_path)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, but long enough to be looked at" * 50)
    with pytest.raises(LogError, match="file is not a database"):
        open_ledger(tmp_path)


async def test_a_damaged_store_is_not_gone_on_with(ledger: Ledger) -> None:
    await work(ledger)
    ledger.close()
    path = ledger.directory / FILE
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(LogError, match=r"malformed|damaged"):
        open_ledger(ledger.directory)


def test_an_entry_that_cannot_be_read_is_said_to_be_damaged(ledger: Ledger) -> None:
    ledger._execute("""UPDATE entry SET spec = '{"plan": 5}'""")
    with pytest.raises(LogError, match=r"EntrySpec\.plan: Input should be a valid string"):
        ledger.accounts()


def asking(directory: Path) -> int:
    """The lock of a campaign as `holder` has it for a moment."""
    lock = os.open(directory / LOCK, os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def test_who_asks_for_the_holder_keeps_nobody_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.close()
    locks = [asking(ledger.directory)]

    def sleep(seconds: float) -> None:
        if seconds and locks:
            os.close(locks.pop())

    monkeypatch.setattr("time.sleep", sleep)
    open_ledger(ledger.directory).close()


def test_who_asks_for_the_holder_is_none(ledger: Ledger) -> None:
    ledger.close()
    lock = asking(ledger.directory)
    assert holder(ledger.directory) == ""
    os.close(lock)

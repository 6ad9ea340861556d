"""The ledger: one SQLite file that knows all of a campaign, whatever happens to its processes.

One process writes, under an exclusive lock; any other may read at the same time (WAL). What a
harvest changes is written in one transaction that is on the disk when it returns
(`synchronous=FULL`), so a run is counted with what it found or not at all. Which shards are
leased is not written: whatever is not counted is run again, and gives the same.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from emu.campaign.account import Account, Figures, Tally
from emu.campaign.harvest import Harvest
from emu.campaign.ledgerlock import locked
from emu.campaign.ledgertext import Kept, text_of, value_in
from emu.campaign.spec import EntrySpec
from emu.errors import LogError, UsageError
from emu.record.logs import CAMPAIGN
from emu.search.start import Learned

FILE: Final = CAMPAIGN

VERSION: Final = 1
"""Of the tables below; it goes up when a reader of the old ones would be wrong."""

APPLICATION: Final = 0x656D7531  # "emu1", so that `file` and we know what it is

_TABLES: Final = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE entry (
    number INTEGER PRIMARY KEY, spec TEXT NOT NULL, learned TEXT, figures TEXT NOT NULL);
CREATE TABLE waiting (
    entry INTEGER NOT NULL, first INTEGER NOT NULL, harvest TEXT NOT NULL,
    PRIMARY KEY (entry, first));
CREATE TABLE finding (
    number INTEGER PRIMARY KEY, entry INTEGER NOT NULL, signature TEXT NOT NULL,
    trouble INTEGER NOT NULL, tally TEXT NOT NULL, told TEXT,
    UNIQUE (entry, trouble, signature));
CREATE INDEX newest ON finding (json_extract(tally, '$.since') DESC, entry, trouble, number);
CREATE TABLE log (
    number INTEGER PRIMARY KEY, file TEXT NOT NULL, bytes INTEGER NOT NULL,
    found INTEGER NOT NULL);
"""


class Ledger:
    """The ledger of the campaign in `directory`; made by `create`, `open_ledger` and `view`."""

    def __init__(self, directory: Path, database: sqlite3.Connection, lock: int | None) -> None:
        self.directory = directory
        self._database = database
        self._lock = lock

    def close(self) -> None:
        """Let others have it."""
        self._database.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # Reading.

    def facts(self) -> dict[str, str]:
        """What is known of the whole, by name."""
        return dict(self._rows("SELECT name, value FROM fact ORDER BY name"))

    def accounts(self) -> list[Account]:
        """The account of every entry, with the harvests that wait."""
        accounts = self.outlines()
        for one in self.kept():
            account = accounts[one.entry]
            table = account.troubles if one.trouble else account.findings
            table[one.tally.sighted.signature] = one.tally
            if one.tally.last_run >= account.figures.runs:
                raise LogError(
                    f"{FILE}: the figures of entry {one.entry + 1} do not fit its findings"
                )
        for number, text in self._rows("SELECT entry, harvest FROM waiting ORDER BY entry, first"):
            harvest = value_in(Harvest, text)
            accounts[number].waiting[harvest.first] = harvest
        return accounts

    def outlines(self) -> list[Account]:
        """The account of every entry without what it found, and without what waits."""
        rows = self._rows("SELECT spec, figures FROM entry ORDER BY number")
        return [Account(value_in(EntrySpec, spec), value_in(Figures, text)) for spec, text in rows]

    def entry(self, number: int) -> tuple[EntrySpec, int]:
        """An entry, and how many of its runs are counted."""
        statement = "SELECT spec, json_extract(figures, '$.runs') FROM entry WHERE number = ?"
        for spec, runs in self._rows(statement, number):
            if isinstance(runs, int):
                return value_in(EntrySpec, spec), runs
        raise LogError(f"{FILE}: nothing is known of the runs of entry {number + 1}")

    def counts(self) -> dict[tuple[int, bool], int]:
        """How many findings, and troubles, each entry has that has any."""
        rows = self._rows("SELECT entry, trouble, COUNT(*) FROM finding GROUP BY entry, trouble")
        return {(entry, bool(trouble)): count for entry, trouble, count in rows}

    def kept(self, after: int = 0, most: int = -1) -> list[Kept]:
        """Findings and troubles with numbers above `after`, rising; at most so many, -1: all."""
        return self._kept("WHERE number > ? ORDER BY number LIMIT ?", after, most)

    def newest(self, most: int) -> list[Kept]:
        """The findings and troubles that turned up last, so many of them, the latest first."""
        order = "json_extract(tally, '$.since') DESC, entry, trouble, number"
        return self._kept(f"ORDER BY {order} LIMIT ?", most)

    def ends(self) -> tuple[int, int]:
        """The lowest and the highest number of a finding or a trouble; 0 if there is none."""
        ((low, high),) = self._rows("SELECT MIN(number), MAX(number) FROM finding")
        return low or 0, high or 0

    def learned(self, entry: int) -> Learned | None:
        """What the first runs of an entry have taught, if they were made."""
        rows = self._rows("SELECT learned FROM entry WHERE number = ?", entry)
        return next((value_in(Learned, text) for (text,) in rows if text is not None), None)

    def told(self, entry: int) -> dict[str, str]:
        """What is told of the findings of an entry, as JSON, by signature; see `triage`."""
        return dict(
            self._rows(
                "SELECT signature, told FROM finding "
                "WHERE entry = ? AND NOT trouble AND told IS NOT NULL ORDER BY number",
                entry,
            )
        )

    def numbers(self, entry: int, *, troubles: bool = False) -> dict[str, int]:
        """The numbers that findings, or troubles, have in the campaign, from 1, by signature."""
        rows = self._rows(
            "SELECT signature, number FROM finding WHERE entry = ? AND trouble = ?",
            entry,
            int(troubles),
        )
        return dict(rows)

    def logs(self) -> list[tuple[int, str, int, bool]]:
        """The logs of runs, oldest first: number, file, bytes, and whether their runs found."""
        rows = self._rows("SELECT number, file, bytes, found FROM log ORDER BY number")
        return [(number, file, size, bool(found)) for number, file, size, found in rows]

    # Writing.

    def set_facts(self, facts: Mapping[str, str]) -> None:
        """Note facts about the whole."""
        with self._transaction():
            self._set_facts(facts)

    def save(
        self,
        number: int,
        account: Account,
        *,
        learned: Learned | None = None,
        logs: Sequence[tuple[str, int, bool]] = (),
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Write what a harvest has changed: all of it, or nothing."""
        with self._transaction():
            self._execute(
                "UPDATE entry SET figures = ? WHERE number = ?",
                text_of(Figures, account.figures),
                number,
            )
            if learned is not None:
                self._execute(
                    "UPDATE entry SET learned = ? WHERE number = ?",
                    text_of(Learned, learned),
                    number,
                )
            self._save_waiting(number, account)
            for trouble, table in enumerate((account.findings, account.troubles)):
                for signature, tally in table.items():
                    self._execute(
                        "INSERT INTO finding (entry, signature, trouble, tally) "
                        "VALUES (?, ?, ?, ?) ON CONFLICT (entry, trouble, signature) "
                        "DO UPDATE SET tally = excluded.tally WHERE tally != excluded.tally",
                        number,
                        signature,
                        trouble,
                        text_of(Tally, tally),
                    )
            for file, size, found in logs:
                self._execute(
                    "INSERT INTO log (file, bytes, found) VALUES (?, ?, ?)", file, size, int(found)
                )
            self._set_facts(facts or {})

    def tell(self, entry: int, signature: str, told: str) -> None:
        """Write what is to be told of a finding."""
        with self._transaction():
            self._execute(
                "UPDATE finding SET told = ? WHERE entry = ? AND signature = ? AND NOT trouble",
                told,
                entry,
                signature,
            )

    def forget_log(self, number: int) -> None:
        """A log is no longer there."""
        with self._transaction():
            self._execute("DELETE FROM log WHERE number = ?", number)

    def intact(self) -> str:
        """What SQLite says of the file: `ok`, or what is wrong with it."""
        return str(next(self._rows("PRAGMA integrity_check"))[0])

    def _save_waiting(self, number: int, account: Account) -> None:
        rows = self._rows("SELECT first FROM waiting WHERE entry = ?", number)
        known = {first for (first,) in rows}
        for first in sorted(known - account.waiting.keys()):
            self._execute("DELETE FROM waiting WHERE entry = ? AND first = ?", number, first)
        for first, harvest in account.waiting.items():
            if first not in known:
                self._execute(
                    "INSERT INTO waiting VALUES (?, ?, ?)", number, first, text_of(Harvest, harvest)
                )

    def _set_facts(self, facts: Mapping[str, str]) -> None:
        for name, value in facts.items():
            self._execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", name, value)

    def _kept(self, which: str, *values: Any) -> list[Kept]:
        statement = f"SELECT number, entry, trouble, tally, told FROM finding {which}"  # noqa: S608
        return [
            Kept(number, entry, bool(trouble), value_in(Tally, tally), told)
            for number, entry, trouble, tally, told in self._rows(statement, *values)
        ]

    def _rows(self, statement: str, *values: Any) -> Iterator[Any]:
        return iter(self._execute(statement, *values))

    def _execute(self, statement: str, *values: Any) -> list[Any]:
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as wrong:
            raise LogError(f"{self.directory / FILE}: {wrong}") from None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise


def create(directory: Path, specs: Sequence[EntrySpec], facts: Mapping[str, str]) -> Ledger:
    """A ledger for a new campaign in `directory`, which is there and holds none.

    Raises `LogError` when it cannot be written, `UsageError` when there is one.
    """
    lock = locked(directory)
    if (directory / FILE).exists():
        os.close(lock)
        raise UsageError(f"{directory} has a campaign already; go on with it by --resume")
    ledger = Ledger(directory, _connect(directory, "rwc"), lock)
    with ledger._transaction():
        for statement in _TABLES.split(";")[:-1]:
            ledger._execute(statement)
        ledger._execute(f"PRAGMA application_id = {APPLICATION}")
        ledger._execute(f"PRAGMA user_version = {VERSION}")
        for number, spec in enumerate(specs):
            ledger._execute(
                "INSERT INTO entry (number, spec, figures) VALUES (?, ?, ?)",
                number,
                text_of(EntrySpec, spec),
                text_of(Figures, Account(spec).figures),
            )
        ledger._set_facts(facts)
    return ledger


def open_ledger(directory: Path) -> Ledger:
    """The ledger of the campaign in `directory`, to go on with it.

    Raises `UsageError` when there is none, when another process has it, or when it was made by
    a newer emu, and `LogError` when it is damaged or cannot be opened.
    """
    _must_exist(directory)
    lock = locked(directory)
    try:
        ledger = Ledger(directory, _connect(directory, "rw"), lock)
        _check(ledger)
        said = ledger.intact()
        if said != "ok":
            raise LogError(f"{directory / FILE} is damaged: {said}")
    except BaseException:
        os.close(lock)
        raise
    return ledger


def view(directory: Path) -> Ledger:
    """The ledger of a campaign as it is now, whoever works on it; raises as `open_ledger`."""
    _must_exist(directory)
    ledger = Ledger(directory, _connect(directory, "ro"), None)
    _check(ledger)
    ledger._execute("BEGIN")  # whatever is read later is of the moment of the first reading
    return ledger


def _must_exist(directory: Path) -> None:
    if not directory.is_dir():
        raise UsageError(f"{directory} is no directory; a campaign is a directory with {FILE!r}")
    if not (directory / FILE).exists():
        raise UsageError(f"{directory} is no campaign: it has no {FILE!r}")


def _connect(directory: Path, mode: str) -> sqlite3.Connection:
    path = directory / FILE
    with ExitStack() as opened:
        try:
            database = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=30,
            )
            opened.callback(database.close)
            database.execute("PRAGMA synchronous = FULL")
            if mode != "ro":
                database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as wrong:
            raise LogError(f"{path}: {wrong}") from None
        opened.pop_all()
    return database


def _check(ledger: Ledger) -> None:
    """Raise unless this emu can read it."""
    path = ledger.directory / FILE
    try:
        application = next(ledger._rows("PRAGMA application_id"))[0]
        version = next(ledger._rows("PRAGMA user_version"))[0]
        if not application and not ledger._execute("SELECT 1 FROM sqlite_schema"):
            raise LogError(f"{path} is empty: its campaign ended while it was made; begin it anew")
        if application != APPLICATION:
            raise LogError(f"{path} is a database, but not of a campaign of emu")
        if version > VERSION:
            raise UsageError(
                f"{path} was made by a newer emu: it is of version {version}, "
                f"and this emu reads {VERSION}"
            )
    except BaseException:
        ledger._database.close()
        raise

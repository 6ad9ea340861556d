"""The database over some logs: its relations are made of logs and packs alike.

    events   every line of every log, with `file`, `line` and `run`
    runs     a row a run, of the first and the last of its lines

What the database makes of a line that is none is not to be relied on: it has 5.5 for a whole
number as 6, and passes over fields that it was not asked for. `sift` looks at every line before
anything is asked, and what is none is then a row of nulls.

`events` of logs numbers lines and runs while it streams, which takes one core; a statement
that asks for neither pays nothing for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from emu.analysis.levels import PART, in_part
from emu.analysis.tables.columns import ADDED, BY_NAME, HEAD_FIELDS, NUMBER, TAIL_FIELDS
from emu.analysis.tables.database import Database, sql_text, sql_texts
from emu.analysis.tables.packfiles import RELATIONS, PackFiles, no_rows
from emu.analysis.tables.salvage import LONGEST
from emu.analysis.tables.sources import NAMED, Sources
from emu.record.event import KINDS
from emu.record.history import HEAD, TAIL

IN_MEMORY: Final = 1 << 30
"""Of logs of so many bytes what is held is in memory, half of that at most; of more it is in a
table, which costs a third more time."""

NO_TYPES: Final[Mapping[str, str]] = {}

EVENTS: Final = "events"
RUNS: Final = "runs"

_LOGS: Final = "logs"
"""The variable that has the names of the logs, or of what is read in their place: a statement that
fails of one can be asked again as it is."""

WITH_SCENARIO: Final = f"LEFT JOIN (SELECT run, scenario FROM {RUNS}) USING (run)"
"""What gives rows with a `run` their `scenario`."""


class Tables(Database):
    """The database over the logs and packs that `paths` mean; a context manager.

    `damage` has a sentence for everything that was found to be wrong. Raises `LogError` as
    `Sources` does, and `UsageError` where DuckDB is not installed.
    """

    def __init__(self, paths: Iterable[Path | str]) -> None:
        super().__init__()
        self.sources = Sources(paths)
        self.damage = self.sources.damage
        self._read: dict[str, str] = {}
        self._packs = PackFiles(self.sources, self)
        try:
            self.sources.look()
            self.sources.mend()
            self.settle_in(self.sources.scratch())
            self._relate()
        except BaseException:
            self.close()
            raise

    def _relate(self) -> None:
        self.run(f"CREATE TYPE kind AS ENUM ({sql_texts((HEAD, TAIL, *KINDS))})")
        self._relate_events()
        self.run(f"CREATE TEMP VIEW {RUNS} AS {self._runs(EVENTS, OF_RUNS)}")

    def _relate_events(self) -> None:
        self._read = {str(read): str(log) for log, read in self.sources.logs.items()}
        self.point(_LOGS, self._read)
        self.run(f"CREATE OR REPLACE TEMP VIEW {EVENTS} AS {self._events()}")

    def mend(self, wrong: Exception) -> bool:
        """Leave out what cannot be read: lines of logs that are too long, broken files of packs."""
        if self._packs.mend(wrong):
            return True
        found = _TOO_LONG.search(str(wrong))
        log = self._read.get(found[1]) if found else None
        if log is None or not self.sources.salvage(Path(log)):
            return False
        self._relate_events()
        return True

    def close(self) -> None:
        """Let go of the database, and of all that was made for it."""
        super().close()
        self.sources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def hold(self, name: str, sql: str, *, ordered: bool = True) -> None:
        """Keep the rows of a statement under a name, in their order or in none, which is faster.

        Raises `LogError` where the logs forbid it.
        """
        self.run(f"SET preserve_insertion_order = {ordered}")
        try:
            if self.sources.size > IN_MEMORY:
                self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
            else:
                self.keep(name, sql)
        finally:
            self.run("SET preserve_insertion_order = true")

    def sift(self) -> bool:
        """Look at every line of the logs, and leave out what is none, which is told.

        Gives whether there is any. It is done once; what was asked before may have had it.
        """
        if not self.sources.sift():
            return False
        self._relate_events()
        return True

    def check(self) -> None:
        """Sift the logs; tell which runs are cut off, and how many logs have but a part."""
        self.sift()
        parts = sum(
            count
            for packed in self.packed(RUNS)
            for (count,) in self.rows(f"SELECT count(*) FROM ({packed}) WHERE {_IN_PART}")
        )
        begun = 0
        if self._read:
            self._hold_ends()
            ((begun, more, cut),) = self.rows(_BEGUN)
            parts += more
            if cut:
                self._look_for_cut_runs()
        if parts:
            self.damage.append(in_part(parts, self.packed_runs + begun))

    def _hold_ends(self) -> None:
        """Keep the first and the last lines of runs of logs, in their order."""
        wanted = f"unnest(CASE WHEN event IN ('{HEAD}', '{TAIL}') THEN [1] END)"  # as `kept` does
        self.hold(
            _ENDS,
            f"SELECT event, level, file_index, {wanted} FROM ({self.lines(('event', 'level'))})",
        )

    def settle(self) -> int:
        """Read the logs once, into a file; `events` and `runs` are had from it from then on.

        `events` has a `number` besides, as `kept` has. What is damaged is told; gives how many
        events are not.
        """
        self.sift()
        settled = self.sources.scratch() / "events.parquet"
        self.copy(f"FROM {EVENTS}", settled, "FORMAT parquet, COMPRESSION lz4")
        self.run(
            f"CREATE OR REPLACE TEMP VIEW {EVENTS} AS "
            f"SELECT *, line AS number FROM read_parquet({sql_text(settled)})"
        )
        self.settle_runs(EVENTS, OF_RUNS)
        ends = f"event IN ('{HEAD}', '{TAIL}')"
        ((events,),) = self.rows(f"SELECT count(event) FILTER (NOT {ends}) FROM {EVENTS}")
        return int(events)

    def settle_runs(self, ends: str, names: Sequence[str]) -> None:
        """Make a table of `runs`, with these columns; `ends` has their first and last lines."""
        self.run(f"CREATE TEMP TABLE run_table AS {self._runs(ends, names)}")
        self.run(f"CREATE OR REPLACE TEMP VIEW {RUNS} AS FROM run_table")
        self._look_for_cut_runs()

    def _look_for_cut_runs(self) -> None:
        cut = f"FROM {RUNS} WHERE outcome IS NULL AND run > {self.packed_runs}"
        ((count,),) = self.rows(f"SELECT count(*) {cut}")
        if not count:
            return
        self.sift()  # or it may have passed over empty lines, which count
        runs = [run for (run,) in self.rows(f"SELECT run {cut} ORDER BY run LIMIT {NAMED}")]
        named = self.rows(
            f"SELECT file, line FROM {EVENTS} WHERE event = '{HEAD}' "
            f"AND run IN ({', '.join(map(str, runs))}) ORDER BY run"
        )
        for file, line in named:
            self.damage.append(f"{file}:{line}: the run that begins here has no {TAIL!r} line")
        if count > NAMED:
            self.damage.append(f"{count - NAMED:,} more runs have no {TAIL!r} line")

    @property
    def packed_runs(self) -> int:
        """How many runs the packs have; those of logs are counted on from there."""
        return sum(pack.runs for pack in self.sources.packs)

    def packed(self, relation: str, *options: str) -> list[str]:
        """A relation of each pack, its runs counted on from those before."""
        before, parts = 0, []
        for number, pack in enumerate(self.sources.packs):
            files = f"getvariable('{self._packs.variable(relation, number)}')"
            shifted = counted_on(before) if before else "*"
            how = ", ".join((files, "hive_partitioning = false", *options))
            parts.append(f"SELECT {shifted} FROM read_parquet({how})")
            before += pack.runs
        return parts

    def _events(self) -> str:
        parts = self.packed(EVENTS)
        if self._read:
            parts.append(self._numbered())
        names = ", ".join((*ADDED, *BY_NAME))
        return " UNION ALL ".join(f"SELECT {names} FROM ({part})" for part in parts) or _NO_ROWS

    def _runs(self, events: str, names: Sequence[str]) -> str:
        """A row a run: those of the packs, and of `events` of logs those that are in no pack."""
        chosen = ", ".join(names)
        parts = [f"SELECT run, {chosen} FROM ({packed})" for packed in self.packed(RUNS)]
        if self._read:
            values = ", ".join(
                _HOW.get(name, f"any_value({name})") + f" AS {name}" for name in names
            )
            parts.append(
                f"SELECT run, {values} FROM {events} WHERE event IN ('{HEAD}', '{TAIL}') "
                f"AND run > {self.packed_runs} GROUP BY run"
            )
        return " UNION ALL ".join(parts) or _NO_ROWS

    def lines(self, names: Iterable[str], types: Mapping[str, str] = NO_TYPES) -> str:
        """Some columns of the lines of the logs, as they stand there, or as these `types`."""
        columns = [BY_NAME[name] for name in names]
        fields = ", ".join(
            f"{sql_text(column.field)}: '{types.get(column.name, column.type)}'"
            for column in columns
        )
        selected = ", ".join(f'"{column.field}" AS {column.name}' for column in columns)
        return (
            f"SELECT {selected}, file_read, file_index FROM read_json(getvariable('{_LOGS}'), "
            f"format = 'newline_delimited', columns = {{{fields}}}, ignore_errors = true, "
            f"filename = 'file_read', maximum_object_size = {LONGEST})"
        )

    def _numbered(self) -> str:
        """All columns of the lines of the logs, with those that say where a line stands."""
        file = "file_read"
        for read, log in self._read.items():
            if read != log:
                file = f"CASE file_read WHEN {sql_text(read)} THEN {sql_text(log)} ELSE {file} END"
        return _NUMBERED.format(lines=self.lines(BY_NAME), file=file, before=self.packed_runs)


def counted_on(before: int) -> str:
    """The SQL for all columns of rows whose runs count on from so many; what is in none is not."""
    return f"* REPLACE (CASE WHEN run > 0 THEN run + {before} ELSE 0 END AS run)"


_IN_PART: Final = f"level = {PART!r}"
"""What is so of a run whose log has a part of the events."""

_ENDS: Final = "checked_ends"

_BEGUN: Final = f"""
SELECT count(*), count(*) FILTER ({_IN_PART}), count(*) FILTER (NOT ends)
FROM (
    SELECT event, level, coalesce(
        lead(event) OVER () = '{TAIL}' AND lead(file_index) OVER () = file_index, false
    ) AS ends
    FROM {_ENDS}
)
WHERE event = '{HEAD}'
"""
"""How many runs of logs begin, how many of a part of the events, how many are cut off."""

OF_RUNS: Final = ("file", "line", *HEAD_FIELDS, *TAIL_FIELDS)
"""The columns of `runs`."""

_HOW: Final = {
    "file": "any_value(file)",
    "line": "min(line)",
    "t": f"any_value(t) FILTER (event = '{TAIL}')",
}
"""How a run has a column, where it is not what its first or last line has."""

_NO_ROWS: Final = no_rows({**RELATIONS[EVENTS], "number": NUMBER})

_NUMBERED: Final = f"""
SELECT *, {{file}} AS file, nth - coalesce(max(above) OVER upto, 0) AS line,
    CASE WHEN heads > max(heads_above) OVER upto THEN {{before}} + heads ELSE 0 END AS run
FROM (
    SELECT *, CASE WHEN begins THEN nth - 1 END AS above,
        CASE WHEN begins THEN heads - (event IS NOT DISTINCT FROM '{HEAD}')::BIGINT END
            AS heads_above
    FROM (
        SELECT *, row_number() OVER () AS nth, file_index IS DISTINCT FROM lag(file_index) OVER ()
            AS begins, count(*) FILTER (event = '{HEAD}') OVER upto AS heads
        FROM ({{lines}})
        WINDOW upto AS (ROWS UNBOUNDED PRECEDING)
    )
)
WINDOW upto AS (ROWS UNBOUNDED PRECEDING)
"""
"""Counts lines within files and runs over all, as the rows come: nothing is sorted."""

_TOO_LONG: Final = re.compile(r'"maximum_object_size" of .* while reading file "(.*)"')
"""What the database says of a line that it has no room for."""

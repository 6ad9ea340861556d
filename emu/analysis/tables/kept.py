"""Some columns of every line of the logs, read once: the relation `kept`.

Every line is looked at first, unless the logs are large. Of large ones, lines that are none are
found by what the database makes of the columns: no event, or none that is known, nothing where
something must be, a number that is not whole. Then every line is looked at, and what is good is
read again. What is odd about other columns alone is found where more than a line has it (`sieve`),
or by those who `sift` first: everything but summaries and tables of locks.

It is read on all cores, and is on disk once it is much. Afterwards the runs are numbered, in a
part for each core: rows can only be numbered one after the other, but parts can be beside each
other.

No WHERE stands where JSON is read: in a statement that reads it on several cores and leaves rows
out so, the last rows of a piece of the file may come late (DuckDB 2.0.1, *measured*). Rows that
are not wanted are unnested from an empty list instead, which keeps the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from emu.analysis.tables.columns import BY_NAME, NUMBER, RENAMED
from emu.analysis.tables.database import sql_texts
from emu.analysis.tables.tables import OF_RUNS, Tables
from emu.record.event import COMMON, KINDS
from emu.record.history import HEAD, TAIL

KEPT: Final = "kept"

LARGE: Final = 64 << 20
"""Logs of more bytes are large. To look at every line takes about as long as to make a table of
the locks, or longer, as it takes one core (*measured*: 4.7 and 4.1 ms of CPU a megabyte)."""

EXACT: Final = (1 << 53) - 1
"""The greatest number up to which all whole ones are had as they are where fractions show."""

_COMMON: Final = frozenset(RENAMED.get(name, name) for name in COMMON)
"""The columns that no event lacks."""


def keep(
    tables: Tables, columns: Sequence[str], kinds: Iterable[str] = (), **instead: str
) -> Counter[str | None]:
    """Make `kept`: these columns of every line of the logs, or what SQL says `instead` of one.

    With `kinds`, only of events of these. It has `run`, `number` (which only rises) and `event`
    besides. `runs` has but `scenario`, `outcome` and what of `columns` it has from then on. What
    is damaged is found on the way, and told. Gives how many lines are kept of each kind: those of
    runs too, and as None those that are none. Raises `LogError` where the logs forbid it.
    """
    if not tables.sources.logs:
        return Counter()
    if tables.sources.size <= LARGE:
        tables.sift()
    names = tuple(name for name in dict.fromkeys(columns) if name not in _RUN)
    kept = _hold_lines(tables, names, (HEAD, TAIL, *kinds) if kinds else (), instead)
    of_runs = tuple(name for name in names if name in OF_RUNS)
    apart = _apart(tables)  # what is read from now on may say otherwise, and is not held
    _hold_ends(tables, of_runs, apart)
    tables.settle_runs("ends", (*_RUN, *of_runs))
    tables.run(f"CREATE TEMP VIEW {KEPT} AS {_in_parts(tables, kept.total(), apart)}")
    return kept


def _hold_lines(
    tables: Tables, names: Sequence[str], kinds: Iterable[str], instead: Mapping[str, str]
) -> Counter[str | None]:
    """Read the logs; gives how many lines are held of each kind."""
    apart = _apart(tables)
    values = ", ".join(f"{instead[name]} AS {name}" if name in instead else name for name in names)
    lines = tables.lines(("event", *_RUN, *names))
    if not tables.sources.sifted:
        lines = _with_whole_numbers(tables, names)
    if kinds:
        wanted = f"event IN ({sql_texts(kinds)}) OR try_cast(event AS kind) IS NULL"
        lines = f"SELECT *, unnest(CASE WHEN {wanted} THEN [1] END) FROM ({lines})"
    held = ", ".join(("event", f"{_TOLD} AS told", *apart, *([values] if values else ())))
    tables.hold("lines", f"SELECT {held} FROM ({lines})")
    lacking = " OR ".join(
        f"{name} IS NULL" for name in names if name in _COMMON and name not in instead
    )
    counts = list(
        tables.rows(
            f"SELECT event, count(*), count(*) FILTER ({lacking or 'false'}) "
            "FROM lines GROUP BY event"
        )
    )
    kept = Counter({kind: count for kind, count, _ in counts})
    odd = kept[None] > tables.sources.empty or any(
        lacks if kind in KINDS else kind not in (None, HEAD, TAIL) for kind, _, lacks in counts
    )
    again = odd and not tables.sources.sifted
    if again:
        tables.sift()
    if again or apart != _apart(tables):
        return _hold_lines(tables, names, kinds, instead)
    return kept


def _with_whole_numbers(tables: Tables, names: Sequence[str]) -> str:
    """The SQL for lines that were not sifted: one with a number that is not whole has no event."""
    numbers = [name for name in names if BY_NAME[name].type == NUMBER]
    odd = " OR ".join(f"abs({name}) > {EXACT} OR {name} <> trunc({name})" for name in numbers)
    casts = ", ".join(f"try_cast({name} AS {NUMBER}) AS {name}" for name in numbers)
    replaced = f"CASE WHEN {odd or 'false'} THEN NULL ELSE event END AS event, {casts}"
    lines = tables.lines(("event", *_RUN, *names), dict.fromkeys(numbers, "DOUBLE"))
    return f"SELECT * REPLACE ({replaced}) FROM ({lines})"


def _apart(tables: Tables) -> tuple[str, ...]:
    """What tells the logs apart, where one does not begin with a run: it is held for them alone."""
    return ("file_index",) if tables.sources.headless else ()


def _hold_ends(tables: Tables, more: Iterable[str], apart: Iterable[str]) -> None:
    """Make `ends`: the first and the last lines of runs."""
    names = ", ".join(("number", "event", "told", *apart, *more))
    tables.hold(
        "told_ends",
        f"SELECT {names} FROM (SELECT *, row_number() OVER () AS number FROM lines) "
        f"WHERE event IN ('{HEAD}', '{TAIL}')",
    )
    tables.run(
        f"CREATE TEMP VIEW ends AS SELECT *, "
        f"CASE event WHEN '{HEAD}' THEN told END AS scenario, "
        f"CASE event WHEN '{TAIL}' THEN told END AS outcome "
        f"FROM ({_in_runs('told_ends', tables.packed_runs, apart)})"
    )


def _in_parts(tables: Tables, count: int, apart: Iterable[str]) -> str:
    """The SQL for `kept`; each part but the first begins with a run, so that no run is in two."""
    ((cores,),) = tables.rows("SELECT current_setting('threads')")
    heads = tables.rows(
        f"SELECT min(number) - 1, min(run) - 1 FROM ends WHERE event = '{HEAD}' "
        f"GROUP BY (number - 1) // {count // cores + 1} ORDER BY ALL"
    )
    starts = [(0, tables.packed_runs), *list(heads)[1:]]
    ends = [*(start for start, _ in starts[1:]), count]
    return " UNION ALL ".join(
        f"SELECT *, {start} + row_number() OVER () AS number "
        f"FROM ({_in_runs(f'(FROM lines LIMIT {end - start} OFFSET {start})', before, apart)})"
        for (start, before), end in zip(starts, ends, strict=True)
    )


def _in_runs(lines: str, before: int, apart: Iterable[str]) -> str:
    """The SQL for lines with their `run`, where so many runs come before.

    What comes before the first run of a log is in none, which is 0. Only where logs are held
    `apart` there is such.
    """
    begun = f"count(*) FILTER (event = '{HEAD}') OVER (ROWS UNBOUNDED PRECEDING)"
    if not apart:
        return f"SELECT *, {before} + {begun} AS run FROM {lines}"
    begins = "file_index IS DISTINCT FROM lag(file_index) OVER ()"
    above = f"heads - (event IS NOT DISTINCT FROM '{HEAD}')::BIGINT"
    return (
        f"SELECT * EXCLUDE (heads, begins), CASE WHEN heads > max(CASE WHEN begins THEN {above} "
        f"END) OVER (ROWS UNBOUNDED PRECEDING) THEN {before} + heads ELSE 0 END AS run "
        f"FROM (SELECT *, {begun} AS heads, {begins} AS begins FROM {lines})"
    )


_RUN: Final = ("scenario", "outcome")
"""What is always kept of a run."""

_TOLD: Final = f"CASE event WHEN '{HEAD}' THEN scenario WHEN '{TAIL}' THEN outcome END"
"""Both in one: a row takes room for each column, also for those that it has nothing in."""

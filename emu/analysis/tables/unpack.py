"""The runs of logs and packs alike, one after the other, as histories."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, repeat
from operator import itemgetter
from typing import Final

from emu.analysis.tables.columns import line_of_log
from emu.analysis.tables.database import sql_text
from emu.analysis.tables.sources import Pack, Sources
from emu.analysis.tables.tables import EVENTS, RUNS, Tables
from emu.errors import LogError
from emu.record.logs import Logged, Tell, read_runs
from emu.record.reading import parse_pieces

AT_ONCE: Final = 256
"""How many runs are taken out of a pack at once."""


def runs_in(sources: Sources, tell: Tell | None = None) -> Iterator[Logged | LogError]:
    """Every run of packs, then of logs; an error stands in the place of each that is damaged.

    `tell` gets a sentence for each log that a newer emu wrote. Raises `UsageError` where there
    are packs and DuckDB is not installed.
    """
    for pack in sources.packs:
        yield from _packed_runs(pack)
    for log in sources.logs:
        yield from read_runs(log, tell)


def _packed_runs(pack: Pack) -> Iterator[Logged | LogError]:
    with Tables([pack.directory]) as tables:
        for first in range(1, pack.runs + 1, AT_ONCE):
            beyond = min(first + AT_ONCE, pack.runs + 1)
            rows = tables.rows(
                f"SELECT run, file, line, {line_of_log()} FROM {EVENTS} "
                f"WHERE run >= {first} AND run < {beyond} ORDER BY run, line"
            )
            due = first
            for number, run in groupby(rows, key=itemgetter(0)):
                yield from repeat(_lost(pack, tables), number - due)
                lines = [(file, line, text) for _, file, line, text in run]
                try:
                    yield _logged(lines)
                except LogError as wrong:
                    yield _known(wrong, pack, tables, *lines[0][:2])
                due = number + 1
            yield from repeat(_lost(pack, tables), beyond - due)


def _lost(pack: Pack, tables: Tables) -> LogError:
    """What stands in the place of a run that the pack has no more."""
    said = tables.damage[len(pack.damage) :]
    return LogError("; ".join(said) or f"{pack.directory}: some of its files are gone")


def _known(wrong: LogError, pack: Pack, tables: Tables, file: str, first: int) -> LogError:
    """What is wrong with the run that begins there: what was said when it was packed, if anything.

    Of a damaged line the pack has nothing, so what is `wrong` with the rest may not be true of the
    log.
    """
    begun = f"SELECT min(line) FROM {RUNS} WHERE file = {sql_text(file)} AND line > {first}"
    ((following,),) = tables.rows(begun)
    of_file = [said for said in pack.damage if said.startswith(f"{file}:")]
    for said in of_file:
        line = said.removeprefix(f"{file}:").partition(":")[0]
        if line.isdecimal() and first <= int(line) and not (following and int(line) >= following):
            return LogError(said)
    return LogError(f"{file}:{first}: the run that begins here is damaged") if of_file else wrong


def _logged(lines: list[tuple[str, int, str]]) -> Logged:
    (file, first, _), *_ = lines
    text = "".join(f"{line}\n" for _, _, line in lines)
    return Logged(file, first, parse_pieces([text.encode()], file, first))

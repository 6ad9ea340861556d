"""Packs logs into Parquet: smaller and far faster to ask, and not an event is lost.

A pack is a directory:

    pack.json                              what was packed, and what was wrong with it
    events/scenario=NAME/0001.parquet      every line of the logs, typed, with file, line, run
    runs/0001.parquet                      a row a run
    holds/0001.parquet, stuck/0001.parquet what `holds` makes of the acquisitions

A line that is none is told and left out. Logs are packed one after the other, those that are
small together; the number of a file is that of its batch.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import orjson

from emu.analysis.tables import holds
from emu.analysis.tables.acquisitions import HOLDS, STUCK
from emu.analysis.tables.columns import ADDED, BY_NAME
from emu.analysis.tables.database import sql_text
from emu.analysis.tables.sources import FORMAT, PACK, Sources, name_and_size
from emu.analysis.tables.summary import NAMELESS
from emu.analysis.tables.tables import EVENTS, RUNS, Tables, counted_on
from emu.errors import LogError, UsageError

BATCH: Final = 256 << 20
"""How many bytes of logs are packed together, as they lie on disk, unless one has more."""

_PARQUET: Final = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880"


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed: logs, runs, events, and how many bytes were and are on disk."""

    directory: Path
    logs: int
    runs: int
    events: int
    bytes_before: int
    bytes_after: int
    damage: tuple[str, ...]


def pack(paths: Iterable[Path | str], out: Path) -> Packed:
    """Pack all that `paths` mean into the new directory `out`.

    Raises `UsageError` if there is something at `out`, `LogError` if it cannot be written or if
    there is no log that can be read.
    """
    if out.exists():
        raise UsageError(f"there is something at {out} already; a pack is a new directory")
    sources = Sources(paths)
    if sources.packs:
        raise UsageError(f"{sources.packs[0].directory} is packed already")
    sources.look()
    sources.close()
    logs, damage = list(sources.logs), sources.damage
    known = frozenset(damage)
    if not logs:
        raise LogError("; ".join(damage))
    part = out.with_name(out.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        for name in (EVENTS, RUNS, HOLDS, STUCK):
            (part / name).mkdir(parents=True)
        runs = events = 0
        for number, batch in enumerate(_batches(logs), start=1):
            with Tables(batch) as tables:
                more_runs, more_events = _pack_batch(tables, part, number, runs)
                damage += [said for said in tables.damage if said not in known]
            runs, events = runs + more_runs, events + more_events
        row = {
            "format": FORMAT,
            "runs": runs,
            "events": events,
            "files": [name_and_size(log) for log in logs],
            "damage": damage,
        }
        (part / PACK).write_bytes(orjson.dumps(row, option=orjson.OPT_INDENT_2))
        part.replace(out)
    except OSError as wrong:
        raise LogError(f"cannot write the pack {out}: {wrong.strerror or wrong}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    before = sum(name_and_size(log)[1] for log in logs)
    after = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Packed(out, len(logs), runs, events, before, after, tuple(damage))


def _batches(logs: list[Path]) -> Iterator[list[Path]]:
    batch, size = list[Path](), 0
    for log in logs:
        _, more = name_and_size(log)
        if batch and size + more > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(log)
        size += more
    if batch:
        yield batch


def _pack_batch(tables: Tables, part: Path, number: int, before: int) -> tuple[int, int]:
    """Pack some logs; their runs count on from `before`. Gives how many runs and events."""
    events = tables.settle()
    name = f"{number:04}.parquet"
    counted = f"SELECT {counted_on(before)}"
    for relation, rows in (
        (RUNS, f"FROM {RUNS} ORDER BY run"),
        (HOLDS, holds.all_in(tables, EVENTS)),
        (STUCK, holds.stuck_in(EVENTS)),
    ):
        tables.copy(f"{counted} FROM ({rows})", part / relation / name, _PARQUET)
    columns = ", ".join((*ADDED, *BY_NAME))
    names = [name for (name,) in tables.rows(f"SELECT DISTINCT scenario FROM {RUNS} ORDER BY 1")]
    for scenario in dict.fromkeys((None, *names)):
        directory = part / EVENTS / f"scenario={quote(scenario or NAMELESS, safe='')}"
        directory.mkdir(exist_ok=True)
        chosen = (
            f"run NOT IN (SELECT run FROM {RUNS} WHERE scenario IS NOT NULL)"
            if scenario is None
            else f"run IN (SELECT run FROM {RUNS} WHERE scenario = {sql_text(scenario)})"
        )
        rows = f"SELECT {columns} FROM {EVENTS} WHERE event IS NOT NULL AND {chosen}"
        tables.copy(f"{counted} FROM ({rows})", directory / name, _PARQUET)
    ((runs,),) = tables.rows(f"SELECT count(*) FROM {RUNS}")
    return int(runs), events

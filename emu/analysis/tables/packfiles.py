"""The files of packs that the database reads; one that cannot be read is named and left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from emu.analysis.tables.columns import (
    ADDED,
    COLUMNS,
    HEAD_FIELDS,
    NUMBER,
    TAIL_FIELDS,
    TRUE_OR_FALSE,
    WORDS,
)
from emu.analysis.tables.database import Database, sentence, sql_text
from emu.analysis.tables.sources import Sources

_WAITS: Final = {
    "run": NUMBER,
    "scenario": WORDS,
    "object": WORDS,
    "thread": WORDS,
    "depth": NUMBER,
    "place": WORDS,
    "step": NUMBER,
    "waited": NUMBER,
}
RELATIONS: Final[dict[str, dict[str, str]]] = {
    "events": {name: type_ for name, (type_, _) in ADDED.items()}
    | {column.name: column.type for column in COLUMNS},
    "runs": {name: type_ for name, (type_, _) in ADDED.items()} | HEAD_FIELDS | TAIL_FIELDS,
    "holds": {**_WAITS, "held": NUMBER, "contended": TRUE_OR_FALSE, "again": TRUE_OR_FALSE},
    "stuck": _WAITS,
}
"""The relations that a pack has, each with its columns and their types."""

_BROKEN: Final = (
    "{file}: this file of a pack cannot be read, and is left out; 'emu logs pack' makes a new pack "
    "of the logs: {said}"
)


class PackFiles:
    """The files of the packs among some sources, by relation and pack.

    The database knows them by variables, so that a statement that fails of one of them can be
    asked again as it is.
    """

    def __init__(self, sources: Sources, database: Database) -> None:
        self._sources = sources
        self._database = database
        self._files: dict[tuple[str, int], dict[str, str]] = {}

    def variable(self, relation: str, pack: int) -> str:
        """The variable that names the files of a relation of a pack, by its number from 0."""
        if (relation, pack) not in self._files:
            directory = self._sources.packs[pack].directory / relation
            read = self._sources.reachable(self._sources.packs[pack].directory) / relation
            self._files[relation, pack] = {
                str(read / file.relative_to(directory)): str(file)
                for file in sorted(directory.rglob("*.parquet"))
            }
            self._point(relation, pack)
        return f"{relation}_{pack}"

    def mend(self, wrong: Exception) -> bool:
        """Leave out the files that the database cannot read; gives whether there are any."""
        import duckdb

        found = False
        for (relation, pack), files in self._files.items():
            for read, file in list(files.items()):
                if read in str(wrong) or type(wrong) is duckdb.Error:  # which may not name it
                    said = self._wrong_with(read)
                    if said is not None:
                        del files[read]
                        self._point(relation, pack)
                        self._sources.damage.append(_BROKEN.format(file=file, said=said))
                        found = True
        return found

    def _wrong_with(self, read: str) -> str | None:
        """What the database says of a file when it reads all of it; None if nothing."""
        import duckdb

        sql = f"SELECT count(COLUMNS(*)) FROM read_parquet({sql_text(read)})"
        try:
            self._database.patient(lambda: self._database.connection.execute(sql).fetchall())
        except duckdb.Error as wrong:
            return sentence(wrong)
        return None

    def _point(self, relation: str, pack: int) -> None:
        files = list(self._files[relation, pack]) or [self._empty(relation)]
        self._database.point(f"{relation}_{pack}", files)

    def _empty(self, relation: str) -> str:
        """A file without a row, for a relation of which a pack has no file that can be read."""
        path = self._sources.scratch() / f"{relation}.empty.parquet"
        self._database.copy(no_rows(RELATIONS[relation]), path, "FORMAT parquet")
        return str(path)


def no_rows(columns: Mapping[str, str]) -> str:
    """The SQL for a relation with these columns, by name and type, and no row."""
    nulls = (f"NULL::{type_} AS {name}" for name, type_ in columns.items())
    return f"SELECT {', '.join(nulls)} WHERE false"

"""DuckDB at work: what it is asked, Ctrl-C breaks off; what keeps it from an answer is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from emu.errors import LogError, UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY: Final = "600MB"
"""What the database may keep in memory; the rest goes to its scratch directory."""

AT_ONCE: Final = 10_000
"""How many rows are fetched at once."""

Answer = TypeVar("Answer")


class Database:
    """A database in memory. Raises `UsageError` where DuckDB is not installed."""

    def __init__(self) -> None:
        self.connection: DuckDBPyConnection = _duckdb().connect()
        self._worker = ThreadPoolExecutor(1)

    def settle_in(self, scratch: Path) -> None:
        """Set the database up, with a directory for what does not go into memory."""
        for setting, value in (
            ("memory_limit", f"'{MEMORY}'"),
            ("temp_directory", sql_text(scratch)),
            ("preserve_insertion_order", "true"),
            ("enable_progress_bar", "false"),
        ):
            self.run(f"SET {setting} = {value}")

    def close(self) -> None:
        """Let go of the database."""
        self._worker.shutdown()
        self.connection.close()

    def mend(self, wrong: Exception) -> bool:
        """Do away with what made a statement fail; gives whether it is worth another try."""
        del wrong
        return False

    def patient(self, call: Callable[[], Answer]) -> Answer:
        """What `call` gives, which keeps the database busy; Ctrl-C breaks it off.

        The database does not always look whether it is interrupted by a signal, so it works in a
        thread, and is told by this one.
        """
        future = self._worker.submit(call)
        try:
            return future.result()
        except KeyboardInterrupt:
            self.connection.interrupt()
            raise

    def insist(self, call: Callable[[], Answer]) -> Answer:
        """What `call` gives, which is tried again as often as what it fails of can be mended."""
        import duckdb

        while True:
            try:
                return self.patient(call)
            except duckdb.Error as wrong:
                if not self.mend(wrong):
                    raise

    def ask(self, sql: str) -> DuckDBPyConnection:
        """Begin a statement; its rows are to be had by `fetched`."""
        return self.insist(lambda: self.connection.execute(sql))

    def fetched(self, cursor: DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, as they come.

        The database puts an answer together before it gives the first row, as a rule; a statement
        that fails when rows were given already has failed.
        """
        import duckdb

        given = False
        try:
            while found := self.patient(lambda: cursor.fetchmany(AT_ONCE)):
                given = True
                yield from found
        except duckdb.Error as wrong:
            if given or not self.mend(wrong):
                raise
        else:
            return
        yield from self.fetched(self.ask(sql), sql)

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, as they come. Raises `LogError` where the logs forbid it."""
        import duckdb

        try:
            yield from self.fetched(self.ask(sql), sql)
        except duckdb.Error as wrong:
            raise LogError(sentence(wrong)) from None

    def copy(self, sql: str, path: Path, options: str) -> None:
        """Write the rows of a statement to a file. Raises `LogError` where that cannot be."""
        self.run(f"COPY ({sql}) TO {sql_text(path)} ({options})")

    def run(self, sql: str) -> None:
        """Carry a statement out. Raises `LogError` where the logs forbid it."""
        for _ in self.rows(sql):
            pass

    def point(self, variable: str, files: Iterable[str]) -> None:
        """Make a variable name these files."""
        self.run(f"SET VARIABLE {variable} = [{sql_texts(files)}]")

    def keep(self, name: str, sql: str) -> None:
        """Keep the rows of a statement in memory, under a name."""
        import duckdb

        try:
            rows = self.insist(lambda: self.connection.sql(sql).materialize())
        except duckdb.Error as wrong:
            raise LogError(sentence(wrong)) from None
        self.connection.register(name, rows)


def sentence(wrong: Exception) -> str:
    """What the database says is wrong, without its drawings."""
    lines = [line.strip() for line in str(wrong).splitlines()]
    return " ".join(line for line in lines if line and not line.startswith(("LINE ", "^")))


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            "this needs DuckDB, which is not installed: pip install 'emu[logs]'"
        ) from None
    return duckdb


def sql_text(value: object) -> str:
    """A text, quoted for a statement."""
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'"


def sql_texts(values: Iterable[object]) -> str:
    """Texts, quoted for a list in a statement."""
    return ", ".join(map(sql_text, values))

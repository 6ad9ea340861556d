from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog
from structlog.typing import EventDict

from emu.errors import LogError, UsageError
from emu.record.event import LOCK_KINDS
from emu.record.history import LEVELS, History
from emu.record.log import BATCH, log_bytes, write_history
from emu.record.logs import unpacked
from emu.record.reading import parse_history, read_history
from tests.record.histories import example, history, raw


def rows(log: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in log.splitlines()]


def long() -> History:
    return history(*(raw("note", step, "T1", "", "x" * 100) for step in range(20 * BATCH)))


def test_a_log_has_a_head_a_line_an_event_and_a_tail() -> None:
    kinds = [row["event"] for row in rows(log_bytes(example()))]

    assert kinds == ["run", *(event.event for event in example().events), "end"]


def test_the_head_says_what_was_run() -> None:
    head = rows(log_bytes(example()))[0]

    assert head["scenario"] == "inversion:lock_order_inversion"
    assert head["params"] == {"fix": False}
    assert (head["strategy"], head["seed"]) == ("walk", 11)


def test_the_tail_says_how_it_ended_and_how_to_get_there_again() -> None:
    tail = rows(log_bytes(example()))[-1]

    assert tail["outcome"] == "deadlock"
    assert tail["tape"] == f"emu1:2t1#{tail['digest'][:4]}"


def test_an_acquisition_has_every_common_field_and_its_own() -> None:
    (row,) = (row for row in rows(log_bytes(example())) if row["event"] == "lock.acquire")

    assert row == {
        "event": "lock.acquire",
        "step": 2,
        "t": 2000,
        "thread": "T1",
        "depth": 0,
        "object": "left",
        "at": "inversion.py:10:worker",
        "region": "",
        "waited": False,
        "contended": False,
        "held_by": None,
        "mode": None,
    }


def test_the_file_has_the_bytes_of_the_log(tmp_path: Path) -> None:
    write_history(long(), tmp_path / "log")

    assert (tmp_path / "log").read_bytes() == log_bytes(long())


def test_a_log_is_compressed_if_its_name_says_so(tmp_path: Path) -> None:
    write_history(long(), tmp_path / "log.zst")

    chunks = [chunk for chunk in unpacked(tmp_path / "log.zst") if isinstance(chunk, bytes)]
    assert b"".join(chunks) == log_bytes(long())


def test_writing_makes_the_same_digest_as_asking() -> None:
    written, asked = long(), long()
    log_bytes(written)

    assert written.digest == asked.digest


def test_every_line_is_an_event_of_structlog(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    make = structlog.wrap_logger

    def spy(sink: object, processors: list[Any], **options: Any) -> Any:
        def look(_: object, method: str, event: EventDict) -> EventDict:
            seen.append((method, event["event"]))
            return event

        return make(sink, processors=[look, *processors], **options)

    monkeypatch.setattr(structlog, "wrap_logger", spy)
    log_bytes(example())

    assert seen == [
        ("info", "run"),
        ("info", "thread.start"),
        ("debug", "note"),
        ("info", "lock.acquire"),
        ("debug", "thread.sleep"),
        ("info", "lock.wait"),
        ("info", "end"),
    ]


def test_the_global_configuration_of_structlog_does_not_matter() -> None:
    log = log_bytes(example())
    try:
        structlog.configure(processors=[structlog.processors.KeyValueRenderer()])

        assert log_bytes(example()) == log
    finally:
        structlog.reset_defaults()


class TestLevels:
    def test_locks_keeps_the_lock_kinds(self) -> None:
        kinds = [row["event"] for row in rows(log_bytes(example(), level="locks"))]

        assert kinds == ["run", "thread.start", "lock.acquire", "lock.wait", "end"]

    def test_a_log_of_locks_says_so_in_its_head(self) -> None:
        assert rows(log_bytes(example(), level="locks"))[0]["level"] == "locks"

    def test_a_log_of_locks_has_the_tail_of_the_whole_run(self) -> None:
        assert rows(log_bytes(example(), level="locks"))[-1] == rows(log_bytes(example()))[-1]

    def test_a_log_of_locks_reads_back_as_the_part_that_it_is(self) -> None:
        log = log_bytes(example(), level="locks")
        read = parse_history(log.splitlines(keepends=True), "log")

        assert read.level == "locks"
        assert read.events == tuple(e for e in example().events if e.event in LOCK_KINDS)
        assert read.digest == example().digest

    def test_a_part_writes_the_log_that_it_was_read_from(self) -> None:
        log = log_bytes(example(), level="locks")
        read = parse_history(log.splitlines(keepends=True), "log")

        assert log_bytes(read, level="locks") == log

    def test_a_part_cannot_make_a_whole_log(self) -> None:
        log = log_bytes(example(), level="locks")
        read = parse_history(log.splitlines(keepends=True), "log")

        with pytest.raises(UsageError, match="level 'locks' cannot make a log of level 'all'"):
            log_bytes(read)

    def test_findings_keeps_every_event_of_a_run_that_found_something(self) -> None:
        assert log_bytes(example(), level="findings") == log_bytes(example())

    def test_findings_keeps_nothing_of_another_run(self, tmp_path: Path) -> None:
        assert not write_history(history(), tmp_path / "log", level="findings")
        assert not (tmp_path / "log").exists()

    def test_none_keeps_nothing(self, tmp_path: Path) -> None:
        assert not write_history(example(), tmp_path / "log", level="none")
        assert not (tmp_path / "log").exists()

    def test_another_level_is_told_which_there_are(self) -> None:
        with pytest.raises(UsageError) as caught:
            log_bytes(example(), level="debug")

        assert str(caught.value) == (
            f"there is no log level 'debug'; allowed are {', '.join(LEVELS)}"
        )


class TestErrors:
    def test_a_full_disk(self) -> None:
        with pytest.raises(LogError) as caught:
            write_history(example(), "/dev/full")

        assert str(caught.value) == "cannot write the log /dev/full: No space left on device"

    def test_a_disk_that_fills_up_on_the_way(self) -> None:
        with pytest.raises(LogError, match="No space left on device"):
            write_history(long(), "/dev/full")

    def test_a_directory_that_is_missing(self, tmp_path: Path) -> None:
        path = tmp_path / "missing" / "log"

        with pytest.raises(LogError) as caught:
            write_history(example(), path)

        assert str(caught.value) == f"cannot write the log {path}: No such file or directory"

    def test_a_directory_in_place_of_the_file(self, tmp_path: Path) -> None:
        with pytest.raises(LogError, match="Is a directory"):
            write_history(example(), tmp_path)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_file_that_may_not_be_written(self, tmp_path: Path) -> None:
        path = tmp_path / "log"
        path.touch(mode=0o400)

        with pytest.raises(LogError, match="Permission denied"):
            write_history(example(), path)

    @pytest.fixture
    def at_most_100_kb(self) -> Iterator[None]:
        """A file that grows beyond 100 kB fails to, as on a disk that is full."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)

    def test_what_was_written_before_stays(self, tmp_path: Path, at_most_100_kb: None) -> None:
        path = tmp_path / "log"

        with pytest.raises(LogError, match="File too large"):
            write_history(long(), path)

        assert path.read_bytes() == log_bytes(long())[:100_000]

    def test_a_log_cut_off_by_a_full_disk_is_read_as_cut_off(
        self, tmp_path: Path, at_most_100_kb: None
    ) -> None:
        with pytest.raises(LogError):
            write_history(long(), tmp_path / "log")

        with pytest.raises(LogError, match="cut off here"):
            read_history(tmp_path / "log")

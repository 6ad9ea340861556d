"""What can be had of logs that cannot be read as they are."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import zstandard

from emu.analysis.tables.kept import keep
from emu.analysis.tables.query import query
from emu.analysis.tables.tables import Tables
from emu.record.log import log_bytes
from tests.analysis.tables.logs import acquire, release, run, written

LONG = b'{"event": "' + b"x" * (40 << 20) + b'"}\n'


def with_a_long_line(path: Path, *, at: int) -> Path:
    """A log whose line `at`, from 1, is far too long, and stands before the one that was there."""
    notes = [("note", t, "A", "", f"{t}") for t in range(2)]
    lines = written(path.with_suffix(".whole"), [run(*notes)]).read_bytes().splitlines(True)
    text = b"".join([*lines[: at - 1], LONG, *lines[at - 1 :]])
    path.write_bytes(zstandard.compress(text) if path.suffix == ".zst" else text)
    return path


@pytest.mark.parametrize("how", ["keep", "check", "settle"])
@pytest.mark.parametrize("at", [1, 3, 5])
def test_a_line_that_is_far_too_long_is_named(tmp_path: Path, how: str, at: int) -> None:
    log = with_a_long_line(tmp_path / "a.jsonl", at=at)
    with Tables([log]) as tables:
        keep(tables, ()) if how == "keep" else getattr(tables, how)()
        said = f"{log}:{at}: a line of more than 16 MB; no line of a log is so long"
        assert said in tables.damage


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.zst", "what?.jsonl"])
def test_lines_beside_one_that_is_too_long_are_where_they_are(tmp_path: Path, name: str) -> None:
    log = with_a_long_line(tmp_path / name, at=3)
    other = written(tmp_path / "z.jsonl", [run()])
    with Tables([log, other]) as tables:
        rows = tables.rows("SELECT file, line, event FROM events WHERE line <> 3 ORDER BY ALL")
        assert list(rows) == [
            *((str(log), line, event) for line, event in ((1, "run"), (2, "note"))),
            *((str(log), line, event) for line, event in ((4, "note"), (5, "end"))),
            *((str(other), line, event) for line, event in ((1, "run"), (2, "end"))),
        ]


def test_a_query_has_all_but_a_line_that_is_too_long(tmp_path: Path) -> None:
    log = with_a_long_line(tmp_path / "a.jsonl", at=3)
    with Tables([log]) as tables:
        lines = [line for (line,) in query(tables, "SELECT line FROM events").rows]
    assert lines == [1, 2, 3, 4, 5]


def test_a_file_that_is_one_line_is_no_log(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_bytes(bytes(40 << 20))
    with Tables([log]) as tables:
        tables.check()
        assert f"{log}:1: a line of more than 16 MB; no line of a log is so long" in tables.damage


def test_a_log_that_is_cut_within_a_frame_has_its_whole_lines(tmp_path: Path) -> None:
    one = run(*(("note", t, "A", "", f"{t * 7919:x}") for t in range(40_000)))
    log = written(tmp_path / "a.jsonl.zst", [one])
    log.write_bytes(log.read_bytes()[:-1000])
    with Tables([log]) as tables:
        ((count, last, files),) = tables.rows("SELECT count(*), max(line), min(file) FROM events")
    assert 1_000 < count == last < 40_002
    assert files == str(log)
    assert tables.damage == [f"the log {log} is cut off: its last compressed frame is not whole"]


def test_logs_that_are_cut_off_are_salvaged_each_by_itself(tmp_path: Path) -> None:
    for name, lock in (("a.jsonl.zst", "l"), ("b.jsonl.zst", "m")):
        log = written(tmp_path / name, [run(acquire(1, "A", lock), release(2, "A", lock))] * 2)
        log.write_bytes(log.read_bytes()[:-9])
    with Tables([tmp_path]) as tables:
        rows = tables.rows("SELECT DISTINCT file, object FROM events WHERE object <> '' ORDER BY 1")
        assert list(rows) == [
            (str(tmp_path / "a.jsonl.zst"), "l"),
            (str(tmp_path / "b.jsonl.zst"), "m"),
        ]


def test_frames_after_a_damaged_one_are_read(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl.zst"
    runs = [run(acquire(1, "A", lock), release(2, "A", lock), scenario=lock) for lock in "lmn"]
    first, second, third = (zstandard.compress(log_bytes(one)) for one in runs)
    log.write_bytes(first + second[:20] + bytes(40) + second[60:] + third)
    with Tables([log]) as tables:
        tables.check()
        assert list(tables.rows("SELECT scenario, line FROM runs ORDER BY 2")) == [
            ("l", 1),
            ("n", 5),
        ]
        (said,) = tables.damage
    assert said.startswith(f"the log {log} is damaged: the frame at byte {len(first):,} cannot be")


def test_a_line_that_a_damaged_frame_has_torn_is_named(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl.zst"
    noise = Random(0)
    events = [("note", t, "A", "", noise.randbytes(1_000).hex()) for t in range(500)]
    packed = bytearray(zstandard.compress(log_bytes(run(*events))))
    half = len(packed) // 2
    del packed[half : half + 40]
    log.write_bytes(packed + zstandard.compress(log_bytes(run())))
    with Tables([log]) as tables:
        tables.check()
        ((torn, after),) = tables.rows(
            "SELECT max(line) FILTER (event IS NULL), max(line) FROM events"
        )
        assert after == torn + 2
        assert any(said.startswith(f"{log}:{torn}: not JSON at ") for said in tables.damage)


def test_a_log_whose_beginning_does_not_compress_is_not_empty(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl.zst"
    noise = Random(0)
    one = run(("note", 1, "A", "", noise.randbytes(99_999).hex()))
    log.write_bytes(zstandard.compress(log_bytes(one)))
    with Tables([log]) as tables:
        assert list(tables.rows("SELECT count(*) FROM events")) == [(3,)]

"""A pack has every event of its logs, and is asked in their place."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from emu.analysis.tables.pack import pack
from emu.analysis.tables.sources import Sources
from emu.analysis.tables.summary import summary
from emu.analysis.tables.tables import Tables
from emu.analysis.tables.unpack import runs_in
from emu.errors import LogError, UsageError
from emu.record.history import History
from emu.record.logs import Logged
from tests.analysis.tables.logs import acquire, histories, release, run, written

SUMS = """
SELECT event, count(*), sum(step), sum(t), sum(depth), count(DISTINCT thread),
    count(DISTINCT place),
    sum(hash(object, region, thread, place)), sum(waited), sum(size), sum(hash(value, woken)),
    sum(hash(signal, mask, flags, text)), min(line), max(line), count(DISTINCT run)
FROM events GROUP BY event ORDER BY event
"""


@pytest.fixture
async def runs() -> list[History]:
    return await histories()


async def test_counts_and_sums_of_a_pack_are_those_of_its_logs(
    runs: list[History], tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    written(logs / "a.jsonl", runs[:9])
    written(logs / "b.jsonl.zst", runs[9:])
    packed = pack([logs], tmp_path / "pack")
    with Tables([logs]) as one, Tables([tmp_path / "pack"]) as other:
        assert list(one.rows(SUMS)) == list(other.rows(SUMS))
    assert (packed.logs, packed.runs) == (2, len(runs))
    assert packed.events == sum(len(one.raw) for one in runs)


async def test_every_run_comes_out_of_a_pack_as_it_went_in(
    runs: list[History], tmp_path: Path
) -> None:
    log = written(tmp_path / "a.jsonl", runs)
    pack([log], tmp_path / "pack")
    found = list(runs_in(Sources([tmp_path / "pack"])))
    assert [one.history for one in found if isinstance(one, Logged)] == runs


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ((b'"thread":"', b'"thread":7,"was":"'), 2),
        ((b'"level":"all"', b'"level":"all","mood":1'), 1),
        ((b'"event":"end"', b'"event":"end","mood":1'), -1),
    ],
)
async def test_a_run_with_a_damaged_line_says_the_same_out_of_a_pack(
    runs: list[History], tmp_path: Path, change: tuple[bytes, bytes], line: int
) -> None:
    log = written(tmp_path / "a.jsonl", runs[:3])
    lines = log.read_bytes().splitlines(keepends=True)
    begins = [at for at, one in enumerate(lines) if one.startswith(b'{"event":"run"')]
    wrong = (begins[2] if line < 0 else begins[1]) + line - (line > 0)
    lines[wrong] = lines[wrong].replace(*change)
    log.write_bytes(b"".join(lines))
    pack([log], tmp_path / "pack")
    sources = Sources([tmp_path / "pack"])
    _, found, _ = runs_in(sources)
    assert isinstance(found, LogError)
    assert str(found).startswith(f"{log}:{wrong + 1}: ")
    assert str(found) in sources.damage


async def test_a_run_of_a_pack_says_where_its_log_has_it(
    runs: list[History], tmp_path: Path
) -> None:
    log = written(tmp_path / "a.jsonl", runs)
    pack([log], tmp_path / "pack")
    packed, plain = (
        [(one.path, one.line) for one in runs_in(Sources([path])) if isinstance(one, Logged)]
        for path in (tmp_path / "pack", log)
    )
    assert packed == plain


async def test_the_summary_of_a_pack_is_that_of_its_logs(
    runs: list[History], tmp_path: Path
) -> None:
    log = written(tmp_path / "a.jsonl", runs)
    pack([log], tmp_path / "pack")
    with Tables([log]) as one, Tables([tmp_path / "pack"]) as other:
        assert summary(one) == summary(other)


async def test_packs_and_logs_are_asked_together(runs: list[History], tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl", runs[:9])
    second = written(tmp_path / "b.jsonl", runs[9:])
    pack([first], tmp_path / "pack")
    with Tables([tmp_path / "pack", second]) as mixed, Tables([first, second]) as plain:
        asked = "SELECT run, scenario, outcome, tape FROM runs ORDER BY run"
        assert list(mixed.rows(asked)) == list(plain.rows(asked))
        assert summary(mixed) == summary(plain)


async def test_a_log_that_is_in_a_pack_is_not_counted_twice(
    runs: list[History], tmp_path: Path
) -> None:
    written(tmp_path / "a.jsonl", runs)
    pack([tmp_path / "a.jsonl"], tmp_path / "pack")
    with Tables([tmp_path]) as tables:
        assert list(tables.rows("SELECT count(*) FROM runs")) == [(len(runs),)]


def test_what_is_damaged_is_told_when_it_is_packed_and_when_it_is_asked(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"), release(2, "A", "l")), run()])
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join([*lines[:2], b"torn\n", *lines[2:]]))
    packed = pack([log], tmp_path / "pack")
    (said,) = packed.damage
    assert said.startswith(f"{log}:3: not JSON at column ")
    with Tables([tmp_path / "pack"]) as tables:
        assert tables.damage == list(packed.damage)


def test_what_is_whole_in_a_damaged_log_is_packed(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"), release(2, "A", "l")), run()])
    log.write_bytes(log.read_bytes() + b'{"event":"lock.acq')
    assert pack([log], tmp_path / "pack").runs == 2
    with Tables([tmp_path / "pack"]) as tables:
        assert list(tables.rows("SELECT count(*) FROM events")) == [(6,)]


def test_a_scenario_of_any_name_is_packed(tmp_path: Path) -> None:
    name = "a/b' c:%2F"
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"), scenario=name)])
    pack([log], tmp_path / "pack")
    with Tables([tmp_path / "pack"]) as tables:
        assert list(summary(tables).programs) == [name]


def test_a_pack_in_a_directory_that_looks_like_a_pattern_is_read(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"))])
    pack([log], tmp_path / "[1]")
    with Tables([tmp_path / "[1]"]) as tables:
        assert list(tables.rows("SELECT count(*) FROM events")) == [(3,)]


def test_events_before_the_first_run_are_packed(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l")), run()])
    log.write_bytes(log.read_bytes().partition(b"\n")[2])
    pack([log], tmp_path / "pack")
    with Tables([log]) as one, Tables([tmp_path / "pack"]) as other:
        assert list(one.rows(SUMS)) == list(other.rows(SUMS))
        assert summary(one) == summary(other)


def test_nothing_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    with pytest.raises(LogError, match="the log is empty"):
        pack([tmp_path / "a.jsonl"], tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_a_pack_is_a_new_directory(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run()])
    with pytest.raises(UsageError, match="there is something at"):
        pack([log], tmp_path)


def test_a_pack_is_not_packed_again(tmp_path: Path) -> None:
    pack([written(tmp_path / "a.jsonl", [run()])], tmp_path / "pack")
    with pytest.raises(UsageError, match="is packed already"):
        pack([tmp_path / "pack"], tmp_path / "again")


def test_a_newer_pack_is_refused(tmp_path: Path) -> None:
    pack([written(tmp_path / "a.jsonl", [run()])], tmp_path / "pack")
    file = tmp_path / "pack" / "pack.json"
    file.write_bytes(orjson.dumps({**orjson.loads(file.read_bytes()), "format": 2}))
    with pytest.raises(LogError, match="a pack of format 2; this emu reads format 1"):
        Tables([tmp_path / "pack"])


def test_a_pack_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run()])
    with pytest.raises(LogError, match="cannot write the pack"):
        pack([log], tmp_path / "a.jsonl" / "pack")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl"]

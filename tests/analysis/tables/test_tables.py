"""Relations over logs: every line is there, and knows where it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emu.analysis.tables.kept import keep
from emu.analysis.tables.tables import Tables
from emu.errors import LogError
from emu.record.history import History
from emu.record.logs import unpacked
from tests.analysis.tables.logs import acquire, histories, release, run, written


@pytest.fixture
async def runs() -> list[History]:
    return await histories()


def lines_of(*paths: Path) -> list[tuple[str, int, str, int | None]]:
    """File, line, kind and step of every line of logs, by other means."""
    found = []
    for path in paths:
        text = b"".join(chunk for chunk in unpacked(path) if isinstance(chunk, bytes)).decode()
        for number, line in enumerate(text.splitlines(), start=1):
            row = json.loads(line)
            found.append((str(path), number, row["event"], row.get("step")))
    return found


async def test_every_line_of_every_log_is_a_row_that_knows_file_and_line(
    runs: list[History], tmp_path: Path
) -> None:
    logs = [
        written(tmp_path / "a.jsonl", runs[:9]),
        written(tmp_path / "b.jsonl.zst", runs[9:15]),
        written(tmp_path / "c.jsonl", runs[15:]),
    ]
    with Tables([tmp_path]) as tables:
        rows = list(tables.rows("SELECT file, line, event, step FROM events ORDER BY file, line"))
    assert rows == lines_of(*logs)


async def test_runs_are_counted_over_all_logs(runs: list[History], tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", runs[:9])
    written(tmp_path / "b.jsonl", runs[9:])
    with Tables([tmp_path]) as tables:
        rows = list(
            tables.rows("SELECT run, scenario, outcome, steps, tape FROM runs ORDER BY run")
        )
    assert rows == [
        (number, one.info.scenario, one.outcome.name, one.steps, str(one.tape))
        for number, one in enumerate(runs, start=1)
    ]


async def test_every_event_belongs_to_its_run(runs: list[History], tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", runs[:9])
    written(tmp_path / "b.jsonl", runs[9:])
    with Tables([tmp_path]) as tables:
        rows = tables.rows("SELECT run, count(*) FROM events GROUP BY run ORDER BY run")
        counts = [(number, len(one.raw) + 2) for number, one in enumerate(runs, start=1)]
        assert list(rows) == counts


async def test_what_is_kept_has_the_order_and_the_runs_of_the_logs(
    runs: list[History], tmp_path: Path
) -> None:
    written(tmp_path / "a.jsonl", runs[:9])
    written(tmp_path / "b.jsonl", runs[9:])
    with Tables([tmp_path]) as tables:
        keep(tables, ("step", "thread"))
        kept = list(tables.rows("SELECT run, event, step, thread FROM kept ORDER BY number"))
        asked = "SELECT run, event, step, thread FROM events ORDER BY run, line"
        assert kept == list(tables.rows(asked))


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"), release(2, "A", "l"))])
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join([*lines[:2], b'{"event":"lock.rel\n', *lines[2:]]))
    with Tables([log]) as tables:
        keep(tables, ())
        (said,) = tables.damage
    assert said.startswith(f"{log}:3: not JSON at column ")


def test_a_kind_of_event_that_is_not_known_is_named(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"))])
    log.write_bytes(log.read_bytes().replace(b'"lock.acquire"', b'"lock.marry"'))
    with Tables([log]) as tables:
        tables.check()
        assert tables.damage == [f"{log}:2: 'lock.marry' is no kind of event"]


@pytest.mark.parametrize("how", ["keep", "check", "settle"])
def test_a_field_that_every_event_has_and_one_has_not_is_named(tmp_path: Path, how: str) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"), release(2, "A", "l"))])
    log.write_bytes(log.read_bytes().replace(b'"step":1,', b'"step":"one",'))
    with Tables([log]) as tables:
        keep(tables, ("step",)) if how == "keep" else getattr(tables, how)()
        assert tables.damage == [f"{log}:3: 'step' is 'one', not a whole number of 64 bits"]


def test_many_damaged_lines_are_counted(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run()])
    log.write_bytes(log.read_bytes() + b"not JSON\n" * 30)
    with Tables([log]) as tables:
        tables.check()
        assert len(tables.damage) == 21
        assert tables.damage[-1] == f"{log}: 10 more lines are damaged, or foreign"


def test_a_run_without_an_end_is_named(tmp_path: Path) -> None:
    whole = run(acquire(1, "A", "l"))
    log = written(tmp_path / "a.jsonl", [whole, whole])
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    with Tables([log]) as tables:
        tables.check()
        assert tables.damage == [f"{log}:4: the run that begins here has no 'end' line"]


def test_lines_before_the_first_run_belong_to_none(tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"))])
    second = written(tmp_path / "b.jsonl", [run(acquire(1, "A", "l")), run()])
    second.write_bytes(second.read_bytes().partition(b"\n")[2])
    with Tables([tmp_path]) as tables:
        rows = list(tables.rows("SELECT file, line, run FROM events ORDER BY file, line"))
    assert rows == [
        *((str(first), line, 1) for line in (1, 2, 3)),
        *((str(second), line, 0) for line in (1, 2)),
        *((str(second), line, 2) for line in (3, 4)),
    ]


def test_values_of_every_type_are_as_the_log_has_them(tmp_path: Path) -> None:
    wide = (1 << 64) - 1
    events = (
        ("word.store", 1, "A", "w", {"a": [1, wide]}, True),
        ("wake", 2, "A", "c", "cond", ["B", "C"]),
        ("wait.end", 3, "B", "c", "cond", "woken"),
        ("alloc", 4, "A", "", wide, None),
        ("note", 5, "A", "", "a\x00b\n€"),
    )
    log = written(tmp_path / "a.jsonl", [run(*events)])
    with Tables([log]) as tables:
        rows = tables.rows("SELECT value, woken, size, text, atomic FROM events ORDER BY line")
        assert list(rows)[1:-1] == [
            ('{"a":[1,18446744073709551615]}', None, None, None, True),
            (None, '["B","C"]', None, None, None),
            (None, "woken", None, None, None),
            (None, None, wide, None, None),
            (None, None, None, "a\x00b\n€", None),
        ]


def test_a_newer_log_is_told(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run()])
    log.write_bytes(log.read_bytes().replace(b'"emu":""', b'"emu":"77.0.1"'))
    with Tables([log]) as tables:
        (said,) = tables.damage
    assert said.startswith(f"{log}:1: written by emu 77.0.1, and this is ")


def test_an_empty_log_is_told(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.touch()
    with Tables([log]) as tables:
        assert tables.damage == [f"{log}: the log is empty"]
        assert list(tables.rows("SELECT * FROM events")) == []


def test_a_pattern_means_what_it_matches(tmp_path: Path) -> None:
    for name in ("a1.jsonl", "a2.jsonl", "b.jsonl"):
        written(tmp_path / name, [run()])
    with Tables([tmp_path / "a*.jsonl"]) as tables:
        assert list(tables.rows("SELECT count(*) FROM runs")) == [(2,)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing.jsonl", "there is no file or directory {path}"),
        ("no*.jsonl", "nothing is called {path}"),
        ("", "{path}: there is no log below it; a log's name ends in .jsonl"),
    ],
)
def test_a_path_that_means_no_log_is_refused(tmp_path: Path, name: str, said: str) -> None:
    path = tmp_path / name
    with pytest.raises(LogError) as raised:
        Tables([path])
    assert str(raised.value) == said.format(path=path)


def test_names_with_quotes_are_read(tmp_path: Path) -> None:
    log = written(tmp_path / "it's; a 'log'.jsonl", [run()])
    with Tables([log]) as tables:
        assert list(tables.rows("SELECT DISTINCT file FROM events")) == [(str(log),)]


@pytest.mark.parametrize("name", ["a[1].jsonl", "what?.jsonl", "*.jsonl", "a[1].jsonl.zst"])
def test_names_that_look_like_patterns_are_read(tmp_path: Path, name: str) -> None:
    log = written(tmp_path / name, [run(acquire(1, "A", "l"))])
    with Tables([tmp_path]) as tables:
        assert list(tables.rows("SELECT DISTINCT file FROM events")) == [(str(log),)]


def test_the_scratch_directory_goes(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run()])
    with Tables([log]) as tables:
        scratch = tables.sources.scratch()
        assert scratch.is_dir()
    assert not scratch.exists()


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [(), ("lock.acquire", "lock.release")])
async def test_a_long_log_is_kept_in_its_order_on_several_cores(
    runs: list[History], tmp_path: Path, kinds: tuple[str, ...]
) -> None:
    log = written(tmp_path / "a.jsonl", runs * 400)
    rows = map(json.loads, log.read_bytes().splitlines())
    told = [(row["event"], row.get("step")) for row in rows]
    with Tables([log]) as tables:
        tables.run("SET threads = 4")
        keep(tables, ("step",), kinds)
        kept = list(tables.rows("SELECT event, step FROM kept ORDER BY number"))
    assert kept == [row for row in told if not kinds or row[0] in {"run", "end", *kinds}]


def test_a_log_is_kept_in_parts_that_number_its_runs_on(tmp_path: Path) -> None:
    log = written(tmp_path / "a.jsonl", [run(*[acquire(1, "A", "l")] * n) for n in (1, 30, 2, 5)])
    with Tables([log]) as tables:
        tables.run("SET threads = 3")
        keep(tables, ())
        counts = "SELECT run, count(*), min(number), max(number) FROM kept GROUP BY run ORDER BY 1"
        assert list(tables.rows(counts)) == [
            (1, 3, 1, 3),
            (2, 32, 4, 35),
            (3, 4, 36, 39),
            (4, 7, 40, 46),
        ]

"""What comes before the first run of a log is in no run, and no run before it has its end."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from emu.analysis.tables.kept import keep
from emu.analysis.tables.locks import locks
from emu.analysis.tables.pack import pack
from emu.analysis.tables.summary import CUT_OFF, NAMELESS, summary
from emu.analysis.tables.tables import Tables
from emu.record.log import log_bytes
from tests.analysis.tables.logs import acquire, release, run, written

HEAD, *EVENTS, TAIL = log_bytes(run(acquire(1, "A", "l"), release(4, "A", "l"))).splitlines(
    keepends=True
)
CUT = "the run that begins here has no 'end' line"


def log(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def whole_and_headless(directory: Path) -> None:
    log(directory / "a.jsonl", HEAD, *EVENTS, TAIL)
    log(directory / "c.jsonl", *EVENTS, TAIL)


def test_a_summary_has_events_before_the_first_run_of_a_later_log_apart(tmp_path: Path) -> None:
    whole_and_headless(tmp_path)
    with Tables([tmp_path]) as tables:
        programs = summary(tables).programs
    assert {name: (one.runs, one.events) for name, one in programs.items()} == {
        NAMELESS: (0, 2),
        "hand:made": (1, 2),
    }


def test_locks_before_the_first_run_of_a_later_log_are_apart(tmp_path: Path) -> None:
    whole_and_headless(tmp_path)
    with Tables([tmp_path]) as tables:
        found = {(one.scenario, one.acquisitions, one.holds.total) for one in locks(tables)}
    assert found == {(NAMELESS, 1, 3), ("hand:made", 1, 3)}


def test_what_comes_before_the_first_run_is_in_no_run_of_a_pack(tmp_path: Path) -> None:
    pack([written(tmp_path / "a.jsonl", [run()])], tmp_path / "pack")
    headless = log(tmp_path / "c.jsonl", *EVENTS, TAIL)
    with Tables([tmp_path / "pack", headless]) as tables:
        keep(tables, ())
        assert list(tables.rows("SELECT DISTINCT run FROM kept")) == [(0,)]


def test_what_is_in_no_run_of_a_later_pack_is_in_none_of_an_earlier_one(tmp_path: Path) -> None:
    whole_and_headless(tmp_path)
    packs = [tmp_path / "1", tmp_path / "2"]
    for name, made in zip("ac", packs, strict=True):
        pack([tmp_path / f"{name}.jsonl"], made)
    with Tables(packs) as tables:
        counts = "SELECT run, count(*) FROM events GROUP BY run ORDER BY run"
        assert list(tables.rows(counts)) == [(0, 3), (1, 4)]
        assert [(one.scenario, one.holds.count) for one in locks(tables)] == [
            (NAMELESS, 1),
            ("hand:made", 1),
        ]


def test_what_is_in_no_run_is_in_none_of_those_that_were_packed_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emu.analysis.tables.pack.BATCH", 0)
    whole_and_headless(tmp_path)
    pack([tmp_path / "a.jsonl", tmp_path / "c.jsonl"], tmp_path / "pack")
    with Tables([tmp_path / "pack"]) as tables:
        counts = "SELECT run, count(*) FROM events GROUP BY run ORDER BY run"
        assert list(tables.rows(counts)) == [(0, 3), (1, 4)]


@pytest.mark.parametrize("verb", [Tables.check, Tables.settle, summary, locks])
@pytest.mark.parametrize("orphans", [(TAIL,), (b"torn\n", *EVENTS, TAIL), (HEAD[:9] + b"\n", TAIL)])
def test_the_end_of_a_log_without_a_head_is_not_that_of_a_run_that_is_cut_off(
    tmp_path: Path, verb: Any, orphans: tuple[bytes, ...]
) -> None:
    cut = log(tmp_path / "a.jsonl", HEAD, *EVENTS)
    log(tmp_path / "c.jsonl", *orphans)
    with Tables([tmp_path]) as tables:
        verb(tables)
        assert f"{cut}:1: {CUT}" in tables.damage


def test_a_run_that_is_cut_off_before_a_log_without_a_head_is_counted_so(tmp_path: Path) -> None:
    log(tmp_path / "a.jsonl", HEAD, *EVENTS)
    log(tmp_path / "c.jsonl", *EVENTS, TAIL)
    with Tables([tmp_path]) as tables:
        assert summary(tables).total.outcomes == {CUT_OFF: 1}


@pytest.mark.parametrize("verb", [Tables.check, Tables.settle, summary, locks])
@pytest.mark.parametrize("more", [(TAIL,), (b"torn\n", *EVENTS, TAIL)])
def test_a_second_end_of_one_run_is_not_that_of_another(
    tmp_path: Path, verb: Any, more: tuple[bytes, ...]
) -> None:
    path = log(tmp_path / "a.jsonl", HEAD, *EVENTS, TAIL, *more, HEAD, *EVENTS)
    with Tables([path]) as tables:
        verb(tables)
        assert f"{path}:{len(EVENTS) + len(more) + 3}: {CUT}" in tables.damage


LINES = st.sampled_from([HEAD, EVENTS[0], TAIL, HEAD.replace(b"{", b"{ "), b"torn\n", HEAD[:40]])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(LINES, min_size=1, max_size=6), min_size=1, max_size=4), st.booleans())
def test_what_is_kept_is_in_the_run_that_the_events_are_in(
    logs: list[list[bytes]], packed: bool
) -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        if packed:
            (directory / "before").mkdir()
            before = written(directory / "before" / "z.jsonl", [run(), run()])
            pack([before], directory / "pack")
            before.unlink()
        for number, lines in enumerate(logs):
            log(directory / f"{number}.jsonl", *lines)
        with Tables([directory]) as tables:
            keep(tables, ("object",))
            found = list(tables.rows("SELECT run, event, object FROM kept ORDER BY number"))
            wanted = list(tables.rows("SELECT run, event, object FROM events"))
    assert found == [row for row in wanted if row[0] > 2 or row[0] == 0 or not packed]

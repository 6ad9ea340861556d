"""Many logs are read run by run, and damage costs the run that it is in."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import zstandard

from emu.engine.scenario import setup
from emu.errors import LogError
from emu.record.log import log_bytes
from emu.record.logs import Logged, log_files, read_runs
from emu.scenarios.classics import lock_order_inversion
from emu.search.explore import explore
from tests.record.histories import history, raw


@pytest.fixture
async def logs() -> list[bytes]:
    """The logs of three runs."""
    kept: list[bytes] = []
    await explore(
        setup(lock_order_inversion),
        "random",
        runs=3,
        stop="budget",
        on_history=lambda _, history: kept.append(log_bytes(history)),
    )
    return kept


def read(path: Path) -> list[str]:
    """What is read: the line at which a run begins, or what is wrong."""
    return [
        str(one.line) if isinstance(one, Logged) else str(one).removeprefix(f"{path}")
        for one in read_runs(path)
    ]


def starts(logs: list[bytes]) -> list[str]:
    counts = [log.count(b"\n") for log in logs]
    return [str(1 + sum(counts[:at])) for at in range(len(counts))]


@pytest.mark.parametrize("name", ["runs.jsonl", "runs.jsonl.zst"])
async def test_every_run_of_a_file_is_read(logs: list[bytes], name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    whole = b"".join(logs)
    path.write_bytes(zstandard.compress(whole) if path.suffix == ".zst" else whole)
    assert read(path) == starts(logs)


async def test_frames_may_follow_each_other(logs: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl.zst"
    path.write_bytes(b"".join(map(zstandard.compress, logs)))
    assert read(path) == starts(logs)


async def test_an_event_has_the_line_that_it_stands_in(logs: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_bytes(b"".join(logs))
    lines = path.read_bytes().splitlines()
    for run in read_runs(path):
        assert isinstance(run, Logged)
        for number, event in enumerate(run.history.events):
            assert f'"event":"{event.event}"'.encode() in lines[run.line_of(number) - 1]


async def test_a_damaged_line_costs_its_run_alone(logs: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    lines = logs[1].splitlines(keepends=True)
    lines[2] = b'{"event": torn\n'
    path.write_bytes(logs[0] + b"".join(lines) + logs[2])
    first, second, third = read(path)
    assert (first, third) == (starts(logs)[0], starts(logs)[2])
    assert second.startswith(f":{int(starts(logs)[1]) + 2}: ")


async def test_a_run_that_is_cut_off_is_named(logs: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_bytes(logs[0] + logs[1][:-30])
    first, second = read(path)
    assert first == "1"
    assert "the log is cut off here" in second


async def test_what_was_changed_is_not_believed(logs: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_bytes(logs[0].replace(b'"left"', b'"lift"', 1))
    assert "it was changed after it was written" in read(path)[0]


async def test_a_frame_that_is_cut_off_is_named(logs: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl.zst"
    frames = [zstandard.compress(log) for log in logs]
    path.write_bytes(frames[0] + frames[1] + frames[2][:-9])
    said = read(path)
    assert said[:2] == starts(logs)[:2]
    assert any("its last compressed frame is not whole" in one for one in said[2:])


def frames(logs: list[bytes], *damaged: int) -> list[bytes]:
    """Each log in a frame of its own, those with these numbers with a hole inside."""
    made = [zstandard.compress(log) for log in logs]
    for number in damaged:
        half = len(made[number]) // 2
        made[number] = made[number][: half - 20] + bytes(40) + made[number][half + 20 :]
    return made


@pytest.mark.parametrize("damaged", [(0,), (1,), (0, 1)])
async def test_runs_in_frames_after_a_damaged_one_are_read(
    logs: list[bytes], damaged: tuple[int, ...], tmp_path: Path
) -> None:
    path = tmp_path / "runs.jsonl.zst"
    path.write_bytes(b"".join(frames(logs, *damaged)))
    found = list(read_runs(path))
    whole = [one.history for one in found if isinstance(one, Logged)]
    left = [log for number, log in enumerate(logs) if number not in damaged]
    assert [log_bytes(one) for one in whole] == left
    assert [number for number, one in enumerate(found) if "to its end" in str(one)] == [*damaged]


async def test_a_frame_whose_end_is_gone_is_passed_over(logs: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl.zst"
    first, second, third = frames(logs)
    path.write_bytes(first + second[:-9] + third)
    assert read(path)[0] == "1"
    assert sum(isinstance(one, Logged) for one in read_runs(path)) == 2


async def test_where_a_damaged_frame_begins_is_said(logs: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl.zst"
    first, second, third = frames(logs, 1)
    path.write_bytes(first + second + third)
    assert f" is damaged: the frame at byte {len(first):,} cannot be read" in read(path)[1]


def test_a_frame_that_is_damaged_is_had_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl.zst"
    noise = Random(0)
    runs = [history(raw("note", 0, "A", "", noise.randbytes(1_000).hex())) for _ in range(500)]
    packed = bytearray(zstandard.compress(b"".join(map(log_bytes, runs))))
    half = len(packed) // 2
    del packed[half : half + 40]
    path.write_bytes(packed)
    whole = [one.history for one in read_runs(path) if isinstance(one, Logged)]
    assert 100 < len(whole) < 300
    assert whole == runs[: len(whole)]


def test_what_is_no_frame_is_named(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl.zst"
    path.write_bytes(b"no frame at all")
    (said,) = read(path)
    assert "it is damaged: " in said


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.touch()
    assert read(path) == [": the log is empty"]


def test_a_directory_means_all_logs_below_it(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl.zst", "notes.txt", "deep/c.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [str(one.relative_to(tmp_path)) for one in log_files([tmp_path])]
    assert names == ["a.jsonl.zst", "b.jsonl", "deep/c.jsonl"]


def test_a_directory_without_logs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="there is no log below it"):
        log_files([tmp_path])


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="there is no file or directory"):
        log_files([tmp_path / "gone"])


def test_of_a_campaign_the_logs_of_its_findings_are_not_read_again(tmp_path: Path) -> None:
    for name in ("logs/0001.jsonl", "findings/0001/history.jsonl"):
        path = tmp_path / "campaign" / name
        path.parent.mkdir(parents=True)
        path.touch()
    (tmp_path / "campaign" / "campaign.db").touch()
    (tmp_path / "other.jsonl").touch()
    found = [str(path.relative_to(tmp_path)) for path in log_files([tmp_path])]
    assert found == ["campaign/logs/0001.jsonl", "other.jsonl"]


def test_of_a_campaign_without_other_logs_those_of_its_findings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "findings" / "0001" / "history.jsonl"
    path.parent.mkdir(parents=True)
    path.touch()
    (tmp_path / "campaign.db").touch()
    assert log_files([tmp_path]) == [path]


@pytest.mark.parametrize("version", ["77.0.1", "0.0.1"])
def test_fields_that_only_a_newer_emu_knows_are_passed_over(tmp_path: Path, version: str) -> None:
    path = tmp_path / "run.jsonl"
    one = history(raw("note", 0, "A", "", "a"), raw("lock.release", 1, "A", "l", None))
    named = replace(one, info=replace(one.info, emu=version))
    lines = [line[:-2] + b',"mood":"blue"}\n' for line in named.lines()]
    sealed = hashlib.sha256(b"".join(lines) + one.outcome.name.encode()).hexdigest()
    old = named.digest
    log = log_bytes(named).replace(old.encode(), sealed.encode())
    log = log.replace(f"#{old[:4]}".encode(), f"#{sealed[:4]}".encode())
    path.write_bytes(
        log.replace(b'"mode":null}', b'"mode":null,"mood":"blue"}').replace(
            b'"text":"a"}', b'"text":"a","mood":"blue"}'
        )
    )
    (found,) = read_runs(path)
    if version == "0.0.1":
        assert str(found).startswith(f"{path}:2: a 'note' event has the fields event, step, ")
    else:
        assert isinstance(found, Logged)
        assert found.history.events == one.events

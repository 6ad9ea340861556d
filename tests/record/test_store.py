from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emu.errors import LogError
from emu.record.log import write_history
from emu.record.reading import read_history
from emu.record.store import (
    HISTORY,
    StoredFinding,
    directory_name,
    load_finding,
    new_run,
    save_finding,
    write_file,
)
from tests.record.histories import example

finding = StoredFinding(
    signature="deadlock [left, right] in worker",
    kind="deadlock",
    sentence="T1 waits for right, T2 waits for left",
    message="emu.Falsified: lock_order_inversion deadlocks\n\n  T1 waits for right",
    target="inversion:lock_order_inversion",
    tape="emu1:2t1#a72e",
    seed=11,
    strategy="walk",
    emu="0.1.0",
    params={"fix": False},
    chaos=({"kind": "signal"},),
    first_run=2,
    log=HISTORY,
)


def test_runs_of_one_name_are_numbered(tmp_path: Path) -> None:
    made = [new_run("philosophers", tmp_path) for _ in range(3)]

    assert made == [tmp_path / "philosophers" / number for number in ("0001", "0002", "0003")]


def test_a_number_is_never_used_again_below_the_highest(tmp_path: Path) -> None:
    (tmp_path / "philosophers" / "0041").mkdir(parents=True)

    assert new_run("philosophers", tmp_path).name == "0042"


def test_latest_points_to_the_newest_run(tmp_path: Path) -> None:
    new_run("philosophers", tmp_path)
    newest = new_run("philosophers", tmp_path)
    (newest / HISTORY).write_text("here")

    assert (tmp_path / "philosophers" / "latest" / HISTORY).read_text() == "here"


def test_nothing_but_runs_and_latest_is_left(tmp_path: Path) -> None:
    new_run("philosophers", tmp_path)

    left = sorted(path.name for path in (tmp_path / "philosophers").iterdir())

    assert left == ["0001", "latest"]


def test_a_history_in_a_run_reads_back(tmp_path: Path) -> None:
    path = new_run("inversion", tmp_path) / HISTORY
    write_history(example(), path)

    assert read_history(path) == example()


MAKE_RUNS = """
import sys
from emu.record.store import new_run
for _ in range(50):
    print(new_run("shared", sys.argv[1]))
"""


def test_processes_side_by_side_never_share_a_run(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE_RUNS, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    made = [line for process in processes for line in process.communicate()[0].splitlines()]

    assert len(set(made)) == 100


@pytest.mark.parametrize(
    ("name", "directory"),
    [
        ("lock_order_inversion", "lock_order_inversion"),
        ("fault in malloc, before", "fault-in-malloc-before"),
        ("emu.scenarios.classics:philosophers", "emu.scenarios.classics-philosophers"),
        ("../../etc", "etc"),
        ("..", "run"),
        ("Fäden", "F-den"),
    ],
)
def test_a_name_becomes_the_name_of_a_directory(name: str, directory: str) -> None:
    assert directory_name(name) == directory


def test_a_finding_reads_back(tmp_path: Path) -> None:
    assert load_finding(save_finding(finding, tmp_path)) == finding


def test_the_directory_of_a_run_stands_for_its_first_finding(tmp_path: Path) -> None:
    save_finding(finding, tmp_path)

    assert load_finding(tmp_path) == finding


def test_findings_of_one_run_have_files_of_their_own(tmp_path: Path) -> None:
    saved = [save_finding(finding, tmp_path).name for _ in range(3)]

    assert saved == ["finding.json", "finding-2.json", "finding-3.json"]


def test_a_place_where_no_run_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()

    with pytest.raises(LogError, match=r"cannot make a run in .*/runs/philosophers: "):
        new_run("philosophers", tmp_path / "runs")


def test_a_finding_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"cannot write the finding .*: No such file or directory"):
        save_finding(finding, tmp_path / "missing")


def test_a_finding_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(LogError) as caught:
        load_finding(tmp_path)

    path = tmp_path / "finding.json"
    assert str(caught.value) == f"cannot read the finding {path}: No such file or directory"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "finding.json:1: not a finding: "),
        ("{\n oops", "finding.json:2: not a finding: "),
        ("[]", "finding.json: a finding has the fields signature, kind, "),
        ('{"kind": "deadlock"}', "finding.json: a finding has the fields signature, kind, "),
    ],
)
def test_a_file_that_is_no_finding(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "finding.json").write_text(content)

    with pytest.raises(LogError) as caught:
        load_finding(tmp_path)

    assert sentence in str(caught.value)


def test_a_value_of_the_wrong_type_is_named(tmp_path: Path) -> None:
    path = save_finding(finding, tmp_path)
    path.write_text(path.read_text().replace('"seed": 11', '"seed": "eleven"'))

    with pytest.raises(LogError, match="a finding has 'eleven' for 'seed'"):
        load_finding(path)


def test_a_file_is_there_whole_and_its_directory_with_it(tmp_path: Path) -> None:
    write_file(tmp_path / "new" / "page", b"whole")
    assert (tmp_path / "new" / "page").read_bytes() == b"whole"


@pytest.mark.parametrize("broken", [OSError("full"), KeyboardInterrupt()])
def test_a_file_that_could_not_be_written_leaves_nothing_and_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: BaseException
) -> None:
    (tmp_path / "page").write_bytes(b"old")

    def fsync(_: int) -> None:
        raise broken

    monkeypatch.setattr(os, "fsync", fsync)

    with pytest.raises((LogError, KeyboardInterrupt)):
        write_file(tmp_path / "page", b"new")

    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("page", b"old")]

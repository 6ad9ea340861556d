"""A campaign on a Dask cluster has in the end what one on this machine has."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emu.campaign import cluster
from emu.campaign.ledger import FILE, view
from emu.errors import LogError, UsageError
from tests.campaign.dask import PATIENCE, ROOT, Dask, dask
from tests.cli.prompt import finish, start

pytest.importorskip("distributed", reason="the extra emu[cluster] is not installed")

PLAN = """
name = "p"
[defaults]
runs = {runs}
until = "budget"
[[entry]]
name = "found"
scenario = "philosophers"
strategy = "random"
expect = "ok"
[[entry]]
name = "several"
scenario = "fault_in_malloc"
params = {{ fix = false }}
[[entry]]
name = "met"
scenario = "exact_step"
until = "met"
"""
LOST = """
name = "p"
[[entry]]
name = "leaves"
scenario = "tests.campaign.programs:leaves"
strategy = "random"
runs = 100
until = "budget"
[[entry]]
name = "spins"
scenario = "tests.campaign.programs:spins"
strategy = "random"
runs = 50
until = "budget"
watchdog = { real = "1s" }
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A cluster with two threads in one worker."""
    with dask(tmp_path_factory.mktemp("dask")) as made:
        made.worker(threads=2)
        yield made


def soak(plan: str, *arguments: str) -> dict[str, Any]:
    """What a soak prints."""
    Path("plan.toml").write_text(plan)
    status, out, err = finish(start("soak", "plan.toml", "--json", *arguments))
    assert status in (0, 1, 3), err
    made: dict[str, Any] = json.loads(out)
    return made


def booked(row: dict[str, Any]) -> list[Any]:
    """What must be the same wherever the work is done."""
    for entry in row["entries"]:
        del entry["seconds"]
        for finding in entry["findings"]:
            del finding["message"]  # says where the log is
            if entry["entry"] != "found":  # what is expected is shrunk if there is time
                del finding["tape"]
    rows: list[Any] = row["entries"]
    return rows


def counted(directory: Path) -> int:
    """How many runs a campaign has counted."""
    if not (directory / FILE).exists():
        return 0
    try:
        ledger = view(directory)
    except LogError:  # it is being made at this moment
        return 0
    try:
        return sum(account.figures.runs for account in ledger.accounts())
    finally:
        ledger.close()


def until_counted(more: int) -> None:
    """Wait until so many runs are counted."""
    deadline = time.monotonic() + PATIENCE
    while counted(Path("runs/p/0001")) < more:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_counts_and_findings_are_those_of_this_machine(two: Dask) -> None:
    plan = PLAN.format(runs=300)

    assert booked(soak(plan, "--on", two.address)) == booked(soak(plan, "--workers", "2"))


def test_workers_may_be_killed_and_join_late(tmp_path: Path) -> None:
    plan = PLAN.format(runs=2_500)
    Path("plan.toml").write_text(plan)
    with dask(tmp_path / "dask") as made:
        process = start("soak", "plan.toml", "--json", "--on", made.address)
        first, second = made.worker(), made.worker()
        until_counted(300)
        made.kill(first)
        made.worker()
        until_counted(counted(Path("runs/p/0001")) + 300)
        made.kill(second)
        status, out, err = finish(process)

    assert status == 1, err
    assert booked(json.loads(out)) == booked(soak(plan))


def test_a_program_that_ends_or_blocks_its_process_does_not_cost_the_cluster(two: Dask) -> None:
    leaves, spins = soak(LOST, "--on", two.address)["entries"]

    assert (leaves["runs"], spins["runs"]) == (100, 50)
    assert leaves["outcomes"].keys() == spins["outcomes"].keys() == {"ok", "unknown"}


def test_a_worker_with_another_emu_is_refused(two: Dask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "EMU", "9.9.9")
    with pytest.raises(UsageError, match=r"the scheduler has emu .*, and this is emu 9\.9\.9"):
        cluster.connect(two.address, 0)


def until_said(words: str, process: subprocess.Popen[str]) -> None:
    """Wait until a soak has said this on stderr, which is the file `err`."""
    while words not in Path("err").read_text():
        assert process.poll() is None, Path("err").read_text()
        time.sleep(0.02)


OTHERS = {
    "the worker at 127.0.0.1:{} has emu 0.0.9, and this is emu": 'def identity(): return "0.0.9"',
    "the worker at 127.0.0.1:{} has no emu": None,
}


@pytest.mark.parametrize("said", OTHERS)
def test_a_worker_that_joins_with_another_emu_or_none_is_not_used(
    tmp_path: Path, said: str
) -> None:
    (tmp_path / "other" / "emu" / "campaign").mkdir(parents=True)
    outpost = OTHERS[said]
    for name in ("", "campaign/"):
        (tmp_path / "other" / "emu" / name / "__init__.py").touch()
    if outpost is not None:
        (tmp_path / "other" / "emu" / "campaign" / "outpost.py").write_text(outpost)
    Path("plan.toml").write_text(PLAN.format(runs=100))
    with dask(tmp_path / "dask") as made, Path("err").open("w") as err:
        process = start("soak", "plan.toml", "--json", "--on", made.address, stderr=err)
        until_said("waiting for one", process)
        made.worker(path=tmp_path / "other")
        until_said("it is not used", process)
        made.worker()
        status, _, _ = finish(process)

    before, after = map(re.escape, said.split("{}"))
    assert status == 1
    (line,) = re.findall("^.*it is not used$", Path("err").read_text(), re.MULTILINE)
    assert re.match(f"emu: {before}[0-9]+{after}", line)


def ends() -> list[str]:
    """Why each entry of the campaign is over, as its ledger has it."""
    ledger = view(Path("runs/p/0001"))
    try:
        return [account.figures.over for account in ledger.accounts()]
    finally:
        ledger.close()


NO_ROOM = """
import errno, subprocess
class Popen(subprocess.Popen):
    def __init__(self, command, *rest, **more):
        if "emu.campaign.worker" in command:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        super().__init__(command, *rest, **more)
subprocess.Popen = Popen
"""


@pytest.fixture
def no_room(tmp_path: Path) -> Path:
    """A path for workers of a cluster that can start no process for a campaign."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "sitecustomize.py").write_text(NO_ROOM)
    return Path(f"{tmp_path / 'full'}{os.pathsep}{ROOT}")


def test_a_worker_that_can_start_no_process_leaves_the_work_to_others(
    tmp_path: Path, no_room: Path
) -> None:
    Path("plan.toml").write_text(PLAN.format(runs=10_000_000))
    with dask(tmp_path / "dask") as made, Path("events").open("w") as events:
        made.worker()
        process = start("soak", "plan.toml", "--events", "--on", made.address, stdout=events)
        until_counted(1)
        made.worker(path=no_room)
        while Path("events").read_text().count("no worker can be started") < 4:
            assert process.poll() is None
            time.sleep(0.02)
        until_counted(counted(Path("runs/p/0001")) + 100)
        process.send_signal(signal.SIGINT)
        finish(process)

    assert "set aside" not in ends()


def test_a_cluster_that_can_start_no_process_at_all_is_said(tmp_path: Path, no_room: Path) -> None:
    Path("plan.toml").write_text(PLAN.format(runs=300))
    with dask(tmp_path / "dask") as made:
        made.worker(path=no_room)
        status, _, err = finish(start("soak", "plan.toml", "--on", made.address))

    assert status == 2
    assert "emu: error: no worker gave a single run: worker lost: no worker can be started" in err


@pytest.mark.parametrize(
    "address",
    [
        "",
        "dask://",
        "dask://here",
        "tcp://here:1",
        "dask://here:0",
        "dask://h:99999",
        "dask://h:1/",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=r"allowed is dask://HOST:PORT"):
        cluster.connect(address, 0)

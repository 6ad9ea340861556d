"""Where trio starts: Ctrl-C ends in good order, PYTHONHASHSEED changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emu.engine import watchdog
from emu.engine.machine import Machine
from emu.engine.scenario import scenario, setup
from emu.search.edge import Halt, run_trio
from emu.search.exploration import Exploration
from emu.search.explore import explore
from tests.search.tiny import calm, deadlock01

ROOT = Path(__file__).parents[2]


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_an_exploration_and_keeps_what_was_found() -> None:
    def after(so_far: Exploration) -> None:
        if so_far.runs == 20:
            interrupt()

    async def main(halt: Halt) -> Exploration:
        return await explore(
            setup(deadlock01), runs=1_000_000, stop="budget", on_run=after, halt=halt
        )

    exploration = run_trio(main)
    assert exploration.interrupted
    assert 20 <= exploration.runs < 1_000
    assert exploration.findings


@scenario()
async def spins(m: Machine) -> None:
    """Interrupts the process, then never reaches a checkpoint."""
    interrupt()
    while True:
        pass


def test_ctrl_c_breaks_code_that_never_reaches_a_checkpoint() -> None:
    async def main(halt: Halt) -> Exploration:
        return await explore(setup(spins), runs=1, stop="budget", halt=halt)

    exploration = run_trio(main)
    assert exploration.interrupted
    assert exploration.runs == 0


def test_the_second_ctrl_c_raises() -> None:
    def after(so_far: Exploration) -> None:
        interrupt()
        interrupt()

    async def main(halt: Halt) -> Exploration:
        return await explore(setup(calm), runs=100, stop="budget", on_run=after, halt=halt)

    with pytest.raises(KeyboardInterrupt):
        run_trio(main)


def test_the_handler_of_sigint_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)

    async def main(halt: Halt) -> None:
        return None

    run_trio(main)
    assert signal.getsignal(signal.SIGINT) is before


PROGRAM = """
import json, sys
from emu.engine.scenario import load, setup
from emu.search.edge import run_trio
from emu.search.explore import explore

async def main(halt):
    made = setup(load(sys.argv[1]))
    exploration = await explore(made, runs=60, seed=4, stop="budget", lanes=int(sys.argv[2]))
    found = [(f.signature, f.count, str(f.tape), f.history.digest) for f in exploration.findings]
    print(json.dumps([exploration.outcomes, exploration.steps, found]))

run_trio(main)
"""


@pytest.mark.parametrize("target", ["tests.search.tiny:lazy01", "tests.search.tiny:impatient"])
def test_neither_the_hash_seed_nor_the_process_changes_anything(target: str) -> None:
    answers = []
    for hash_seed, lanes in (("1", "1"), ("4711", "32")):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, target, lanes],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
        answers.append(json.loads(done.stdout))

    assert answers[0] == answers[1]
    assert answers[0][2]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # trio's pipe
def test_real_time_may_be_looked_at_very_often_without_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a tick interrupts (a thread, its beginning, its end, trio), it goes on."""
    monkeypatch.setattr(watchdog, "TICK", 0.003)

    async def main(halt: Halt) -> Exploration:
        return await explore(setup(deadlock01), "random", runs=3_000, stop="budget")

    assert set(run_trio(main).outcomes) == {"ok", "deadlock"}

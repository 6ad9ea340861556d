"""Kills a campaign at random moments, lets it go on, and compares what it has in the end.

torture.py [--rounds N] [--runs N] [--seed N] [--workers N] [--keep DIR]

A round waits until all workers are there and a moment more, from `SOONEST` to `LATEST` seconds,
and then kills a worker, the driver, or the driver and all workers with SIGKILL. Where the driver
is gone, every worker must be gone `ORPHANS` seconds later, and the campaign goes on with --resume.
Half of the rounds are with logs of every run, half without. In the end everything must be as in
a campaign with the same seeds that was left alone. Exit status 1 if anything is not.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from torture_compare import Books, differences, read_books

SOONEST: Final = 0.2
LATEST: Final = 3.0
ORPHANS: Final = 2.0
STARTING: Final = 60.0
SPARED: Final = 5
"""So many campaigns in a row may be over before anybody was killed."""
LEVELS: Final = ("findings", "all")
VICTIMS: Final = ("worker", "driver", "all")
WORKER: Final = b"emu.campaign.worker"
EMU: Final = (sys.executable, "-c", "from emu.cli import main; main()")

PLAN: Final = """
name = "torture"

[defaults]
runs = {runs}
until = "budget"

[[entry]]
name = "several outcomes"
scenario = "fault_in_malloc"
params = {{ fix = false }}
expect = {{ some = ["exit 3"] }}

[[entry]]
name = "killed now and then"
scenario = "signal_at_thread_start"
params = {{ fix = false }}
expect = {{ some = ["killed SIGSEGV"] }}

[[entry]]
name = "not what was expected"
scenario = "philosophers"
strategy = "random"
expect = "ok"

[[entry]]
name = "always well"
scenario = "signal_at_thread_start"
params = {{ fix = true }}
expect = "ok"
until = "met"

[[entry]]
name = "met late"
scenario = "exact_step"
strategy = "random"
seed = 4
runs = {many}
params = {{ before = 16, after = 12 }}
until = "met"

[[entry]]
name = "met early"
scenario = "lock_order_inversion"
until = "met"

[[entry]]
name = "saturated"
scenario = "lost_update"
until = "saturated"
"""


@dataclass
class Campaign:
    """A campaign in a process of its own, which may be killed."""

    directory: Path
    plan: Path
    level: str
    workers: int
    process: subprocess.Popen[str] | None = None
    kills: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        return sum(self.kills.values())

    @property
    def store(self) -> Path:
        return self.directory / "torture" / "0001"

    def start(self) -> subprocess.Popen[str]:
        """Begin, or go on where it stands."""
        if (self.store / "campaign.db").exists():
            arguments = ["--resume", str(self.store)]
        else:
            arguments = [str(self.plan), "--logs", self.level, "--out", str(self.directory)]
        self.process = subprocess.Popen(
            [*EMU, "soak", *arguments, "--workers", str(self.workers), "--json"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.process

    def finish(self) -> Books:
        """Let it go on to its end, and read its books."""
        process = self.process or self.start()
        said = process.communicate()[1]
        if process.returncode not in (0, 1):
            self.wrong.append(f"it ended with status {process.returncode}: {said.strip()}")
        return read_books(self.store)

    def endure(self, chance: random.Random, most: int) -> None:
        """Up to `most` rounds, fewer if it is over before."""
        while self.rounds < most:
            process = self.process or self.start()
            workers = self._at_work(process)
            time.sleep(SOONEST + (LATEST - SOONEST) * chance.random())
            victim = VICTIMS[int(chance.random() * len(VICTIMS))]
            if process.poll() is not None or not workers:
                return
            self._kill(victim, process.pid, workers, chance)
            self.kills[victim] += 1
            if victim != "worker":
                process.communicate()
                self.process = None
                self._nobody_is_left(workers)
            counted = read_books(self.store, logs=False).runs
            print(f"  {self.rounds:4}  killed {victim:6}  {counted:8,} runs counted", flush=True)

    def _at_work(self, process: subprocess.Popen[str]) -> list[int]:
        """The workers, once all of them are there; none if it ends before."""
        deadline = time.monotonic() + STARTING
        while process.poll() is None:
            found = list(workers_of(process.pid))
            if len(found) == self.workers or time.monotonic() > deadline:
                return found
            time.sleep(0.02)
        return []

    def _kill(self, victim: str, driver: int, workers: list[int], chance: random.Random) -> None:
        one = workers[int(chance.random() * len(workers))]
        doomed = {"worker": [one], "driver": [driver], "all": [driver, *workers]}[victim]
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _nobody_is_left(self, workers: list[int]) -> None:
        deadline = time.monotonic() + ORPHANS
        while left := [pid for pid in workers if is_worker(pid)]:
            if time.monotonic() > deadline:
                self.wrong.append(f"workers {left} outlived their driver by {ORPHANS:g} s")
                return
            time.sleep(0.02)


def workers_of(driver: int) -> Iterator[int]:
    """The workers that a driver has, by process id."""
    for path in sorted(Path("/proc").glob("[0-9]*")):
        with suppress(OSError):  # it has ended meanwhile
            parent = path.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == driver and is_worker(int(path.name)):
                yield int(path.name)


def is_worker(pid: int) -> bool:
    """Whether this process is a worker; one that has ended is none."""
    try:
        return WORKER in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def main() -> None:
    """Torture, compare, and say what came of it."""
    parser = argparse.ArgumentParser(prog="scripts/torture", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--runs", type=int, default=12_000, help="of most entries")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and the victims")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", metavar="DIR", help="work in this new directory, and keep it")
    asked = parser.parse_args()
    if asked.keep is not None:
        Path(asked.keep).mkdir()
        sys.exit(torture(Path(asked.keep), asked))
    with tempfile.TemporaryDirectory(prefix="emu-torture-") as directory:
        sys.exit(torture(Path(directory), asked))


def torture(directory: Path, asked: argparse.Namespace) -> int:
    """All rounds; gives the exit status."""
    plan = directory / "torture.toml"
    plan.write_text(PLAN.format(runs=asked.runs, many=8 * asked.runs))
    chance = random.Random(asked.seed)
    began = time.monotonic()
    calm = Campaign(directory / "calm", plan, "all", asked.workers)
    books = calm.finish()
    print(f"undisturbed: {books}, in {time.monotonic() - began:.0f} s")
    wrong = [*calm.wrong, *books.wrong]
    kills: Counter[str] = Counter()
    campaigns = spared = 0
    for part, level in enumerate(LEVELS, start=1):
        while kills.total() < asked.rounds * part // len(LEVELS):
            campaigns += 1
            tortured = Campaign(directory / f"{campaigns}", plan, level, asked.workers)
            print(f"campaign {campaigns}, logs {level}:", flush=True)
            tortured.endure(chance, asked.rounds * part // len(LEVELS) - kills.total())
            found = tortured.finish()
            kills += tortured.kills
            odd = [*tortured.wrong, *found.wrong, *differences(books, found)]
            print(f"  {'DIFFERENT' if odd else 'the same'}: {found}", flush=True)
            wrong += [f"campaign {campaigns}: {one}" for one in odd]
            spared = 0 if tortured.rounds else spared + 1
            if spared == SPARED:
                sys.exit("torture: all is over before anybody can be killed; give it more --runs")
    for one in wrong:
        print(one)
    told = ", ".join(f"{kills[victim]} {victim}" for victim in VICTIMS)
    print(f"{kills.total()} rounds ({told}) in {campaigns} campaigns: ", end="")
    print("SOMETHING DIFFERS" if wrong else "each run counted once, nothing lost")
    return 1 if wrong else 0


if __name__ == "__main__":
    main()

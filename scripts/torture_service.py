"""Kills the service at random moments, starts it again, and compares what it has in the end.

torture_service.py [--rounds N] [--runs N] [--seed N] [--keep DIR]

Three campaigns are at work in it. A round waits until they are, and a moment more, then kills the
service with SIGKILL, in every third round their processes with it. Started again, it must go on
with all three. In the end everything must be as in campaigns with the same seeds that were left
alone; every event must have its number, and every run be told of once. Exit status 1 if anything
is not.
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
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import httpx2
import orjson
from torture import PLAN, Campaign
from torture_compare import Books, differences, read_books

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.served import start

CAMPAIGNS: Final = 3
SOONEST: Final = 0.3
LATEST: Final = 3.0
STARTING: Final = 60.0


@dataclass
class Tortured:
    """A service in a process of its own, which may be killed."""

    data: Path
    process: subprocess.Popen[str] | None = None
    url: str = ""
    names: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start it, or start it again, and wait until it answers."""
        self.process, self.url = start(self.data)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """What it answers."""
        answer = httpx2.request(method, f"{self.url}{path}", timeout=30, **more)
        answer.raise_for_status()
        return answer.json()

    def begin(self, plan: str) -> None:
        """Begin the campaigns, each twice with one key: a repeated request must begin nothing."""
        for number in range(CAMPAIGNS):
            toml = plan.replace('name = "torture"', f'name = "torture-{number}"')
            for _ in range(2):
                made = self.ask(
                    "POST",
                    "/api/campaigns",
                    json={"toml": toml, "workers": 1, "logs": "all" if number else "findings"},
                    headers={"Idempotency-Key": f"key-{number}"},
                )
            self.names.append(made["id"])

    def states(self) -> list[dict[str, Any]]:
        """The campaigns, in short."""
        items: list[dict[str, Any]] = self.ask("GET", "/api/campaigns")["items"]
        if sorted(one["id"] for one in items) != sorted(self.names):
            self.wrong.append(f"there are {[one['id'] for one in items]}, not {self.names}")
        return items

    def wait(self, *states: str) -> list[dict[str, Any]]:
        """Wait until each campaign is in one of these states."""
        deadline = time.monotonic() + STARTING
        while True:
            items = self.states()
            if all(one["state"] in states for one in items):
                return items
            if "failed" not in states and any(one["state"] == "failed" for one in items):
                raise SystemExit(f"failed: {[one['why'] for one in items]}")
            if time.monotonic() > deadline and "running" in states:
                raise SystemExit(f"not at work: {[(one['id'], one['state']) for one in items]}")
            time.sleep(0.1)

    def kill(self, *, everything: bool) -> None:
        """End it in the worst way."""
        assert self.process is not None
        doomed = [self.process.pid]
        if everything:
            doomed += children_of(self.process.pid)
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()

    def stop(self) -> None:
        """End it in good order."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=10)

    def books(self, name: str) -> Books:
        """The books of one campaign."""
        directory = self.data / "campaigns" / name
        rows = [orjson.loads(line) for line in (directory / "events.jsonl").open("rb")]
        if [row["id"] for row in rows] != list(range(1, len(rows) + 1)):
            self.wrong.append(f"{name}: its events are not numbered one after the other")
        books = read_books(directory)
        told = sum(row["runs"] for row in rows if row["event"] == "harvest")
        if told != books.runs:
            self.wrong.append(f"{name}: its events tell of {told} runs, {books.runs} are counted")
        return books


def children_of(parent: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for path in sorted(Path("/proc").glob("[0-9]*")):
        with suppress(OSError):
            if int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.name))
    return found


def main() -> None:
    """Torture, compare, and say what came of it."""
    parser = argparse.ArgumentParser(
        prog="scripts/torture service", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=20, help="how many kills [20]")
    parser.add_argument("--runs", type=int, default=1500, help="of each entry [1500]")
    parser.add_argument("--seed", type=int, default=0, help="which moments [0]")
    parser.add_argument("--keep", metavar="DIR", help="work in DIR, and leave it there")
    asked = parser.parse_args()
    plan = PLAN.format(runs=asked.runs, many=asked.runs * 100)
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(asked.keep or scratch)
        place.mkdir(exist_ok=True)
        service = Tortured(place / "data")
        service.start()
        service.begin(plan)
        kills = 0
        while kills < asked.rounds:
            items = service.wait("running", "done")
            if all(one["state"] == "done" for one in items):
                break
            time.sleep(SOONEST + (LATEST - SOONEST) * chance.random())
            service.kill(everything=kills % 3 == 2)
            kills += 1
            service.start()
            runs = sum(one["runs"] for one in service.states())
            print(f"  {kills:4}  {runs:8,} runs counted", flush=True)
        if kills < asked.rounds:
            service.wrong.append(f"all was done after {kills} kills; give more --runs")
        service.wait("done")
        service.stop()
        wrong = service.wrong
        for number, name in enumerate(service.names):
            books = service.books(name)
            path = place / f"torture-{number}.toml"
            path.write_text(plan)
            calm = Campaign(place / f"calm-{number}", path, "all" if number else "findings", 2)
            left_alone = calm.finish()
            wrong += [f"{name}: {one}" for one in (*books.wrong, *calm.wrong)]
            wrong += [f"{name}: {one}" for one in differences(replace(left_alone), books)]
            print(f"  {name}: {books}", flush=True)
    for one in wrong:
        print(f"WRONG: {one}")
    verdict = "each run counted once, nothing lost" if not wrong else f"{len(wrong)} things wrong"
    print(f"{kills} kills, {CAMPAIGNS} campaigns: {verdict}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

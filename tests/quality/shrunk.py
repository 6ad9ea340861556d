"""What shrinking makes of the findings of the shipped plans, and which promises it keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import process_time
from typing import Final

import trio

from emu.campaign.entry import Entry
from emu.campaign.plan import read_plan
from emu.engine.carrier import open_carriers
from emu.record.finding import matches
from emu.record.tape import Tape, parse_tape
from emu.search.exploration import Exploration, Found
from emu.search.explore import explore
from emu.search.passes import INJECTIONS
from emu.search.shrink import Shrunk, shrink

ROOT: Final = Path(__file__).resolve().parents[2]
SMOKE: Final = "smoke"
PLANS: Final = (SMOKE, "go-1777", "go-3017")

MOST: Final = 6
"""So many deviations are left of a finding of the two Go bugs, at most."""


@dataclass(frozen=True)
class Row:
    """The first run of one signature, shrunk: `found` became `tape`.

    `injections` and `steps` are those of `tape`; shrinking took `runs` runs and `seconds` of
    CPU, and came to its `end` or to that of its budget. Shrinking `tape` gives `again`, and
    shrinking `found` in another process `elsewhere`.
    """

    plan: str
    entry: str
    seed: int
    signature: str
    found: Tape
    tape: Tape
    injections: int
    steps: int
    runs: int
    seconds: float
    end: bool
    again: Tape
    elsewhere: Tape | None = None

    @property
    def broken(self) -> tuple[str, ...]:
        """The promises that do not hold."""
        kept = {
            "does not come to its end": self.end,
            "not a fixed point": self.again == self.tape,
            "another tape in another process": self.elsewhere == self.tape,
            f"more than {MOST} deviations": self.plan == SMOKE or len(self.tape) <= MOST,
        }
        return tuple(promise for promise, holds in kept.items() if not holds)


@dataclass(frozen=True)
class Measured:
    """One entry explored as a soak does it, from some seeds, and all that it found, shrunk.

    `needed` has, for each outcome that must turn up and each seed, how many schedules it took.
    """

    needed: dict[str, tuple[int, ...]]
    rows: tuple[Row, ...]


def shipped(plans: Sequence[str] = PLANS) -> Iterator[tuple[str, Entry]]:
    """Every entry of these plans with the plan's name."""
    for plan in plans:
        for entry in read_plan(str(ROOT / "configs" / f"{plan}.toml")).entries:
            yield plan, entry


def measure(plan: str, entry: Entry, seeds: Iterable[int]) -> Measured:
    """Explore an entry from each of `seeds`, and shrink what it finds, twice and elsewhere."""
    measured = trio.run(_measure, plan, entry, tuple(seeds))
    tapes = _elsewhere(measured.rows) if measured.rows else []
    rows = zip(measured.rows, tapes, strict=True)
    return replace(measured, rows=tuple(replace(row, elsewhere=tape) for row, tape in rows))


async def _measure(plan: str, entry: Entry, seeds: Sequence[int]) -> Measured:
    explorations = []
    rows = []
    async with open_carriers() as carriers:
        for seed in seeds:
            explored = await explore(
                entry.setup,
                entry.strategy,
                runs=entry.runs,
                seed=seed,
                stop=entry.until,
                carriers=carriers,
            )
            explorations.append(explored)
            for found in explored.findings:
                signature = found.signature
                shrunk = partial(shrink, entry.setup, signature=signature, carriers=carriers)
                begun = process_time()
                once = await shrunk(found.tape)
                seconds = process_time() - begun
                twice = await shrunk(once.tape)
                rows.append(_row(plan, entry, seed, found, once, twice, seconds))
    needed = {
        item: tuple(_first(explored, item) for explored in explorations)
        for item in entry.expect.some
    }
    return Measured(needed, tuple(rows))


def _row(
    plan: str, entry: Entry, seed: int, found: Found, once: Shrunk, twice: Shrunk, seconds: float
) -> Row:
    return Row(
        plan=plan,
        entry=entry.name,
        seed=seed,
        signature=found.signature,
        found=found.tape,
        tape=once.tape,
        injections=sum(one.kind in INJECTIONS for one in once.tape.deviations),
        steps=once.history.steps,
        runs=once.runs,
        seconds=seconds,
        end=once.finished and twice.finished,
        again=twice.tape,
    )


def _first(explored: Exploration, item: str) -> int:
    """The schedules up to the first that shows `item`; one more than all, if none did."""
    runs = [
        one.first_run
        for one in explored.findings
        if matches(item, one.finding.kind, (one.signature,))
    ]
    return 1 + min(runs, default=explored.runs)


def _elsewhere(rows: Sequence[Row]) -> list[Tape]:
    """The tapes that a process of its own, with another seed of its hashes, makes of the same."""
    made = subprocess.run(
        [sys.executable, "-c", f"from {__name__} import answer; answer()"],
        input=json.dumps([(row.plan, row.entry, row.signature, str(row.found)) for row in rows]),
        env={**os.environ, "PYTHONHASHSEED": "1777"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [parse_tape(text) for text in json.loads(made.stdout)]


def answer() -> None:
    """Shrink what another process asks for on stdin; the tapes go to stdout."""
    entries = {(plan, entry.name): entry for plan, entry in shipped()}

    async def shrunk() -> list[str]:
        tapes = []
        async with open_carriers() as carriers:
            for plan, name, signature, text in json.load(sys.stdin):
                setup = entries[plan, name].setup
                tape = parse_tape(text)
                made = await shrink(setup, tape, signature=signature, carriers=carriers)
                tapes.append(str(made.tape))
        return tapes

    json.dump(trio.run(shrunk), sys.stdout)

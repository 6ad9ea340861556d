"""The circles of a lock order in sentences, each with the lines that show it."""

from __future__ import annotations

from typing import Final

from emu.analysis.order import ProgramOrder
from emu.analysis.ordercycles import Cycle
from emu.analysis.predict.evidence import Waits
from emu.analysis.predict.lockcycles import Verdict
from emu.analysis.predict.signals import Line
from emu.analysis.predict.words import evidence, spelled

SENTENCES: Final[dict[Verdict, str]] = {
    "possible": "a deadlock is possible, by {runs}: nothing keeps it off",
    "unknown": "not known to be possible: logs of locks alone do not tell when threads begin "
    "and end",
    "apart": "not known to be possible: no single run has all of it, with nothing to keep it off",
    "lifetime": "no deadlock: {first} is over with its part before {then} begins its own, by the "
    "beginnings and ends of threads",
    "gate": "no deadlock: {gates} held around it, and that keeps the threads apart",
    "shared": "no deadlock: who shares a lock does not wait for others that share it",
    "one thread": "no deadlock: it takes {count} threads, and {threads}",
}
"""What is said of a cycle of each verdict."""


def cycle_in_words(cycle: Cycle) -> list[str]:
    """The lines of a message."""
    lines = [" → ".join((*cycle.locks, cycle.locks[0])), f"  {_sentence(cycle)}"]
    for waits in cycle.waits:
        lines += ["", *_part(waits)]
    return lines


def counted(order: ProgramOrder) -> str:
    """How many locks, edges and cycles there are."""
    possible = sum(one.verdict == "possible" for one in order.cycles)
    parts = [
        _number(len(order.locks), "lock"),
        _number(len(order.edges), "edge"),
        _number(len(order.cycles), "cycle"),
    ]
    noun = "a possible deadlock" if possible == 1 else "possible deadlocks"
    said = f", {possible:,} of them {noun}" if order.cycles else ""
    return f"{', '.join(parts)}{said}; {_number(order.runs, 'run')} looked at"


def _sentence(cycle: Cycle) -> str:
    first, then = (cycle.waits[at].thread for at in cycle.over or (0, 0))
    if len(cycle.locks) == 1:
        return f"a thread asked for what it held itself, in {_number(cycle.happened, 'run')}"
    said = SENTENCES[cycle.verdict].format(
        runs=_number(cycle.runs, "run"),
        first=first,
        then=then,
        gates=f"{' or '.join(cycle.gates)} {'is' if len(cycle.gates) == 1 else 'are'}",
        count=len(cycle.locks),
        threads=_threads(cycle),
    )
    return f"{said}; it happened in {_number(cycle.happened, 'run')}" if cycle.happened else said


def _threads(cycle: Cycle) -> str:
    if len(cycle.threads) >= len(cycle.locks):
        return "no so many different ones do its parts"
    does = "does any of it" if len(cycle.threads) == 1 else "do any of it"
    return f"only {' and '.join(cycle.threads)} {does}"


def _part(one: Waits) -> list[str]:
    within = f"in the handler of {', within that of '.join(reversed(one.signals))} "
    return [
        f"  {one.thread} holds {one.holds} since {spelled(one.since)}",
        f"  and {within if one.signals else ''}asks for {one.lock} at {spelled(one.asks)}",
        f"    {evidence(one.since, one.asks)}",
    ]


def _number(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def place(line: Line) -> str:
    """File and line in the program."""
    return line.at.rpartition(":")[0] or "?"

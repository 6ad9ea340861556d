"""Outcome, finding, expectation, verdict: how a run ended, what is wrong, what was wanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any, Final

from emu.record.names import shared_name

OK: Final = "ok"
UNKNOWN: Final = "unknown"

OUTCOMES: Final[dict[str, str]] = {
    "ok": "every thread finished, or the process exited with status 0",
    "exit N": "the process exited with status N",
    "killed SIGNAL": "the process died of a signal",
    "deadlock": "threads wait for each other in a cycle",
    "stalled": "a watchdog saw a wait that cannot or did not end",
    "leak": "the main thread is done and another thread is blocked for ever",
    "assertion": "an assertion of the scenario does not hold",
    "panic": "the emulated program raised a panic nobody recovered from",
    "crash": "the scenario's code raised an exception, or used emu wrongly",
    "unknown": "a limit was met: nothing is known",
}
"""Every outcome there is, with what it means."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the emulated process ended: its name (see `OUTCOMES`) and one sentence why."""

    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """One thread that waits: for what, where, since when (ns), and who holds it since where."""

    thread: str
    waits_for: str
    what: str
    at: str
    since: int
    held_by: tuple[str, ...] = ()
    held_since: str = ""
    holds: tuple[str, ...] = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: its kind (the outcome's name), one sentence, and the evidence.

    `functions` are the functions where the threads stand, and `regions` the region of each of
    `threads`, empty for none; `cycle` holds the threads of a wait-for cycle in order (each waits
    for what the next one holds), `blocked` every other thread that waits, and `trace` lines of
    text (a traceback, what the process printed).
    """

    kind: str
    sentence: str
    objects: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    cycle: tuple[Blocked, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    trace: tuple[str, ...] = ()

    @property
    def signature(self) -> str:
        """Kind, objects and functions: no seed, step or line, so one bug is one row."""
        parts = [self.kind]
        if self.objects:
            parts.append("[" + ", ".join(dict.fromkeys(map(shared_name, self.objects))) + "]")
        if self.functions:
            parts.append("in " + ", ".join(self.functions))
        return " ".join(parts)


EXPECTED, ALLOWED, NOT_ALLOWED = "expected", "allowed", "not allowed"

STANDINGS: Final = (ALLOWED, EXPECTED, NOT_ALLOWED)
"""What an expectation makes of a finding, from the least urgent."""


class Verdict(Enum):
    """Whether an expectation holds; unknown is a verdict, and never met."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"

    @property
    def as_json(self) -> bool | None:
        """True, False, or None for unknown."""
        return {Verdict.MET: True, Verdict.NOT_MET: False}.get(self)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole: as bad as that of its worst part."""
    return max(verdicts, key=SEVERITY.index, default=Verdict.MET)


SEVERITY: Final = (Verdict.MET, Verdict.UNKNOWN, Verdict.NOT_MET)
"""Verdicts from the best to the worst."""

VERDICTS: Final = {one.as_json: one for one in Verdict}
"""Each verdict by what programs read for it."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """Which outcomes must turn up (`some`), and which alone may (`only`; None: any may).

    An item is an outcome's name or a glob over finding signatures (`deadlock [*funclock*`).
    """

    some: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None

    def __str__(self) -> str:
        parts = []
        if self.some:
            parts.append(" and ".join(self.some))
        if self.only is not None:
            allowed = ", ".join(dict.fromkeys((*self.some, *self.only)))
            parts.append(f"nothing but {allowed}")
        return ", ".join(parts) or "anything"

    def allows(self, outcome: str, signatures: tuple[str, ...] = ()) -> bool:
        """Whether one run with this outcome is allowed."""
        if self.only is None:
            return True
        allowed = self.only + self.some
        return any(matches(item, outcome, signatures) for item in allowed)

    def standing(self, outcome: str, signature: str) -> str:
        """What it makes of a finding, one of `STANDINGS`."""
        seen = outcome, (signature,)
        if not self.allows(*seen):
            return NOT_ALLOWED
        return EXPECTED if any(matches(item, *seen) for item in self.some) else ALLOWED

    def missing(self, seen: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Which of `some` no run has shown yet; `seen` maps outcomes to their signatures."""
        return tuple(
            item
            for item in self.some
            if not any(matches(item, outcome, found) for outcome, found in seen.items())
        )

    def refuted(self, seen: dict[str, tuple[str, ...]]) -> bool:
        """Whether an outcome turned up that may not; no further run can mend that."""
        for outcome, found in seen.items():
            single: list[tuple[str, ...]] = [(one,) for one in found] or [()]
            if outcome != UNKNOWN and not all(self.allows(outcome, one) for one in single):
                return True
        return False

    def verdict(self, seen: dict[str, tuple[str, ...]]) -> Verdict:
        """The verdict over all runs of an exploration."""
        if self.refuted(seen):
            return Verdict.NOT_MET
        decided = {outcome: found for outcome, found in seen.items() if outcome != UNKNOWN}
        if self.missing(decided):
            return Verdict.UNKNOWN if not decided else Verdict.NOT_MET
        if not decided or (self.only is not None and UNKNOWN in seen):
            return Verdict.UNKNOWN
        return Verdict.MET


def matches(item: str, outcome: str, signatures: tuple[str, ...]) -> bool:
    """Whether an item of an expectation speaks of this outcome or one of its signatures."""
    return item == outcome or any(fnmatchcase(one, item.replace("[", "[[]")) for one in signatures)


def as_expectation(value: str | dict[str, Any] | Expectation | None) -> Expectation:
    """An expectation from its short forms: an outcome that must turn up; None: only `ok`."""
    if isinstance(value, Expectation):
        return value
    if value is None:
        return Expectation(only=(OK,))
    if isinstance(value, str):
        return Expectation(only=(OK,)) if value == OK else Expectation(some=(value,))
    only = value.get("only")
    return Expectation(tuple(value.get("some", ())), None if only is None else tuple(only))


FOREIGN: Final = ("strace",)
"""What a log has for its strategy that was made of what another tool saw of a real process."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What was run: the first line of a log."""

    scenario: str
    params: dict[str, Any] = field(default_factory=dict)
    chaos: tuple[Any, ...] = ()
    strategy: str = ""
    seed: int = 0
    watchdog: dict[str, Any] = field(default_factory=dict)
    emu: str = ""

    @property
    def foreign(self) -> bool:
        """Whether it was no run of emu's, so that its log may lack events, and nothing replays."""
        return self.strategy in FOREIGN

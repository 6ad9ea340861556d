"""The strategies by name: `random`, `pct:3`, `bursts`, and `rotation`, which is all of them.

A strategy is written as its name, or as name, colon, parameter: `pct:3` is PCT of depth 3.
One of the user's own is written `module:Class`; see `own`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from emu.errors import UsageError, did_you_mean
from emu.search.answer import NAME
from emu.search.bursts import Bursts
from emu.search.calibration import Calibration
from emu.search.guarded import Factory, Guarded
from emu.search.own import as_factory, find_factory, name_of
from emu.search.pct import Pct
from emu.search.pos import PartialOrder
from emu.search.strategy import Strategy
from emu.search.surw import SelectiveWalk
from emu.search.urw import UniformWalk
from emu.search.walk import RandomWalk

Make = Callable[[int, Calibration], Strategy]
Named = str | Factory
"""A strategy by its name, or the class of one of the user's own."""

ROTATION: Final = ("random", "surw", "urw", "pos", "pct:3", "bursts", "pct:5")
"""What `rotation` takes in turn. It begins with a strategy that needs no earlier run."""

DEFAULT: Final = "rotation"
PCT_DEPTH: Final = 3
PCT_DEEPEST: Final = 100

HELP: Final[dict[str, str]] = {
    "random": "at every step any runnable thread",
    "pct": "pct:DEPTH, random priorities with DEPTH - 1 changes; plain pct is pct:3",
    "bursts": "a thread gets a run of turns, then any other",
    "pos": "random priorities of events, drawn anew where they race",
    "urw": "a thread by the events that it has left: every interleaving alike",
    "surw": "the same for what is done to one thing, drawn per run; else at random",
    "rotation": "these in turn, more often who finds what is new: " + ", ".join(ROTATION),
}
"""Every strategy with what it does."""

PLAIN: Final[dict[str, Make]] = {
    "random": RandomWalk,
    "bursts": Bursts,
    "pos": PartialOrder,
    "urw": UniformWalk,
    "surw": SelectiveWalk,
}
"""The strategies that have no parameter."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make the strategy of a run, by the part whose turn it is; see `rotation`."""

    text: str
    parts: tuple[tuple[str, Make], ...]

    def label(self, part: int) -> str:
        """The strategy that is this part, modulo their number, as text."""
        return self.parts[part % len(self.parts)][0]

    def make(self, part: int, seed: int, calibration: Calibration) -> Strategy:
        """The strategy that is this part, modulo their number, for one run."""
        return self.parts[part % len(self.parts)][1](seed, calibration)


def parse_strategy(named: Named) -> Recipe:
    """The strategy that is `named`; raises `UsageError` if there is none."""
    if not isinstance(named, str):
        name = name_of(named)
        return _own(name, as_factory(named, name))
    if named == "rotation":
        return Recipe(named, tuple(_part(part) for part in ROTATION))
    head, _, tail = named.partition(":")
    if named == NAME:
        raise UsageError(
            f"{NAME!r} is a search, no strategy of a run: it is for `emu explore`, plans and check"
        )
    if head not in HELP and tail.isidentifier():
        return _own(named, find_factory(named))
    label, make = _part(named)
    return Recipe(label, ((label, make),))


def _own(name: str, factory: Factory) -> Recipe:
    def make(seed: int, calibration: Calibration) -> Guarded:
        return Guarded(name, factory, seed, calibration)

    return Recipe(name, ((name, make),))


def _part(text: str) -> tuple[str, Make]:
    name, colon, value = text.partition(":")
    if name == "pct":
        depth = _depth(text, value) if colon else PCT_DEPTH
        return f"pct:{depth}", lambda seed, calibration: Pct(seed, calibration, depth)
    if name not in HELP:
        hint = did_you_mean(name, HELP)
        raise UsageError(
            f"there is no strategy {text!r}; there are {', '.join(HELP)}, "
            f"or module:Class of your own{hint}"
        )
    if colon:
        raise UsageError(f"strategy {text!r}: {name} has no parameter; write {name!r}")
    return name, PLAIN[name]


def _depth(text: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= PCT_DEEPEST:
        raise UsageError(
            f"strategy {text!r} has depth {value!r}; "
            f"allowed is a whole number from 1 to {PCT_DEEPEST}, as in 'pct:3'"
        )
    return int(value)

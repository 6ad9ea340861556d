"""The tape: the unusual choices of one run, as text.

`emu1:2t1.5c2#a72e` reads: after two quiet steps a thread choice took option 1; after five
more, a chaos choice took option 2; the history's digest begins with `a72e`. A choice that
is not on the tape took option 0, "nothing unusual".

Grammar: `emu1:` then deviations joined by `.`, each `GAP KIND OPTION`, then `#` and the
first four hexadecimal digits of the digest. GAP counts the steps between this deviation
and the one before it (or the start); it is 0 when both belong to the same step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from emu.errors import TapeError

VERSION: Final = "emu1"
CHECKSUM_DIGITS: Final = 4

KINDS: Final[dict[str, str]] = {
    "c": "chaos",
    "m": "timer",
    "t": "thread",
    "u": "user",
    "v": "victim",
    "w": "waiter",
}
"""The kinds of choice by their letter on the tape.

At a checkpoint the order is fixed: chaos, timer, thread. Every other choice is a step of its own.
"""

LETTERS: Final[dict[str, str]] = {name: letter for letter, name in KINDS.items()}

_DEVIATION: Final = re.compile(rf"(0|[1-9][0-9]{{0,17}})([{''.join(KINDS)}])([1-9][0-9]{{0,17}})")


class Deviation(NamedTuple):
    """One choice that took an option other than 0."""

    step: int
    kind: str
    option: int


@dataclass(frozen=True, slots=True)
class Tape:
    """The deviations of a run in order, and the checksum of the history they must give.

    An empty checksum means that none is known: the tape was made by hand or by a shrinker.
    """

    deviations: tuple[Deviation, ...] = ()
    checksum: str = ""

    def __str__(self) -> str:
        return format_tape(self)

    def __len__(self) -> int:
        return len(self.deviations)


def format_tape(tape: Tape) -> str:
    """The text of a tape."""
    step = 0
    parts = []
    for deviation in tape.deviations:
        parts.append(f"{deviation.step - step}{LETTERS[deviation.kind]}{deviation.option}")
        step = deviation.step
    checksum = f"#{tape.checksum}" if tape.checksum else ""
    return f"{VERSION}:{'.'.join(parts)}{checksum}"


def parse_tape(text: str) -> Tape:
    """The tape that `text` spells; raises `TapeError` with the place of the first mistake."""
    version, colon, rest = text.strip().partition(":")
    if not colon or not re.fullmatch(r"emu[0-9]+", version):
        raise TapeError(f"tape {text!r} does not begin with {VERSION!r} and a colon")
    if version != VERSION:
        raise TapeError(f"tape {text!r} is of version {version!r}; this emu reads {VERSION!r}")
    body, hashed, checksum = rest.partition("#")
    if hashed and not re.fullmatch(rf"[0-9a-f]{{{CHECKSUM_DIGITS}}}", checksum):
        raise TapeError(
            f"tape {text!r} has checksum {checksum!r}; "
            f"a checksum is {CHECKSUM_DIGITS} of the digits 0-9 a-f"
        )
    step = 0
    deviations = []
    for number, part in enumerate(body.split(".") if body else [], start=1):
        match = _DEVIATION.fullmatch(part)
        if match is None:
            raise TapeError(
                f"tape {text!r} has {part!r} as deviation {number}; a deviation is a gap, "
                f"one of the letters {' '.join(KINDS)}, and an option from 1, as in '2t1'"
            )
        step += int(match[1])
        deviations.append(Deviation(step, KINDS[match[2]], int(match[3])))
    return Tape(tuple(deviations), checksum)

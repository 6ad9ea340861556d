"""Whose fault: yours (`UsageError`), the tape's (`TapeError`, `Mismatch`), ours (`InternalError`).

What breaks an exploration in its course has what was found before as its `exploration`.

What goes wrong inside an emulated program is none of these: it is an `Outcome`.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class EmuError(Exception):
    """The base of every error that emu raises on purpose; its text is one clear sentence."""

    exploration: object = None


class UsageError(EmuError):
    """Your fault: what was found, where, and what is allowed."""


class StrategyError(UsageError):
    """A strategy of yours raised, answered what is not allowed, or did not repeat itself."""


class TapeError(UsageError):
    """The text of a tape cannot be read."""


class Mismatch(EmuError):
    """The run parted from the tape: another scenario, other parameters, or another program."""


class LogError(UsageError):
    """A log cannot be read or written; the text names file and line."""


class Falsified(EmuError, AssertionError):
    """A check found what may not be, or not what must turn up; the text is the whole message."""

    __module__ = "emu"  # the name under which it is imported and shown

    def __init__(self, message: str, exploration: object = None) -> None:
        super().__init__(message)
        self.exploration = exploration


class Undecided(EmuError):
    """A check ended without an answer: limits were met, and nothing is known."""

    __module__ = "emu"


class InternalError(EmuError):
    """Our fault: something that should never happen, happened."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a mistyped name, to end a sentence with, or nothing."""
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""

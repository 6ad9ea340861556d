"""Whose fault: yours (`UsageError`), the tape's (`TapeError`, `Mismatch`), ours (`InternalError`).

What goes wrong inside an emulated program is none of these: it is an `Outcome`.
"""

from __future__ import annotations


class EmuError(Exception):
    """The base of every error that emu raises on purpose; its text is one clear sentence."""


class UsageError(EmuError):
    """Your fault: what was found, where, and what is allowed."""


class TapeError(UsageError):
    """The text of a tape cannot be read."""


class Mismatch(EmuError):
    """The run parted from the tape: another scenario, other parameters, or another program."""


class LogError(UsageError):
    """A log cannot be read or written; the text names file and line."""


class InternalError(EmuError):
    """Our fault: something that should never happen, happened."""

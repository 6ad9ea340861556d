"""Guests: functions of the user's own that emu calls for an answer, not for a program to run.

A strategy decides and a checker judges; neither is part of the emulated program. Whatever
comes of such a call other than an answer becomes one sentence, with the line to look at.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from inspect import isawaitable
from pathlib import PurePath
from typing import Any

from emu.engine.recorder import is_internal
from emu.engine.thread import Spinning
from emu.engine.units import format_duration


class GuestError(Exception):
    """A guest gave no answer; the text says who, what happened, and where."""


def ask(who: str, limit: int, call: Callable[..., Any], *args: Any) -> Any:
    """What `call(*args)` answers; raises `GuestError` if it raises, or is to be awaited.

    So it does after `limit` ns of real time without an answer, where real time is watched:
    the watchdog knows a guest by this frame.
    """
    try:
        answer = call(*args)
    except KeyboardInterrupt:
        raise
    except Spinning as wrong:
        within = f" within {format_duration(limit)} of real time (watchdog.real)" if limit else ""
        raise GuestError(f"{who} gave no answer{within}: it ran at {wrong}") from None
    except BaseException as wrong:
        raise GuestError(f"{who} raised {raised(wrong)}") from wrong
    if isawaitable(answer):
        getattr(answer, "close", _nothing)()
        raise GuestError(f"{who} is to be awaited; allowed is a plain function")
    return answer


def raised(error: BaseException) -> str:
    """An exception in words: its type, the first line of its text, and where it came from."""
    text = str(error).partition("\n")[0]
    return type(error).__name__ + (f": {text}" if text else "") + place(error)


def place(error: BaseException) -> str:
    """` at file:line`, the innermost in the file of the guest, which may have called others."""
    frames = [
        (frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if not is_internal(frame.f_code.co_filename)
    ]
    own = [one for one in frames if one[0] == frames[0][0]]
    return f" at {PurePath(own[-1][0]).name}:{own[-1][1]}" if own else ""


def shown(value: object) -> str:
    """A value in a sentence: short, and never an error of its own."""
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 50 else f"{text[:49]}…"


def _nothing() -> None:
    """Some awaitables cannot be closed."""

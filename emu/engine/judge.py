"""A checker judges a run that ended well, by its history: what no thread of it could assert.

It is a plain function of the history. It asserts, or answers whether what it looks for holds.
One that does neither has judged nothing: the run is unknown, and never `ok`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from emu.engine.guest import GuestError, ask, place, shown
from emu.errors import UsageError
from emu.record.finding import UNKNOWN, Finding, Outcome
from emu.record.history import History

Checker = Callable[[History], object]
"""Gives None or True where what it checks holds, False or an `AssertionError` where not."""


def as_checker(checker: Any, whose: str) -> Checker | None:
    """`checker`, if it can be one; raises `UsageError` for what is not a plain function."""
    if checker is not None and (not callable(checker) or inspect.iscoroutinefunction(checker)):
        kind = "an `async def`" if callable(checker) else shown(checker)
        raise UsageError(
            f"{whose}: its checker is {kind}; allowed is a plain function of the history"
        )
    made: Checker | None = checker
    return made


def judged(history: History, checker: Checker, limit: int) -> History:
    """`history` with the outcome that `checker` leaves it; `limit` is on its real time, in ns."""
    name = getattr(checker, "__name__", type(checker).__name__)
    who = f"the checker {name}"
    # a copy: what a checker does to it is no part of the history
    copy = History(history.info, tuple(history.raw), history.ending)
    try:
        holds = ask(who, limit, _held, checker, copy)
    except GuestError as wrong:
        return _ended(history, Outcome(UNKNOWN, str(wrong)))
    if isinstance(holds, AssertionError):
        text = str(holds).partition("\n")[0]
        named = f"the assertion {text!r}" if text else "an assertion"
        return _found(history, name, f"{who}: {named} does not hold{place(holds)}")
    if holds is False:
        return _found(history, name, f"{who} answers that it does not hold")
    if holds is None or holds is True:
        return history
    sentence = f"{who} answered {shown(holds)}; allowed are None, True and False"
    return _ended(history, Outcome(UNKNOWN, sentence))


def _held(checker: Checker, history: History) -> object:
    """What `checker` answers; an assertion that does not hold is an answer, too."""
    try:
        return checker(history)
    except AssertionError as wrong:
        return wrong


def _found(history: History, name: str, sentence: str) -> History:
    finding = Finding("assertion", sentence, functions=(name,))
    return _ended(history, Outcome("assertion", sentence), finding)


def _ended(history: History, outcome: Outcome, *findings: Finding) -> History:
    return replace(history, ending=replace(history.ending, outcome=outcome, findings=findings))

"""What has to be able to come for a prediction to happen, as rows of a chaos plan.

A signal from outside may be sent to any thread that does not block it, so a plan may always
have it. A fault is no more than what some run had: its row is that of the entry which brought
one there, for the thread that needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emu.analysis.predict.evidence import Cause, Waits
from emu.analysis.predict.prediction import Prediction

Row = dict[str, Any]


def row_for(waits: Waits, cause: Cause) -> Row | None:
    """The row of an entry that lets `cause` come to the thread of `waits`; None if there is none.

    There is none for a fault that no plan brought: the program made it itself.
    """
    thread = waits.thread.replace("[", "[[]")  # a glob
    if cause.fault:
        return None if cause.injected is None else {**cause.injected, "thread": thread}
    return {
        "chaos": "signal",
        "at": "*",
        "thread": thread,
        "rate": None,
        "limit": 1,
        "signal": cause.signal,
        "to": "here",
    }


def rows_needed(prediction: Prediction) -> Iterator[Row]:
    """The rows of all that has to come, each once."""
    seen: list[Row] = []
    for waits in prediction.waits:
        for cause in waits.causes:
            row = row_for(waits, cause)
            if row is not None and row not in seen:
                seen.append(row)
                yield row


def entry_for(waits: Waits, cause: Cause, rows: tuple[Mapping[str, Any], ...]) -> int:
    """The number of the entry, of a plan with these rows, that can bring `cause`; -1: none.

    One made for it comes before one that brings that signal somehow.
    """
    wanted = row_for(waits, cause)
    for number, row in enumerate(rows):
        if row == wanted:
            return number
    for number, row in enumerate(rows):
        if not cause.fault and row.get("signal") == cause.signal:
            return number
    return -1

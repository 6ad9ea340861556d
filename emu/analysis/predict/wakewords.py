"""Lost and unchecked wake-ups in words."""

from __future__ import annotations

from emu.analysis.predict.telling import Telling
from emu.analysis.predict.wakeups import LOST, Wakeup
from emu.analysis.predict.words import NO_NAMES, evidence, seen, spelled


def wakeup_in_words(one: Wakeup, by: Telling = NO_NAMES) -> list[str]:
    """The lines of a message; `by` says which parameters to name."""
    said = _lost(one) if one.kind == LOST else _unchecked(one)
    why = "the news may come too early" if one.kind == LOST else "it is not looked at again"
    return [one.signature, f"  {seen(one, by)}: {why}", "", *said]


def _lost(one: Wakeup) -> list[str]:
    waits = f"  {one.waiter} takes {one.mutex} at {spelled(one.enters)}"
    if one.looks is None or one.changes is None:
        return [
            waits,
            f"  and waits for {one.condition} at {spelled(one.waits)}, whatever was before",
            f"    {evidence(one.enters, one.waits)}",
            "",
            f"  {one.giver} gives the news at {spelled(one.gives)}, and need not wait for that",
            f"    {evidence(one.gives)}",
        ]
    return [
        waits,
        f"  looks at {one.cell} at {spelled(one.looks)}",
        f"  and waits for {one.condition} at {spelled(one.waits)}",
        f"    {evidence(one.enters, one.looks, one.waits)}",
        "",
        f"  {one.giver} changes {one.cell} at {spelled(one.changes)}",
        f"  and gives the news at {spelled(one.gives)}, without {one.mutex}:",
        "  both may come between that look and that wait",
        f"    {evidence(one.changes, one.gives)}",
    ]


def _unchecked(one: Wakeup) -> list[str]:
    assert one.looks is not None
    return [
        f"  {one.waiter} looks at {one.cell} at {spelled(one.looks)}",
        f"  waits for {one.condition} at {spelled(one.waits)}",
        f"  and is done with {one.mutex} at {spelled(one.gives)}, with no look at it since",
        f"    {evidence(one.looks, one.waits, one.gives)}",
        "",
        "  others may have come first, and a wait may end for no reason: look again, in a loop",
    ]

"""A prediction in words: what may happen, who waits for whom, and which lines show it."""

from __future__ import annotations

from emu.analysis.predict.evidence import Line, Waits
from emu.analysis.predict.prediction import Prediction
from emu.record.place import parse_place

GRADES = {
    "certain": "another order of the same run gets there",
    "possible": "no lock and no life of a thread keeps it from happening",
}
"""What each grade says."""

OPEN = "nothing keeps the signal off there"
"""What is said of what needs a signal."""


def in_words(one: Prediction) -> list[str]:
    """The lines of a message."""
    where = "the only run" if one.of == 1 else f"{one.runs:,} of {one.of:,} runs"
    why = OPEN if one.needs_signal else GRADES[one.grade]
    program = one.run.history.info.scenario
    lines = [one.signature, f"  {one.grade}, by {where} of {program}: {why}"]
    for waits in one.waits:
        lines += ["", *_waits(waits)]
    return lines


def _waits(one: Waits) -> list[str]:
    holds = f"  {one.thread} holds {one.holds} since {spelled(one.since)}"
    asks = f"asks for {one.lock}"
    if one.signals:
        handlers = ", and within it that of ".join(one.signals)
        asks = f"if it is interrupted at {spelled(one.asks)}, the handler of {handlers} {asks}"
    else:
        asks = f"at {spelled(one.asks)} it {asks}"
    return [holds, f"  {asks}", f"    {evidence(one.since, one.asks)}"]


def spelled(line: Line) -> str:
    """A place in the program, as a sentence has it."""
    place = parse_place(line.at)
    return "?" if place is None else f"{place.file}:{place.line} ({place.function})"


def evidence(*lines: Line) -> str:
    """Where in the logs it can be seen."""
    return ", ".join(dict.fromkeys(f"{one.path}:{one.line}" for one in lines))

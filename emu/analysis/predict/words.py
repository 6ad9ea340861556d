"""A prediction in words: what may happen, who waits for whom, and which lines show it."""

from __future__ import annotations

from typing import Final

from emu.analysis.predict.evidence import Waits
from emu.analysis.predict.prediction import Prediction
from emu.analysis.predict.signals import Line
from emu.analysis.predict.telling import Telling, told
from emu.analysis.predict.wakeups import Wakeup
from emu.record.place import parse_place

GRADES = {
    "certain": "another order of the same run gets there",
    "possible": "no lock and no life of a thread keeps it from happening",
}
"""What each grade says."""

NO_NAMES: Final[Telling] = {}

OPEN = "a signal may come to any thread that does not block it"
FAULTS = "such faults came in those regions, and may come anywhere in them"
"""What is said of what needs a signal, or a fault."""

FOREIGN = "as far as the trace shows, which has no lock that nobody waited for"
"""What is said besides of what a foreign log shows."""


def in_words(one: Prediction, by: Telling = NO_NAMES) -> list[str]:
    """The lines of a message; `by` says which parameters to name."""
    lines = [one.signature, f"  {seen(one, by)}: {_why(one)}"]
    if one.run.history.info.foreign:
        lines[-1] += f", {FOREIGN}"
    for waits in one.waits:
        lines += ["", *(_interrupted(waits) if waits.causes else _waits(waits))]
    return lines


def seen(one: Prediction | Wakeup, by: Telling) -> str:
    """How sure it is, and by how many runs of what."""
    where = "the only run" if one.of == 1 else f"{one.runs:,} of {one.of:,} runs"
    info = one.run.history.info
    return f"{one.grade}, by {where} of {info.scenario}{told(info, by)}"


def _why(one: Prediction) -> str:
    causes = [cause for waits in one.waits for cause in waits.causes]
    if not causes:
        return GRADES[one.grade]
    reasons = [OPEN] * any(not cause.fault for cause in causes)
    reasons += [FAULTS] * any(cause.fault for cause in causes)
    return "; ".join(reasons)


def _waits(one: Waits) -> list[str]:
    since = f" since {spelled(one.since)}" if one.since.at else ""
    asks = f"at {spelled(one.asks)}{_inside(one)} it" if one.asks.at else f"and{_inside(one)}"
    return [
        f"  {one.thread} holds {one.holds}{since}",
        f"  {asks} asks for {one.lock}",
        f"    {evidence(one.since, one.asks)}",
    ]


def _inside(one: Waits) -> str:
    return f", in the handler of {one.signals[-1]}," if one.signals else ""


def _interrupted(one: Waits) -> list[str]:
    """What a thread does if a signal comes where none came."""
    assert one.interrupted is not None
    arrives = [
        f"a fault raises {cause.signal}" if cause.fault else f"{cause.signal} comes"
        for cause in one.causes
    ]
    comes = f"if {arrives[0]} at {spelled(one.interrupted)}"
    comes += "".join(f", and {one} in its handler" for one in arrives[1:])
    asks = f"asks for {one.lock} at {spelled(one.asks)}"
    outside = [cause.signal for cause in one.causes if not cause.fault]
    blocks = f" and does not block {' and '.join(outside)}" if outside else ""
    whose = f"the handler of {one.signals[-1]}"
    if one.holder:
        holds = f"takes {one.holds} at {spelled(one.since)}"
        same = one.holder == one.signals[-1]
        does = f"{whose} {holds} and {asks}" if same else _both(one.holder, holds, whose, asks)
        lines = [f"  {one.thread}{blocks.replace(' and', '', 1)}", f"  {comes},", f"  {does}"]
    else:
        holds = f"  {one.thread} holds {one.holds} since {spelled(one.since)}{blocks}"
        lines = [holds, f"  {comes},", f"  {whose} {asks}"]
    return [*lines, f"    {evidence(one.since, one.interrupted, one.asks)}"]


def _both(holder: str, holds: str, whose: str, asks: str) -> str:
    return f"the handler of {holder} {holds} and {whose} {asks}"


def spelled(line: Line) -> str:
    """A place in the program, as a sentence has it."""
    place = parse_place(line.at)
    return "?" if place is None else f"{place.file}:{place.line} ({place.function})"


def evidence(*lines: Line) -> str:
    """Where in the logs it can be seen."""
    return ", ".join(dict.fromkeys(f"{one.path}:{one.line}" for one in lines))

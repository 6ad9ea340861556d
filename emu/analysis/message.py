"""The message of a finding: sentence, who waits for what, the schedule's picture, the way back.

The one renderer: what `check` raises, what `emu show` prints, and what the JSON of
`explore` and `soak` holds.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from emu.analysis.picture import ROWS, WIDTH, draw
from emu.analysis.steps import steps_of
from emu.record.finding import Blocked, Finding
from emu.record.history import ALL, History
from emu.record.place import parse_place

SENTENCES: Final[dict[str, str]] = {
    "ok": "ends well",
    "deadlock": "deadlocks",
    "stalled": "stalls: {sentence}",
    "leak": "leaves a thread blocked for ever",
    "assertion": "fails: {sentence}",
    "panic": "panics: {sentence}",
    "crash": "crashes: {sentence}",
    "unknown": "ends without an answer: {sentence}",
    "exit": "exits with status {rest}{objects}",
    "killed": "is killed by {rest}",
}
"""What a scenario does, by the first word of the outcome's name.

`rest` is what follows it, and `objects` are those of the finding, after a colon.
"""

WAITS: Final[dict[str, str]] = {
    "join": "waits for {0} to end",
    "sleep": "sleeps",
    "cond": "waits for a signal on {0}",
    "sem": "waits for a post on {0}",
    "note": "waits for a wake-up on {0}",
}
"""How a wait is put into words, by what is waited for; anything else: `waits for {0}`."""

_SAFE: Final = re.compile(r"[A-Za-z0-9_@%+=:,./-][A-Za-z0-9_@%+=:,./#-]*")

REPLAYED: Final = "replay"
"""The strategy of a run that followed a tape: it found nothing by itself."""

_LEADS: Final = re.compile("^  (replay|log   )  .*$", re.MULTILINE)
"""The lines of a message that lead back to the run."""

PRINTED: Final = 16
"""How many of the lines that the process printed are shown."""


@dataclass(frozen=True, slots=True)
class Shrinking:
    """How a schedule became this simple: from so many deviations, in so many runs.

    `finished` is False if the budget of runs ended it, so that there may be a simpler one.
    """

    before: int
    runs: int
    finished: bool = True


@dataclass(frozen=True, slots=True)
class WayBack:
    """How a finding was found, and how to see it again: the last lines of its message.

    `target` and `arguments` are what follows `emu replay`, apart from the tape; empty where
    nothing at the prompt can replay it. `command` is what is typed before the tape where that
    is not `emu replay TARGET`. `run` counts from 1; 0 is: not known.
    """

    target: str = ""
    arguments: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    run: int = 0
    runs: int = 0
    strategy: str = ""
    seed: int | None = None
    log: str = ""
    shrinking: Shrinking | None = None


def message(
    history: History,
    finding: Finding | None = None,
    way: WayBack | None = None,
    *,
    width: int = WIDTH,
    rows: int = ROWS,
) -> str:
    """The message of `finding` (the first of `history` if None is given), without a newline."""
    if finding is None and history.findings:
        finding = history.findings[0]
    way = way or WayBack()
    parts = [headline(history, finding)]
    if finding is not None:
        parts.append(_block(_evidence(finding, history, width - 2)))
        parts.append(_block(_trace(finding, history, width - 2)))
    parts.append(_block(_printed(history)))
    parts.append(_block(_schedule(history, finding, way, width, rows)))
    parts.append(_block(_way_back(history, way)))
    return "\n\n".join(part for part in parts if part)


def headline(history: History, finding: Finding | None = None) -> str:
    """One sentence: which scenario, and what it does."""
    kind = finding.kind if finding is not None else history.outcome.name
    sentence = finding.sentence if finding is not None else history.outcome.reason
    first, _, rest = kind.partition(" ")
    form = SENTENCES.get(kind) or SENTENCES.get(first, kind)
    objects = f": {', '.join(finding.objects)}" if finding is not None and finding.objects else ""
    _, _, name = history.info.scenario.rpartition(":")
    return f"{name} {form.format(rest=rest, sentence=sentence, objects=objects)}"


def arguments_for(
    params: Mapping[str, Any], chaos: str = "", watchdog: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """The options of a command line that set these parameters, chaos file and limits again."""
    words: list[str] = []
    for name, value in params.items():
        words += ["--param", f"{name}={_text(value)}"]
    if chaos:
        words += ["--chaos", chaos]
    for name, value in (watchdog or {}).items():
        words += ["--watchdog", f"{name}={_text(value)}"]
    return tuple(words)


def replay_command(target: str, tape: str = "", arguments: tuple[str, ...] = ()) -> str:
    """The command that replays a tape, quoted for a shell where that is needed.

    Without a tape, `target` is a log or a finding that has one.
    """
    return typed("emu", "replay", target, *([tape] if tape else []), *arguments)


def typed(*words: str) -> str:
    """A command as it is typed.

    A `#` inside a word needs no quotes, and tapes are easier to read without them.
    """
    return " ".join(word if _SAFE.fullmatch(word) else shlex.quote(word) for word in words)


def redirected(text: str, replay: str, log: str) -> str:
    """A message for a reader elsewhere: it leads back by the command `replay`, and to `log`."""
    told, blank, end = text.rpartition("\n\n")
    ways = {"replay": replay, "log": log}
    end = _LEADS.sub(lambda found: f"  {found[1]}  {ways[found[1].strip()]}", end)
    return f"{told}{blank}{end}"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _block(lines: list[str]) -> str:
    return "\n".join(f"  {line}" if line else "" for line in lines)


def _evidence(finding: Finding, history: History, width: int) -> list[str]:
    end = history.ending.t
    timed = finding.kind == "stalled"
    lines = [_waits(one, end, timed=timed) for one in finding.cycle]
    rest = [one for one in finding.blocked if not (lines and _goes_on(one))]
    others = [_waits(one, end, timed=timed) for one in rest]
    if lines and others:
        lines += ["", "Also blocked:", ""]
    where = [
        line
        for thread, region in zip(finding.threads, finding.regions, strict=False)
        if region
        for line in _inside(thread, region, width)
    ]
    if where and lines:
        where.insert(0, "")
    going_on = _going_on(finding, history) if lines else []
    return lines + others + where + going_on


def _inside(thread: str, region: str, width: int) -> list[str]:
    """Where a thread stood, outermost first; a line breaks between two regions."""
    lines = [f"{thread} was inside "]
    for part in region.replace("/", "/ ").split():
        if len(lines[-1]) + len(part) > width and not lines[-1].endswith(" "):
            lines.append("    ")
        lines[-1] += part
    return lines


def _goes_on(one: Blocked) -> bool:
    """Whether a thread that waits goes on by itself."""
    return one.what == "sleep"


def _going_on(finding: Finding, history: History) -> list[str]:
    """Who is neither blocked nor done: a deadlock need not stop everybody."""
    if history.level != ALL:
        return []
    alive = dict.fromkeys(e.fields["child"] for e in history.events if e.event == "thread.spawn")
    for event in history.events:
        if event.event == "thread.end":
            alive.pop(event.thread, None)
    for one in (*finding.cycle, *finding.blocked):
        if not _goes_on(one):
            alive.pop(one.thread, None)
    names = list(alive)
    if not names:
        return []
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return ["", f"Still running: {shown}"]


def _waits(one: Blocked, end: int, *, timed: bool) -> str:
    who = one.thread
    if one.depth:
        who += f", {one.depth} handler{'s' if one.depth > 1 else ''} deep,"
    words = WAITS.get(one.what, "waits for {0}").format(one.waits_for)
    if timed:
        verb, _, rest = words.partition(" ")
        done = {"waits": "has waited", "sleeps": "has slept"}[verb]
        words = f"{done} {_duration(end - one.since)} {rest}".rstrip()
    at = f" at {_line(one.at)}" if one.at else ""
    return f"{who} {words}{at}{_holders(one)}"


def _holders(one: Blocked) -> str:
    if one.what == "join" or not one.held_by:
        return ""
    names = ["itself" if name == one.thread else name for name in one.held_by]
    since = f" since {_line(one.held_since)}" if one.held_since else ""
    return f"; held by {', '.join(names)}{since}"


def _line(at: str) -> str:
    place = parse_place(at)
    return f"{place.file}:{place.line}" if place is not None else at


def _duration(ns: int) -> str:
    for unit, size in (("s", 10**9), ("ms", 10**6), ("us", 10**3)):
        if ns >= size:
            return f"{ns / size:.3g}{unit}" if ns < 1000 * size else f"{ns // size}{unit}"
    return f"{ns}ns"


def _trace(finding: Finding, history: History, width: int) -> list[str]:
    if list(finding.trace) == [e.fields["text"] for e in history.events if e.event == "print"]:
        return []  # it is shown as what the process printed
    lines = finding.trace[-PRINTED:]
    return [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines]


def _printed(history: History) -> list[str]:
    lines = _output(history)
    if not lines:
        return []
    if len(lines) > PRINTED:
        lines = [*lines[: PRINTED - 1], f"… {len(lines) - PRINTED + 1} lines more"]
    return ["The process printed:", "", *(f"  > {line}".rstrip() for line in lines)]


def _output(history: History) -> list[str]:
    """What the process printed; each time it did is a line."""
    prints = [event.fields["text"] for event in history.events if event.event == "print"]
    return [line.expandtabs(4) for text in prints for line in str(text).splitlines() or [""]]


def _schedule(
    history: History, finding: Finding | None, way: WayBack, width: int, rows: int
) -> list[str]:
    objects = finding.objects if finding is not None else ()
    steps = steps_of(history.events, objects, rows)
    if not steps:
        return []
    threads = [e.fields["child"] for e in history.events if e.event == "thread.spawn"]
    involved = finding.threads if finding is not None else ()
    picture = draw(steps, threads, involved, width=width - 2, rows=rows)
    return [f"{_caption(history, way.shrinking)}:", "", *picture]


def _caption(history: History, shrinking: Shrinking | None) -> str:
    """What the picture shows, and how simple that is."""
    count = len(history.tape)
    unusual = f"{count} deviation{'' if count == 1 else 's'}"
    if shrinking is None:
        return f"The schedule that does it ({unusual}, {history.steps} steps)"
    tried = f"{shrinking.runs:,} run{'' if shrinking.runs == 1 else 's'}"
    if count < shrinking.before:
        unusual += f", shrunk from {shrinking.before} in {tried}"
    elif shrinking.runs:
        unusual += f", none with fewer in {tried}"
    found = "found" if shrinking.finished else "so far"
    return f"The shortest schedule {found} that does it ({unusual})"


def _way_back(history: History, way: WayBack) -> list[str]:
    strategy = way.strategy or history.info.strategy
    seed = history.info.seed if way.seed is None else way.seed
    count = f"run {way.run:,}{f' of {way.runs:,}' if way.runs else ''}, " if way.run else ""
    lines = [] if strategy == REPLAYED else [f"found   {count}{strategy}, seed {seed}"]
    if way.command:
        lines.append(f"replay  {typed(*way.command, str(history.tape))}")
    elif way.target:
        lines.append(f"replay  {replay_command(way.target, str(history.tape), way.arguments)}")
    if way.log:
        lines.append(f"log     {way.log}")
    return lines

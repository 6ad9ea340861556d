"""A campaign at a glance, drawn: as wide as it may be, and no higher."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from emu.campaign.overview import Newest, Overview, Standing
from emu.campaign.pulse import WorkerPulse
from emu.cli.words import clock, outcomes, per_thousand, runs, span
from emu.record.finding import Verdict

SILENT: Final = 3.0
"""A worker that has said nothing for so many seconds may hang."""

FEW: Final = 3
"""So many entries, workers and findings are shown in any case."""

NARROW: Final = 72
"""A terminal with fewer columns than this has no room for more than the most important."""

LEAST: Final = 16
"""How wide a name may be in any case."""

HEAD: Final = ("entry", "runs", "new/1,000", "left", "met", "outcomes")
"""The columns: runs with the budget, new behaviours in 1,000 runs, time left."""

NAME, RUNS, _, _, MET, LAST = range(len(HEAD))

NO, UNKNOWN, NOT_YET, SO_FAR, YES = "no", "unknown", "not yet", "so far", "yes"

STYLES: Final[dict[str, str]] = {
    NO: "bold red",
    UNKNOWN: "yellow",
    NOT_YET: "yellow",
    SO_FAR: "cyan",
    YES: "green",
}
"""The words for an expectation, from the most urgent to the least, with their colours."""

RANKS: Final = tuple(STYLES)


def met(entry: Standing) -> str:
    """Whether the expectation of an entry is met by now, in a word."""
    if entry.verdict is not Verdict.UNKNOWN:
        return YES if entry.verdict is Verdict.MET else NO
    if entry.over:
        return UNKNOWN
    return SO_FAR if entry.so_far is Verdict.MET else NOT_YET


class View:
    """A campaign, drawn into whatever room there is; `stopping` is what to say if it is."""

    def __init__(self, seen: Overview, *, stopping: str = "", whole: bool = False) -> None:
        self.seen = seen
        self.stopping = stopping
        self.whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it: entries first, then workers and findings, as far as there is room."""
        seen = self.seen
        height = 10_000 if self.whole else options.size.height - 1
        head = self._head()
        workers = _workers(seen, max(FEW, height // 5))
        newest = _newest(seen, max(FEW, height // 8))
        room = height - len(head) - len(workers) - len(newest) - 4
        shown = chosen(seen.entries, max(FEW, room))
        rest = len(seen.entries) - len(shown)
        yield from _cut(head)
        yield Text()
        lines = _entries(shown, seen, options.max_width)
        yield from lines if self.whole else _cut(lines)
        if rest:
            yield _rest([one for one in seen.entries if one not in shown])
        yield Text()
        yield from _cut(workers)
        yield from _cut(newest)

    def _head(self) -> list[Text]:
        seen = self.seen
        first = Text(f"{'+'.join(seen.plans)}  ", "bold")
        first.append(seen.directory, "dim")
        first.append(f"  {self.stopping or state(seen)}", "yellow" if self.stopping else "")
        return [first, Text(figures(seen)), Text(progress(seen))]


def state(seen: Overview) -> str:
    """What goes on, in words: for how long, and until when."""
    if seen.holder:
        return f"{clock(seen.seconds)} so far{_left(seen.left)}"
    ended = seen.pulse.ended
    how = {
        "done": "done",
        "interrupted": "interrupted",
        "waiting": "waiting for its turn",
        "paused": "paused",
        "stopped": "stopped",
        "first finding": "stopped at the first finding",
        "": "its process is gone",
    }.get(ended, f"stopped: {ended}")
    return f"{how}, after {clock(seen.seconds)}"


def figures(seen: Overview) -> str:
    """How many runs, how fast, and how much time they have emulated."""
    pulse = seen.pulse
    pace = pulse.runs_per_second, pulse.steps_per_second
    if not seen.holder:
        seconds = seen.seconds or 1.0
        pace = seen.runs / seconds, seen.steps / seconds
    return (
        f"{runs(seen.runs)}  {pace[0]:,.0f} runs/s  {pace[1]:,.0f} steps/s  "
        f"{span(seen.emulated / 1e9)} emulated"
    )


def progress(seen: Overview) -> str:
    """How many entries are over and met, and what was found."""
    words = Counter(map(met, seen.entries))
    parts = [f"{seen.over} of {len(seen.entries)} over"]
    parts += [_kind(word, words[word]) for word in reversed(RANKS) if words[word]]
    found = f"{seen.findings:,} finding{'' if seen.findings == 1 else 's'}"
    if seen.troubles:
        found += f", {seen.troubles:,} trouble{'' if seen.troubles == 1 else 's'}"
    return f"{', '.join(parts)}  {found}"


def line(seen: Overview) -> str:
    """All of it in a line."""
    pace = f"{seen.pulse.runs_per_second:,.0f} runs/s"
    return f"{clock(seen.seconds)}  {runs(seen.runs)}  {pace}  {progress(seen)}{_left(seen.left)}"


def chosen(entries: Sequence[Standing], room: int) -> list[Standing]:
    """The entries to show: those at work, then the most urgent; the order is by urgency."""
    urgent = sorted(entries, key=lambda one: (RANKS.index(met(one)), bool(one.over)))
    picked = sorted(urgent, key=lambda one: not one.workers)[:room]
    return [one for one in urgent if one in picked]


def _left(left: float | None) -> str:
    return "" if left is None else f", at most {clock(left)} left"


def _kind(word: str, count: int) -> str:
    return {
        YES: f"{count} met",
        SO_FAR: f"{count} met so far",
        NOT_YET: f"{count} not yet met",
        UNKNOWN: f"{count} unknown",
        NO: f"{count} not met",
    }[word]


def _entries(shown: Sequence[Standing], seen: Overview, width: int) -> list[Text]:
    """A line an entry, below a head; columns are as wide as they must be, the last as it may.

    A table of rich's would cost a tenth of a core at this pace.
    """
    names = Counter(one.name for one in seen.entries)
    most = max(LEAST, (width - 36) // 2)
    rows = [HEAD, *(_row(one, plain=names[one.name] == 1) for one in shown)]
    columns = (NAME, RUNS, MET, LAST) if width < NARROW else range(len(HEAD))
    widths = [min(most, max(cell_len(row[n]) for row in rows)) for n in range(len(HEAD))]
    lines = []
    for row, one in zip(rows, (None, *shown), strict=True):
        text = Text(style="" if one else "dim")
        text.append("●  " if one and one.workers else "   ", "green")
        for column in columns:
            cell = row[column] if column == LAST else _fitted(column, row[column], widths[column])
            style = STYLES[row[column]] if one and column == MET else ""
            text.append(cell if column == LAST else f"{cell}  ", style)
        lines.append(text)
    return lines


def _row(one: Standing, *, plain: bool) -> tuple[str, ...]:
    """The cells of an entry, as in `HEAD`."""
    left = "" if one.left is None else clock(one.left)
    return (
        one.name if plain else f"{one.plan}: {one.name}",
        f"{one.runs:,}" if one.budget is None or one.over else f"{one.runs:,}/{one.budget:,}",
        per_thousand(one.chance),
        "over" if one.over else left,
        met(one),
        f"set aside: {one.reason}" if one.over == "set aside" else outcomes(one.outcomes),
    )


def _fitted(column: int, cell: str, width: int) -> str:
    """A cell at its width: a name to the left, a number to the right."""
    size = cell_len(cell)
    if size > width:
        return f"{set_cell_size(cell, width - 1)}…"
    space = " " * (width - size)
    return cell + space if column in (NAME, MET) else space + cell


def _rest(hidden: Sequence[Standing]) -> Text:
    words = Counter(map(met, hidden))
    kinds = ", ".join(_kind(word, words[word]) for word in RANKS if words[word])
    return Text(f"  and {len(hidden)} more: {kinds}", "dim", no_wrap=True, overflow="ellipsis")


def _workers(seen: Overview, room: int) -> list[Text]:
    """The workers, those that may be in trouble first."""
    if not seen.holder:
        return []
    workers = sorted(seen.pulse.workers, key=lambda one: (one.silent < SILENT, not one.lost))
    picked = workers[: room - 1] if len(workers) > room else workers
    shown = [one for one in seen.pulse.workers if one in picked]
    names = [one.name for one in seen.entries]
    lines = [_worker(one, names) for one in shown]
    rest = len(workers) - len(shown)
    if rest:
        lost = sum(one.lost for one in workers)
        lines.append(Text(f"and {rest} more workers; {lost} were lost in all", "dim"))
    return lines


def _worker(one: WorkerPulse, names: Sequence[str]) -> Text:
    text = Text(f"{one.name}  ", "bold")
    text.append(f"{one.pid or '-':>7}  ", "dim")
    if not one.busy:
        text.append("idle", "dim")
    else:
        name = "" if one.entry is None else names[one.entry]
        _, _, number = one.busy.partition(" ")
        text.append(f"telling #{number} of {name}" if number else name)
        if one.wanted:
            text.append(f"  {one.runs:,}/{one.wanted:,} runs, {one.steps:,} steps", "dim")
        text.append(f", {one.seconds:.1f} s", "dim")
        if one.silent >= SILENT:
            text.append(f"  silent for {one.silent:.0f} s", "bold yellow")
    if one.lost:
        text.append(f"  lost {one.lost} time{'' if one.lost == 1 else 's'}", "red")
    return text


def _newest(seen: Overview, room: int) -> list[Text]:
    return [_found(one) for one in seen.newest[:room]]


def _found(one: Newest) -> Text:
    when = time.strftime("%H:%M:%S", time.localtime(one.time))
    text = Text(f"{when}  ", "dim")
    text.append(f"#{one.number} {one.signature}", "" if one.allowed else "red")
    text.append(f"  {one.entry}, run {one.run:,}", "dim")
    return text


def _cut(lines: Sequence[Text]) -> Sequence[Text]:
    """Each on one line, whatever the width."""
    for one in lines:
        one.no_wrap = True
        one.overflow = "ellipsis"
    return lines

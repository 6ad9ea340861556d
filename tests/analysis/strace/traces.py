"""Traces written by hand: a line for each `TID what`, a millisecond after the one before."""

from __future__ import annotations

from pathlib import Path

from emu.analysis.strace.importing import Imported, import_trace
from emu.record.event import Event
from emu.record.history import History

MS = 1_000_000
START = 1_700_000_000

THREAD = (
    "clone(child_stack=0x7f10, flags=CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_CHILD_CLEARTID, "
    "child_tidptr=0x{word:x}) = {tid}"
)


def timed(text: str) -> str:
    """The lines with times, from START on."""
    lines = []
    for number, line in enumerate(filter(str.strip, text.splitlines())):
        tid, _, what = line.strip().partition(" ")
        lines.append(f"{tid} {START + number // 1_000}.{number % 1_000:03d}000 {what.strip()}\n")
    return "".join(lines)


def read(path: Path, text: str) -> Imported:
    """What the trace `text`, as it stands, is imported as."""
    file = path / "program.strace"
    file.write_text(text, encoding="utf-8")
    return import_trace([file])


def imported(path: Path, text: str) -> History:
    """The history of a trace without times, of which every line can be read."""
    made = read(path, timed(text))

    assert made.damage == ()
    return made.history


def told(history: History, *kinds: str) -> list[str]:
    """The events of some kinds, each as `line thread event object fields`."""
    return [_line(event) for event in history.events if event.event.startswith(kinds)]


def _line(event: Event) -> str:
    fields = {
        name: value for name, value in event.fields.items() if name not in ("mode", "contended")
    }
    depth = f" deep {event.depth}" if event.depth else ""
    parts = [f"{event.step} {event.thread}{depth} {event.event}", event.object]
    parts += [f"{name}={value}" for name, value in fields.items()]
    return " ".join(part for part in parts if part)

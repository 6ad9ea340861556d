"""Traces that were recorded once, of the programs beside them, and what they are told as.

The traces are of strace 6.1 on Linux 6.18 with glibc 2.36, each of `-f -ttt` with another option,
and of few calls (`-e trace=%process,futex,%signal,…`). Run as a program, this file writes down
anew what they are told as.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.analysis.strace.importing import Imported, import_trace, traces_of
from emu.record.event import ANY, COUNT, NAMES, TEXT, TRUTH, type_of
from emu.record.log import log_bytes
from tests.analysis.strace.test_soundness import holds
from tests.analysis.strace.traces import told

RECORDED = Path(__file__).parent / "recorded"
TRACES = {
    files[0].stem: files
    for files in traces_of(
        sorted(path for path in RECORDED.iterdir() if path.suffix != ".events"),
    )
}


def text_of(made: Imported) -> str:
    history = made.history
    end = f"{history.info.scenario}: {history.outcome.name}"
    return "\n".join([*told(history, ""), *made.damage, end]) + "\n"


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_is_told_as_it_was(name: str) -> None:
    wanted = (RECORDED / f"{name}.events").read_text(encoding="utf-8")

    assert text_of(import_trace(TRACES[name])) == wanted


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_gives_the_same_log_each_time_and_no_holds_that_overlap(name: str) -> None:
    first, again = import_trace(TRACES[name]), import_trace(TRACES[name])

    assert log_bytes(first.history) == log_bytes(again.history)
    assert len(holds(first.history)) >= (0 if name in {"deadlock", "signals"} else 2)


@pytest.mark.parametrize("name", TRACES)
def test_every_field_holds_what_the_schema_says(name: str) -> None:
    shapes = {TEXT: str, COUNT: int, TRUTH: bool, NAMES: list, ANY: object}
    last = 0
    for event in import_trace(TRACES[name]).history.events:
        for field, value in event.fields.items():
            assert value is None or isinstance(value, shapes[type_of(event.event, field)])
        assert event.t >= last
        last = event.t


if __name__ == "__main__":
    for name, files in TRACES.items():
        (RECORDED / f"{name}.events").write_text(text_of(import_trace(files)), encoding="utf-8")

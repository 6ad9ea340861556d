"""Traces that were damaged: what is left is told, and nothing breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from emu.analysis.strace.importing import import_trace
from emu.errors import LogError
from emu.record.log import log_bytes
from emu.record.reading import parse_history

RECORDED = Path(__file__).parent / "recorded"
NAMES = ["contended", "kinds", "places", "robust", "signals", "terminal"]
LINES = {
    name: (RECORDED / f"{name}.strace").read_bytes().splitlines(keepends=True) for name in NAMES
}


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A trace with lines lost, doubled, exchanged, cut, or from another trace."""
    lines = list(LINES[draw(st.sampled_from(NAMES))])
    for _ in range(draw(st.integers(1, 8))):
        at, to = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match draw(st.integers(0, 4)):
            case 0:
                del lines[at : at + 1 + to % 20]
                lines = lines or [b"\n"]
            case 1:
                lines.insert(to, lines[at])
            case 2:
                lines[at], lines[to] = lines[to], lines[at]
            case 3:
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))] + b"\n"
            case _:
                other = LINES[draw(st.sampled_from(NAMES))]
                lines.insert(at, other[draw(st.integers(0, len(other) - 1))])
    text = b"".join(lines)
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged") / "a.strace"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged())
def test_a_damaged_trace_is_refused_with_a_sentence_or_told_as_a_log(
    file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    try:
        made = import_trace([file])
    except LogError as wrong:
        assert str(wrong).startswith(f"{file}")  # noqa: PT017 - either is right
        return
    log = log_bytes(made.history)

    assert parse_history(log.splitlines(keepends=True), "log") == made.history
    assert all(sentence.startswith(f"{file}:") for sentence in made.damage)

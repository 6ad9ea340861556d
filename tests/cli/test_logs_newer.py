"""Every verb of `emu logs` says which logs a newer emu wrote."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.cli.logged import CALM, log
from tests.cli.prompt import emu


@pytest.fixture
def newer(here: Path) -> str:
    """A log that says that a newer emu wrote it."""
    path = Path(log("log.jsonl", CALM))
    head, *rest = path.read_bytes().splitlines(keepends=True)
    row = orjson.loads(head) | {"emu": "77.0.1"}
    path.write_bytes(orjson.dumps(row) + b"\n" + b"".join(rest))
    return str(path)


def written_by_a_newer(stderr: str) -> int:
    return stderr.count("emu: log.jsonl:1: written by emu 77.0.1, and this is ")


@pytest.mark.parametrize("verb", ["summary", "order", "predict", "confirm", "timeline", "trace"])
def test_a_log_of_a_newer_emu_is_told(newer: str, verb: str) -> None:
    assert written_by_a_newer(emu("logs", verb, newer).stderr) == 1


def test_both_logs_that_are_compared_may_be_newer(newer: str) -> None:
    assert written_by_a_newer(emu("logs", "diff", newer, newer).stderr) == 2


def test_a_log_of_a_newer_emu_is_told_to_be_one_where_it_cannot_be_read(newer: str) -> None:
    path = Path(newer)
    path.write_bytes(path.read_bytes().replace(b'"event":"thread.start"', b'"event":"new"', 1))
    made = emu("logs", "order", newer)
    assert written_by_a_newer(made.stderr) == 1
    assert "1 damaged left out" in made.stdout

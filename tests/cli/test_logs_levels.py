"""Verbs of `emu logs` say why something is not there: the logs have a part of the events."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.logged import log
from tests.cli.prompt import emu, emu_json

SAID = (
    "logged at level 'locks', which has waits for locks, acquisitions, releases, and where "
    "threads start and end, and nothing else; 'emu soak --logs all' keeps every event"
)


@pytest.fixture
def locks(here: Path) -> str:
    """A log of level `locks`, of a run with signals."""
    return log("locks.jsonl", "handler_takes_lock", "--seed", "0", "--log-level", "locks")


@pytest.mark.parametrize("verb", ["signals", "threads", "order", "timeline", "trace"])
def test_a_log_of_locks_alone_is_said_to_be_one(locks: str, verb: str) -> None:
    assert f"emu: 1 of 1 run {SAID}\n" in emu("logs", verb, locks).stderr


def test_what_is_left_out_of_predictions_is_said_with_the_reason(locks: str) -> None:
    made = emu("logs", "predict", locks, "--outcome", "*")
    assert made.stderr == f"emu: 1 of 1 run {SAID}\n"


def test_programs_are_told_of_logs_of_locks_alone(locks: str) -> None:
    whole = log("all.jsonl", "handler_takes_lock", "--seed", "0")
    said = [f"1 of 2 runs {SAID}"]
    assert emu_json("logs", "signals", locks, whole)["damage"] == said
    assert emu_json("logs", "order", locks, whole)["damaged"] == said


def test_a_pack_of_logs_of_locks_alone_is_said_to_be_one(locks: str) -> None:
    emu("logs", "pack", locks, "-o", "packed")
    assert emu("logs", "signals", "packed").stderr == f"emu: 1 of 1 run {SAID}\n"


def test_nothing_is_said_where_every_event_was_kept(here: Path) -> None:
    whole = log("all.jsonl", "handler_takes_lock", "--seed", "0")
    assert [emu("logs", verb, whole).stderr for verb in ("signals", "order")] == ["", ""]


def test_no_more_is_said_of_signals_than_is_known(locks: str) -> None:
    assert emu("logs", "signals", locks).stdout == "no signal is logged there\n"

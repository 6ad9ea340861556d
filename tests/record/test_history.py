from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from emu.record.event import ANY, COUNT, KINDS, NAMES, TEXT, TRUTH, type_of
from emu.record.finding import Outcome
from emu.record.history import History
from emu.record.log import log_bytes
from emu.record.reading import parse_history
from emu.record.row import raw_of, row_of
from tests.record.histories import example, histories, history, raw, real


def again(written: History, level: str = "all") -> History:
    return parse_history(log_bytes(written, level=level).splitlines(keepends=True), "log")


@given(histories)
def test_the_log_is_the_history(written: History) -> None:
    assert again(written) == written


@given(histories)
def test_what_was_read_writes_the_same_log(written: History) -> None:
    assert log_bytes(again(written)) == log_bytes(written)


def test_the_log_of_a_real_run_is_its_history() -> None:
    written = real()

    assert again(written) == written


def test_the_events_of_a_real_run_have_their_places() -> None:
    places = {event.at.rpartition(":")[2] for event in real().events if event.event == "note"}

    assert places == {"busy.worker"}


@pytest.mark.parametrize(
    "value", [(1, [2]), 2**70, -(2**70), float("nan"), "\ud800", object(), {1}]
)
def test_a_value_that_json_cannot_say_reads_back_as_the_event_has_it(value: object) -> None:
    written = history(raw("note", 1, "T1", "", value))

    assert again(written).events == written.events


def test_a_foreign_value_is_written_without_its_address() -> None:
    (event,) = history(raw("note", 1, "T1", "", object())).events

    assert event.fields == {"text": "<object>"}


def test_a_row_has_the_fields_of_its_kind_in_order() -> None:
    row = row_of(raw("lock.release", 1, "T1", "left", None))

    assert [*row] == ["event", "step", "t", "thread", "depth", "object", "at", "region", "mode"]


def test_an_event_with_a_value_too_few_is_noticed() -> None:
    with pytest.raises(ValueError, match="shorter"):
        row_of(raw("lock.acquire", 1, "T1", "left", True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_every_kind_gives_its_raw_event(kind: str) -> None:
    held = {COUNT: 7, TRUTH: True, NAMES: ["a", "b"], TEXT: "a", ANY: {"a": 5.5}}
    event = raw(kind, 1, "T1", "left", *(held[type_of(kind, name)] for name in KINDS[kind]))

    assert raw_of(row_of(event)) == event


def test_the_digest_begins_with_the_checksum_of_the_tape() -> None:
    written = example()

    assert written.digest.startswith(written.tape.checksum)


def test_another_outcome_is_another_digest() -> None:
    written = example()
    other = replace(written, ending=replace(written.ending, outcome=Outcome("ok")))

    assert other.digest != written.digest


def test_the_seed_is_no_part_of_the_digest() -> None:
    written = example()
    other = replace(written, info=replace(written.info, seed=12))

    assert other.digest == written.digest


def test_another_seed_is_another_history() -> None:
    written = example()

    assert replace(written, info=replace(written.info, seed=12)) != written


def test_a_history_is_no_event_list() -> None:
    assert example() != example().events

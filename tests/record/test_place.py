from __future__ import annotations

import sys
from types import FrameType

import pytest

from emu.record.place import Place, function_name, is_place, parse_place, resolve


class Thing:
    def method(self) -> list[FrameType]:
        def inner() -> list[FrameType]:
            return [sys._getframe() for _ in range(1)]

        return inner()


def test_a_place_is_file_line_and_function() -> None:
    (frame,) = Thing().method()

    assert resolve(frame.f_code, frame.f_lasti) == "test_place.py:14:Thing.method.inner"


def test_a_place_survives_its_text() -> None:
    place = Place("inversion.py", 10, "lock_order_inversion.worker")

    assert parse_place(str(place)) == place


def test_no_code_is_no_place() -> None:
    assert resolve(None, -1) == ""
    assert parse_place("") is None


def test_a_place_that_was_read_stays_as_it_is() -> None:
    assert resolve("inversion.py:10:worker", -1) == "inversion.py:10:worker"


def test_a_function_is_named_with_what_is_around_it() -> None:
    (frame,) = Thing().method()

    assert function_name(frame.f_code) == "Thing.method.inner"


@pytest.mark.parametrize("text", ["", "a.py:1:f", "a.py:1:f.<lambda>"])
def test_what_is_a_place_can_be_parsed(text: str) -> None:
    assert is_place(text)
    parse_place(text)


@pytest.mark.parametrize("text", ["a.py", "a.py:1", "a.py:x:f", ":1:f", "a.py:1:"])
def test_what_is_no_place(text: str) -> None:
    assert not is_place(text)

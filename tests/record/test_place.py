from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from emu.record.place import Place, function_name, is_place, parse_place, resolve


class Thing:
    def method(self) -> list[FrameType]:
        def inner() -> list[FrameType]:
            return [sys._getframe() for _ in range(1)]

        return inner()


def test_a_place_is_file_line_and_function() -> None:
    (frame,) = Thing().method()

    text = resolve(frame.f_code, frame.f_lasti)

    assert text == f"test_place.py:{frame.f_lineno}:Thing.method.inner"


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


def test_the_head_of_a_block_stands_at_its_first_line_in_every_version(tmp_path: Path) -> None:
    program = """
async def main():
    async with (
        first,
        second as name,
    ):
        await (
            third
        )
"""
    file = tmp_path / "program.py"
    file.write_text(program)
    names: dict[str, Any] = {}
    exec(compile(program, str(file), "exec"), names)
    code = names["main"].__code__

    places = [parse_place(resolve(code, start)) for start, _, line in code.co_lines() if line]

    assert {place.line for place in places if place} == {2, 3, 7, 8}

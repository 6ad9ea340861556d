"""Each name is given once."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from emu.record.names import OF_OBJECTS, OF_THREADS, Names, shared_name


def test_the_first_has_the_name_it_wants() -> None:
    assert Names(OF_OBJECTS).own("a") == "a"


@pytest.mark.parametrize("mark", [OF_OBJECTS, OF_THREADS])
def test_the_second_is_numbered(mark: str) -> None:
    names = Names(mark)
    assert [names.own("a") for _ in range(3)] == ["a", f"a{mark}2", f"a{mark}3"]


@given(st.lists(st.sampled_from(["a", "a~2", "a~3", "b", "a~2~2", ""])))
def test_no_two_have_one_name(wanted: list[str]) -> None:
    names = Names(OF_OBJECTS)
    given = [names.own(one) for one in wanted]
    assert len(set(given)) == len(given)


@pytest.mark.parametrize(
    ("name", "shared"),
    [("a", "a"), ("a~2", "a"), ("a~b", "a~b"), ("a~10", "a"), ("a#2", "a#2"), ("~", "~")],
)
def test_what_is_shared_is_the_name_without_its_number(name: str, shared: str) -> None:
    assert shared_name(name) == shared

"""How strace's values are read."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from emu.analysis.strace.scanning import closing, items, members, names, number, string, words
from tests.analysis.strace.written import ARGUMENTS, CONSTANTS, NAMES, VALUES, quoted


@given(ARGUMENTS)
def test_a_list_falls_apart_into_what_it_was_made_of(arguments: list[str]) -> None:
    assert arguments == items(", ".join(arguments))


@given(ARGUMENTS, st.sampled_from(["", " = 0", ") = 3", " (a comment)"]))
def test_a_list_ends_at_its_own_bracket(arguments: list[str], rest: str) -> None:
    text = ", ".join(arguments)

    assert len(text) + 5 == closing(f"call({text}){rest}", 5)


@given(st.dictionaries(NAMES, VALUES.filter(lambda text: " => " not in text), max_size=4))
def test_a_struct_has_the_members_it_was_made_of(values: dict[str, str]) -> None:
    text = ", ".join(f"{name}={value}" for name, value in values.items())

    assert values == members("{" + text + "}")
    assert values == members(text)


@given(st.integers(-(1 << 63), (1 << 64) - 1))
def test_a_number_is_one_in_any_notation(value: int) -> None:
    assert value == number(str(value))
    assert value == number(f"{value} /* a comment */")
    assert abs(value) == number(hex(abs(value)))


@given(st.lists(CONSTANTS, max_size=4))
def test_a_set_has_the_names_it_was_made_of(given_names: list[str]) -> None:
    assert tuple(given_names) == names(f"[{' '.join(given_names)}]")
    assert tuple(given_names) == names(f"~[{' '.join(given_names)}]")


@given(st.lists(CONSTANTS, min_size=1, max_size=4, unique=True))
def test_flags_are_names_by_themselves_and_in_a_comment(flags: list[str]) -> None:
    text = "|".join(flags)

    assert (frozenset(flags), 0) == words(text)
    assert (frozenset(flags), 0) == words(f"0x80 /* {text} */")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{flags=CLONE_VM, exit_signal=0} => {parent_tid=[7]}", {"flags", "exit_signal"}),
        ("child_stack=0x7f, flags=CLONE_VM|SIGCHLD, child_tidptr=0x9", {"child_stack", "flags"}),
    ],
)
def test_what_a_call_gives_back_is_there_as_well(text: str, wanted: set[str]) -> None:
    assert wanted <= members(text).keys()


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))
def test_a_string_is_the_text_that_was_written(text: str) -> None:
    written = quoted(text)

    assert string(written) == text
    assert string(f"{written}...") == text


def test_what_is_no_string_is_itself() -> None:
    assert string("0x7ffd00") == "0x7ffd00"
    assert string('"\\x6f\\x6e\\x65"') == "one"


def test_a_number_of_another_namespace_is_that_which_strace_sees() -> None:
    assert number("12 /* 5678 in strace's PID NS */") == 5678


def test_what_has_no_number_has_none() -> None:
    assert number("NULL") is None
    assert names("NULL") is None
    assert members("NULL") == {}


def test_brackets_that_do_not_fit_are_wrong() -> None:
    with pytest.raises(ValueError, match="column 3 what is not open"):
        closing("({) = 0", 1)


def test_a_bracket_that_is_open_has_no_end() -> None:
    assert closing("f([1, 2", 2) == -1

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from emu.errors import TapeError
from emu.record.tape import KINDS, Deviation, Tape, format_tape, parse_tape

gaps = st.lists(
    st.tuples(st.integers(0, 10**9), st.sampled_from(sorted(KINDS.values())), st.integers(1, 10**6))
)
checksums = st.text("0123456789abcdef", min_size=4, max_size=4) | st.just("")


def tape_of(parts: list[tuple[int, str, int]], checksum: str) -> Tape:
    step = 0
    deviations = []
    for gap, kind, option in parts:
        step += gap
        deviations.append(Deviation(step, kind, option))
    return Tape(tuple(deviations), checksum)


@given(gaps, checksums)
def test_a_tape_survives_its_text(parts: list[tuple[int, str, int]], checksum: str) -> None:
    tape = tape_of(parts, checksum)

    assert parse_tape(format_tape(tape)) == tape


@given(st.text("emu1:.#0123456789abctw \n"))
def test_a_text_is_the_text_of_the_tape_read_from_it_or_no_tape(text: str) -> None:
    try:
        tape = parse_tape(text)
    except TapeError:
        return

    assert str(tape) == text.strip()


def test_a_deviation_counts_its_steps_from_the_one_before() -> None:
    tape = Tape((Deviation(2, "thread", 1), Deviation(7, "chaos", 2)), "a72e")

    assert str(tape) == "emu1:2t1.5c2#a72e"


def test_two_deviations_may_belong_to_one_step() -> None:
    assert parse_tape("emu1:3c1.0t1").deviations == (
        Deviation(3, "chaos", 1),
        Deviation(3, "thread", 1),
    )


def test_the_quiet_tape_has_no_deviations() -> None:
    assert parse_tape("emu1:") == Tape()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "tape '' does not begin with 'emu1' and a colon"),
        ("2t1#a72e", "tape '2t1#a72e' does not begin with 'emu1' and a colon"),
        ("emu2:2t1", "tape 'emu2:2t1' is of version 'emu2'; this emu reads 'emu1'"),
        ("emu1:2t1#a72", "has checksum 'a72'; a checksum is 4 of the digits 0-9 a-f"),
        ("emu1:2t1#A72E", "has checksum 'A72E'"),
        ("emu1:2t1#", "has checksum ''"),
        ("emu1:2t1.x", "has 'x' as deviation 2; a deviation is a gap, one of the letters"),
        ("emu1:2t0", "has '2t0' as deviation 1"),
        ("emu1:02t1", "has '02t1' as deviation 1"),
        ("emu1:2q1", "has '2q1' as deviation 1"),
        ("emu1:2t1.", "has '' as deviation 2"),
        ("emu1:2t1 3t1", "has '2t1 3t1' as deviation 1"),
    ],
)
def test_a_bad_tape_is_told_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(TapeError) as caught:
        parse_tape(text)

    assert sentence in str(caught.value)

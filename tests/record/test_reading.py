from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import given, strategies as st

from emu.errors import LogError
from emu.record.history import History
from emu.record.log import log_bytes, write_history
from emu.record.reading import PARTS, parse_history, parse_pieces, read_history
from tests.record.histories import example, history, raw

LINES = log_bytes(example()).splitlines(keepends=True)
LAST = len(LINES)


def read_error(lines: list[bytes]) -> str:
    with pytest.raises(LogError) as caught:
        parse_history(lines, "run.jsonl")
    return str(caught.value)


def damaged(number: int, old: str, new: str) -> list[bytes]:
    """The log with a change in one line, counted from 1."""
    lines = list(LINES)
    assert old.encode() in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old.encode(), new.encode())
    return lines


def test_a_log_reads_back_from_its_file(tmp_path: Path) -> None:
    write_history(example(), tmp_path / "log")

    assert read_history(tmp_path / "log") == example()


@pytest.mark.parametrize("kept", range(1, LAST))
def test_a_log_that_lacks_its_end_is_cut_off(kept: int) -> None:
    assert read_error(LINES[:kept]) == (
        f"run.jsonl:{kept}: the log is cut off here: it has no 'end' line"
    )


@given(st.integers(1, len(b"".join(LINES)) - 2))
def test_a_log_cut_off_anywhere_is_an_error_with_its_line(size: int) -> None:
    lines = b"".join(LINES)[:size].splitlines(keepends=True)

    assert re.match(rf"run\.jsonl:{len(lines)}: .*cut off here", read_error(lines))


def test_a_last_line_without_its_newline_is_whole() -> None:
    assert parse_history([*LINES[:-1], LINES[-1].rstrip()], "log") == example()


def test_lines_that_are_spelled_otherwise_say_the_same() -> None:
    lines = [json.dumps(orjson.loads(line)).encode() + b"\r\n" for line in LINES]
    assert lines != LINES

    again = parse_history(lines, "log")

    assert again == example()
    assert again.digest == example().digest


@given(st.integers(0, len(b"".join(LINES)) - 1), st.integers(0, 255))
def test_no_damage_to_the_events_goes_unnoticed(place: int, byte: int) -> None:
    log = b"".join(LINES)
    changed = log[:place] + bytes([byte]) + log[place + 1 :]
    try:
        read = parse_history(changed.splitlines(keepends=True), "run.jsonl")
    except LogError:
        return

    assert read.events == example().events


@given(st.integers(0, len(b"".join(LINES)) - 1), st.integers(0, 255), st.sampled_from(PARTS))
def test_a_damaged_log_in_pieces_is_read_as_its_lines_are(
    place: int, byte: int, level: str
) -> None:
    log = log_bytes(example(), level=level)
    place %= len(log)
    changed = log[:place] + bytes([byte]) + log[place + 1 :]

    assert read_in_pieces(changed) == read_by_lines(changed)


@pytest.mark.parametrize("level", PARTS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"depth":0', b'"depth":0,"step":5'),
        (b'"depth":0', b'"depth":0,"event":"print"'),
        (b'"depth":0', b'"depth":0,"thread":"T9"'),
        (b'"step":2', b'"step":02'),
        (b'"step":2', b'"step":2.0'),
        (b'"step":2', b'"step":-2'),
        (b'"step":2', b'"step":18446744073709551615'),
        (b'"step":2', b'"step":18446744073709551616'),
        (b'"step":2,"t"', b'"step": 2,"t"'),
        (b'"t":2000', b'"t":null'),
        (b"\n", b"\r\n"),
        (b"\n", b"\n\n"),
        (b'{"event":"end"', b'{"event":"note"'),
        (b'"thread":"T1"', b'"thread":"\\u0054\\u0031"'),
    ],
)
def test_a_log_that_is_spelled_otherwise_is_read_in_pieces_as_its_lines_are(
    old: bytes, new: bytes, level: str
) -> None:
    log = log_bytes(example(), level=level)
    assert old in log
    changed = log.replace(old, new)

    assert read_in_pieces(changed) == read_by_lines(changed)


@given(st.lists(st.integers(0, LAST), max_size=3).map(sorted), st.booleans())
def test_a_log_may_be_cut_into_pieces_between_any_two_lines(cuts: list[int], ended: bool) -> None:
    lines = LINES if ended else [*LINES[:-1], LINES[-1].rstrip()]
    ends = [*cuts, LAST]
    cut = [lines[start:end] for start, end in zip([0, *cuts], ends, strict=True)]
    pieces = [b"".join(one) for one in cut if one]

    read = parse_pieces(pieces, "log")

    assert read == example()
    assert list(read.raw) == list(example().raw)


def test_events_that_are_alike_have_one_shape() -> None:
    alike = [raw("note", step, "T1", "", "again") for step in (1, 7)]
    log = log_bytes(history(*alike, raw("note", 8, "T2", "", "again")))

    one, other, third = parse_pieces([log], "log").shapes

    assert one is other
    assert (third.thread, third.fields) == ("T2", {"text": "again"})


def read_in_pieces(log: bytes) -> object:
    """The history and its raw events, or what is wrong."""
    return _what_is_read(lambda: parse_pieces([log], "log"))


def read_by_lines(log: bytes) -> object:
    """The same, line by line."""
    lines = [line + b"\n" for line in log.split(b"\n")]
    lines[-1] = lines[-1].removesuffix(b"\n")
    return _what_is_read(lambda: parse_history([line for line in lines if line], "log"))


def _what_is_read(read: Callable[[], History]) -> object:
    try:
        one = read()
    except LogError as wrong:
        return str(wrong)
    return one.head(), one.tail(), list(one.raw), one.events


def test_an_empty_log() -> None:
    assert read_error([]) == "run.jsonl: the log is empty"


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "log"

    with pytest.raises(LogError) as caught:
        read_history(path)

    assert str(caught.value) == f"cannot read the log {path}: No such file or directory"


def test_a_directory_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="Is a directory"):
        read_history(tmp_path)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([b"hello\n"], "run.jsonl:1: not JSON at column 1"),
        ([b"[1]\n"], "run.jsonl:1: a line of a log is a JSON object"),
        ([b'{"event": "login"}\n'], "run.jsonl:1: not a log of emu: a log begins with a 'run'"),
        (LINES[1:], "run.jsonl:1: not a log of emu"),
        ([b'{"event":"run"}\n'], "run.jsonl:1: the log is of level None"),
        (damaged(1, '"all"', '"some"'), "run.jsonl:1: the log is of level 'some'; this emu reads"),
        (damaged(1, '"seed":11', '"seed":"x"'), "run.jsonl:1: the 'run' line has 'x' for 'seed'"),
        (damaged(1, '"seed":11', '"sead":11'), "the 'run' line has the fields scenario, params"),
        (damaged(3, "note", "nota"), "run.jsonl:3: 'nota' is no kind of event"),
        (damaged(3, '"text"', '"test"'), "a 'note' event has the fields event, step, t, thread"),
        (damaged(3, '"step":1', '"step":"1"'), "'step' is '1', not a whole number"),
        (damaged(3, '"step":1', '"step":true'), "'step' is True, not a whole number"),
        (damaged(3, '"step":1', '"step":1.0'), "'step' is 1.0, not a whole number"),
        (damaged(3, '"t":1000', '"t":9223372036854775808'), "not a whole number of 64 bits"),
        (damaged(3, '"step":1', '"step":1,"step":1'), "it has the field 'step' 2 times"),
        (damaged(3, '"text"', '"mode":null,"text"'), "a 'note' event has the fields event, step"),
        (damaged(4, '"waited":0', '"waited":0.5'), "'waited' is 0.5, not a whole number of 64"),
        (damaged(4, '"mode":null', '"mode":5'), "'mode' is 5, not a text, or null"),
        (damaged(4, '"held_by":null', '"held_by":["T2"]'), "'held_by' is ['T2'], not a text, or n"),
        (damaged(5, '"duration":1000', '"duration":null'), "'duration' is None, not a whole numb"),
        (damaged(4, '"contended":false', '"contended":0'), "'contended' is 0, not true or false"),
        (damaged(LAST, '"steps":4', '"steps":18446744073709551615'), "has 18446744073709551615"),
        (damaged(3, ":10:", ":ten:"), "'at' is 'inversion.py:ten:worker', not of the form"),
        (damaged(3, "about", "abort"), f"run.jsonl:{LAST}: the digest of the events is "),
        ([*LINES[:2], *LINES[3:]], f"run.jsonl:{LAST - 1}: the digest of the events is "),
        ([LINES[0], LINES[2], LINES[1], *LINES[3:]], "the digest of the events is "),
        (
            [*LINES, *LINES],
            f"run.jsonl:{LAST + 1}: a second run begins here, where a log of one run is wanted; ",
        ),
        (
            [*LINES, LINES[2]],
            f"run.jsonl:{LAST + 1}: a 'note' line follows the 'end' line, which is the last of a",
        ),
        (damaged(LAST, "emu1:", "emu9:"), "is of version 'emu9'"),
        (damaged(LAST, "2t1#", "2t1#f"), "a checksum is 4 of the digits"),
        (damaged(LAST, '"steps"', '"stops"'), "the 'end' line has the fields event, outcome"),
        (damaged(LAST, '"steps":4', '"steps":"4"'), "the 'end' line has '4' for 'steps'"),
        (damaged(LAST, '"digest":"', '"digest":"0'), "does not belong to the digest"),
        (damaged(LAST, '"objects"', '"object"'), "a finding has the fields kind, sentence"),
        (damaged(LAST, '"waits_for":"right"', '"waits_for":1'), "a wait of a finding has 1 for"),
    ],
)
def test_a_bad_line_is_told_what_is_wrong(lines: list[bytes], sentence: str) -> None:
    assert sentence in read_error(lines)


@pytest.mark.parametrize("number", range(1, LAST + 1))
@pytest.mark.parametrize("spoil", [bytes.upper, lambda line: b"\0" + line, lambda _: b"{}\n"])
def test_a_spoilt_line_is_named(number: int, spoil: Callable[[bytes], bytes]) -> None:
    lines = [*LINES[: number - 1], spoil(LINES[number - 1]), *LINES[number:]]

    assert read_error(lines).startswith(f"run.jsonl:{number}: ")


def test_a_log_of_locks_may_not_be_told_from_a_changed_one_but_its_tape_is_checked() -> None:
    log = log_bytes(example(), level="locks").splitlines(keepends=True)
    tail = orjson.loads(log[-1])
    tail["tape"] = "emu1:2t1#0000"

    with pytest.raises(LogError, match="does not belong to the digest"):
        parse_history([*log[:-1], orjson.dumps(tail)], "log")

"""Tables and the record agree on what a line of a log is, line by line."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
import trio
import zstandard
from hypothesis import given, settings, strategies as st

from emu.analysis.tables.columns import line_of_log
from emu.analysis.tables.kept import keep
from emu.analysis.tables.locks import locks
from emu.analysis.tables.pack import pack
from emu.analysis.tables.sieve import PIECE, PIECES
from emu.analysis.tables.summary import summary
from emu.analysis.tables.tables import Tables
from emu.record.event import GIVEN, KINDS
from emu.record.judging import fault_of
from emu.record.log import log_bytes
from tests.analysis.tables.logs import acquire, histories, release, run, written

LINES = list(
    dict.fromkeys(
        line for one in trio.run(histories) for line in log_bytes(one).splitlines(keepends=True)
    )
)
"""The lines of real logs."""

SAMPLES = [
    line
    for kind in ("run", "end", *KINDS)
    for line in [one for one in LINES if orjson.loads(one)["event"] == kind][:3]
]
"""Some of each kind."""

VALUES = [
    *(b"5.5", b"5.0", b"1e3", b"1E400", b"-0", b"01", b"NaN", b"Infinity", b"-1", b"0", b"7"),
    *(b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808"),
    *(b"-9223372036854775809", b"18446744073709551615", b"18446744073709551616"),
    *(b"true", b"false", b"null", b'"7"', b'" 7 "', b'"true"', b'""', b'"a:1:f"', b'"\xff"'),
    *(b"[]", b"{}", b'["a"]', b'["a",5]', b'[["a"]]', b'{"a":5.5}', b'{"a":1,"a":2}'),
    *(b'"\\ud800"', b'"\\u0000"', b'"\x00"', b"[1,]", b"", b"[" * 2000 + b"]" * 2000),
]
"""What a field may have in the place of its value."""

PART = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9.eE+]+|true|false|null|[\[\]{},:]')
"""What a line is made of."""


@st.composite
def odd_lines(draw: st.DrawFn) -> bytes:
    """A line of a real log with something changed, or as it is."""
    line = draw(st.sampled_from(SAMPLES))
    parts = PART.findall(line)
    at = draw(st.integers(0, len(parts) - 1))
    match draw(st.sampled_from("value name drop double swap cut space byte none blank".split())):
        case "value":
            values = [n for n in range(2, len(parts)) if parts[n - 1] == b":"]
            parts[draw(st.sampled_from(values))] = draw(st.sampled_from(VALUES))
        case "name":
            parts[at] = draw(st.sampled_from(PART.findall(draw(st.sampled_from(SAMPLES)))))
        case "drop":
            del parts[at]
        case "double":
            parts[at:at] = parts[at : at + draw(st.integers(1, 4))]
        case "swap":
            parts[at : at + 4] = parts[at : at + 4][::-1]
        case "cut":
            return line[: draw(st.integers(1, len(line) - 1))].replace(b"\n", b"") + b"\n"
        case "space":
            blank = draw(st.sampled_from([b" ", b"\t", b"\r", b"\xef\xbb\xbf", b"\x0b", b"/**/"]))
            parts[at:at] = [blank]
        case "byte":
            place = draw(st.integers(0, len(line) - 2))
            return (
                line[:place] + draw(st.binary(max_size=2)).replace(b"\n", b"") + line[place + 1 :]
            )
        case "blank":
            return draw(st.sampled_from([b"\n", b" \n", b"\r\n", b"\t\n", b"\x00\n"]))
    return b"".join(parts) + b"\n"


def told(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """The fields of a row of which a table has the very value: any may be given for some texts."""
    return {
        name: value
        for name, value in row.items()
        if (kind, name) not in GIVEN or isinstance(value, str)
    }


@settings(deadline=None)
@given(st.lists(odd_lines(), min_size=1, max_size=20), st.sampled_from(["check", "settle"]))
def test_the_tables_and_the_record_agree_on_which_lines_are_good_and_what_they_say(
    odd: list[bytes], how: str
) -> None:
    lines = [SAMPLES[0], *odd]
    with TemporaryDirectory() as directory:
        log = Path(directory, "a.jsonl")
        log.write_bytes(b"".join(lines))
        with Tables([log]) as tables:
            getattr(tables, how)()
            asked = f"SELECT event, {line_of_log()} FROM events ORDER BY line"
            rows = list(tables.rows(asked))
    faults = [fault_of(line) for line in lines]
    named = [f"{log}:{number}: {said}" for number, said in enumerate(faults, start=1) if said]
    assert [said for said in tables.damage if "has no 'end' line" not in said] == named
    assert len(rows) == len(lines)
    for line, said, (event, text) in zip(lines, faults, rows, strict=True):
        if said is not None:
            assert event in {None, "run"}
            continue
        row = orjson.loads(line)
        assert event == row["event"]
        assert orjson.loads(text).items() >= told(event, row).items()


def big(path: Path, change: tuple[bytes, bytes] = (b"", b"")) -> tuple[Path, int]:
    """A log far longer than what is looked at first, one line of it changed; gives which one."""
    size, runs = 0, []
    while size < 3 * PIECE * PIECES:
        runs.append(run(*(acquire(t, "A", "l", 7) for t in range(900)), release(901, "A", "l")))
        size += len(log_bytes(runs[-1]))
    lines = b"".join(map(log_bytes, runs)).splitlines(keepends=True)
    at = len(lines) // 32 * 17
    while change[0] not in lines[at]:
        at += 1
    lines[at] = lines[at].replace(*change, 1)
    text = b"".join(lines)
    path.write_bytes(zstandard.compress(text) if path.suffix == ".zst" else text)
    return path, at + 1


FRACTION = (b',"t":', b',"t":0.')
DAMAGE = {
    "fraction": FRACTION,
    "no time": (b'"t":', b'"u":'),
    "kind": (b'"lock.acquire"', b'"lock.marry"'),
    "torn": (b'"contended":true,', b'"contended":tr\n'),
    "wide": (b',"t":', b',"t":99999999999999999999'),
}


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """All logs are large."""
    monkeypatch.setattr("emu.analysis.tables.kept.LARGE", -1)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.zst"])
@pytest.mark.parametrize("change", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize("verb", [summary, locks])
def test_one_line_that_lacks_what_a_table_needs_is_named_in_a_long_log(
    tmp_path: Path, name: str, change: tuple[bytes, bytes], verb: Any
) -> None:
    log, line = big(tmp_path / name, change)
    with Tables([log]) as tables:
        verb(tables)
        assert tables.damage[0].startswith(f"{log}:{line}: ")


UNSEEN = {
    "unknown field": (b'"mode"', b'"mood":1,"mode"'),
    "field twice": (b'"depth":0', b'"depth":0,"depth":1'),
    "field missing": (b',"held_by":null', b""),
    "empty": (b"{", b"\n{"),
    "true": (b'"depth":0', b'"depth":false'),
    "text": (b'"waited":7', b'"waited":"7"'),
    "mode": (b'"mode":"exclusive"', b'"mode":5'),
    "exponent": (b'"waited":7', b'"waited":7e0'),
    "number": (b'"thread":"A"', b'"thread":5'),
    "place": (b":f", b""),
}


@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN.keys())
@pytest.mark.parametrize("how", [Tables.check, Tables.settle, summary, locks])
def test_one_foreign_line_is_named_in_logs_that_are_not_large(
    tmp_path: Path, change: tuple[bytes, bytes], how: Any
) -> None:
    log, line = big(tmp_path / "a.jsonl", change)
    with Tables([log]) as tables:
        how(tables)
        (said,) = (said for said in tables.damage if "no 'end' line" not in said)
    assert said.startswith(f"{log}:{line}: ")


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN.keys())
@pytest.mark.parametrize("how", [Tables.check, Tables.settle])
def test_one_foreign_line_is_named_in_large_logs_by_who_sifts(
    tmp_path: Path, change: tuple[bytes, bytes], how: Any
) -> None:
    log, line = big(tmp_path / "a.jsonl", change)
    with Tables([log]) as tables:
        how(tables)
        (said,) = tables.damage
    assert said.startswith(f"{log}:{line}: ")


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN.keys())
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.zst"])
@pytest.mark.parametrize("verb", [summary, locks])
def test_lines_that_are_all_foreign_are_named_by_every_table(
    tmp_path: Path, name: str, change: tuple[bytes, bytes], verb: Any
) -> None:
    plain, _ = big(tmp_path / "plain")
    text = plain.read_bytes().replace(*change)
    log = tmp_path / name
    log.write_bytes(zstandard.compress(text) if log.suffix == ".zst" else text)
    with Tables([log]) as tables:
        verb(tables)
    *first, last = (said for said in tables.damage if "begins" not in said)
    assert len(first) == 20
    assert last.endswith(" more lines are damaged, or foreign")


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("verb", [summary, locks])
def test_what_is_damaged_in_logs_that_do_not_fit_into_memory_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: Any
) -> None:
    monkeypatch.setattr("emu.analysis.tables.tables.IN_MEMORY", 0)
    log, line = big(tmp_path / "a.jsonl", FRACTION)
    with Tables([log]) as tables:
        verb(tables)
        assert tables.damage[0].startswith(f"{log}:{line}: 't' is 0.")


@pytest.mark.usefixtures("large")
def test_a_log_with_a_bad_line_among_good_ones_does_not_have_those_looked_through(
    tmp_path: Path,
) -> None:
    bad = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"), release(2, "A", "l"))])
    bad.write_bytes(bad.read_bytes() + b"\nnot JSON\n")
    big(tmp_path / "b.jsonl")
    with Tables([tmp_path]) as tables:
        summary(tables)
        assert not tables.sources.sifted
        assert len(tables.damage) == 2


@pytest.mark.usefixtures("large")
def test_a_long_log_that_is_good_is_read_as_it_is(tmp_path: Path) -> None:
    log, _ = big(tmp_path / "a.jsonl")
    with Tables([log]) as tables:
        keep(tables, ("t", "step", "waited"))
        assert tables.damage == []
        assert tables.sources.logs == {log: log}
        assert not tables.sources.sifted


@pytest.mark.usefixtures("large")
def test_numbers_of_64_bits_are_had_as_they_are(tmp_path: Path) -> None:
    most = (1 << 63) - 1
    log = written(tmp_path / "a.jsonl", [run(acquire(most - 1, "A", "l", most))])
    with Tables([log]) as tables:
        keep(tables, ("t", "waited"))
        rows = list(tables.rows("SELECT t, waited FROM kept ORDER BY number"))
        assert rows[1:] == [(most - 1, most), (most - 1, None)]
        assert tables.damage == []


def test_a_number_between_two_is_neither(tmp_path: Path) -> None:
    log, line = big(tmp_path / "a.jsonl", (b'"waited":7', b'"waited":6.5'))
    with Tables([log]) as tables:
        (lock,) = locks(tables)
        assert tables.damage == [
            f"{log}:{line}: 'waited' is 6.5, not a whole number of 64 bits, or null"
        ]
    assert lock.waits.p50 == lock.waits.max == 7


@pytest.mark.parametrize("blank", [b"\n", b" \n", b"\r\n"])
@pytest.mark.parametrize("how", ["keep", "check", "settle"])
def test_an_empty_line_is_named_and_those_after_it_keep_their_numbers(
    tmp_path: Path, blank: bytes, how: str
) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"), release(2, "A", "l"))])
    first, *rest = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join([first, blank, *rest, blank, b"{}\n"]))
    with Tables([log]) as tables:
        keep(tables, ()) if how == "keep" else getattr(tables, how)()
        assert tables.damage == [
            f"{log}:2: the line is empty",
            f"{log}:6: the line is empty",
            f"{log}:7: None is no kind of event",
        ]
        rows = tables.rows("SELECT line, event FROM events WHERE event IS NOT NULL ORDER BY line")
        assert [line for line, _ in rows] == [1, 3, 4, 5]


def test_a_run_whose_first_line_is_damaged_is_one_all_the_same(tmp_path: Path) -> None:
    two = [run(acquire(1, "A", "l")), run(acquire(1, "B", "m"))]
    log = written(tmp_path / "a.jsonl", two)
    head, event, end = log_bytes(two[1]).splitlines(keepends=True)
    log.write_bytes(log_bytes(two[0]) + head.replace(b'"seed":0', b'"seed":0.5') + event + end)
    with Tables([log]) as tables:
        tables.check()
        assert tables.damage == [f"{log}:4: the 'run' line has 0.5 for 'seed'"]
        assert list(tables.rows("SELECT run, object FROM events WHERE object > '' ORDER BY 1")) == [
            (1, "l"),
            (2, "m"),
        ]


@pytest.mark.parametrize("how", ["keep", "check", "settle"])
def test_fields_that_only_a_newer_emu_knows_are_passed_over(tmp_path: Path, how: str) -> None:
    log = written(tmp_path / "a.jsonl", [run(acquire(1, "A", "l"), release(2, "A", "l"))])
    text = log.read_bytes().replace(b'"emu":""', b'"emu":"77.0.1","mood":"blue"')
    log.write_bytes(text.replace(b'"mode"', b'"mood":"blue","mode"'))
    with Tables([log]) as tables:
        keep(tables, ("object",)) if how == "keep" else getattr(tables, how)()
        (said,) = tables.damage
        assert list(tables.rows("SELECT count(*) FROM events WHERE object = 'l'")) == [(2,)]
    assert said.startswith(f"{log}:1: written by emu 77.0.1, and this is ")


def test_a_pack_has_what_is_good_and_says_what_is_not(tmp_path: Path) -> None:
    log, line = big(tmp_path / "a.jsonl", UNSEEN["unknown field"])
    whole = log.read_bytes().count(b"\n")
    packed = pack([log], tmp_path / "pack")
    (said,) = packed.damage
    assert said.startswith(f"{log}:{line}: a 'lock.acquire' event has the fields ")
    with Tables([tmp_path / "pack"]) as tables:
        assert tables.damage == [said]
        assert list(tables.rows("SELECT count(*) FROM events")) == [(whole - 1,)]

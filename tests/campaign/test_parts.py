"""The logs of many runs in parts of one size."""

from __future__ import annotations

import zstandard
from hypothesis import given, strategies as st

from emu.campaign.parts import Parts

LOGS = st.lists(st.binary(min_size=1, max_size=40), max_size=20)
PLENTY = 1_000_000


def unpacked(parts: Parts) -> list[bytes]:
    return [zstandard.decompress(part) for part in parts.close()]


@given(LOGS, st.integers(1, 100))
def test_nothing_is_lost_while_there_is_room(logs: list[bytes], size: int) -> None:
    parts = Parts(PLENTY, size)
    for log in logs:
        parts.add(log)
    assert b"".join(unpacked(parts)) == b"".join(logs)


@given(LOGS, st.integers(1, 100))
def test_every_part_but_the_last_ends_with_the_run_that_fills_it(
    logs: list[bytes], size: int
) -> None:
    parts = Parts(PLENTY, size)
    for log in logs:
        parts.add(log)
    ends = {0}
    for log in logs:
        ends.add(max(ends) + len(log))
    at = 0
    whole = unpacked(parts)
    for number, part in enumerate(whole, start=1):
        at += len(part)
        assert at in ends
        assert size <= len(part) < size + 40 or number == len(whole)


def test_the_oldest_parts_go_when_there_is_no_room() -> None:
    parts = Parts(room=60, size=10)
    for number in range(10):
        parts.add(b"%d" % number * 10)
    kept = unpacked(parts)
    assert kept == [b"%d" % number * 10 for number in range(10 - len(kept), 10)]
    assert sum(map(len, parts.close())) <= 60


def test_the_newest_part_stays_however_large() -> None:
    parts = Parts(room=0, size=1)
    parts.add(b"old")
    parts.add(b"new")
    assert unpacked(parts) == [b"new"]

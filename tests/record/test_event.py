from __future__ import annotations

import pytest

from emu.record.event import COMMON, KINDS, LOCK_KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_no_field_of_a_kind_hides_a_common_one(kind: str) -> None:
    assert not set(KINDS[kind]) & set(COMMON)


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_has_a_field_twice(kind: str) -> None:
    assert len(KINDS[kind]) == len(set(KINDS[kind]))


def test_the_lock_kinds_are_kinds() -> None:
    assert KINDS.keys() >= LOCK_KINDS


def test_every_wait_acquisition_and_release_of_a_lock_is_a_lock_kind() -> None:
    assert {kind for kind in KINDS if kind.startswith("lock.")} <= LOCK_KINDS


def test_an_acquisition_says_whether_it_waited_and_who_held_the_lock() -> None:
    assert {"waited", "contended", "held_by"} <= set(KINDS["lock.acquire"])

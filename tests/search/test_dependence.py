"""Which operations depend on each other."""

from __future__ import annotations

import pytest

from emu.search.dependence import conflict, races

CASES = [
    ("load", "x", "store", "x", True),
    ("load", "x", "load", "x", False),
    ("store", "x", "store", "x", True),
    ("store", "x", "store", "y", False),
    ("lock", "m", "lock", "m", True),
    ("lock", "m", "lock", "n", False),
    ("join", "T1", "join", "T1", False),
]


@pytest.mark.parametrize(("op_a", "a", "op_b", "b", "expected"), CASES)
def test_a_sampler_and_a_proof_agree_on_operations_with_targets(
    op_a: str, a: str, op_b: str, b: str, expected: bool
) -> None:
    assert conflict(op_a, a, op_b, b) is races(op_a, a, op_b, b) is expected


@pytest.mark.parametrize("target", ["x", ""])
def test_for_a_proof_an_operation_without_target_may_touch_anything(target: str) -> None:
    assert conflict("work", "", "store", target)
    assert conflict("store", target, "work", "")


@pytest.mark.parametrize("target", ["x", ""])
def test_for_a_sampler_an_operation_without_target_races_with_nothing(target: str) -> None:
    assert not races("work", "", "store", target)
    assert not races("store", target, "work", "")

"""Size classes are those of the allocator's own algorithm."""

from __future__ import annotations

import pytest

from emu.goruntime.sizes import CLASSES, MAX_SMALL, PAGE, size_class, transfer


def test_there_are_61_classes() -> None:
    assert len(CLASSES) == 61


def test_a_span_wastes_at_most_an_eighth() -> None:
    assert all((pages * PAGE) % size <= pages * PAGE // 8 for size, pages in CLASSES[1:])


@pytest.mark.parametrize("size", [1, 8, 9, 16, 100, 4000, 4096, 8192, MAX_SMALL])
def test_a_class_is_the_smallest_that_holds_a_size(size: int) -> None:
    found = size_class(size)

    assert CLASSES[found - 1][0] < size <= CLASSES[found][0]


@pytest.mark.parametrize(("size", "count"), [(8, 32), (8192, 8), (MAX_SMALL, 2)])
def test_blocks_move_in_batches_of_2_to_32(size: int, count: int) -> None:
    assert transfer(size_class(size)) == count

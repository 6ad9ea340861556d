"""Size classes: which block sizes there are, and how many blocks move at a time."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

PAGE: Final = 4096
MAX_SMALL: Final = 32 * 1024
MAX_TRANSFER: Final = 64 * 1024


def _alignment(size: int, align: int) -> int:
    if size & (size - 1):
        return align
    if size >= 2048:
        return 256
    if size >= 128:
        return size // 8
    return 16 if size >= 16 else align


def _classes() -> tuple[tuple[int, int], ...]:
    """(block size, pages) of each class: less than an eighth of a span may be left over."""
    classes: list[tuple[int, int]] = [(0, 0)]
    align = size = 8
    while size <= MAX_SMALL:
        align = _alignment(size, align)
        span = PAGE
        while span % size > span // 8:
            span += PAGE
        last_size, last_pages = classes[-1]
        if last_size and last_pages == span // PAGE and span // size == span // last_size:
            classes[-1] = (size, last_pages)
        else:
            classes.append((size, span // PAGE))
        size += align
    return tuple(classes)


CLASSES: Final = _classes()
"""Block size in bytes and span size in pages of each class; class 0 is for large blocks."""

_SIZES: Final = [size for size, _ in CLASSES]


def size_class(size: int) -> int:
    """The smallest class whose blocks hold `size` bytes, from 1 to MAX_SMALL."""
    return bisect_left(_SIZES, size, lo=1)


def transfer(sizeclass: int) -> int:
    """How many blocks move at a time between an M's cache and the central list."""
    return max(2, min(32, MAX_TRANSFER // CLASSES[sizeclass][0]))

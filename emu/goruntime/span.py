"""A span: a run of pages that is one large block, or is cut into blocks of one size."""

from __future__ import annotations

from dataclasses import dataclass, field

from emu.goruntime.sizes import CLASSES, PAGE


@dataclass(slots=True, eq=False)
class Span:
    """Pages from `base`; `sizeclass` 0 is one large block."""

    base: int
    npages: int
    sizeclass: int = 0
    free: list[int] = field(default_factory=list)
    """The addresses of its free blocks that lie with the central list."""
    used: int = 0
    """How many of its blocks are out, in caches or in use."""

    @property
    def size(self) -> int:
        """The size of a block of this span, in bytes."""
        return CLASSES[self.sizeclass][0] or self.npages * PAGE

    def carve(self) -> None:
        """Cut the span into blocks, all free."""
        size = self.size
        count = self.npages * PAGE // size
        self.free = [self.base + size * number for number in range(count)]

"""A key for the state that a run is in: equal for prefixes of the same order.

Happens-before states (M. Musuvathi, S. Qadeer: Partial-Order Reduction for Context-Bounded State
Exploration, 2007): what has happened, up to the order of what does not depend on each other,
says where every thread stands. Each transition is hashed together with the hashes of those it
directly depends on; the sum over all of them is the key. Where in doubt, keys differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from emu.search.footprint import Footprint

_BYTES: Final = 8
_MASK: Final = (1 << 8 * _BYTES) - 1


class StateKey:
    """`value` is the key after all that was added, in the order of the run."""

    __slots__ = ("_barrier", "_reads", "_thread", "_writes", "value")

    def __init__(self) -> None:
        self.value = 0
        self._barrier = 0
        self._thread: dict[int, int] = {}
        self._writes: dict[str, int] = {}
        self._reads: dict[str, int] = {}

    def add(self, thread: int, footprint: Footprint, choices: Sequence[str]) -> None:
        """One more transition of `thread`, in which these choices were made."""
        parts: list[object] = [thread, self._thread.get(thread, 0), self._barrier, *choices]
        if footprint.wide:
            parts.append(self.value)
        for name in sorted(footprint.reads | footprint.writes):
            writes = name in footprint.writes
            parts += (name, writes, self._writes.get(name, 0))
            if writes:
                parts.append(self._reads.get(name, 0))
        text = "\0".join(map(str, parts)).encode()
        made = int.from_bytes(blake2b(text, digest_size=_BYTES).digest(), "big")
        self.value = (self.value + made) & _MASK
        self._thread[thread] = made
        if footprint.wide:
            self._barrier = made
        for name in footprint.reads:
            self._reads[name] = (self._reads.get(name, 0) + made) & _MASK
        for name in footprint.writes:
            self._writes[name] = made
            self._reads[name] = 0

"""A set of signals, laid out as its kernel lays it out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emu.posix.kernel import Kernel

Signal = int | str
"""A signal by its number in the kernel at hand, or by its name: `SIGUSR1`, `SIGRTMIN+2`."""


class SigSet:
    """An immutable set of one kernel's signals: `n` is bit `n - 1`; iterates lowest first."""

    __slots__ = ("bits", "kernel")

    def __init__(self, kernel: Kernel, bits: int = 0) -> None:
        self.kernel = kernel
        self.bits = bits

    def __contains__(self, signal: Signal) -> bool:
        number = self.kernel.number(signal)
        return number > 0 and bool(self.bits >> (number - 1) & 1)

    def __iter__(self) -> Iterator[int]:
        bits = self.bits
        while bits:
            low = bits & -bits
            yield low.bit_length()
            bits ^= low

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __or__(self, other: SigSet) -> SigSet:
        return SigSet(self.kernel, self.bits | other.bits)

    def __and__(self, other: SigSet) -> SigSet:
        return SigSet(self.kernel, self.bits & other.bits)

    def __sub__(self, other: SigSet) -> SigSet:
        return SigSet(self.kernel, self.bits & ~other.bits)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SigSet):
            return NotImplemented
        return self.bits == other.bits and self.kernel is other.kernel

    def __hash__(self) -> int:
        return self.bits

    def __str__(self) -> str:
        """`none`, `all`, or the names, lowest first; what is left out if that is shorter."""
        return _text(self)

    def __repr__(self) -> str:
        return f"<SigSet {self}>"

    def words(self) -> tuple[int, ...]:
        """The words of the kernel's layout: one of 64 bits, or four of 32."""
        width = self.kernel.word_bits
        ones = (1 << width) - 1
        return tuple(self.bits >> (width * word) & ones for word in range(self.kernel.words))

    def add(self, signal: Signal) -> SigSet:
        """The set with `signal` (`sigaddset`); raises `OSError` EINVAL for what is no signal."""
        return SigSet(self.kernel, self.bits | self._bit(signal))

    def remove(self, signal: Signal) -> SigSet:
        """The set without `signal` (`sigdelset`); raises `OSError` EINVAL for what is no signal."""
        return SigSet(self.kernel, self.bits & ~self._bit(signal))

    def has(self, signal: Signal) -> bool:
        """Whether `signal` is a member (`sigismember`); raises `OSError` EINVAL as `add` does."""
        return bool(self.bits & self._bit(signal))

    def _bit(self, signal: Signal) -> int:
        kernel = self.kernel
        number = kernel.number(signal)
        if not kernel.valid(number) or number in kernel.reserved:
            raise kernel.error("EINVAL", f"{number} is no signal that a set may hold")
        return 1 << (number - 1)


@lru_cache(maxsize=1_024)
def _text(signals: SigSet) -> str:
    """A program has few sets, and every change of a mask writes two of them into the log."""
    kernel = signals.kernel
    missing = kernel.maskable(kernel.every() - signals)
    if not signals.bits:
        return "none"
    if not missing.bits:
        return "all"
    if len(missing) < len(signals):
        return "all but " + " ".join(map(kernel.signal_name, missing))
    return " ".join(map(kernel.signal_name, signals))

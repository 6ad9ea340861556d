"""Pending signals: one set a thread, one for the process; each with a queue of instances."""

from __future__ import annotations

from emu.posix.kernel import Kernel
from emu.posix.siginfo import SigInfo
from emu.posix.sigset import SigSet


class Pending:
    """The signals that wait to be delivered, each with its instances, oldest first."""

    __slots__ = ("_queues", "bits", "kernel")

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.bits = 0
        self._queues: dict[int, list[SigInfo]] = {}

    @property
    def signals(self) -> SigSet:
        """The pending signals as a set."""
        return SigSet(self.kernel, self.bits)

    def add(self, info: SigInfo) -> None:
        """One more instance waits."""
        self.bits |= 1 << (info.number - 1)
        self._queues.setdefault(info.number, []).append(info)

    def holds(self, number: int) -> bool:
        """Whether an instance of this signal waits."""
        return bool(self.bits >> (number - 1) & 1)

    def count(self) -> int:
        """How many instances wait."""
        return sum(map(len, self._queues.values()))

    def take(self, number: int) -> SigInfo:
        """The oldest instance of a signal that waits; it waits no more."""
        queue = self._queues[number]
        info = queue.pop(0)
        if not queue:
            self.discard(number)
        return info

    def discard(self, number: int) -> bool:
        """Forget every instance of a signal; gives whether there was one."""
        self.bits &= ~(1 << (number - 1))
        return self._queues.pop(number, None) is not None

    def lowest(self, allowed: int) -> int:
        """The signal to take among the bits `allowed`; 0 if none.

        Faults come first where the kernel has it so, then the lowest number.
        """
        bits = self.bits & allowed
        faults = bits & self.kernel.fault_bits
        bits = faults or bits
        return (bits & -bits).bit_length()


def take_next(private: Pending, shared: Pending, allowed: int) -> SigInfo | None:
    """Take the instance that is next among the bits `allowed`, by the kernel's order."""
    number = private.lowest(allowed)
    if number and (private.kernel.private_first or number <= (shared.lowest(allowed) or number)):
        return private.take(number)
    number = shared.lowest(allowed)
    return shared.take(number) if number else None

"""Shared words: each access is a checkpoint and an event.

A `Word` is plain memory, an `Atomic` is accessed by atomic instructions. Values are plain:
whole numbers, texts, booleans or None; anything else shows in the log as its type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from emu.engine.machine import Machine

_PLAIN: Final = (int, str, bool, type(None))


def _shown(value: Any) -> Any:
    return value if isinstance(value, _PLAIN) else type(value).__name__


class Word:
    """A shared word called `name`, loaded and stored. `value` is for looking, not for threads."""

    __slots__ = ("machine", "name", "value")

    atomic = False

    def __init__(self, machine: Machine, name: str, value: Any = 0) -> None:
        self.machine = machine
        self.name = machine.own_name(name)
        self.value = value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.value!r}>"

    async def load(self) -> Any:
        """The value."""
        machine = self.machine
        await machine.checkpoint("load", self.name)
        value = self.value
        machine.record("word.load", self.name, _shown(value), self.atomic)
        return value

    async def store(self, value: Any) -> None:
        """Make `value` the value."""
        machine = self.machine
        await machine.checkpoint("store", self.name)
        self.value = value
        machine.record("word.store", self.name, _shown(value), self.atomic)


class Atomic(Word):
    """A shared word that is also changed by atomic instructions."""

    __slots__ = ()

    atomic = True

    async def exchange(self, value: Any) -> Any:
        """Make `value` the value; gives the one before."""
        machine = self.machine
        await machine.checkpoint("exchange", self.name)
        old, self.value = self.value, value
        machine.record("word.exchange", self.name, _shown(old), _shown(value))
        return old

    async def compare_and_swap(self, expected: Any, value: Any) -> bool:
        """Make `value` the value if it is `expected`; gives whether it was."""
        machine = self.machine
        await machine.checkpoint("cas", self.name)
        old = self.value
        swapped: bool = old == expected
        if swapped:
            self.value = value
        machine.record("word.cas", self.name, _shown(old), _shown(value), swapped)
        return swapped

    async def add(self, value: int) -> int:
        """Add `value`; gives the sum."""
        machine = self.machine
        await machine.checkpoint("add", self.name)
        old = self.value
        total: int = old + value
        self.value = total
        machine.record("word.add", self.name, _shown(old), _shown(total))
        return total

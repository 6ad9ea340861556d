"""Attributes of mutexes: the type, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.posix.mutex import KINDS, Kind
from emu.posix.process import Process

if TYPE_CHECKING:
    from emu.engine.machine import Machine


class MutexAttr:
    """What `pthread_mutexattr_*` set: give `Mutex` the `kind`."""

    __slots__ = ("kind", "machine")

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.kind: Kind = machine.service(Process).kernel.default_mutex

    def gettype(self) -> Kind:
        """`normal`, `errorcheck` or `recursive`; at first the kernel's default."""
        return self.kind

    def settype(self, kind: object) -> int:
        """Set the type; EINVAL for what is none, and nothing is changed then."""
        known = next((one for one in KINDS if one == kind), None)
        if known is None:
            return self.machine.service(Process).kernel.errno("EINVAL")
        self.kind = known
        return 0

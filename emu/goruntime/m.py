"""M and G: the descriptors of a thread and of a goroutine, and the thread-local slots."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from emu.posix.altstack import Stack

if TYPE_CHECKING:
    from emu.engine.thread import Thread
    from emu.goruntime.mcache import MCache
    from emu.goruntime.note import Note

STACK_GUARD: Final = 256
"""How far above its low end a stack's guard lies, in bytes."""

GIDLE, GRUNNABLE, GRUNNING, GSYSCALL, GWAITING, GMORIBUND, GDEAD = (
    "idle",
    "runnable",
    "running",
    "syscall",
    "waiting",
    "moribund",
    "dead",
)
"""The states of a goroutine."""

Entry = Callable[[], Coroutine[Any, Any, None]]
Deferred = Callable[["Panicking | None"], Awaitable[bool]]
Stringer = Callable[[], Awaitable[str]]


@dataclass(slots=True, eq=False)
class Panicking:
    """A panic on its way through a goroutine's deferred calls: `panic(value)`."""

    value: str
    stringer: Stringer | None = None
    """The value's String or Error method, if it has one."""
    recovered: bool = False


@dataclass(slots=True, eq=False)
class Defer:
    """A deferred call: given the panic, or None on a normal return; gives whether it recovered."""

    call: Deferred


@dataclass(slots=True, eq=False)
class G:
    """A goroutine, or one of an M's own two: g0 (scheduler stack) and gsignal (signal stack)."""

    name: str
    stack: Stack | None
    goid: int = 0
    status: str = GIDLE
    waitreason: str = ""
    m: M | None = None
    lockedm: M | None = None
    readyonstop: bool = False
    entry: Entry | None = None
    gopc: str = ""
    running: Coroutine[Any, Any, None] | None = None
    """The goroutine's own flow of control, once it has been started."""
    driven: bool = False
    """Whether an M runs it now."""
    region: str = ""
    """Its regions, while it is not running."""
    frames: list[str] = field(default_factory=list)
    """The functions on its stack, outermost first."""
    defers: list[Defer] = field(default_factory=list)
    panics: list[Panicking] = field(default_factory=list)
    sig: int = 0
    sigcode0: int = 0
    sigcode1: int = 0
    sigpc: str = ""

    @property
    def stackguard(self) -> int:
        """The lowest address that a function's frame may reach without morestack."""
        return self.stack.base + STACK_GUARD if self.stack is not None else 0


@dataclass(slots=True, eq=False)
class M:
    """A thread, as the runtime sees it. Ms never exit."""

    id: int = 0
    g0: G | None = None
    gsignal: G | None = None
    thread: Thread | None = None
    procid: int = 0
    curg: G | None = None
    mallocing: int = 0
    gcing: int = 0
    locks: int = 0
    nomemprof: int = 0
    dying: int = 0
    profilehz: int = 0
    helpgc: int = 0
    waitnextg: bool = False
    nextg: G | None = None
    havenextg: Note | None = None
    lockedg: G | None = None
    mcache: MCache | None = None
    stackalloc: int = 0
    """How many 4096-byte stacks this M's own allocator has given out."""
    createstack: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<M{self.id}>"

    @property
    def state(self) -> str:
        """Its flags that are set and its locks, for a report; empty if there is nothing unusual."""
        flags = [name for name in ("mallocing", "gcing", "dying") if getattr(self, name)]
        return f"M{self.id}: {', '.join(flags)}, locks {self.locks}" if flags else ""


@dataclass(slots=True)
class Tls:
    """The two thread-local slots of one thread. A slot may hold garbage, a number."""

    g: G | int | None = None
    m: M | None = None

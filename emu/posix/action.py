"""Dispositions: what a process does with each signal. One table for all its threads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

from emu.posix.kernel import Default, Kernel
from emu.posix.sigset import Signal, SigSet

if TYPE_CHECKING:
    from emu.posix.frame import Context
    from emu.posix.process import Process
    from emu.posix.siginfo import SigInfo

Handler = Callable[["SigInfo", "Context"], Awaitable[None]]


class Special(Enum):
    """The two actions that are no function."""

    DEFAULT = "default"
    IGNORE = "ignore"


DEFAULT: Final = Special.DEFAULT
IGNORE: Final = Special.IGNORE


@dataclass(frozen=True, slots=True)
class Action:
    """What to do with a signal: the handler, what it blocks besides, and `SA_*` flags.

    `mask` may be given as names; `sigaction` gives it back as a set.
    """

    handler: Handler | Literal[Special.DEFAULT, Special.IGNORE] = DEFAULT
    mask: SigSet | tuple[Signal, ...] = ()
    flags: int = 0

    @property
    def blocks(self) -> SigSet:
        """The mask, of an action that a process has taken."""
        assert isinstance(self.mask, SigSet)
        return self.mask

    @property
    def text(self) -> str:
        """The handler's name, `default` or `ignore`."""
        if isinstance(self.handler, Special):
            return self.handler.value
        return getattr(self.handler, "__name__", type(self.handler).__name__)


class Dispositions:
    """The action of each signal of one process."""

    __slots__ = ("_actions", "_default", "kernel")

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._default = Action(mask=kernel.empty())
        self._actions: dict[int, Action] = {}

    def __getitem__(self, number: int) -> Action:
        return self._actions.get(number, self._default)

    def __setitem__(self, number: int, action: Action) -> None:
        kernel = self.kernel
        mask = action.mask if isinstance(action.mask, SigSet) else kernel.sigset(*action.mask)
        self._actions[number] = replace(action, mask=kernel.maskable(mask))

    def ignored(self, number: int) -> bool:
        """Whether the signal would do nothing to a process that runs."""
        handler = self[number].handler
        return handler is IGNORE or (
            handler is DEFAULT and self.kernel.default(number) in (Default.IGNORE, Default.CONTINUE)
        )

    def deadly(self, number: int) -> Default | None:
        """How the signal kills, if its action is to kill."""
        default = self.kernel.default(number)
        deadly = default in (Default.TERMINATE, Default.CORE)
        return default if deadly and self[number].handler is DEFAULT else None

    def reset(self, number: int) -> None:
        """Make the signal's action the default one, as SA_RESETHAND does at delivery."""
        action = self[number]
        flags = action.flags
        if self.kernel.resethand_clears_siginfo:
            flags &= ~self.kernel.flags["SA_SIGINFO"]
        self._actions[number] = replace(action, handler=DEFAULT, flags=flags)


async def sigaction(process: Process, signal: Signal, action: Action | None = None) -> Action:
    """Set a signal's action, unless that is None; gives the action before.

    Raises `OSError` EINVAL for what is no signal, for catching or ignoring SIGKILL or
    SIGSTOP, and where the kernel says so for a flag that it does not know.
    """
    await process.enter("sigaction")
    kernel = process.kernel
    number = kernel.number(signal)
    if not kernel.valid(number) or number in kernel.reserved:
        raise process.fails("sigaction", "EINVAL", f"{number} is no signal")
    name = kernel.signal_name(number)
    before = process.dispositions[number]
    if action is None:
        process.machine.record("syscall", "", "sigaction", before.text, None)
        return before
    if name in ("SIGKILL", "SIGSTOP") and (
        action.handler is not DEFAULT or kernel.refuses_default_of_uncatchable
    ):
        raise process.fails("sigaction", "EINVAL", f"the action of {name} cannot be changed")
    known = kernel.flag(*kernel.flags)
    if kernel.refuses_unknown_flags and action.flags & ~known:
        raise process.fails("sigaction", "EINVAL", f"unknown flags {action.flags & ~known:#x}")
    process.dispositions[number] = action
    taken = process.dispositions[number]
    process.machine.record(
        "signal.action", "", name, taken.text, flag_names(kernel, taken.flags), str(taken.blocks)
    )
    if process.dispositions.ignored(number):
        process.discard(number)
    return before


async def signal_(
    process: Process, signal: Signal, handler: Handler | Literal[Special.DEFAULT, Special.IGNORE]
) -> Handler | Literal[Special.DEFAULT, Special.IGNORE]:
    """Set a signal's handler with SA_RESTART (`signal`); gives the one before.

    Raises `OSError` EINVAL as `sigaction`.
    """
    flags = process.kernel.flag("SA_RESTART")
    return (await sigaction(process, signal, Action(handler, flags=flags))).handler


def flag_names(kernel: Kernel, flags: int) -> str:
    """`SA_*` flags as text, in the order of their bits."""
    return " ".join(name for name, bit in kernel.flags.items() if flags & bit)

"""What a process does with each signal, as its calls of rt_sigaction say.

A program begins with the default action for every signal, but for those that whoever started it
ignores; that is not seen, and nothing is known of a process that strace was attached to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from emu.analysis.strace.scanning import items, members, words
from emu.analysis.strace.signalset import parse_set, signal_number

DEFAULT: Final = "default"
IGNORE: Final = "ignore"
UNKNOWN: Final = "unknown"

_FLAGS: Final = {
    "SA_NOCLDSTOP": 1,
    "SA_NOCLDWAIT": 2,
    "SA_SIGINFO": 4,
    "SA_ONSTACK": 0x08000000,
    "SA_RESTART": 0x10000000,
    "SA_NODEFER": 0x40000000,
    "SA_RESETHAND": 0x80000000,
}
"""Those of sigaction(2), in the order of their bits; `SA_RESTORER` is the C library's own."""

_BARE: Final = ("sa_handler", "sa_mask", "sa_flags")
"""What a struct holds that older versions of strace write without names."""

_SPECIAL: Final = {"SIG_DFL": DEFAULT, "SIG_IGN": IGNORE, "NULL": DEFAULT}
IGNORED_BY_DEFAULT: Final = frozenset(("SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT"))


@dataclass(frozen=True, slots=True)
class Action:
    """What is done: `handler` is an address, `default`, `ignore` or `unknown`.

    `blocks` are the bits that the handler blocks besides; None: not known.
    """

    handler: str = DEFAULT
    flags: frozenset[str] = frozenset()
    blocks: int | None = 0

    @property
    def handled(self) -> bool | None:
        """Whether a function of the program runs; None if it is not known."""
        return None if self.handler == UNKNOWN else self.handler not in (DEFAULT, IGNORE)

    @property
    def flag_text(self) -> str:
        """The flags as text, in the order of their bits."""
        return " ".join(name for name in _FLAGS if name in self.flags)

    def reset(self) -> Action:
        """What is left of it after a delivery with `SA_RESETHAND`."""
        return replace(self, handler=DEFAULT)


NOT_KNOWN: Final = Action(UNKNOWN, blocks=None)


def parse_sigaction(arguments: str) -> tuple[int, Action] | None:
    """The signal, and what is to be done with it; None where a call only asks what that is."""
    given = items(arguments)
    signal = signal_number(given[0]) if given else None
    if signal is None or len(given) < 2 or given[1] in ("NULL", "0"):
        return None
    named = members(given[1])
    bare = items(given[1].removeprefix("{").removesuffix("}"))
    if not named and given[1].startswith("{") and len(bare) >= len(_BARE):
        named = dict(zip(_BARE, bare, strict=False))
    handler = named.get("sa_handler") or named.get("sa_sigaction")
    if handler is None:
        return signal, NOT_KNOWN
    flags, bits = words(named.get("sa_flags", "0"))
    flags |= {name for name, value in _FLAGS.items() if bits & value}
    blocks = parse_set(named.get("sa_mask", "[]"))
    return signal, Action(_SPECIAL.get(handler, handler), flags, blocks)

"""Futex calls: what each asks for, of which word in memory. futex(2), and <linux/futex.h>."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, NamedTuple

from emu.analysis.strace.moments import Syscall
from emu.analysis.strace.scanning import items, number, words

Act = Literal["wait", "wake", "wake_op", "requeue", "lock_pi", "unlock_pi", "trylock_pi", "wait_pi"]

_ACTS: Final[dict[str, tuple[int, Act]]] = {
    "FUTEX_WAIT": (0, "wait"),
    "FUTEX_WAKE": (1, "wake"),
    "FUTEX_REQUEUE": (3, "requeue"),
    "FUTEX_CMP_REQUEUE": (4, "requeue"),
    "FUTEX_WAKE_OP": (5, "wake_op"),
    "FUTEX_LOCK_PI": (6, "lock_pi"),
    "FUTEX_UNLOCK_PI": (7, "unlock_pi"),
    "FUTEX_TRYLOCK_PI": (8, "trylock_pi"),
    "FUTEX_WAIT_BITSET": (9, "wait"),
    "FUTEX_WAKE_BITSET": (10, "wake"),
    "FUTEX_WAIT_REQUEUE_PI": (11, "wait_pi"),
    "FUTEX_CMP_REQUEUE_PI": (12, "requeue"),
    "FUTEX_LOCK_PI2": (13, "lock_pi"),
}
"""Each command with its number, for calls that are not decoded, and with what it does."""

_BY_NUMBER: Final = dict(_ACTS.values())
_COMMAND: Final = 0x7F
_PRIVATE: Final = 0x80
_CLOCK_REALTIME: Final = 0x100
_WITH_ANOTHER: Final = ("requeue", "wake_op", "wait_pi")
_32_BITS: Final = 0xFFFF_FFFF


class Request(NamedTuple):
    """What a futex call asks for: what to do, on which word, with which value.

    `value` is what a wait expects the word to be, or how many threads to wake. `other` is a second
    word: where waiters go, or what is changed as well, or which lock to have after the wait.
    """

    act: Act
    word: int
    value: int
    other: int | None = None
    private: bool = True
    clocked: bool = False


def parse_request(call: Syscall) -> Request | None:
    """What a call of `futex`, `futex_wait` or `futex_wake` asks for; None for any other."""
    return _parse(call.name, call.arguments) if call.name.startswith("futex") else None


@lru_cache(maxsize=4_096)
def _parse(name: str, arguments: str) -> Request | None:
    """A program asks for few things, many times."""
    given = items(arguments)
    word = number(given[0]) if given else None
    if word is None or len(given) < 2:
        return None
    if name in ("futex_wait", "futex_wake"):
        waits = name == "futex_wait"
        value = number(given[1 if waits or len(given) < 3 else 2])
        return Request("wait" if waits else "wake", word, (value or 0) & _32_BITS)
    if name != "futex":
        return None
    flags, bits = words(given[1])
    act = next((_ACTS[one][1] for one in map(_command, sorted(flags)) if one in _ACTS), None)
    if act is None and not flags:
        act = _BY_NUMBER.get(bits & _COMMAND)
    if act is None:
        return None
    value = ((number(given[2]) if len(given) > 2 else None) or 0) & _32_BITS
    other = number(given[4]) if act in _WITH_ANOTHER and len(given) > 4 else None
    private = any(flag.endswith("_PRIVATE") for flag in flags) or bool(bits & _PRIVATE)
    clock = "FUTEX_CLOCK_REALTIME" in flags or bool(bits & _CLOCK_REALTIME)
    clocked = clock and len(given) > 3 and given[3] in ("NULL", "0")
    return Request(act, word, value, other, private, clocked)


def _command(flag: str) -> str:
    return flag.removesuffix("_PRIVATE")

"""What a handler is told about its signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SigInfo:
    """One instance of a signal: which, from where, and with what.

    `code` is the kernel's number; `address` that of a fault; `value` that of `sigqueue`;
    `sender` a thread's name, a timer's, or `outside`.
    """

    signal: str
    number: int
    code: int
    address: int | None = None
    value: Any = None
    sender: str = ""
    synchronous: bool = False

"""Reading beside the loop: in a thread that nobody waits for once its caller is cancelled.

A file may take for ever (it lies on a network, it is a pipe), and the end of the service must not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import trio

Answer = TypeVar("Answer")
Given = TypeVarTuple("Given")


async def aside(function: Callable[[*Given], Answer], *given: *Given) -> Answer:
    """What a function gives that changes nothing."""
    return await trio.to_thread.run_sync(function, *given, abandon_on_cancel=True)

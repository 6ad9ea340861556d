"""Scenarios for a service to run."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from emu.engine.machine import Machine
from emu.engine.scenario import scenario


def hang(fifo: str) -> None:
    """Go on for ever, with a child that does, whoever asks; both hold the other end of `fifo`."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    end = os.open(fifo, os.O_WRONLY)
    if os.fork():
        os.write(end, b"here\n")
    while True:
        time.sleep(1)


@scenario()
async def stubborn(m: Machine, *, fifo: str = "") -> None:
    """Does not end when asked."""
    hang(fifo)


@scenario()
async def talkative(m: Machine) -> None:
    """Prints what is no JSON."""
    sys.stdout.write("hello\n")


@scenario()
async def dies(m: Machine) -> None:
    """Takes its process with it."""
    os.kill(os.getpid(), signal.SIGKILL)


@scenario()
async def writes(m: Machine) -> None:
    """Leaves a file behind, where it runs."""
    touch = Path("left-behind").touch
    touch()


@scenario()
async def sees(m: Machine, *, name: str = "") -> None:
    """Ends well if a variable is not in its environment."""
    assert name not in os.environ


@scenario()
async def ends_early(m: Machine) -> None:
    """Asks its process to end, as the service does when its time is up."""
    os.kill(os.getpid(), signal.SIGTERM)

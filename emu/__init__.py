"""emu: the chaos emulator for thread runtimes.

The layers, each of which imports only from those above it:

    record               what one run leaves behind: tape, events, findings, history, log
    engine               threads in virtual time: checkpoint, baton, wait queues, watchdog
    analysis             reads finished histories: messages, pictures, statistics
    posix, gosync        what a C thread sees, and what a goroutine sees
    goruntime            the Go runtime of February 2012, over posix
    chaos                what may be injected, where, and how often
    scenarios            bundled programs, each with its parameters and expectation
    search               strategies, replay, exploration, shrinking
    campaign, service    soaks of whole plans; the same verbs over HTTP
    cli                  the same verbs at the prompt

A name below is imported from its layer when it is first used, so importing emu is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

_NAMES = {
    "emu.chaos.entries": "Fail Fault Signal Spurious Stall",
    "emu.chaos.plan": "Plan",
    "emu.engine.checkpoint": "checkpoint",
    "emu.engine.chooser": "Chooser",
    "emu.engine.machine": "Machine",
    "emu.engine.ownership": "Ownership",
    "emu.engine.param": "AtLeast",
    "emu.engine.scenario": "Scenario scenario setup",
    "emu.engine.thread": "Panic Thread",
    "emu.engine.waitqueue": "WaitQueue",
    "emu.engine.watchdog": "Limits",
    "emu.errors": "EmuError Falsified Mismatch StrategyError TapeError Undecided UsageError",
    "emu.posix.action": "DEFAULT IGNORE Action",
    "emu.posix.condvar": "Condition",
    "emu.posix.frame": "Context",
    "emu.posix.freebsd": "FREEBSD",
    "emu.posix.linux": "LINUX",
    "emu.posix.memory": "Atomic Word",
    "emu.posix.mutex": "Mutex",
    "emu.posix.process": "Process",
    "emu.posix.semaphore": "Semaphore",
    "emu.posix.siginfo": "SigInfo",
    "emu.record.finding": "Expectation Finding Outcome",
    "emu.record.history": "History",
    "emu.record.log": "write_history",
    "emu.record.reading": "read_history",
    "emu.record.tape": "Tape parse_tape",
    "emu.search.calibration": "Calibration",
    "emu.search.check": "check",
    "emu.search.explore": "explore run_once",
    "emu.search.replay": "replay",
    "emu.search.shrink": "shrink",
    "emu.search.strategy": "Strategy",
    "emu.search.testcase": "test",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - one list is enough

if TYPE_CHECKING:  # the same once more, for tools that read
    from emu.chaos.entries import (
        Fail as Fail,
        Fault as Fault,
        Signal as Signal,
        Spurious as Spurious,
        Stall as Stall,
    )
    from emu.chaos.plan import Plan as Plan
    from emu.engine.checkpoint import checkpoint as checkpoint
    from emu.engine.chooser import Chooser as Chooser
    from emu.engine.machine import Machine as Machine
    from emu.engine.ownership import Ownership as Ownership
    from emu.engine.param import AtLeast as AtLeast
    from emu.engine.scenario import Scenario as Scenario, scenario as scenario, setup as setup
    from emu.engine.thread import Panic as Panic, Thread as Thread
    from emu.engine.waitqueue import WaitQueue as WaitQueue
    from emu.engine.watchdog import Limits as Limits
    from emu.errors import (
        EmuError as EmuError,
        Falsified as Falsified,
        Mismatch as Mismatch,
        StrategyError as StrategyError,
        TapeError as TapeError,
        Undecided as Undecided,
        UsageError as UsageError,
    )
    from emu.posix.action import DEFAULT as DEFAULT, IGNORE as IGNORE, Action as Action
    from emu.posix.condvar import Condition as Condition
    from emu.posix.frame import Context as Context
    from emu.posix.freebsd import FREEBSD as FREEBSD
    from emu.posix.linux import LINUX as LINUX
    from emu.posix.memory import Atomic as Atomic, Word as Word
    from emu.posix.mutex import Mutex as Mutex
    from emu.posix.process import Process as Process
    from emu.posix.semaphore import Semaphore as Semaphore
    from emu.posix.siginfo import SigInfo as SigInfo
    from emu.record.finding import (
        Expectation as Expectation,
        Finding as Finding,
        Outcome as Outcome,
    )
    from emu.record.history import History as History
    from emu.record.log import write_history as write_history
    from emu.record.reading import read_history as read_history
    from emu.record.tape import Tape as Tape, parse_tape as parse_tape
    from emu.search.calibration import Calibration as Calibration
    from emu.search.check import check as check
    from emu.search.explore import explore as explore, run_once as run_once
    from emu.search.replay import replay as replay
    from emu.search.shrink import shrink as shrink
    from emu.search.strategy import Strategy as Strategy
    from emu.search.testcase import test as test

else:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)

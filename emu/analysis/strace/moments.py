"""Lines become moments: a call begins, a call comes back, a signal arrives, a thread is over.

The two halves of a call that others interrupt are joined, so that its beginning knows how it
will end. A call that goes on after a signal (`restart_syscall`) is the call that was interrupted.

In one file the order of the lines is the order in which strace saw things happen, and counts.
Files that `-ff` wrote are put together by their times.

When a call came back is known from the line on which it does, or with -T. Otherwise a call that
may wait is taken to last until the next line, of the file, or of the thread with `-ff`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emu.analysis.strace import syntax
from emu.analysis.strace.calls import FORKS, may_wait
from emu.analysis.strace.reading import Damage, Numbered, pid_of, read_lines
from emu.analysis.strace.stack import Stack
from emu.analysis.strace.syntax import Result

ROOT: Final = 0
"""The thread of lines that name none, as long as it is not known which it is."""

_RESUMING: Final = re.compile(r"<\.\.\. resuming interrupted (\w+) \.\.\.>")


@dataclass(slots=True)
class Syscall:
    """A call of a thread, whole. Without a `result` it never came back.

    `again`: it goes on after a signal, and does not begin here. `at` is the place in the program.
    `told`: an event of its own says what it did.
    """

    name: str
    arguments: str
    result: Result | None = None
    again: bool = False
    at: str = ""
    told: bool = False

    @property
    def value(self) -> int | None:
        """What it gave back, if it did and that is a number."""
        return self.result.value if self.result is not None else None

    @property
    def error(self) -> str:
        """The name of the error with which it came back, if it did."""
        return self.result.error if self.result is not None else ""

    @property
    def succeeded(self) -> bool:
        """Whether it came back, without an error."""
        return self.result is not None and not self.result.error


@dataclass(frozen=True, slots=True)
class Enter:
    """A call begins."""

    call: Syscall


@dataclass(frozen=True, slots=True)
class Leave:
    """A call comes back."""

    call: Syscall


What = (
    Enter
    | Leave
    | syntax.Signalled
    | syntax.Stopped
    | syntax.Exited
    | syntax.Killed
    | syntax.Superseded
)


@dataclass(slots=True)
class Moment:
    """Something happens to thread `tid` at `t` (ns since 1970); `step` counts the lines."""

    step: int
    t: int
    tid: int
    comm: str
    what: What


def read_moments(paths: Iterable[Path], damage: Damage) -> list[Moment]:
    """What happened, in order, in one trace: in one file, or in those of its threads."""
    files = [(path, _File(path, damage)) for path in paths]
    if len(files) == 1:
        return files[0][1].moments
    merged = [moment for _, file in files for moment in file.moments]
    merged.sort(key=lambda moment: moment.t)  # stable: each file keeps its order
    for step, moment in enumerate(merged, start=1):
        moment.step = step
    return merged


class _File:
    """Reads one file."""

    def __init__(self, path: Path, damage: Damage) -> None:
        self.moments: list[Moment] = []
        self.path = path
        self.damage = damage
        self._owner = pid_of(path)
        self._alive: dict[int, None] = {}
        self._children: set[int] = set()
        self._root: int | None = self._owner
        self._begun: dict[int, Syscall] = {}
        self._interrupted: dict[int, Syscall] = {}
        self._stack = Stack()
        self._open_end: Moment | None = None
        self._last = self._clock = 0
        for numbered in read_lines(path, damage):
            self._line(numbered)
        self._stack.end()
        for moment in self.moments:
            if moment.tid == ROOT:
                moment.tid = self._root or ROOT

    def _line(self, numbered: Numbered) -> None:
        number, line = numbered
        what = line.what
        if isinstance(what, syntax.Frame):
            self._stack.frame(what)
            return
        self._stack.end()
        if isinstance(what, syntax.Attached):
            self._children.add(what.pid)
            return
        if isinstance(what, syntax.Remark) or line.t is None:
            return
        if line.t < self._clock:
            self.damage.note(self.path, number, "the clock was set back; its time is that before")
        self._clock = line.t
        t = self._last = max(line.t, self._last)
        if self._open_end is not None:
            self._open_end.t, self._open_end = t, None
        tid = self._thread(line.pid)
        step, comm = number, line.comm
        match what:
            case syntax.Call():
                call = self._call(tid, what.name, what.arguments)
                self._add(step, t, tid, comm, Enter(call))
                self._come_back(step, t, tid, comm, call, what)
            case syntax.Begun():
                call = self._call(tid, what.name, what.arguments)
                self._begun[tid] = call
                self._add(step, t, tid, comm, Enter(call))
            case syntax.Ended():
                self._ended(step, t, tid, comm, what)
            case syntax.Superseded():
                if what.by in self._begun:
                    self._begun[tid] = self._begun.pop(what.by)
                self._alive.pop(what.by, None)
                self._add(step, t, tid, comm, what)
            case _:
                if isinstance(what, syntax.Exited | syntax.Killed):
                    self._alive.pop(tid, None)
                    self._begun.pop(tid, None)
                self._add(step, t, tid, comm, what)

    def _thread(self, pid: int | None) -> int:
        """The thread of a line: the one that it names, or the only one there is."""
        if pid is None:
            pid = self._owner
        if pid is None and len(self._alive) == 1:
            pid = next(iter(self._alive))
        if pid is None:
            pid = self._root or ROOT
        elif pid != ROOT and self._root is None and pid not in self._children:
            self._root = pid
            if ROOT in self._alive:
                self._alive = {pid if one == ROOT else one: None for one in self._alive}
            for of in (self._begun, self._interrupted):
                if ROOT in of:
                    of[pid] = of.pop(ROOT)
        self._alive[pid] = None
        return pid

    def _add(self, step: int, t: int, tid: int, comm: str, what: What) -> Moment:
        moment = Moment(step, t, tid, comm, what)
        self.moments.append(moment)
        return moment

    def _call(self, tid: int, name: str, arguments: str) -> Syscall:
        resuming = _RESUMING.search(arguments) if name == "restart_syscall" else None
        if resuming is None:
            return Syscall(_plain(name), arguments)
        before = self._interrupted.pop(tid, None)
        if before is not None and before.name == _plain(resuming[1]):
            return Syscall(before.name, before.arguments, again=True)
        return Syscall(_plain(resuming[1]), "", again=True)

    def _ended(self, step: int, t: int, tid: int, comm: str, what: syntax.Ended) -> None:
        call = self._begun.pop(tid, None)
        if call is None or (call.name != _plain(what.name) and what.name != "restart_syscall"):
            call = Syscall(_plain(what.name), what.arguments, again=True)
            self._add(step, t, tid, comm, Enter(call))
        elif not call.again:
            rest = what.arguments.lstrip(", ")
            gap = " " if rest.startswith("=> ") else ", "
            call.arguments = f"{call.arguments}{gap}{rest}" if rest else call.arguments
        self._come_back(step, t, tid, comm, call, what, ended=True)

    def _come_back(
        self,
        step: int,
        t: int,
        tid: int,
        comm: str,
        call: Syscall,
        what: syntax.Call | syntax.Ended,
        *,
        ended: bool = False,
    ) -> None:
        self._stack.of(call)
        call.result = what.result
        if what.result is None:
            return
        if what.result.error == "ERESTART_RESTARTBLOCK":
            self._interrupted[tid] = call
        if call.name in FORKS and call.value:
            self._children.add(call.value)
        moment = self._add(step, t, tid, comm, Leave(call))
        if ended:
            return
        if what.lasted is not None:
            moment.t = self._last = t + what.lasted
        elif may_wait(call.name):
            self._open_end = moment


def _plain(name: str) -> str:
    """A call's name, without what tells that its times have 64 bits."""
    return name.removesuffix("_time64")

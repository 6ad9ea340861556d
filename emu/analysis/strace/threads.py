"""The threads and processes of a trace: who made whom, what they share, what they are called.

A number may come back for another thread once its first is over, so a thread is a value of its
own. A thread shares its process with whoever made it if `CLONE_THREAD` says so (clone(2)); of a
call whose arguments were not decoded (`-e raw`) that is assumed. Every process has memory of its
own, and other memory after each execve, so an address means something only in one of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from emu.analysis.strace import syntax
from emu.analysis.strace.calls import FORKS
from emu.analysis.strace.moments import Enter, Leave, Moment, Syscall
from emu.analysis.strace.scanning import items, members, number, string, words

_CLONE_THREAD: Final = 0x10000
_CHILD_TID: Final = ("child_tid", "child_tidptr")
_RAW_CHILD_TID: Final = 3
"""Which argument of an undecoded clone it is, on x86-64 and most others but i386."""


@dataclass(eq=False)
class Process:
    """A process: its number, how often it has begun another program, and the program's name.

    `whole`: the trace has its beginning, so that what is not in it did not happen.
    """

    pid: int
    parent: Process | None = None
    whole: bool = False
    program: str = ""
    command: tuple[str, ...] = ()
    space: int = 0

    @property
    def memory(self) -> tuple[int, int]:
        """Which memory it has now."""
        return self.pid, self.space


@dataclass(eq=False)
class Thread:
    """A thread: made at moment `born`, first seen at `began`, seen at `moments`, over at `over`.

    `began` is -1, and `over` None, for what was not seen. `name` is known at the end.

    `tid_word` is the address that the kernel clears and wakes when the thread is over, in the
    memory that its process had when it was the `space`th.
    """

    tid: int
    process: Process
    parent: Thread | None = None
    born: int = -1
    began: int = -1
    over: int | None = None
    tid_word: int | None = None
    space: int = 0
    own_name: str = ""
    name: str = ""
    moments: list[int] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<Thread {self.name or self.tid}>"

    def last_before(self, moment: int) -> int | None:
        """The number of its last moment up to `moment`; None if it has none yet."""
        at = bisect_right(self.moments, moment)
        return self.moments[at - 1] if at else None

    def lives(self, moment: int) -> bool:
        """Whether it has been made by `moment`, and is not over."""
        return self.born <= moment and (self.over is None or moment <= self.over)

    def after(self, moment: int) -> Iterator[int]:
        """The numbers of its moments after `moment`, in order."""
        for at in range(bisect_right(self.moments, moment), len(self.moments)):
            yield self.moments[at]


class Trace:
    """What happened, and who did it: `who` has the thread of each moment, `spaces` its memory.

    `threads` are in the order in which they were made, `born` has the child of each call that
    made one, by the call's moment.
    """

    def __init__(self, moments: list[Moment]) -> None:
        self.moments = moments
        self.who: list[Thread] = []
        self.threads: list[Thread] = []
        self.born: dict[int, Thread] = {}
        self.spaces: list[tuple[int, int]] = []
        self._living: dict[int, Thread] = {}
        memories: dict[tuple[int, int], tuple[int, int]] = {}
        for at, moment in enumerate(moments):
            thread = self._thread(moment.tid)
            if thread.began < 0:
                thread.began = at
            if moment.comm:
                thread.own_name = moment.comm
            thread.moments.append(at)
            self.who.append(thread)
            self._happened(at, moment, thread)
            memory = thread.process.memory
            self.spaces.append(memories.setdefault(memory, memory))
        _name(self.threads)

    def _thread(self, tid: int) -> Thread:
        known = self._living.get(tid)
        if known is None:
            # Nobody was seen to make it: the first one, or one that strace was attached to. It
            # belongs to the process that is there, if that was attached to as well.
            first = self.threads[0].process if self.threads else None
            joins = first is not None and not first.whole
            process = first if joins and first is not None else Process(tid)
            known = self._new(Thread(tid, process))
        return known

    def _new(self, thread: Thread) -> Thread:
        self._living[thread.tid] = thread
        self.threads.append(thread)
        return thread

    def _happened(self, at: int, moment: Moment, thread: Thread) -> None:
        match moment.what:
            case Enter(call) if call.name in FORKS and call.succeeded and call.value:
                self.born[at] = self._born(at, call, thread)
            case Enter(call) if call.name == "execve" and call.succeeded:
                _executed(call, thread.process)
            case Leave(call) if call.name == "prctl" and call.succeeded:
                called = items(call.arguments)
                if called[:1] == ["PR_SET_NAME"] and len(called) > 1:
                    thread.own_name = string(called[1])
            case Leave(call) if call.name == "set_tid_address" and call.succeeded:
                thread.tid_word, thread.space = number(call.arguments), thread.process.space
            case syntax.Exited() | syntax.Killed():
                self._living.pop(moment.tid, None)
                thread.over = at
            case syntax.Superseded(by):
                other = self._living.pop(by, None)
                if other is not None:
                    other.over = at

    def _born(self, at: int, call: Syscall, parent: Thread) -> Thread:
        assert call.value is not None
        shares, word = _asked(call)
        if shares:
            process = parent.process
        else:
            of = parent.process
            process = Process(call.value, of, whole=True, program=of.program, command=of.command)
        space = process.space
        return self._new(Thread(call.value, process, parent, at, tid_word=word, space=space))


def _asked(call: Syscall) -> tuple[bool, int | None]:
    """Whether a new thread shares its maker's process, and where its number is cleared."""
    if call.name in ("fork", "vfork"):
        return False, None
    named = members(call.arguments)
    if "flags" in named:
        flags, bits = words(named["flags"])
        word = next((number(named[one]) for one in _CHILD_TID if one in named), None)
        clears = "CLONE_CHILD_CLEARTID" in flags
        return "CLONE_THREAD" in flags or bool(bits & _CLONE_THREAD), word if clears else None
    raw = items(call.arguments)
    flags_ = number(raw[0]) if raw and call.name != "clone3" else None
    if flags_ is None:
        return True, None
    word = number(raw[_RAW_CHILD_TID]) if len(raw) > _RAW_CHILD_TID else None
    return bool(flags_ & _CLONE_THREAD), word


def _executed(call: Syscall, process: Process) -> None:
    parts = items(call.arguments)
    process.space += 1
    process.whole = True
    process.program = PurePath(string(parts[0])).name if parts else ""
    if len(parts) > 1 and parts[1].startswith("["):
        process.command = tuple(map(string, items(parts[1][1:-1])))


def _name(threads: list[Thread]) -> None:
    """A thread is called what it calls itself; by its number, if it does not or others do too."""
    called = Counter(thread.own_name for thread in threads if thread.own_name)
    used: Counter[str] = Counter()
    for thread in threads:
        own = thread.own_name
        name = str(thread.tid) if not own else own if called[own] == 1 else f"{own}/{thread.tid}"
        used[name] += 1
        thread.name = name if used[name] == 1 else f"{name}.{used[name]}"

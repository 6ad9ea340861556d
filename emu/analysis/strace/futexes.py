"""The words of memory that threads meet on, and of what kind each is.

The kernel knows of a futex only its address, and what a wait expects there (futex(2)). What the
word is to the program follows from how all calls of the trace use it:

- `pi`: calls that lock or unlock a priority-inheritance mutex. The kernel says who gets it, and
  lets nobody but its owner unlock it.
- `owned`: every wait expects a value with `FUTEX_WAITERS` (bit 31) and the number of a thread of
  the process, which owns it: glibc's robust mutexes, and musl's mutexes that check; or the value
  that stands for an owner in those of musl that do not.
- `lock`: every wait expects 2 and every wake-up is for one thread. That is glibc's low-level lock,
  on which its other mutexes stand (nptl/lowlevellock.c, sysdeps/nptl/lowlevellock.h: 0 free, 1
  held, 2 held and perhaps waited for), and so is Rust's `Mutex`: U. Drepper, Futexes Are Tricky
  (2011), section 5, "Mutex, Take 2". Read-write locks, barriers and condition variables may expect
  a 2 as well, and are told apart: not all their waits do, or they wake everybody, or whoever came
  out of a wait does not wake somebody next, as one that has such a lock must (see `locks`). And
  where glibc waits for anything else, without a limit, it names a clock all the same
  (nptl/futex-internal.c), which none of the locks does. The locks of Go's runtime up to 1.23 cannot
  be told apart: one that asks for such a lock may take the 2 from the word for a moment
  (runtime/lock_futex.go), and who lets go of it then does so without a call. So of a Go program,
  what is told of its runtime's locks may be of the holder after the one that was meant.
- `thread`: the word that the kernel clears when a thread is over (`CLONE_CHILD_CLEARTID` in
  clone(2)): who waits until it is no longer the thread's number joins the thread.
- `other`: a condition variable, a semaphore, or what else there is. They have no owner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from emu.analysis.strace.moments import Enter, Leave, Syscall
from emu.analysis.strace.requests import Request, parse_request
from emu.analysis.strace.syntax import Signalled
from emu.analysis.strace.threads import Thread
from emu.analysis.strace.timeline import Timeline

WAITERS: Final = 0x8000_0000
_OWNER: Final = 0x3FFF_FFFF
_MUSL_HELD: Final = WAITERS | 16
"""What a musl mutex that does not check has instead of its owner: EBUSY."""
_CONTENDED: Final = 2
_BETWEEN: Final = frozenset(("clock_gettime", "gettimeofday", "time", "sched_yield"))
"""What a thread may call between two waits for one lock: to look at the clock, to let others go."""


class Kind(Enum):
    """Of what kind a word is; see above."""

    PI = "pi"
    OWNED = "owned"
    LOCK = "lock"
    THREAD = "thread"
    OTHER = "other"


class Use(NamedTuple):
    """A call on a word begins or comes back, at a moment. `second`: it names the word second."""

    at: int
    thread: Thread
    call: Syscall
    request: Request
    begins: bool
    second: bool


@dataclass(eq=False)
class Word:
    """A word: its address, and in which memory it is; `uses` are in order.

    `ends` are the threads whose end it tells, by number. `alone`: no other process can see it.
    """

    address: int
    space: tuple[int, int]
    uses: list[Use] = field(default_factory=list)
    ends: dict[int, Thread] = field(default_factory=dict)
    kind: Kind = Kind.OTHER
    alone: bool = True
    name: str = ""


def owner_of(use: Use, timeline: Timeline) -> Thread | None:
    """The thread that a wait's value names as the owner, if there is such a one in its process."""
    value = use.request.value
    if not value & WAITERS or value == _MUSL_HELD:
        return None
    for thread in timeline.trace.threads:
        mine = thread.process is use.thread.process
        if mine and thread.tid == value & _OWNER and thread.lives(use.at):
            return thread
    return None


def words_of(timeline: Timeline) -> list[Word]:
    """Every word that the trace has calls on, in the order of the first call on each."""
    trace = timeline.trace
    found: dict[tuple[tuple[int, int], int], Word] = {}
    private: dict[Word, bool] = {}
    for at, moment in enumerate(trace.moments):
        what = moment.what
        if not isinstance(what, Enter | Leave) or not what.call.name.startswith("futex"):
            continue
        request = parse_request(what.call)
        if request is None:
            continue
        space = trace.spaces[at]
        for address in (request.word, request.other):
            if not address:
                continue
            word = found.setdefault((space, address), Word(address, space))
            second = address != request.word
            use = Use(at, trace.who[at], what.call, request, isinstance(what, Enter), second)
            word.uses.append(use)
            private[word] = private.get(word, True) and request.private
    for thread in trace.threads:
        if thread.tid_word is not None:
            space = thread.process.pid, thread.space
            if (space, thread.tid_word) in found:
                found[space, thread.tid_word].ends[thread.tid] = thread
    met = {word.space for word in found.values() if _waited_on(word)}
    for word in found.values():
        word.alone = private[word] or len(met) == 1
        word.kind = _kind(word, timeline)
        word.name = f"{word.address:#x}" if met == {word.space} else _full_name(word)
    return list(found.values())


def went_on(timeline: Timeline, use: Use) -> int | None:
    """The moment at which a thread did something else, after a wait, than to wait again.

    What a handler does in between does not count. None: it waited again, or is not seen any more.
    """
    trace, depth = timeline.trace, timeline.depths[use.at]
    for at in use.thread.after(use.at):
        what = trace.moments[at].what
        if timeline.depths[at] > depth or isinstance(what, Leave | Signalled):
            continue
        if not isinstance(what, Enter):
            return None
        if what.call.name not in _BETWEEN:
            request = parse_request(what.call)
            asked = (request.word, request.act) if request is not None else None
            return at if asked != (use.request.word, use.request.act) else None
    return None


def _kind(word: Word, timeline: Timeline) -> Kind:
    acts = {(use.request.act, use.second) for use in word.uses}
    waits = [use for use in word.uses if use.request.act == "wait"]
    expected = {use.request.value for use in waits}
    woken = {use.request.value for use in word.uses if use.request.act == "wake"}
    if acts & {("lock_pi", False), ("trylock_pi", False), ("unlock_pi", False), ("wait_pi", True)}:
        return Kind.PI
    if expected & word.ends.keys():
        return Kind.THREAD
    if not waits or woken - {1} or acts & {("requeue", False), ("wake_op", False)}:
        return Kind.OTHER
    if all(_has_owner(use, timeline) for use in waits):
        return Kind.OWNED
    if any(use.request.clocked for use in waits):
        return Kind.OTHER
    return Kind.LOCK if expected == {_CONTENDED} and _given_back(word, timeline) else Kind.OTHER


def _has_owner(use: Use, timeline: Timeline) -> bool:
    return use.request.value == _MUSL_HELD or owner_of(use, timeline) is not None


def _given_back(word: Word, timeline: Timeline) -> bool:
    """Whether every thread that a wait let through did as one that then has the lock.

    It wakes somebody when it lets go of it. Only where it never comes back, it may wait for what
    it has itself.
    """
    following: dict[Thread, Use] = {}
    for use in reversed(word.uses):
        if use.begins:
            following[use.thread] = use
            continue
        after = following.get(use.thread)
        if after is None or after.request.act != "wait" or after.call.result is None:
            continue
        waited = use.request.act == "wait" and use.call.error != "ETIMEDOUT"
        if waited and went_on(timeline, use) is not None:
            return False
    return True


def _waited_on(word: Word) -> bool:
    return any(use.request.act in ("wait", "lock_pi", "wait_pi") for use in word.uses)


def _full_name(word: Word) -> str:
    """What a word is called unless it is in the only memory that has words that threads wait on."""
    pid, space = word.space
    return f"{pid}.{space}:{word.address:#x}" if space > 1 else f"{pid}:{word.address:#x}"

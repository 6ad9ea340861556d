"""What futex calls say about locks, and no more than that: who waits, who acquires, who lets go.

A lock that nobody waits for never enters the kernel, so most acquisitions are not in a trace, and
are not made up. What can be known comes from these rules.

A wait for a `lock` (see `futexes`) follows an exchange in which the thread left 2 in the word and
found that it was held, and then the kernel finds the 2 still there. So, at that moment, somebody
has the lock who will find the 2 when he lets go of it, and then calls FUTEX_WAKE for one thread.
The next one who does so has had the lock at least since then, and if he is in a call then, since
before that call. And a thread that was let through leaves a 2 as well when it gets the lock, so it
will wake somebody itself. It has the lock if the next thing that it does is another one than to
wait again: from when its wait came back, or from the last call by which another one let go of the
lock in between. If the trace ends before that, it still waits, here.

The kernel hands over the mutexes of priority inheritance, so that acquiring and letting go is
there as such. In an owned word, the value that a wait expects names the owner, who has had the lock
at least since then; such a lock may be let go of without a call, and then it was held at least
until the last moment at which the word says so.

So every hold that is told is a part of a real one, and no two of one lock overlap, but for three
things. The instruction that takes a lock comes a moment after a wait comes back, and the one that
frees it a moment before the call that wakes somebody; another thread may have had it in between.
Who calls although another is known to have the lock by then, is taken to have had it until then.
strace may write down what two threads did within some microseconds in another order than they did
it. And where processes may share a lock, none is said to have it because of what it does later.

A holder that is not known is `unknown`. An acquisition that is known by what came later has the
mode `seen`: what else its thread had when it asked for the lock is not known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import Any, Final

from emu.analysis.strace.futexes import Kind, Use, Word
from emu.analysis.strace.knowledge import Guess, Hold, Seen, Try
from emu.analysis.strace.moments import Enter
from emu.analysis.strace.steps import Step, steps_of
from emu.analysis.strace.threads import Thread
from emu.analysis.strace.timeline import AFTER, BEFORE, Draft, Timeline
from emu.record.event import SEEN

UNKNOWN: Final = "unknown"
MODE: Final = "exclusive"
LOCKS: Final = frozenset((Kind.LOCK, Kind.OWNED, Kind.PI))


class Lock:
    """One lock of a trace, call by call."""

    def __init__(self, word: Word, timeline: Timeline) -> None:
        self.word = word
        self.kind = word.kind
        self.timeline = timeline
        self._trying: dict[Thread, Try] = {}
        self._holder: Hold | None = None
        self._seen = Seen()
        self._owed: tuple[Seen, Hold] | None = None
        self._late: Counter[Thread] = Counter()
        self._releases: dict[Thread, list[int]] = {}

    def tell(self) -> None:
        """Add every event of the lock."""
        steps = steps_of(self.word, self.timeline)
        for step in steps:
            if step.act == "release":
                self._releases.setdefault(step.use.thread, []).append(step.at)
        tells = {
            "begin": self._begin,
            "acquire": self._acquire,
            "fail": self._fail,
            "release": self._release,
        }
        for step in steps:
            tells[step.act](step)

    # What a thread does.

    def _begin(self, step: Step) -> None:
        """A thread finds the lock held, and waits for it, or goes on to.

        Where the kernel finds the word changed, nothing is said of who has the lock by now.
        """
        at, use, thread = step.at, step.use, step.use.thread
        shows = use.call.error != "EAGAIN"
        if step.owner is not None and shows:
            self._owns(step.owner, at)
        one = self._trying.get(thread)
        if one is None:
            one = Try(at, Guess([self._add(use, "lock.wait", held_by=UNKNOWN)]))
            self._trying[thread] = one
        holder = self._holder if self.kind is not Kind.PI else None
        held_by = step.owner or (holder.thread if holder is not None else None)
        if not one.guess.made and held_by is not None:
            one.guess.known(held_by)
        elif not one.guess.made and shows:
            self._seen.guesses.append(one.guess)
        if holder is None and shows:
            self._seen.moments.append((at, thread))

    def _acquire(self, step: Step) -> None:
        at, use, holder = step.at, step.use, self._holder
        thread = use.thread
        one = self._trying.pop(thread, None)
        if holder is not None and self._first(thread, holder, use.at):
            self._acquired_before(holder, use, one)
            return
        rank = 0 if at == use.at else AFTER
        if holder is not None:
            late = self.kind is Kind.LOCK
            until = at if late else self._last_sure(holder, at)
            self._let_go(holder.thread, until, rank=rank if late else AFTER)
            if self.kind is not Kind.PI:
                self._late[holder.thread] += 1
        draft = self._acquisition(use, one, at, rank=rank)
        self._holder = Hold(thread, at, step.sure, step.sure, draft)
        if holder is None and self._seen.moments:
            self._owed = (self._seen, self._holder)
        self._seen = Seen()

    def _fail(self, step: Step) -> None:
        self._trying.pop(step.use.thread, None)
        self._add(step.use, "lock.fail", error=step.use.call.error)

    def _release(self, step: Step) -> None:
        at, use, holder = step.at, step.use, self._holder
        thread = use.thread
        if holder is not None and holder.thread is thread:
            self._known(self._seen, thread)
            self._end(use)
        elif self._late[thread]:
            self._late[thread] -= 1
        elif holder is not None and self.kind is Kind.LOCK:
            self._woke_late(holder, use)
        else:
            start = self._start(thread, self._seen) if holder is None else None
            if holder is not None:
                self._let_go(holder.thread, self._last_sure(holder, at), rank=AFTER)
            elif start is not None:
                self._known(self._seen, thread)
            self._had(use, at if start is None else start, rank=BEFORE)
            self._end(use)

    # What that shows.

    def _owns(self, owner: Thread, at: int) -> None:
        """The word says that `owner` has the lock."""
        holder = self._holder
        if holder is not None and holder.thread is owner:
            holder.proven = at
            return
        if holder is not None:
            self._let_go(holder.thread, self._last_sure(holder, at), rank=AFTER)
        since = self._had_before(owner, at, at if holder is not None else self._seen.after)
        draft = self._take(owner, since, rank=BEFORE)
        self._holder = Hold(owner, at, at, at, draft)
        self._seen = Seen()

    def _first(self, thread: Thread, holder: Hold, back: int) -> bool:
        """Whether `thread`, whose wait came back at `back`, had the lock before its holder.

        Both are through by now. Who lets go of it first had it first.
        """
        if self.kind is not Kind.LOCK or back >= holder.sure:
            return False
        theirs = self._next_release(holder.thread, holder.since)
        mine = self._next_release(thread, back)
        return mine is not None and (theirs is None or mine < theirs)

    def _next_release(self, thread: Thread, at: int) -> int | None:
        releases = self._releases.get(thread, [])
        number = bisect_right(releases, at)
        return releases[number] if number < len(releases) else None

    def _acquired_before(self, holder: Hold, use: Use, one: Try | None) -> None:
        """A thread had the lock before its holder, and let go of it before that had it."""
        if use.at > holder.since:
            holder.since = use.at
            holder.draft.key = (use.at, AFTER, *holder.draft.key[2:])
        at = holder.since
        draft = self._acquisition(use, one, at, before=holder.draft)
        self._let_go(use.thread, at, before=holder.draft)
        self._late[use.thread] += 1
        if self._owed is not None and self._owed[1] is holder:
            self._owed = (self._owed[0], Hold(use.thread, at, at, at, draft))

    def _woke_late(self, holder: Hold, use: Use) -> None:
        """A thread wakes somebody although another has the lock by now: it had it before that."""
        start = None
        if self._owed is not None and self.word.alone:
            seen, holder = self._owed
            start = self._start(use.thread, seen)
            self._known(seen, use.thread)
        self._owed = None
        if start is None:
            self._had(use, holder.since, before=holder.draft)
        else:
            self._had(use, start, rank=BEFORE)
        self._let_go(use.thread, holder.since, before=holder.draft)

    def _start(self, thread: Thread, seen: Seen) -> int | None:
        """From which moment on a thread has had the lock, of which it lets go now."""
        first = seen.first_for(thread) if self.word.alone else None
        return None if first is None else self._had_before(thread, first, seen.after)

    def _had_before(self, thread: Thread, at: int, after: int) -> int:
        """When a thread that has the lock at a moment had it already, for it is in a call then."""
        last = thread.last_before(at)
        if last is None or last <= after:
            return at
        return last if isinstance(self.timeline.trace.moments[last].what, Enter) else at

    def _last_sure(self, holder: Hold, before: int) -> int:
        """Up to which moment a holder had the lock for sure, of which another is by `before`."""
        thread, at = holder.thread, holder.proven
        last, after = thread.last_before(at), next(thread.after(at), None)
        if last is None or after is None or after >= before:
            return at
        return after if isinstance(self.timeline.trace.moments[last].what, Enter) else at

    def _known(self, seen: Seen, thread: Thread) -> None:
        """Whoever waited then, waited for `thread`."""
        if self.word.alone:
            for guess in seen.guesses:
                if not guess.made:
                    guess.known(thread)

    def _acquisition(self, use: Use, one: Try | None, at: int, **where: Any) -> Draft:
        """A thread has the lock, after a wait or a try."""
        moments = self.timeline.trace.moments
        fields = {
            "waited": moments[at].t - moments[one.since].t if one is not None else 0,
            "contended": one is not None,
            "held_by": one.guess.drafts[0].fields["held_by"] if one is not None else None,
            "mode": MODE,
        }
        where |= {"depth": self.timeline.depths[use.at], "place": use.call.at}
        draft = self._at(at, use.thread, "lock.acquire", fields, **where)
        if one is not None:
            one.guess.drafts.append(draft)
        return draft

    def _had(self, use: Use, at: int, **where: Any) -> None:
        """A thread that lets go of the lock has had it at least since moment `at`."""
        depth = min(self.timeline.depth(use.thread, at), self.timeline.depths[use.at])
        self._take(use.thread, at, depth=depth, **where)

    def _take(self, thread: Thread, at: int, **where: Any) -> Draft:
        fields = {"waited": 0, "contended": False, "held_by": None, "mode": SEEN}
        return self._at(at, thread, "lock.acquire", fields, **where)

    def _let_go(self, thread: Thread, at: int, **where: Any) -> None:
        self._at(at, thread, "lock.release", {"mode": MODE}, **where)

    def _end(self, use: Use) -> None:
        """The lock is free, as far as it is known."""
        self._add(use, "lock.release")
        self._holder, self._owed, self._seen = None, None, Seen(use.at)
        if self.kind is Kind.OWNED:
            self._late.clear()

    def _add(self, use: Use, kind: str, **fields: Any) -> Draft:
        return self._at(use.at, use.thread, kind, fields | {"mode": MODE}, place=use.call.at)

    def _at(
        self, at: int, thread: Thread, kind: str, fields: dict[str, Any], **where: Any
    ) -> Draft:
        return self.timeline.add(at, thread, kind, self.word.name, fields, **where)

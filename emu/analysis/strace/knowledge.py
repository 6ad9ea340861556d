"""What is known of a lock on the way through a trace: who waits, who has it, what shows so."""

from __future__ import annotations

from dataclasses import dataclass, field

from emu.analysis.strace.threads import Thread
from emu.analysis.strace.timeline import Draft


@dataclass
class Guess:
    """Who held the lock when a thread began to wait, which may be known later; `made`: it is.

    Of a wait that came back at once and was made again, it is who held it the next time.
    """

    drafts: list[Draft]
    made: bool = False

    def known(self, thread: Thread) -> None:
        """It was this thread."""
        self.made = True
        for draft in self.drafts:
            draft.fields["held_by"] = thread


@dataclass
class Try:
    """A thread waits since moment `since`; its events say who held the lock."""

    since: int
    guess: Guess


@dataclass
class Hold:
    """A thread has the lock, at least since moment `since`; `draft` is the acquisition.

    `sure` is the first moment that shows so, and `proven` the last.
    """

    thread: Thread
    since: int
    sure: int
    proven: int
    draft: Draft


@dataclass
class Seen:
    """What shows that somebody has the lock: moments, each with the thread that found it so.

    Somebody else had it up to `after`, if that is known.
    """

    after: int = -1
    moments: list[tuple[int, Thread]] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)

    def first_for(self, thread: Thread) -> int | None:
        """The first moment at which `thread` may have been the holder."""
        own = [at for at, who in self.moments if who is thread]
        after = max(own, default=-1)
        return next((at for at, _ in self.moments if at > after), None)

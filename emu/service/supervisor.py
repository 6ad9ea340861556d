"""Keeps campaigns at work as it is wanted: each in a process, so many at once, the others wait.

What is wanted of a campaign is on its card, written before anything is done about it. So a
service that is killed goes on, when it is started again, where it was: its campaigns' processes
end by themselves, and their ledgers know every run that was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Final

import trio

from emu.campaign.ledger import view
from emu.campaign.ledgerlock import holder
from emu.errors import LogError, UsageError
from emu.service.aside import aside
from emu.service.errors import Conflict
from emu.service.job import Job
from emu.service.journal import Key
from emu.service.process import Process
from emu.service.shelf import PAUSE, RUN, STOP, Card, Shelf
from emu.service.tally import Tally

OVER: Final = frozenset({0, 1, 3})
"""The exit statuses of a campaign that has come to its end; see `emu soak --help`."""

REFUSED: Final = 2

ANSWERS: Final = OVER | {REFUSED}
"""Those that say what has become of a campaign; any other: its process was ended, or lost."""

TRIES: Final = 3
"""So often is a process that was lost started again, unless it got on in the meantime."""

LOOK: Final = 0.1
"""So often is looked whether another process has let go of a campaign, in seconds."""

PASSING: Final = 5.0
"""In so many seconds a process ends that a service before this one has left behind, or sooner."""

SETTLE: Final = 1.0
"""So often is looked whether there is room now for what could not be written, in seconds."""

CHANGES: Final[dict[str, dict[str, Any]]] = {
    RUN: {"failure": "", "ended": False},
    PAUSE: {},
    STOP: {"failure": ""},
}
"""What else changes on the card of a campaign when this is wanted of it."""


class Supervisor:
    """Keeps the campaigns of `shelf` at work, `at_once` of them at a time.

    `changed` is called with the id of a campaign whenever something about it may be new.
    """

    def __init__(
        self, shelf: Shelf, at_once: int, clock: Callable[[], float], changed: Callable[[str], Any]
    ) -> None:
        self.shelf = shelf
        self.jobs: dict[str, Job] = {}
        self.tally = Tally()
        self._slots = trio.Semaphore(at_once)
        self._clock = clock
        self._changed = changed
        self._revisions = count(int(clock() * 1000))  # above those of a service before this one
        self._nursery: trio.Nursery | None = None
        self._closing = False
        self._open = trio.CancelScope()
        self._ended = trio.Event()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Take up what is wanted, and go on until `close`."""
        try:
            async with trio.open_nursery() as nursery:
                await self._take_up(nursery)
                self._nursery = nursery
                task_status.started()
                with self._open:
                    await self._settle()
        finally:  # whatever happened: whoever closes it waits for this
            self._ended.set()

    async def close(self) -> None:
        """End all processes in good order; what is wanted stays what it is."""
        self._closing = True
        for job in self.jobs.values():
            self._interrupt(job)
            self._write_owed(job)
        self._open.cancel()
        await self._ended.wait()

    def job(self, name: str) -> Job:
        """A campaign; raises `NotFound`."""
        return self.jobs[self.shelf.card(name).id]

    def add(self, card: Card) -> Job:
        """Look after a campaign."""
        directory = self.shelf.directory(card.id)
        job = self.jobs[card.id] = Job(card, directory, next(self._revisions))
        self._keep(job)
        return job

    def want(self, name: str, wanted: str) -> Job:
        """Have a campaign run, pause or stop; raises `Conflict` where that cannot be.

        It is written down before it runs: raises `LogError`, and changes nothing, where that
        cannot be. It pauses and stops in any case.
        """
        job = self.job(name)
        card = job.card
        if card.ended and not card.failure:
            raise Conflict(f"campaign {name} is done; begin a new one to run more")
        if card.wanted == STOP != wanted:
            raise Conflict(f"campaign {name} was stopped for good; begin a new one to run more")
        card = replace(card, wanted=wanted, **CHANGES[wanted])
        if wanted == RUN:
            self.shelf.put(card)
            job.card, job.complaint, job.unwritten = card, "", ""
            self._keep(job)
        else:
            job.complaint = ""
            self._put(job, card)
            self._interrupt(job)
        job.journal.wake()  # it may be over by that alone
        self._note_change(job)
        return job

    def check_at_rest(self, name: str) -> None:
        """Raise `Conflict` while a campaign is at work, or waits for that."""
        job = self.job(name)
        if job.kept:
            raise Conflict(f"campaign {name} is {job.state}; stop it before it is deleted")

    def drop(self, name: str) -> None:
        """Look no longer after a campaign, which is at rest, and taken off the shelf."""
        self.jobs.pop(name).journal.wake()

    def _note_change(self, job: Job) -> None:
        job.revision = next(self._revisions)
        self._changed(job.card.id)

    def _interrupt(self, job: Job) -> None:
        if job.process is not None:
            job.process.stop()
        job.waiting.cancel()

    async def _take_up(self, nursery: trio.Nursery) -> None:
        """Go on with what is wanted: first with what was at work, then with what waited longest."""
        for card in self.shelf.cards.values():
            self.add(card)
        due = [job for job in self.jobs.values() if self._wanted(job)]
        for job in sorted(due, key=_turn):
            job.kept = True
            job.patience = PASSING if job.was_at_work else 0.0
            await nursery.start(self._keep_at_work, job)

    def _keep(self, job: Job) -> None:
        if self._nursery is not None and self._wanted(job) and not job.kept:
            job.kept = True
            self._nursery.start_soon(self._keep_at_work, job)

    async def _keep_at_work(
        self, job: Job, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """One sitting after the other, as long as it is wanted and there is something to do."""
        lost = 0
        task_status.started()  # it goes on here until it has a slot, or its place in the queue
        try:
            while self._wanted(job):
                with trio.CancelScope() as job.waiting:
                    await self._slots.acquire()
                if job.waiting.cancelled_caught:
                    continue
                try:
                    status = await self._sit(job)
                finally:
                    self._slots.release()
                if status is not None:
                    lost = 0 if job.got_on else lost + 1
                    self._conclude(job, status, hopeless=lost >= TRIES)
                with trio.CancelScope() as job.waiting:
                    await self._let_go(job)
            if job.state == "paused":  # whoever follows it would wait for ever
                job.journal.add({"event": "paused", "time": round(self._clock(), 3)})
        finally:
            job.kept = False
            job.held = ""
            job.journal.wake()
            self._note_change(job)

    def _wanted(self, job: Job) -> bool:
        card = job.card
        return card.wanted == RUN and not (card.ended or card.failure or self._closing)

    async def _sit(self, job: Job) -> int | None:
        """One sitting; gives the exit status of its process.

        None: there was none, or it was asked to end and had nothing to say for itself.
        """
        with trio.CancelScope() as job.waiting:
            with trio.move_on_after(job.patience):
                await self._let_go(job)
            if not job.held:
                job.counted = await aside(_counted, job.directory)
        job.patience = 0.0
        if job.waiting.cancelled_caught or job.held or not self._wanted(job):
            return None  # the last, as an interruption may come too late for a scope
        process = Process(job.directory, job.card.workers, job.card.memory)
        job.got_on = False
        try:
            with self._at_work(job, process):
                status = await process.run(lambda row: self._tell(job, row))
        except OSError as wrong:
            job.complaint = f"its process cannot be started: {wrong.strerror or wrong}"
            return REFUSED
        job.complaint = process.complaint
        return None if process.stopping and status not in ANSWERS else status

    async def _let_go(self, job: Job) -> None:
        """Wait until no other process has its ledger."""
        while self._wanted(job) and (who := holder(job.directory)):
            self._hold(job, f"process {who} still works on it")
            await trio.sleep(LOOK)
        self._hold(job, "")

    def _hold(self, job: Job, why: str) -> None:
        if job.held != why:
            job.held = why
            self._note_change(job)

    @contextmanager
    def _at_work(self, job: Job, process: Process) -> Iterator[None]:
        job.process = process
        job.changes += 1
        self._note_change(job)
        try:
            yield
        finally:
            job.process = None
            job.flush()
            job.changes += 1
            self._note_change(job)

    def _tell(self, job: Job, row: dict[str, Any]) -> None:
        self.tally.add(row)
        job.tell(row)
        self._note_change(job)

    def _conclude(self, job: Job, status: int, *, hopeless: bool) -> None:
        """Write down what a sitting has come to."""
        if self._closing:
            return
        if status in OVER:
            self._change(job, ended=True)
        elif status == REFUSED and job.card.wanted != RUN:
            return  # it rests, as is wanted; `why` has what was wrong
        elif status == REFUSED:
            self._change(job, failure=job.complaint or "it cannot go on, and did not say why")
        elif hopeless:
            self._change(job, failure=f"its process was lost {TRIES} times, {_how(status)}")
        else:
            how = _how(status)
            self._tell(job, {"event": "interrupted", "time": round(self._clock(), 3), "how": how})

    def give_up(self, name: str, why: str) -> None:
        """Stop a campaign for a reason; it can be resumed."""
        job = self.job(name)
        self._change(job, failure=why)
        self._interrupt(job)

    def _change(self, job: Job, **changes: Any) -> None:
        """Note what has become of a campaign."""
        self._put(job, replace(job.card, **changes))
        if "failure" in changes:
            row = {"event": "failed", "time": round(self._clock(), 3), "why": job.why}
            job.journal.add(row)
        self._note_change(job)

    def _put(self, job: Job, card: Card) -> None:
        """Note a card, on the disk if there is room, or once there is."""
        job.card = card
        self.shelf.note(card)
        try:
            self.shelf.write(card)
        except LogError as wrong:
            job.unwritten = str(wrong).rpartition(": ")[2]
        else:
            job.unwritten = ""

    def _write_owed(self, job: Job) -> None:
        if job.unwritten:
            self._put(job, job.card)
            if not job.unwritten:
                self._note_change(job)

    async def _settle(self) -> None:
        """Write what could not be written, as soon as that can be."""
        while True:
            await trio.sleep(SETTLE)
            for job in list(self.jobs.values()):
                self._write_owed(job)


def _turn(job: Job) -> tuple[bool, float, str]:
    """When a job's turn is."""
    return not job.was_at_work, job.card.created, job.card.id


def _counted(directory: Path) -> dict[Key, int]:
    """How many runs of each entry are in a campaign's ledger; what is wrong with it, others say."""
    with suppress(UsageError), closing(view(directory)) as ledger:
        return {(one.spec.plan, one.spec.name): one.figures.runs for one in ledger.outlines()}
    return {}


def _how(status: int) -> str:
    return f"by signal {-status}" if status < 0 else f"with exit status {status}"

"""A campaign at work: shards are leased to workers, harvested, booked; what is found is told.

The ledger is written before anything counts, and by this one process alone. So a campaign may
end at any moment, in any way, and goes on where its ledger stands.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterable, Callable, Sequence
from typing import Any, Final

import trio

from emu.campaign.crier import Crier, Report
from emu.campaign.harvest import Harvest, Shard
from emu.campaign.leases import WORK, Leases
from emu.campaign.ledger import Ledger
from emu.campaign.logbook import Logbook
from emu.campaign.losses import Losses, NoWorker, WorkerLost
from emu.campaign.order import Order, Told, Yield
from emu.campaign.pace import Pace
from emu.campaign.place import Place
from emu.campaign.pulse import EVERY, FACT, LATEST, Pulse, workers_of
from emu.campaign.terms import Terms
from emu.campaign.triage import Telling, Triage
from emu.errors import EmuError, InternalError, LogError, Mismatch
from emu.record.finding import Verdict, worst
from emu.search.edge import Halt
from emu.search.explore import LANES
from emu.search.start import Learned

LONGEST: Final = 4 * WORK
"""A shard that takes longer than this many seconds comes back with what is done."""

GRACE: Final = 1.5
"""How many seconds workers have to hand in what is done when the campaign is stopped."""

FIRST: Final = "first finding"
"""Why a campaign ended that was to stop there."""


class Campaign:
    """A campaign that goes on from where `ledger` stands.

    `clock` gives seconds since the epoch. After the end, `ended` says why, `failure` is a sentence
    if the campaign had to stop for it, and `interrupted` says whether it was halted.
    """

    def __init__(
        self,
        ledger: Ledger,
        terms: Terms,
        halt: Halt,
        *,
        clock: Callable[[], float],
        report: Report | None = None,
    ) -> None:
        self.ledger = ledger
        self.terms = terms
        self.accounts = ledger.accounts()
        self.failure = ""
        self.interrupted = False
        self.lanes = LANES
        self._halt = halt
        self._clock = clock
        self._crier = Crier(ledger, self.accounts, report)
        numbers = range(len(self.accounts))
        self._learned: list[Learned | None] = [ledger.learned(number) for number in numbers]
        self._leases = Leases(self.accounts, [one is not None for one in self._learned])
        self._losses = Losses()
        self._aside: list[int] = []
        self._logbook = Logbook(ledger, terms)
        self._triage = Triage(ledger, self.accounts, terms)
        self._spent = float(ledger.facts().get("seconds", "0"))
        self._began = clock()
        self._pace = Pace(self._began)
        self._places: list[Place] = []
        self._joining = False
        self._beaten = 0.0
        self.ended = ""
        self._busy = 0
        self._stopping = trio.Event()
        self._changed = trio.Event()
        self._door = trio.CancelScope()

    @property
    def seconds(self) -> float:
        """Real time that the campaign has taken, over all its sittings."""
        return self._spent + self._clock() - self._began

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of its entries."""
        return worst(one.verdict for one in self.accounts)

    @property
    def pulse(self) -> Pulse:
        """How it is right now."""
        now = self._clock()
        runs, steps = self._pace.rates(now)
        healths = [place.health for place in self._places]
        workers = workers_of(healths, trio.current_time())
        return Pulse(round(now, 3), round(runs, 1), round(steps, 1), workers, self.ended)

    async def run(self, places: Sequence[Place], more: AsyncIterable[Place] | None = None) -> None:
        """Work until every entry is over, the time is up, something fails, or it is halted.

        `more` gives places that join on the way; an `EmuError` that it raises ends the campaign.
        A place that is gone leaves it.
        """
        self._logbook.tidy()
        self._places = list(places)
        self._joining = more is not None
        async with trio.open_nursery() as outside:
            outside.start_soon(self._watch)
            outside.start_soon(self._beat)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._hurry, nursery.cancel_scope)
                async with trio.open_nursery() as working:
                    for place in places:
                        working.start_soon(self._work, place)
                    if more is not None:
                        working.start_soon(self._welcome, more, working)
                nursery.cancel_scope.cancel()
            outside.cancel_scope.cancel()
        if self._losses.futile and not self.interrupted:
            self._stop(self._losses.futile)
        self.ended = self._why_ended()
        try:
            self._write_pulse()
        except LogError as wrong:
            self.failure = self.failure or str(wrong)

    async def _beat(self) -> None:
        """Write the pulse now and then, when nothing else is written."""
        try:
            while True:
                if self._clock() - self._beaten >= LATEST:
                    self._write_pulse()
                await trio.sleep(EVERY)
        except LogError as wrong:
            self._stop(str(wrong))

    def _write_pulse(self) -> None:
        self._beaten = 0.0
        self.ledger.set_facts(self._facts())

    # When it ends.

    def _why_ended(self) -> str:
        if self.failure:
            return self.failure
        if self.interrupted:
            return "interrupted"
        return "done" if all(one.figures.over for one in self.accounts) else FIRST

    async def _watch(self) -> None:
        """Stop when the campaign is halted, or its time is up."""
        limit = self.terms.seconds
        left = math.inf if limit is None else max(0.0, limit - self.seconds)
        with trio.move_on_after(left):
            await self._halt.called.wait()
            self.interrupted = True
        self._stop("" if self.interrupted else self._time_is_up())

    def _time_is_up(self) -> str:
        """No further run of any entry; gives why that is not written down, if it is not."""
        if self._losses.futile:
            return self._losses.futile
        try:
            for number, account in enumerate(self.accounts):
                if not account.figures.over:
                    account.close("budget")
                    self._save(number)
        except LogError as wrong:
            return str(wrong)
        return ""

    async def _hurry(self, scope: trio.CancelScope) -> None:
        """Once the campaign is stopping, collect what is done, and wait for no more than that."""
        await self._stopping.wait()
        with trio.move_on_after(GRACE):
            for place in list(self._places):
                await place.stop()
            await trio.sleep(GRACE)
        scope.cancel()

    def _stop(self, failure: str = "") -> None:
        self.failure = self.failure or failure
        self._stopping.set()
        self._door.cancel()
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    # Working.

    async def _welcome(self, more: AsyncIterable[Place], working: trio.Nursery) -> None:
        """Let places join until the work is done."""
        with self._door:
            try:
                async for place in more:
                    self._places.append(place)
                    working.start_soon(self._work, place)
            except EmuError as wrong:
                self._stop(str(wrong))

    async def _work(self, place: Place) -> None:
        """Do one job after the other, as long as there are any, or may be."""
        while not (self._stopping.is_set() or place.health.gone):
            job = self._job()
            if job is not None:
                self._busy += 1
                try:
                    await self._do(place, job)
                except (LogError, NoWorker) as wrong:
                    self._stop(str(wrong))
                finally:
                    self._busy -= 1
                    self._wake()
            elif self._busy:
                await self._changed.wait()
            elif not self._hand_on():
                self._door.cancel()
                break
        if place.health.gone:
            self._places.remove(place)

    def _job(self) -> Shard | Telling | None:
        """What to do next, if there is anything now."""
        leases = self._leases
        idle = not leases.ready
        telling = self._triage.next(idle=idle, ending=idle and not leases.out)
        return leases.next() if telling is None else telling

    async def _do(self, place: Place, job: Shard | Telling) -> None:
        now, health = trio.current_time(), place.health
        try:
            if isinstance(job, Shard):
                health.begin("running", job.entry, job.runs, now)
                await self._run(place, job)
            else:
                health.begin(f"telling {job.order.number}", job.entry, 0, now)
                await self._tell(place, job)
        finally:
            health.end(trio.current_time())

    async def _run(self, place: Place, shard: Shard) -> None:
        name, first = place.health.name, shard.first + 1
        self._crier.say("lease", shard.entry, worker=name, first_run=first, runs=shard.runs)
        try:
            answer = await place.do(self._order(shard))
        except WorkerLost as lost:
            run = None if lost.run is None else lost.run + 1
            self._crier.say("lost", shard.entry, worker=name, how=lost.how, run=run, seed=lost.seed)
            if lost.unable:
                self._leases.give_back(shard)
                self._dismiss(place, lost)
                return
            suspect = self._losses.add(shard, lost)
            self._leases.give_back(shard, alone=True, suspect=suspect)
            if self._losses.hopeless(shard.entry):
                exhaustive = self.accounts[shard.entry].spec.exhaustive
                when = "somewhere in its search" if exhaustive else "before any run began"
                self._set_aside(shard.entry, f"{lost.how}, {when}")
        except (LogError, NoWorker):
            raise
        except EmuError as wrong:
            self._leases.give_back(shard)
            self._set_aside(shard.entry, str(wrong))
        else:
            assert isinstance(answer, Yield)
            self._take(shard, answer)

    def _dismiss(self, place: Place, lost: WorkerLost) -> None:
        """No worker can work at this place: it leaves, and ends the campaign if it was the last."""
        place.health.gone = True
        others = [one.health.name for one in self._places if not one.health.gone]
        end = self._losses.add_unable(place.health.name, lost, others, joining=self._joining)
        if end:
            self._stop(end)

    def _order(self, shard: Shard) -> Order:
        account = self.accounts[shard.entry]
        learned = self._learned[shard.entry]
        return Order(
            spec=account.spec,
            shard=shard,
            learned=learned,
            seen=account.seen,
            seconds=None if learned is None else LONGEST,
            level=self.terms.every,
            room=self.terms.cap,
            lost=self._losses.blamed(shard),
            watched=self._losses.suspect(shard),
            lanes=self.lanes,
            patience=account.spec.patience,
        )

    def _take(self, shard: Shard, answer: Yield) -> None:
        """Book a harvest, unless it was stopped before it had learned what it was to learn."""
        number = shard.entry
        learning = self._learned[number] is None
        if learning and answer.learned is None:
            self._leases.give_back(shard)
            return
        self._learned[number] = self._learned[number] or answer.learned
        self._leases.done(shard, answer.harvest.end)
        self._losses.work_done(number)
        self._write_aside()
        self._book(number, answer.harvest, answer)
        if answer.broken:
            self._set_aside(number, answer.broken)

    def _book(self, number: int, harvest: Harvest, answer: Yield) -> None:
        """Count a harvest, and write down that it is counted."""
        account = self.accounts[number]
        before, was_over = account.figures.runs, account.figures.over
        self._pace.add(self._clock(), harvest.runs, sum(harvest.steps))
        new = account.add(harvest, self._clock())
        if answer.answer is not None:
            account.conclude(answer.answer)
        logs = self._logbook.write(number, answer)
        self._save(number, learned=answer.learned, logs=logs)
        self._logbook.trim(logs)
        for tally in new:
            trouble = tally.sighted.signature not in account.findings
            if not trouble:
                self._triage.found(number, tally)
            self._crier.found(number, tally, trouble=trouble)
        figures = account.figures
        self._crier.say("harvest", number, runs=figures.runs - before, total=figures.runs)
        if figures.over and not was_over:
            self._crier.over(number)
        if self.terms.until == "finding" and any(
            tally.sighted.signature in account.findings for tally in new
        ):
            self._stop()

    def _set_aside(self, number: int, sentence: str) -> None:
        """No further run of an entry, for this reason; the first counts, if two workers see one."""
        account = self.accounts[number]
        if account.figures.over:
            return
        account.figures.unknown = account.figures.unknown or sentence
        account.close("set aside")
        self._aside.append(number)
        if not self._losses.futile:
            self._write_aside()

    def _write_aside(self) -> None:
        """Write down which entries are set aside: not before it is known that workers can work."""
        while self._aside:
            number = self._aside.pop(0)
            self._save(number)
            self._crier.over(number)

    def _save(self, number: int, **changes: Any) -> None:
        self.ledger.save(number, self.accounts[number], facts=self._facts(), **changes)

    def _facts(self) -> dict[str, str]:
        facts = {"seconds": f"{self.seconds:.3f}"}
        now = self._clock()
        if now - self._beaten >= EVERY:
            self._beaten = now
            facts[FACT] = self.pulse.as_fact()
        return facts

    async def _tell(self, place: Place, telling: Telling) -> None:
        order = telling.order
        known = {"finding": order.number, "signature": order.signature}
        try:
            told = await place.do(order)
        except WorkerLost as lost:
            if lost.unable:
                self._triage.put_back(telling)
                self._dismiss(place, lost)
            elif self._triage.lost(telling, lost.how):
                self._crier.say("untold", telling.entry, **known, how=lost.how)
        except (Mismatch, InternalError) as wrong:
            self._triage.failed(telling, f"This finding does not replay: {wrong}")
            self._crier.say("untold", telling.entry, **known, how=str(wrong))
        else:
            assert isinstance(told, Told)
            self._triage.told(telling, told, whole=not self._stopping.is_set())
            self._crier.say(
                "told", telling.entry, **known, tape=told.tape, deviations=told.deviations
            )

    def _hand_on(self) -> bool:
        """Give the runs that some entries did not need to those that are not met, if any."""
        short = self._leases.hand_on() if self.terms.hand_on else []
        for number in short:
            self._save(number)
        return bool(short)

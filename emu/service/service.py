"""The service without HTTP: what can be asked of it, and done with it."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import trio

from emu.campaign.catch import Catch, catch_at, page_of
from emu.campaign.crew import memory_share
from emu.campaign.elsewhere import lead_all
from emu.campaign.ledger import Ledger, view
from emu.campaign.onefinding import as_whole, report_of, stored_at, timeline_of
from emu.campaign.opening import begin_in
from emu.campaign.overview import Overview, look
from emu.campaign.pulse import Pulse
from emu.campaign.retelling import tell_again
from emu.campaign.summary import campaign_row
from emu.errors import LogError, UsageError
from emu.record.store import StoredFinding
from emu.service.admission import Admission
from emu.service.aside import aside
from emu.service.board import Board
from emu.service.briefs import brief
from emu.service.calls import Calls
from emu.service.errors import Conflict, Full, NotFound, Refused, TooMany
from emu.service.job import Job
from emu.service.journal import Journal
from emu.service.orders import Wish, digest
from emu.service.papers import Papers
from emu.service.plans import Plans
from emu.service.settings import Settings
from emu.service.shelf import PLAN, Card, Shelf
from emu.service.streams import Streams
from emu.service.supervisor import Supervisor

FRESH: Final = 0.4
"""A look at a campaign at work is good for so many seconds."""

SHOWN: Final = 200
"""So many of the campaigns, the latest, are on the board, and all that are at work."""

WATCH: Final = 2.0
"""So often is looked whether a campaign has taken all the work that it may, in seconds."""

UNREAD: Final = Overview((), "", "", 0.0, 0.0, Pulse(0.0), (), (), None)
"""What is known of a campaign whose ledger cannot be read."""

Answer = TypeVar("Answer")
Row = dict[str, Any]


class Service:
    """Campaigns in a data directory, those that are wanted at work; made by `open_service`."""

    def __init__(self, settings: Settings, shelf: Shelf, clock: Callable[[], float]) -> None:
        self.settings = settings
        self.admission = Admission(settings.scenarios)
        self.plans = Plans(settings.plans, self.admission)
        self.calls = Calls(settings.limits, self.admission)
        self.streams = Streams(settings.limits.streams)
        self.papers = Papers(settings.limits)
        self.board = Board(self._shown, self.brief, first=int(clock() * 1000))
        self.supervisor = Supervisor(shelf, settings.limits.at_once, clock, self._changed)
        self._shelf = shelf
        self._clock = clock
        self._looks: dict[str, tuple[float, Overview]] = {}
        self._making = trio.Lock()
        self._tellers = trio.CapacityLimiter(max(1, settings.limits.calls))

    @property
    def notices(self) -> list[str]:
        """What its data directory has that is left out."""
        return self._shelf.notices

    # Reading.

    def names(self) -> list[str]:
        """The ids of all campaigns, the latest first."""
        return list(reversed(self._shelf.cards))

    def states(self) -> Counter[str]:
        """How many campaigns are in which state."""
        return Counter(job.state for job in self.supervisor.jobs.values())

    async def brief(self, name: str) -> Row:
        """A campaign in short, of one that cannot be read what is known; raises `NotFound`."""
        job = self.supervisor.job(name)
        revision = job.revision
        try:
            return brief(job, await self._look(job), revision)
        except NotFound:
            raise
        except UsageError as wrong:
            return {**brief(job, UNREAD, revision), "met": None, "why": job.why or str(wrong)}

    async def briefs(self, names: Sequence[str]) -> list[Row]:
        """These campaigns in short, as far as they are still there."""
        rows = []
        for name in names:
            with suppress(NotFound):
                rows.append(await self.brief(name))
        return rows

    async def campaign(self, name: str) -> Row:
        """A campaign, with its entries and what it found lately; raises `NotFound`."""
        job = self.supervisor.job(name)
        revision = job.revision
        seen = await self._look(job)
        row = seen.as_row()
        return {
            **brief(job, seen, revision),
            "entries": row["entries"],
            "newest": row["newest"],
            "options": job.card.options,
        }

    async def status(self, name: str) -> Row:
        """What `emu status --json` prints; `directory` is the id. Raises `NotFound`."""
        job = self.supervisor.job(name)
        seen = await self._look(job)
        state = seen.state if job.state == "done" else job.why or job.state
        return {**seen.as_row(), "directory": name, "process": None, "state": state}

    async def result(self, name: str, at: str = "") -> Row:
        """What `emu soak --json` prints; `directory` is the id. Raises `NotFound`.

        `at` is the campaign's address, if the reader is elsewhere.
        """
        job = self.supervisor.job(name)

        def read(ledger: Ledger) -> Row:
            row = campaign_row(ledger, interrupted=False)
            numbers = [ledger.numbers(entry) for entry in range(len(row["entries"]))]
            return lead_all(row, at, numbers) if at else row

        row = await self._read(name, read)
        return {**row, "interrupted": job.state != "done", "directory": name}

    async def plan(self, name: str) -> str:
        """The text of a campaign's plan; raises `NotFound`."""
        path = self._shelf.directory(name) / PLAN
        return await aside(path.read_text, "utf-8")

    async def findings(self, name: str, after: int, limit: int) -> list[Catch]:
        """So many of a campaign's findings and troubles with higher numbers than `after`."""
        return await self._read(name, lambda ledger: page_of(ledger, after, limit))

    async def finding(self, name: str, number: int) -> Row:
        """All of one finding of a campaign; raises `NotFound`."""
        catch = await self._catch(name, number)
        return await aside(as_whole, catch, self.directory(name))

    async def stored(self, name: str, number: int) -> StoredFinding:
        """A finding as a file; raises `NotFound`."""
        catch = await self._catch(name, number)
        if catch.trouble:
            raise NotFound(f"{number} of {name} is a run without an answer: it has no tape")
        return await aside(stored_at, catch, self.directory(name))

    async def log(self, name: str, number: int) -> Path:
        """The log of a finding, which is run again if it has none; raises `NotFound`."""
        catch = await self._catch(name, number)
        if catch.trouble:
            raise NotFound(f"{number} of {name} is a run without an answer: it has no log")
        memory = memory_share(self.settings.limits.calls)
        async with self._tellers:
            with _room():
                return await tell_again(catch, self.directory(name), memory=memory)

    async def scene(self, name: str, number: int) -> Row:
        """The swim lanes of a finding, as `analysis.report.scene` has them."""
        await self.log(name, number)
        catch = await self._catch(name, number)
        return await aside(timeline_of, catch, self.directory(name))

    async def report(self, name: str, number: int, at: str = "") -> bytes:
        """The page of one finding's run; `at` is the campaign's address."""
        await self.log(name, number)
        catch = await self._catch(name, number)
        return await aside(report_of, catch, self.directory(name), at)

    def directory(self, name: str) -> Path:
        """Where a campaign is; raises `NotFound`."""
        return self._shelf.directory(name)

    def journal(self, name: str) -> Journal:
        """The events of a campaign; raises `NotFound`."""
        return self.supervisor.job(name).journal

    def over(self, name: str) -> bool:
        """Whether nothing will happen with a campaign any more, or until somebody resumes it."""
        job = self.supervisor.jobs.get(name)
        return job is None or job.state in ("done", "stopped", "failed")

    # Doing.

    async def create(self, wish: Wish, key: str = "") -> tuple[Row, bool]:
        """Begin a campaign; gives it, and whether it is new: a `key` makes one campaign alone.

        Raises `UsageError` for what cannot be soaked, with all mistakes of the plan, `Conflict`
        for a key that made another one, `TooMany` where there is no room for more, `Full`.
        """
        request = digest(wish)
        async with self._making:
            known = self._shelf.with_key(key)
            if known is not None:
                if known.request != request:
                    raise Conflict(f"the key has begun another campaign already, {known.id}")
                return await self.brief(known.id), False
            most = self.settings.limits.campaigns
            if len(self._shelf.cards) >= most:
                raise TooMany(f"there are {most} campaigns, and no more are kept; delete some")
            with _room():
                card = await trio.to_thread.run_sync(self._make, wish, key, request)
            self._shelf.note(card)
            self.supervisor.add(card)
        self._changed(card.id)
        return await self.brief(card.id), True

    async def want(self, name: str, wanted: str) -> Row:
        """Have a campaign `RUN` on, `PAUSE` or `STOP`; raises `Conflict` where that cannot be."""
        with _room():
            self.supervisor.want(name, wanted)
        return await self.brief(name)

    async def delete(self, name: str) -> None:
        """Delete a campaign with all that it found; raises `Conflict` while it is at work."""
        self.supervisor.check_at_rest(name)
        self._shelf.discard(name)
        self.supervisor.drop(name)
        self._looks.pop(name, None)
        self._changed(name)
        await trio.to_thread.run_sync(self._shelf.sweep)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep campaigns at work, and watchers informed."""
        await trio.to_thread.run_sync(self._shelf.sweep)
        async with trio.open_nursery() as nursery:
            await nursery.start(self.supervisor.run)
            nursery.start_soon(self.board.run)
            nursery.start_soon(self._limit_work)
            task_status.started()

    async def close(self) -> None:
        """End in good order: streams, then processes; what was found is kept."""
        self.streams.close()
        await self.supervisor.close()

    def _make(self, wish: Wish, key: str, request: str) -> Card:
        """A campaign in its directory; nothing is left of one that cannot be."""
        text = self.plans.text_of(wish)
        plan = self.plans.read(text)
        orders, changes = wish.orders(), wish.changes()
        workers = self._workers(wish.workers)
        directory = self._shelf.room_for(plan.name)
        try:
            path = directory / PLAN
            path.write_text(text, encoding="utf-8")
            plan = self.plans.read(text, str(path))
            terms = replace(plan.terms, **changes)
            begin_in([plan], orders, terms, directory, self._clock()).close()
            card = Card(
                id=directory.name,
                name=plan.name,
                created=round(self._clock(), 3),
                workers=workers,
                memory=wish.memory or "",
                key=key,
                request=request,
                options=wish.model_dump(
                    by_alias=True, exclude_defaults=True, exclude={"toml", "plan"}
                ),
            )
            self._shelf.write(card)
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        return card

    def _workers(self, wanted: int | None) -> int:
        most = self.settings.limits.workers
        if wanted is not None and wanted > most:
            raise Refused(f"{wanted} workers are asked for; allowed here are at most {most}")
        return wanted or most

    def _shown(self) -> list[str]:
        jobs = self.supervisor.jobs
        names = self.names()
        return names[:SHOWN] + [name for name in names[SHOWN:] if jobs[name].kept]

    def _changed(self, name: str) -> None:
        job = self.supervisor.jobs.get(name)
        if job is not None and job.process is None:
            self._looks.pop(name, None)
        self.board.changed(name)

    async def _look(self, job: Job) -> Overview:
        """A campaign as it is; one that rests is looked at once."""
        name = job.card.id
        at, seen = self._looks.get(name, (0.0, None))
        if seen is not None and (job.process is None or trio.current_time() - at < FRESH):
            return seen
        now, changes = trio.current_time(), job.changes
        with self._there(name):
            seen = await aside(look, job.directory, self._clock())
        if job.changes == changes and self.supervisor.jobs.get(name) is job:
            self._looks[name] = (now, seen)  # else it may be of before the end: look again
        return seen

    async def _catch(self, name: str, number: int) -> Catch:
        def read(ledger: Ledger) -> Catch:
            try:
                return catch_at(ledger, number)
            except LogError:
                raise
            except UsageError:
                raise NotFound(f"there is no finding {number} in {name}") from None

        return await self._read(name, read)

    async def _read(self, name: str, read: Callable[[Ledger], Answer]) -> Answer:
        directory = self._shelf.directory(name)

        def asked() -> Answer:
            with closing(view(directory)) as ledger:
                return read(ledger)

        with self._there(name):
            return await aside(asked)

    @contextmanager
    def _there(self, name: str) -> Iterator[None]:
        """A campaign may be deleted while somebody reads it: then it is not found."""
        try:
            yield
        except UsageError:
            self._shelf.card(name)
            raise

    async def _limit_work(self) -> None:
        """Give up campaigns that have taken all the work that one may take."""
        most = self.settings.limits.work_seconds
        while most is not None:
            for name, job in list(self.supervisor.jobs.items()):
                if job.state == "running":
                    try:
                        seen = await self._look(job)
                    except UsageError:  # it is deleted by now, or damaged: then it ends by itself
                        continue
                    worked = sum(one.seconds for one in seen.entries)
                    if worked >= most and job.state == "running":
                        why = f"it has taken the {most:g} s of work that one campaign may take here"
                        self.supervisor.give_up(name, why)
            await trio.sleep(WATCH)


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Service]:
    """The service with these settings, at work; in the end its processes end in good order."""
    shelf = Shelf(settings.data)
    try:
        service = Service(settings, shelf, time.time)
        async with trio.open_nursery() as nursery:
            await nursery.start(service.run)
            try:
                yield service
            finally:
                with trio.CancelScope(shield=True):
                    await service.close()
                nursery.cancel_scope.cancel()
    finally:
        shelf.close()


@contextmanager
def _room() -> Iterator[None]:
    """Tell a full disk from all else that cannot be written."""
    try:
        yield
    except (OSError, LogError) as wrong:
        if "No space left" in str(wrong) or "disk is full" in str(wrong):
            raise Full("there is no room on the disk; delete campaigns, or make room") from None
        raise

"""What was wanted is what becomes of it, whatever is killed in between."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import orjson
import pytest
import trio
import trio.testing

from emu.campaign.ledger import open_ledger
from emu.campaign.ledgerlock import holder
from emu.campaign.overview import Overview
from emu.errors import LogError
from emu.service.errors import Full
from emu.service.job import Job
from emu.service.process import OnEvent, Process
from emu.service.service import Service
from emu.service.shelf import PAUSE, RUN, STOP
from tests.service.house import LONG, SHORT, begun, opened, runs, state, until


def process_of(service: Service, name: str) -> int:
    return int(holder(service.supervisor.job(name).directory) or 0)


async def test_what_ran_runs_again_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        name = await begun(first, LONG)
        before = await runs(first, name)
    async with opened(tmp_path) as second:
        assert await runs(second, name, before + 1) > before


async def test_what_rested_rests_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        name = await begun(first, LONG)
        await first.want(name, PAUSE)
    async with opened(tmp_path) as second:
        assert (await second.campaign(name))["state"] == "paused"


async def test_what_was_done_is_done_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        name = await begun(first, SHORT)
        row = await state(first, name, "done")
    async with opened(tmp_path) as second:
        assert await second.campaign(name) | {"revision": 0} == row | {"revision": 0}


async def test_a_later_service_has_a_higher_revision_of_a_campaign(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        name = await begun(first, SHORT)
        row = await state(first, name, "done")
    async with opened(tmp_path) as second:
        assert (await second.campaign(name))["revision"] > row["revision"]


async def test_a_campaign_that_changes_has_a_higher_revision(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        before = (await service.brief(name))["revision"]
        assert (await service.want(name, PAUSE))["revision"] > before


async def test_no_process_is_left_behind(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        await runs(service, name)
        process = process_of(service, name)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


async def test_a_process_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        before = await runs(service, name)
        process = process_of(service, name)
        os.kill(process, signal.SIGKILL)
        assert await runs(service, name, before + 1) > before
        assert process_of(service, name) != process
        frames = b"".join(frame for _, frame in service.journal(name).after(0))
        assert b'"event":"interrupted"' in frames
        assert b"by signal 9" in frames


async def test_a_campaign_that_another_process_has_waits_for_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        name = await begun(first, LONG)
        await runs(first, name)
        directory = first.supervisor.job(name).directory
    with closing(open_ledger(directory)):
        async with opened(tmp_path) as second:
            job = second.supervisor.job(name)
            await until(lambda: bool(job.why))
            assert job.why == f"process {os.getpid()} still works on it"
            assert job.state == "waiting"


@asynccontextmanager
async def held_by_another(service: Service) -> AsyncIterator[Job]:
    """A campaign that is to go on, while another process has its ledger."""
    name = await begun(service, LONG)
    await service.want(name, PAUSE)
    await state(service, name, "paused")
    job = service.supervisor.job(name)
    with closing(open_ledger(job.directory)):
        await service.want(name, RUN)
        await until(lambda: bool(job.held))
        yield job


async def test_one_that_waits_for_another_process_lets_others_work(tmp_path: Path) -> None:
    async with opened(tmp_path, at_once=1) as service, held_by_another(service) as job:
        assert await runs(service, await begun(service, LONG))
        assert job.state == "waiting"


async def test_who_waits_for_another_process_works_once_that_has_ended(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        async with held_by_another(service) as job:
            name = job.card.id
        before = (await service.campaign(name))["runs"]
        assert await runs(service, name, before + 1)
        assert job.why == ""


async def in_turn(service: Service, names: list[str]) -> list[str]:
    """Pause one after the other as they come to work; gives the order."""
    found = []
    for _ in names:
        await until(lambda: any(service.supervisor.job(one).process for one in names))
        (at_work,) = [one for one in names if service.supervisor.job(one).process]
        found.append(at_work)
        await service.want(at_work, PAUSE)
        await state(service, at_work, "paused")
    return found


async def test_what_was_at_work_is_taken_up_first_and_then_the_oldest(tmp_path: Path) -> None:
    async with opened(tmp_path, at_once=1) as service:
        names = [await begun(service, LONG) for _ in range(5)]
        await runs(service, names[0])
        for name in names[:3]:
            await service.want(name, PAUSE)
        await runs(service, names[3])
        for name in names[:3]:
            await service.want(name, RUN)
    async with opened(tmp_path, at_once=1) as service:
        order = await in_turn(service, names)
    assert order == [names[3], names[0], names[1], names[2], names[4]]


async def test_what_was_at_work_has_its_turn_while_its_old_process_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emu.service.supervisor.PASSING", 1_000.0)
    async with opened(tmp_path, at_once=1) as service:
        first = await begun(service, LONG)
        second = await begun(service, LONG)
        before = await runs(service, first)
        directory = service.supervisor.job(first).directory
    ledger = open_ledger(directory)
    async with opened(tmp_path, at_once=1) as service:
        with closing(ledger):
            await until(lambda: bool(service.supervisor.job(first).held))
        assert await runs(service, first, before + 1)
        assert service.supervisor.job(second).journal.last == 0


async def test_runs_that_were_counted_and_not_told_are_told_later(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        await runs(service, name)
        await service.want(name, PAUSE)
        before = (await state(service, name, "paused"))["runs"]
        path = service.journal(name).path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"harvest"' not in line))
    async with opened(tmp_path) as service:
        await service.want(name, RUN)
        assert await runs(service, name, before + 1)
        rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
        told = next(row for row in rows if row["event"] == "harvest")
        assert (told["runs"], told["total"]) == (before, before)


@contextmanager
def no_room() -> Iterator[None]:
    """No card can be written."""

    def full(path: Path, _: bytes) -> None:
        raise LogError(f"cannot write {path}: No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("emu.service.shelf.write_file", full)
        yield


UNWRITTEN = (
    "this is not written down yet (No space left on device): a service that is started again "
    "would go on with it"
)


@pytest.mark.parametrize(("wanted", "rests"), [(PAUSE, "paused"), (STOP, "stopped")])
async def test_it_rests_though_there_is_no_room_to_write_that_down(
    tmp_path: Path, wanted: str, rests: str
) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        await runs(service, name)
        with no_room():
            await service.want(name, wanted)
            assert (await state(service, name, rests))["why"] == UNWRITTEN
        await until(lambda: not service.supervisor.job(name).unwritten)
        assert (await service.campaign(name))["why"] == ""
    async with opened(tmp_path) as service:
        assert (await service.campaign(name))["state"] == rests


async def test_it_rests_though_its_process_complains_as_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Grumbling(Process):
        complaint = "the disk is full"

        async def run(self, on_event: OnEvent) -> int:
            await super().run(on_event)
            return 2

    monkeypatch.setattr("emu.service.supervisor.Process", Grumbling)
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        await runs(service, name)
        await service.want(name, PAUSE)
        assert (await state(service, name, "paused", "failed"))["why"] == "the disk is full"


async def test_it_does_not_go_on_if_that_cannot_be_written_down(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        with no_room():
            await service.want(name, PAUSE)
            await state(service, name, "paused")
            with pytest.raises(Full):
                await service.want(name, RUN)
            assert (await service.campaign(name))["why"] == UNWRITTEN
        await service.want(name, RUN)
        assert await runs(service, name)


async def test_a_campaign_that_cannot_go_on_says_why(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        name = await begun(first, LONG)
        await first.want(name, PAUSE)
        await state(first, name, "paused")
        plan = first.supervisor.job(name).directory / "plan.toml"
        plan.write_text(plan.read_text().replace("100_000_000", "7"))
        await first.want(name, "run")
        row = await state(first, name, "failed")
        assert "runs of entry 'philosophers' was 100000000, is 7" in row["why"]
        plan.write_text(plan.read_text().replace("7", "100_000_000"))
        await first.want(name, "run")
        assert await runs(first, name)


async def test_a_process_that_does_not_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emu.service.process.GRACE", 0.2)
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        await runs(service, name)
        os.kill(process_of(service, name), signal.SIGSTOP)
        await service.want(name, PAUSE)
        await state(service, name, "paused")


async def test_a_pause_that_comes_with_the_turn_to_work_is_heard(tmp_path: Path) -> None:
    async with opened(tmp_path, at_once=1) as service:
        first, second = await begun(service, LONG), await begun(service, LONG)
        await runs(service, first)
        turns = service.supervisor._slots
        turns.release()  # the turn of the second comes, ...
        await service.want(second, PAUSE)  # ... and the pause before it has taken it
        await state(service, second, "paused")
        await turns.acquire()


async def test_who_watches_one_that_waits_is_told_of_its_pause(tmp_path: Path) -> None:
    async with opened(tmp_path, at_once=1) as service:
        await begun(service, LONG)
        name = await begun(service, LONG)
        await service.want(name, PAUSE)
        await until(lambda: not service.supervisor.job(name).kept)
        ((_, frame),) = service.journal(name).after(0)
        assert b"event: paused" in frame


async def test_what_was_asked_to_end_was_not_lost(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        job = service.supervisor.job(name)
        for _ in range(4):
            await until(lambda: job.process is not None)
            process = job.process
            await service.want(name, PAUSE)
            await service.want(name, RUN)
            await until(lambda: job.process is not process)  # noqa: B023 - it is awaited here
        assert await runs(service, name)
        assert service.supervisor.tally.count("interrupted") == 0


async def test_a_campaign_whose_process_cannot_be_started_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    async with opened(tmp_path) as service:
        with monkeypatch.context() as patch:
            patch.setattr("trio.lowlevel.open_process", none_left)
            row = await state(service, await begun(service, LONG), "failed")
        assert row["why"] == "its process cannot be started: Too many open files"
        await service.want(row["id"], RUN)
        assert await runs(service, row["id"])


async def test_a_campaign_with_too_little_memory_has_failed(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        row = await state(service, await begun(service, SHORT, memory="1MB"), "failed", "done")
        assert row["why"].startswith(
            "no worker gave a single run: worker lost: it may take 1 MB of memory, and needs "
        )


async def test_one_that_has_failed_can_be_stopped_for_good(tmp_path: Path) -> None:
    async with opened(tmp_path, work_seconds=0.1) as service:
        name = await begun(service, LONG)
        await state(service, name, "failed")
        assert (await service.want(name, STOP))["state"] == "stopped"


async def test_one_that_has_failed_is_told_to_have_failed_once(tmp_path: Path) -> None:
    async with opened(tmp_path, work_seconds=0.1) as service:
        name = await begun(service, LONG)
        await state(service, name, "failed")
        frames = b"".join(frame for _, frame in service.journal(name).after(0))
        assert frames.count(b"event: failed") == 1


async def test_what_was_seen_before_a_change_is_of_the_revision_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        job = service.supervisor.job(name)
        look = service._look

        async def slowly(job: Job) -> Overview:
            seen = await look(job)
            service.supervisor.want(name, PAUSE)
            return seen

        monkeypatch.setattr(service, "_look", slowly)
        assert (await service.brief(name))["revision"] < job.revision


async def test_one_that_goes_on_does_not_say_why_it_had_failed(tmp_path: Path) -> None:
    async with opened(tmp_path, at_once=1, work_seconds=0.1) as service:
        first = await begun(service, LONG)
        await state(service, first, "failed")
        with trio.fail_after(30):
            await service.supervisor._slots.acquire()
        assert (await service.want(first, RUN))["why"] == ""


async def test_who_watches_one_that_rests_is_told_that_it_is_over(tmp_path: Path) -> None:
    async with opened(tmp_path) as service:
        name = await begun(service, LONG)
        await service.want(name, PAUSE)
        await state(service, name, "paused")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(service.journal(name).wait)
            await trio.testing.wait_all_tasks_blocked()
            await service.want(name, STOP)


async def test_a_fault_of_its_own_ends_it(tmp_path: Path) -> None:
    async def fault() -> None:
        raise ZeroDivisionError

    async def serve() -> None:
        async with opened(tmp_path) as service:
            nursery = service.supervisor._nursery
            assert nursery is not None
            nursery.start_soon(fault)
            await trio.sleep_forever()

    with pytest.raises(BaseExceptionGroup) as raised:
        await serve()
    assert raised.group_contains(ZeroDivisionError)

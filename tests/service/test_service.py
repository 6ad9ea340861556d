"""What can be asked of the service, and done with it: real campaigns, in processes of their own."""

from __future__ import annotations

import errno
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
import trio

from emu.campaign.ledger import FILE
from emu.campaign.mistakes import PlanMistakes
from emu.campaign.overview import Overview, look
from emu.errors import UsageError
from emu.service.errors import Conflict, NotFound, Refused, TooMany
from emu.service.orders import Wish
from emu.service.service import Service
from emu.service.shelf import PAUSE, RUN, STOP
from tests.service.house import LONG, MANY, SHORT, begun, opened, runs, state, until


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with opened(tmp_path / "data") as made:
        yield made


async def test_a_campaign_comes_to_its_end(service: Service) -> None:
    row = await state(service, await begun(service, SHORT), "done")
    assert (row["runs"], row["met"], row["findings"]) == (50, True, 1)
    assert row["outcomes"].keys() == {"ok", "deadlock"}


async def test_its_events_are_those_of_a_soak(service: Service) -> None:
    name = await begun(service, SHORT)
    await state(service, name, "done")
    journal = service.journal(name)
    names = [frame.split(b"\n")[1].removeprefix(b"event: ") for _, frame in journal.after(0)]
    assert names == [b"begin", b"found", b"harvest", b"over", b"told", b"end"]


async def test_the_runs_of_its_harvests_add_up(service: Service) -> None:
    name = await begun(service, MANY)
    row = await state(service, name, "done")
    journal, told, after = service.journal(name), 0, 0
    while events := journal.after(after):
        after = events[-1][0]
        rows = [orjson.loads(frame.split(b"data: ")[1]) for _, frame in events]
        told += sum(one["runs"] for one in rows if one["event"] == "harvest")
    assert told == row["runs"] == 6_000


async def test_what_it_found_can_be_had(service: Service) -> None:
    name = await begun(service, SHORT)
    await state(service, name, "done")
    (found,) = await service.findings(name, 0, 10)
    assert found.signature.startswith("deadlock")
    assert (await service.finding(name, 1))["signature"] == found.signature
    assert await service.findings(name, 1, 10) == []


async def test_a_campaign_that_was_paused_rests(service: Service) -> None:
    name = await begun(service, LONG)
    await runs(service, name)
    await service.want(name, PAUSE)
    row = await state(service, name, "paused")
    assert row["runs_per_second"] == 0.0
    await trio.sleep(0.1)
    assert (await service.campaign(name))["runs"] == row["runs"]


async def test_and_goes_on_where_it_was(service: Service) -> None:
    name = await begun(service, LONG)
    before = await runs(service, name)
    await service.want(name, PAUSE)
    await service.want(name, RUN)
    assert await runs(service, name, before + 1) > before


async def test_a_campaign_that_was_stopped_is_over(service: Service) -> None:
    name = await begun(service, LONG)
    await runs(service, name)
    await service.want(name, STOP)
    await state(service, name, "stopped")
    assert service.over(name)
    with pytest.raises(Conflict, match="was stopped for good"):
        await service.want(name, RUN)


async def test_a_campaign_that_is_done_cannot_be_paused(service: Service) -> None:
    name = await begun(service, SHORT)
    await state(service, name, "done")
    with pytest.raises(Conflict, match="is done"):
        await service.want(name, PAUSE)


async def test_a_campaign_at_work_is_not_deleted(service: Service) -> None:
    name = await begun(service, LONG)
    with pytest.raises(Conflict, match="stop it before it is deleted"):
        await service.delete(name)


async def test_what_is_deleted_is_gone(service: Service, tmp_path: Path) -> None:
    name = await begun(service, SHORT)
    await state(service, name, "done")
    await service.delete(name)
    with pytest.raises(NotFound):
        await service.campaign(name)
    assert not list((tmp_path / "data").glob("*/short*"))


async def test_a_key_begins_one_campaign(service: Service) -> None:
    first = await begun(service, SHORT, key="k")
    row, new = await service.create(Wish(toml=SHORT), "k")
    assert (row["id"], new) == (first, False)


async def test_a_key_is_for_one_request(service: Service) -> None:
    await begun(service, SHORT, key="k")
    with pytest.raises(Conflict, match="the key has begun another campaign"):
        await begun(service, LONG, key="k")


async def test_the_mistakes_of_a_plan_are_told(service: Service, tmp_path: Path) -> None:
    with pytest.raises(PlanMistakes) as raised:
        await begun(service, SHORT.replace("runs = 50", "runs = -1"))
    assert [(one.line, one.sentence) for one in raised.value.mistakes] == [
        (6, "entry 'inversion': runs is -1; allowed is a whole number from 1")
    ]
    assert service.names() == []
    assert not list((tmp_path / "data" / "campaigns").iterdir())


async def test_no_more_mistakes_are_told_than_anybody_reads(service: Service) -> None:
    entries = "[[entry]]\nname = 1\nscenario = 2\n" * 200
    with pytest.raises(PlanMistakes) as raised:
        await begun(service, f'name = "wrong"\n{entries}')
    assert len(raised.value.mistakes) == len(str(raised.value).splitlines()) == 100


async def test_only_scenarios_on_the_list_may_run(service: Service) -> None:
    with pytest.raises(PlanMistakes, match="may not run here"):
        await begun(service, SHORT.replace("lock_order_inversion", "antigravity:fly"))


def nested(depth: int) -> dict[str, object]:
    """Tables in tables."""
    made: dict[str, object] = {}
    for _ in range(depth):
        made = {"a": made}
    return made


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({}, "give one of toml, plan and shipped"),
        ({"toml": SHORT, "shipped": "smoke"}, "give one of toml, plan and shipped"),
        ({"shipped": "smoke"}, "there is no shipped plan 'smoke'; there are none here"),
        ({"toml": SHORT, "forever": True, "runs": 1}, "forever has no end but a stop"),
        ({"toml": SHORT, "for": "soon"}, "for is 'soon'"),
        ({"toml": SHORT, "memory": "lots"}, "memory is 'lots'"),
        ({"plan": {"name": "\ud800"}}, "the plan is no UTF-8 text"),
        ({"toml": "\ud800"}, "the plan is no UTF-8 text"),
        ({"plan": {"name": object()}}, "cannot be written as TOML"),
        ({"plan": nested(400)}, "nested too deeply"),
        ({"plan": nested(5_000)}, "nested too deeply"),
    ],
)
async def test_what_cannot_be_soaked_is_refused(
    service: Service, wish: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        await service.create(Wish.model_construct(**{**Wish().model_dump(), **wish}))


async def test_a_plan_may_be_an_object(service: Service) -> None:
    plan = {"name": "object", "entry": [{"name": "e", "scenario": "lost_update", "runs": 5}]}
    row, _ = await service.create(Wish(plan=plan))
    assert 'scenario = "lost_update"' in await service.plan(row["id"])


async def test_more_workers_than_there_may_be_are_refused(service: Service) -> None:
    with pytest.raises(Refused, match="allowed here are at most 1"):
        await begun(service, SHORT, workers=2)


async def test_there_are_only_so_many_campaigns(tmp_path: Path) -> None:
    async with opened(tmp_path, campaigns=1) as service:
        await begun(service, SHORT)
        with pytest.raises(TooMany, match="there are 1 campaigns, and no more are kept"):
            await begun(service, SHORT)


async def test_only_so_many_work_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path, at_once=1) as service:
        first, second = await begun(service, LONG), await begun(service, SHORT)
        await runs(service, first)
        assert (await service.campaign(second))["state"] == "waiting"
        await service.want(first, STOP)
        await state(service, second, "done")


async def test_one_that_waits_can_be_paused(tmp_path: Path) -> None:
    async with opened(tmp_path, at_once=1) as service:
        await begun(service, LONG)
        second = await begun(service, SHORT)
        await service.want(second, PAUSE)
        await state(service, second, "paused")


async def test_a_campaign_takes_only_so_much_work(tmp_path: Path) -> None:
    async with opened(tmp_path, work_seconds=0.1) as service:
        row = await state(service, await begun(service, LONG), "failed")
    assert row["why"] == "it has taken the 0.1 s of work that one campaign may take here"


async def test_two_campaigns_of_a_name_are_two(service: Service) -> None:
    assert await begun(service, SHORT) == "short-0001"
    assert await begun(service, SHORT) == "short-0002"
    assert service.names() == ["short-0002", "short-0001"]


async def damaged(service: Service) -> str:
    """A campaign that is done, and whose ledger nobody can read; gives its id."""
    name = await begun(service, SHORT)
    await state(service, name, "done")
    await service.want(await begun(service, LONG), STOP)
    (service.directory(name) / FILE).write_bytes(b"x" * 5000)
    service._looks.clear()
    return name


async def test_a_campaign_that_cannot_be_read_is_listed(service: Service) -> None:
    name = await damaged(service)
    other, row = await service.briefs(service.names())
    assert (row["id"], row["state"], row["met"]) == (name, "done", None)
    assert "file is not a database" in row["why"]
    assert other["why"] == ""


async def test_a_campaign_that_cannot_be_read_ends_no_service(service: Service) -> None:
    name = await damaged(service)
    with service.board.watched():
        service.board.changed(name)
        await service.board.wait()
    assert service.names()


async def test_a_campaign_that_is_gone_is_in_no_list(service: Service) -> None:
    name = await begun(service, SHORT)
    await state(service, name, "done")
    names = service.names()
    await service.delete(name)
    assert await service.briefs(names) == []


async def test_what_cannot_be_deleted_is_kept(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "the disk is ill")

    name = await begun(service, SHORT)
    await state(service, name, "done")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(OSError, match="the disk is ill"):
            await service.delete(name)
    assert (await service.brief(name))["state"] == "done"


async def test_a_look_from_before_the_end_is_not_kept(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await begun(service, SHORT)
    job = service.supervisor.job(name)
    before = await service.campaign(name)
    looked, ended = trio.Event(), threading.Event()

    def slow(directory: Path, now: float) -> Overview:
        seen = look(directory, now)
        trio.from_thread.run_sync(looked.set)
        ended.wait(30)
        return seen

    async with trio.open_nursery() as nursery:
        with monkeypatch.context() as patch:
            patch.setattr("emu.service.service.look", slow)
            service._looks.clear()
            nursery.start_soon(service.campaign, name)
            await looked.wait()
        await until(lambda: job.state == "done")
        ended.set()
    assert before["runs"] < 50
    assert (await service.campaign(name))["runs"] == 50


async def test_papers_are_made_of_what_lies_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(Path("data")) as service:
        name = await begun(service, SHORT)
        await state(service, name, "done")
        assert b"inversion" in await service.papers.report(service.directory(name), "http://emu/x")
        assert b"traceEvents" in await service.papers.trace(await service.log(name, 1))

"""The service over HTTP, all of it: what is asked is answered, and what is wrong is said."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import structlog
import trio
from structlog.testing import LogCapture

from emu.errors import LogError
from emu.record.store import load_finding, write_file
from tests.service.house import LONG, SHORT, begun, opened, state
from tests.service.web import Web, web

CONFIGS = Path(__file__).parents[2] / "configs"
BIG = f"emu1:{'9' * 5_000}t1#aaaa"
HEX = f'name = "x"\n[[entry]]\nname = "a"\nruns = 0x{"f" * 5_000}\nscenario = "lost_update"\n'
LONG_NAME = SHORT.replace("short", "x" * 1_000)
TRAVERSALS = (
    "%2e%2e%2f%2e%2e",
    "..%2f..%2fservice.lock",
    "%2fetc%2fpasswd",
    "..%5c..%5cetc",
    "short-0001%2f..%2fshort-0001",
    "short-0001%00",
    "a" * 5_000,
    "%ff%fe",
    "-1",
    "99999999999999999999999",
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Web]:
    async with web(tmp_path, plans=CONFIGS) as made:
        yield made


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a service with a campaign that is done."""
    data = tmp_path_factory.mktemp("finished")

    async def soak() -> None:
        async with opened(data) as service:
            await state(service, await begun(service, SHORT), "done")

    trio.run(soak)
    return data


@pytest.fixture
async def done(finished: Path, tmp_path: Path) -> AsyncIterator[Web]:
    data = shutil.copytree(finished, tmp_path / "data")
    async with web(data, plans=CONFIGS) as made:
        yield made


async def test_a_campaign_is_begun(site: Web) -> None:
    made = await site.client.post("/api/campaigns", json={"toml": SHORT})
    assert made.status_code == 201
    assert made.headers["location"] == "/api/campaigns/short-0001"
    assert made.json()["state"] in {"waiting", "running"}


async def test_the_same_key_begins_nothing_new(site: Web) -> None:
    headers = {"Idempotency-Key": "k"}
    for status in (201, 200):
        made = await site.client.post("/api/campaigns", json={"toml": SHORT}, headers=headers)
        assert (made.status_code, made.json()["id"]) == (status, "short-0001")


async def test_campaigns_are_listed_by_the_page(site: Web) -> None:
    for _ in range(3):
        await site.json("POST", "/api/campaigns", json={"toml": SHORT})
    first = await site.json("GET", "/api/campaigns?limit=2")
    assert [one["id"] for one in first["items"]] == ["short-0003", "short-0002"]
    second = await site.json("GET", f"/api/campaigns?limit=2&after={first['next']}")
    assert [one["id"] for one in second["items"]] == ["short-0001"]
    assert second["next"] is None


async def test_a_finding_has_all_its_papers(done: Web) -> None:
    place = "/api/campaigns/short-0001/findings/1"
    row = await done.json("GET", place)
    assert row["signature"] == "deadlock [left, right] in lock_order_inversion.worker"
    assert (await done.client.get(f"{place}/tape")).text == f"{row['tape']}\n"
    assert row["replay"] == f"emu replay {done.url}{place}"
    assert "waits for" in (await done.client.get(f"{place}/message")).text
    log = (await done.client.get(f"{place}/log")).text.splitlines()
    assert [orjson.loads(line)["event"] for line in (log[0], log[-1])] == ["run", "end"]
    assert (await done.json("GET", f"{place}/trace"))["traceEvents"]
    assert "main" in (await done.json("GET", f"{place}/scene"))["names"]
    for report in (f"{place}/report", "/api/campaigns/short-0001/report"):
        assert "<!doctype html>" in (await done.client.get(report)).text.lower()


@pytest.mark.parametrize("name", ["localhost:1234", "127.0.0.1"])
async def test_the_way_back_is_by_the_name_that_the_service_is_called(done: Web, name: str) -> None:
    place, headers = "/api/campaigns/short-0001", {"Host": name}
    finding = f"{place}/findings/1"
    await done.client.get(f"{finding}/log", headers=headers)  # it has one from now on
    row = await done.json("GET", finding, headers=headers)
    assert row["replay"] == f"emu replay http://{name}{finding}"
    assert f"\n  log     http://{name}{finding}/log" in row["message"]
    (entry,) = (await done.json("GET", f"{place}/result", headers=headers))["entries"]
    file = await done.json("GET", f"{finding}/file", headers=headers)
    text = {"message": (await done.client.get(f"{finding}/message", headers=headers)).text}
    for one in (row, text, *entry["findings"], file):
        assert f"\n  replay  emu replay http://{name}{finding}" in one["message"]
    (listed,) = (await done.json("GET", f"{place}/findings?whole=true", headers=headers))["items"]
    assert listed["message"] in (None, row["message"])  # the ledger may not have been told


async def test_a_finding_is_a_file_with_all_that_a_replay_needs(done: Web, tmp_path: Path) -> None:
    answer = await done.client.get("/api/campaigns/short-0001/findings/1/file")
    path = tmp_path / "finding.json"
    path.write_bytes(answer.content)
    found = load_finding(path)
    assert found.target == "emu.scenarios.classics:lock_order_inversion"
    assert found.tape == (await done.json("GET", "/api/campaigns/short-0001/findings/1"))["tape"]
    assert 'filename="short-0001-1.json"' in answer.headers["content-disposition"]


async def test_events_are_streamed_to_the_end_and_from_anywhere(done: Web) -> None:
    place = "/api/campaigns/short-0001/events"
    whole = (await done.client.get(place)).text
    rest = (await done.client.get(place, headers={"Last-Event-ID": "2"})).text
    assert whole.count("\nevent: ") == 7
    assert rest.count("\nevent: ") == 5
    assert whole.endswith("event: close\ndata: {}\n\n")


async def test_a_shipped_plan_is_begun_by_its_name(site: Web) -> None:
    names = [one["name"] for one in (await site.json("GET", "/api/plans"))["items"]]
    assert names == ["go-1777", "go-3017", "smoke"]
    made = await site.json("POST", "/api/campaigns", json={"shipped": "smoke"})
    assert made["id"] == "smoke-0001"
    assert "[[entry]]" in (await site.client.get("/api/campaigns/smoke-0001/plan")).text


async def test_what_is_no_plan_is_not_shipped(tmp_path: Path) -> None:
    shelf = tmp_path / "plans"
    (shelf / "directory.toml").mkdir(parents=True)
    (shelf / "binary.toml").write_bytes(b"\xff\xfe")
    (shelf / "wrong.toml").write_text("name = 1")
    (shelf / "short.toml").write_text(SHORT)
    async with web(tmp_path / "data", plans=shelf) as site:
        rows = (await site.json("GET", "/api/plans"))["items"]
    assert [row["name"] for row in rows] == ["short"]


async def test_mistakes_of_a_plan_are_told_with_their_lines(site: Web) -> None:
    for path in ("/api/campaigns", "/api/plans/check"):
        wrong = await site.client.post(path, json={"toml": SHORT.replace("runs = 50", "runs = 0")})
        assert wrong.status_code == 422
        assert [one["line"] for one in wrong.json()["mistakes"]] == [6]


async def test_what_runs_can_be_paused_resumed_and_stopped(site: Web) -> None:
    await site.json("POST", "/api/campaigns", json={"toml": LONG})
    place = "/api/campaigns/long-0001"
    for verb, ending in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert (await site.client.post(f"{place}/{verb}")).status_code == 202
        await state(site.service, "long-0001", ending)
    assert (await site.client.delete(place)).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/api/campaigns/nope", None, (404, "there is no campaign 'nope'")),
        ("POST", "/api/campaigns/nope/stop", None, (404, "there is no campaign 'nope'")),
        ("GET", "/api/campaigns/short-0001/findings/9", None, (404, "there is no finding 9")),
        ("GET", "/api/nothing", None, (404, "")),
        ("PUT", "/api/campaigns", None, (405, "")),
        ("POST", "/api/campaigns/short-0001/pause", None, (409, "campaign short-0001 is done")),
        ("POST", "/api/campaigns", {}, (422, "give one of toml, plan and shipped")),
        ("POST", "/api/campaigns", {"toml": SHORT, "color": "red"}, (422, "")),
        ("POST", "/api/campaigns", {"shipped": "x"}, (404, "there is no shipped plan 'x'")),
        ("POST", "/api/campaigns", {"toml": "x" * (2 << 20)}, (413, "")),
        ("POST", "/api/explore", {"scenario": "os:system"}, (403, "the scenario 'os:system'")),
        ("POST", "/api/replay", {"scenario": "philosophers", "tape": BIG}, (422, "tape")),
        ("POST", "/api/plans/check", {"toml": HEX}, (422, "plan.toml:4: entry 'a': runs is")),
        ("POST", "/api/campaigns", {"toml": LONG_NAME}, (422, "plan.toml:1: name is")),
        ("POST", "/api/explore", {"scenario": "nope", "runs": 1}, (422, "unknown scenario 'nope'")),
    ],
)
async def test_what_is_wrong_is_said(
    done: Web, method: str, path: str, body: Any, expected: tuple[int, str]
) -> None:
    status, sentence = await done.problem(method, path, json=body)
    assert status == expected[0]
    assert sentence.startswith(expected[1])


async def test_no_path_leads_out_of_the_data(done: Web) -> None:
    document = await done.json("GET", "/openapi.json")
    asked = 0
    for path, operations in document["paths"].items():
        for method in {"get", "post", "delete"} & operations.keys():
            for bad in TRAVERSALS if "{" in path else ():
                for name in ("campaign", "number", "name"):
                    if f"{{{name}}}" not in path:
                        continue
                    place = path.replace(f"{{{name}}}", bad)
                    place = place.replace("{campaign}", "short-0001").replace("{number}", "1")
                    answer = await done.client.request(method, place)
                    asked += 1
                    assert answer.status_code in {400, 404, 405, 414, 422, 431}, place
                    assert b"root:" not in answer.content
                    assert str(done.service.settings.data).encode() not in answer.content
    assert asked > 200


@pytest.mark.parametrize("file", ["count.json", "service.json"])
async def test_a_full_disk_is_said_and_survived(
    site: Web, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    def full(path: Path, content: bytes) -> None:
        if path.name == file:
            raise LogError(f"cannot write {path}: No space left on device")
        write_file(path, content)

    with monkeypatch.context() as patch:
        patch.setattr("emu.service.shelf.write_file", full)
        status, sentence = await site.problem("POST", "/api/campaigns", json={"toml": SHORT})
    assert status == 507
    assert sentence == "there is no room on the disk; delete campaigns, or make room"
    assert (await site.json("GET", "/api/campaigns"))["items"] == []
    assert (await site.client.post("/api/campaigns", json={"toml": SHORT})).status_code == 201


async def test_what_is_to_rest_rests_on_a_full_disk(
    site: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _: bytes) -> None:
        raise LogError(f"cannot write {path}: No space left on device")

    path = f"/api/campaigns/{await begun(site.service, LONG)}"
    steps = (("pause", 202), ("resume", 507), ("stop", 202))
    document = await site.json("GET", "/openapi.json")
    with monkeypatch.context() as patch:
        patch.setattr("emu.service.shelf.write_file", full)
        for step, status in steps:
            assert (await site.client.post(f"{path}/{step}")).status_code == status
            known = document["paths"][f"/api/campaigns/{{campaign}}/{step}"]["post"]["responses"]
            assert ("507" in known) == (status == 507)


async def test_a_token_is_asked_for(tmp_path: Path) -> None:
    async with web(tmp_path, token="correct horse battery") as site:
        for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "correct horse"}):
            status, _ = await site.problem("GET", "/api/campaigns", headers=header)
            assert status == 401
        right = {"Authorization": "Bearer correct horse battery"}
        assert (await site.client.get("/api/campaigns", headers=right)).status_code == 200
        assert (await site.client.get("/healthz")).status_code == 200


async def test_there_are_only_so_many_streams(tmp_path: Path) -> None:
    async with web(tmp_path, streams=1) as site, site.client.stream("GET", "/api/events"):
        status, sentence = await site.problem("GET", "/api/events")
        assert (status, sentence) == (429, "1 streams are open, and no more are allowed; close one")


async def test_as_many_come_in_when_many_come_at_once(tmp_path: Path) -> None:
    statuses: list[int] = []
    async with web(tmp_path, streams=2) as site:
        asked = trio.Event()

        async def watch() -> None:
            async with site.client.stream("GET", "/api/events") as answer:
                statuses.append(answer.status_code)
                if len(statuses) == 20:
                    asked.set()
                await asked.wait()

        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(watch)
    assert statuses.count(200) == 2


async def test_what_was_counted_can_be_collected(site: Web) -> None:
    await state(site.service, await begun(site.service, SHORT), "done")
    text = (await site.client.get("/metrics")).text
    assert 'emu_campaigns{state="done"} 1.0' in text
    assert "emu_runs_total 50.0" in text
    assert "emu_findings_total 1.0" in text


@pytest.mark.parametrize(
    "operation",
    [
        ("post", "/api/explore"),
        ("post", "/api/replay"),
        ("post", "/api/shrink"),
        ("get", "/api/campaigns/{campaign}/report"),
        ("get", "/api/campaigns/{campaign}/findings/{number}/trace"),
    ],
    ids=lambda operation: operation[1].rpartition("/")[2],
)
async def test_the_document_has_the_limits_of_what_takes_a_process(
    site: Web, operation: tuple[str, str]
) -> None:
    method, path = operation
    document = await site.json("GET", "/openapi.json")
    assert {"429", "507"} <= document["paths"][path][method]["responses"].keys()


async def test_each_answer_is_one_line_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = LogCapture()
    log = structlog.wrap_logger(structlog.ReturnLogger(), processors=[said])
    monkeypatch.setattr("tests.service.web.QUIET", log)
    async with web(tmp_path) as site:
        for _ in range(40):  # each is gone as soon as it has its answer
            await trio.to_thread.run_sync(httpx2.get, f"{site.url}/api/campaigns")
    answers = [one["status"] for one in said.entries if one["event"] == "request"]
    assert answers == [200] * 40

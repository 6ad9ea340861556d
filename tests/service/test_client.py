"""The Python client, before a service that is made up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from emu.campaign.mistakes import PlanMistakes
from emu.errors import InternalError, UsageError
from emu.service import errors
from emu.service.answers import Unreachable
from emu.service.client import WAITS, Client

URL = "http://127.0.0.1:8765"
Handler = Callable[[httpx2.Request], httpx2.Response]


class Fake:
    """A service that answers by a table of `METHOD path`; it keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Handler] = {}
        self.asked: list[httpx2.Request] = []
        self.slept: list[float] = []
        self.client = Client(
            URL, "secret", transport=httpx2.MockTransport(self), sleep=self.slept.append
        )

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return self.answers[f"{request.method} {request.url.path}"](request)

    def says(self, what: str, row: Any, status: int = 200) -> None:
        self.answers[what] = lambda _: httpx2.Response(status, json=row)

    def streams(self, *streams: Callable[[], Iterator[bytes]]) -> None:
        left = iter(streams)

        def answer(_: httpx2.Request) -> httpx2.Response:
            kind = {"content-type": "text/event-stream"}
            return httpx2.Response(200, headers=kind, content=next(left)())

        self.answers["GET /api/campaigns/a-0001/events"] = answer


@pytest.fixture
def fake() -> Iterator[Fake]:
    made = Fake()
    with made.client:
        yield made


def frame(number: int, event: str, **fields: Any) -> bytes:
    return f"id: {number}\nevent: {event}\ndata: {json.dumps(fields)}\n\n".encode()


def whole() -> Iterator[bytes]:
    yield b"retry: 1000\n\n"
    yield frame(1, "begin", entries=1) + b": all quiet\n\n" + frame(2, "found", run=7)
    yield b"event: close\ndata: {}\n\n"


def broken() -> Iterator[bytes]:
    yield frame(1, "begin", entries=1)
    raise httpx2.ReadError("[Errno 104] Connection reset by peer")


def rest() -> Iterator[bytes]:
    yield frame(2, "found", run=7)
    yield b"event: close\ndata: {}\n\n"


def nothing() -> Iterator[bytes]:
    yield from ()


EVENTS = [{"id": 1, "event": "begin", "entries": 1}, {"id": 2, "event": "found", "run": 7}]


def problem(name: str, status: int, detail: str = "a sentence", **more: Any) -> dict[str, Any]:
    return {"type": f"/problems/{name}", "title": "t", "status": status, "detail": detail, **more}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, UsageError),
        (403, errors.Refused),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (422, UsageError),
        (429, errors.TooMany),
        (500, InternalError),
        (503, Unreachable),
        (507, errors.Full),
    ],
)
def test_a_problem_is_an_error_with_its_sentence(status: int, kind: type, fake: Fake) -> None:
    fake.says("GET /api/campaigns/a-0001", problem("x", status), status)
    with pytest.raises(kind) as caught:
        fake.client.campaign("a-0001")
    assert str(caught.value).endswith("a sentence")


def test_the_mistakes_of_a_plan_are_told_as_if_it_were_read_here(fake: Fake) -> None:
    rows = [{"line": 3, "key": "entry[0].runs", "detail": "runs is 0"}]
    fake.says("POST /api/campaigns", problem("plan-mistakes", 422, mistakes=rows), 422)
    with pytest.raises(PlanMistakes, match=r"^my\.toml:3: runs is 0$") as caught:
        fake.client.create(toml="x", called="my.toml")
    assert caught.value.mistakes[0].line == 3


def test_what_is_no_service_is_said_to_be_none(fake: Fake) -> None:
    fake.answers["GET /api/campaigns/a"] = lambda _: httpx2.Response(200, text="<html>")
    with pytest.raises(Unreachable, match="is no service of emu: its status is 200"):
        fake.client.campaign("a")


def test_where_nobody_listens_is_told_in_a_sentence() -> None:
    with Client("http://127.0.0.1:1") as client:
        with pytest.raises(Unreachable) as caught:
            client.campaign("a")
    sentence = "no service answers at http://127.0.0.1:1: connection refused"
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8765", "ftp://host", "http://", "http://u:p@host", "http://a?b=c", "//"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no service's address; allowed is http://HOST:PORT"):
        Client(url)


@pytest.mark.parametrize("token", ["a\nb", "ü"])
def test_a_token_that_no_header_can_have_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="the token has characters"):
        Client(URL, token)


def test_the_token_is_shown(fake: Fake) -> None:
    fake.says("GET /api/campaigns/a", {})
    fake.client.campaign("a")
    assert fake.asked[0].headers["authorization"] == "Bearer secret"


def test_no_redirect_takes_the_token_elsewhere(fake: Fake) -> None:
    away = {"location": "http://elsewhere/"}
    fake.answers["GET /api/campaigns/a"] = lambda _: httpx2.Response(302, headers=away)
    with pytest.raises(Unreachable):
        fake.client.campaign("a")
    assert len(fake.asked) == 1


@pytest.mark.parametrize("campaign", ["", "../x", "runs/smoke/0001", "a?b", "A", "a\n"])
def test_what_is_no_id_is_not_asked_for(campaign: str, fake: Fake) -> None:
    with pytest.raises(UsageError, match="is no campaign's id; a service gives such as"):
        fake.client.campaign(campaign)
    assert not fake.asked


def test_lists_are_read_page_by_page(fake: Fake) -> None:
    pages = {None: {"items": [{"id": 1}], "next": "b"}, "b": {"items": [{"id": 2}], "next": None}}
    fake.answers["GET /api/campaigns"] = lambda request: httpx2.Response(
        200, json=pages[request.url.params.get("after")]
    )
    assert [row["id"] for row in fake.client.campaigns()] == [1, 2]


def test_each_campaign_has_a_key_of_its_own(fake: Fake) -> None:
    fake.says("POST /api/campaigns", {"id": "a-0001"}, 201)
    for _ in range(2):
        fake.client.create(shipped="smoke", duration="8h", runs=None)
    keys = {one.headers["idempotency-key"] for one in fake.asked}
    assert len(keys) == 2
    assert json.loads(fake.asked[0].content) == {"shipped": "smoke", "for": "8h"}


def test_events_come_until_the_campaign_is_over(fake: Fake) -> None:
    fake.streams(whole)
    assert list(fake.client.events("a-0001")) == EVENTS


@pytest.mark.parametrize("first", [broken, lambda: iter([frame(1, "begin", entries=1)])])
def test_a_stream_that_breaks_off_goes_on_where_it_was(first: Any, fake: Fake) -> None:
    fake.streams(first, nothing, rest)
    assert list(fake.client.events("a-0001")) == EVENTS
    assert [one.headers["last-event-id"] for one in fake.asked] == ["0", "1", "1"]
    assert fake.slept == list(WAITS[:2])


def test_a_stream_that_breaks_off_again_and_again_is_given_up(fake: Fake) -> None:
    fake.streams(*[nothing] * 20)
    with pytest.raises(Unreachable, match="again and again"):
        list(fake.client.events("a-0001"))
    assert fake.slept == list(WAITS)


def test_a_stream_that_nobody_wants_any_more_is_closed(fake: Fake) -> None:
    closed = []

    def watched() -> Iterator[bytes]:
        try:
            yield frame(1, "begin")
            yield frame(2, "found")
        finally:
            closed.append(True)

    fake.streams(watched)
    events = fake.client.events("a-0001")
    next(events)
    events.close()
    assert closed


def test_following_ends_with_the_result(fake: Fake) -> None:
    fake.says("GET /api/campaigns/a-0001", {"state": "running"})
    fake.says("GET /api/campaigns/a-0001/result", {"met": True})
    fake.streams(whole)
    seen: list[Any] = []
    assert fake.client.follow("a-0001", seen.append) == {"met": True}
    assert seen == EVENTS


@pytest.mark.parametrize("event", ["end", "paused"])
def test_following_ends_when_it_is_paused(fake: Fake, event: str) -> None:
    states = iter(["running", "paused"])

    def ended() -> Iterator[bytes]:
        yield frame(1, event)
        pytest.fail("it was read on")

    fake.answers["GET /api/campaigns/a-0001"] = lambda _: httpx2.Response(
        200, json={"state": next(states)}
    )
    fake.says("GET /api/campaigns/a-0001/result", {"interrupted": True})
    fake.streams(ended)
    assert fake.client.follow("a-0001") == {"interrupted": True}


def test_following_goes_on_when_the_service_was_restarted(fake: Fake) -> None:
    fake.says("GET /api/campaigns/a-0001", {"state": "running"})
    fake.says("GET /api/campaigns/a-0001/result", {"met": True})
    fake.streams(lambda: iter([frame(1, "end", met=None)]), rest)
    seen: list[Any] = []
    fake.client.follow("a-0001", seen.append)
    assert [one["event"] for one in seen] == ["end", "found"]


def test_following_outlives_a_restart(fake: Fake) -> None:
    def away(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("[Errno 111] Connection refused")

    def once(_: httpx2.Request) -> httpx2.Response:
        fake.answers["GET /api/campaigns/a-0001"] = away
        return httpx2.Response(200, json={"state": "running"})

    fake.answers["GET /api/campaigns/a-0001"] = once
    fake.says("GET /api/campaigns/a-0001/result", {"met": True})
    fake.streams(lambda: iter([frame(1, "end", met=None)]), rest)
    assert fake.client.follow("a-0001") == {"met": True}


def test_a_finding_that_is_not_told_yet_is_run_again_to_be_shown(fake: Fake) -> None:
    path = "GET /api/campaigns/a-0001/findings/1"
    row = {"trouble": False, "told": False, "has_log": False, "message": "short"}
    fake.says(path, row)

    def again(_: httpx2.Request) -> httpx2.Response:
        fake.says(path, row | {"has_log": True, "message": "whole"})
        return httpx2.Response(200, text="a log")

    fake.answers[f"{path}/log"] = again
    assert fake.client.show("a-0001", 1) == "whole"


@pytest.mark.parametrize("url", ["https://emu.example", "https://emu.example/below/"])
def test_a_way_back_is_as_the_service_is_called_here(url: str) -> None:
    line = "emu replay http://emu.example/api/campaigns/a-0001/findings/1"
    answer = httpx2.Response(200, json={"replay": line})
    with Client(url, transport=httpx2.MockTransport(lambda _: answer)) as client:
        own = url.rstrip("/")
        row = client.finding("a-0001", 1)
    assert row == {"replay": f"emu replay {own}/api/campaigns/a-0001/findings/1"}


def test_a_report_leads_back_as_the_service_is_called_here(tmp_path: Path) -> None:
    answer = httpx2.Response(200, text="<code>emu replay http://emu/api/campaigns/a/findings/1")
    with Client("https://emu", transport=httpx2.MockTransport(lambda _: answer)) as client:
        client.report("a", tmp_path / "x.html")
    assert "emu replay https://emu/api/campaigns/a/findings/1" in (tmp_path / "x.html").read_text()
    assert [one.name for one in tmp_path.iterdir()] == ["x.html"]


def test_a_download_is_a_file(fake: Fake, tmp_path: Path) -> None:
    path = "GET /api/campaigns/a/findings/3/log"
    fake.answers[path] = lambda _: httpx2.Response(200, text="line\n")
    fake.client.log("a", 3, tmp_path / "log.jsonl")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("log.jsonl", "line\n")]


def test_a_download_that_breaks_off_leaves_nothing(fake: Fake, tmp_path: Path) -> None:
    path = "GET /api/campaigns/a/findings/3/log"
    fake.answers[path] = lambda _: httpx2.Response(200, content=broken())
    with pytest.raises(Unreachable, match="has broken off: connection reset by peer"):
        fake.client.log("a", 3, tmp_path / "log.jsonl")
    assert list(tmp_path.iterdir()) == []

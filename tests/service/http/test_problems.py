"""Every error is a problem that says what is wrong, and gives nothing away."""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass
from io import StringIO

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from pydantic import BaseModel

from emu.errors import InternalError, LogError, TapeError, UsageError
from emu.service.errors import Conflict, Full, NotFound, Refused, TooMany
from emu.service.http.causes import FULL, HIDDEN, install
from emu.service.http.dressing import Unforeseen
from emu.service.http.log import logger
from emu.service.http.problems import ANYWHERE, KINDS, responses
from tests.service.http.asgi import Answer, ask


class Order(BaseModel):
    runs: int
    name: str = ""


def app_that(error: BaseException | None = None) -> FastAPI:
    app = FastAPI()
    router = APIRouter()

    @router.get("/things/{number}", responses=responses(404))
    async def thing(number: int) -> dict[str, int]:
        if error is not None:
            raise error
        return {"number": number}

    @router.delete("/things/{number}")
    async def remove(number: int) -> None: ...

    @router.post("/things")
    async def create(order: Order) -> Order:
        return order

    app.include_router(router, prefix="/api")
    install(app)
    return app


async def raised(error: BaseException, log: StringIO | None = None) -> Answer:
    app = Unforeseen(app_that(error), logger(log or StringIO()))
    return await ask(app, "GET", "/api/things/1")


@dataclass
class Mistake:
    line: int | None
    key: str
    sentence: str


class Mistakes(UsageError):
    mistakes = (Mistake(3, "entry[0].runs", "runs is 'x'; allowed is a whole number"),)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (NotFound("no campaign 'x'"), 404, "not-found"),
        (Conflict("it is at work"), 409, "conflict"),
        (Refused("not on the list"), 403, "refused"),
        (TooMany("4 are at work"), 429, "too-many"),
        (Full("no room"), 507, "full"),
        (TapeError("no tape"), 422, "invalid"),
        (UsageError("runs is 0"), 422, "invalid"),
        (LogError("/data/x.jsonl:3: torn"), 500, "internal"),
        (InternalError("oops"), 500, "internal"),
        (KeyError("secret"), 500, "internal"),
        (OSError(errno.ENOSPC, "no space", "/data/x"), 507, "full"),
        (OSError(errno.EACCES, "not yours", "/data/x"), 500, "internal"),
        (sqlite3.OperationalError("/data/x is locked"), 500, "internal"),
        (HTTPException(409, "twice"), 409, "conflict"),
        (HTTPException(418, "a teapot"), 418, "malformed"),
        (ExceptionGroup("", [ExceptionGroup("", [NotFound("no campaign")])]), 404, "not-found"),
    ],
)
async def test_an_error_has_its_status(error: Exception, status: int, kind: str) -> None:
    answer = await raised(error)
    assert (answer.status, answer.problem) == (status, kind)


async def test_a_full_database_is_a_full_disk() -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    answer = await raised(error)
    assert (answer.status, answer.json["detail"]) == (507, FULL)


async def test_the_sentence_of_an_error_is_the_detail() -> None:
    answer = await raised(NotFound("no campaign 'x'; known are a, b"))
    assert answer.json == {
        "type": "/problems/not-found",
        "title": "There is nothing here",
        "status": 404,
        "detail": "no campaign 'x'; known are a, b",
    }


async def test_half_a_character_is_told_as_json_tells_it() -> None:
    answer = await raised(UsageError("no strategy '\ud800'"))
    assert (answer.status, answer.json["detail"]) == (422, "no strategy '\ud800'")


async def test_mistakes_of_a_plan_are_listed() -> None:
    answer = await raised(Mistakes("plan.toml:3: runs is 'x'; allowed is a whole number"))
    assert (answer.status, answer.problem) == (422, "plan-mistakes")
    assert answer.json["mistakes"] == [
        {"line": 3, "key": "entry[0].runs", "detail": "runs is 'x'; allowed is a whole number"}
    ]


@pytest.mark.parametrize("error", [KeyError("secret"), LogError("secret"), OSError(5, "secret")])
async def test_what_nobody_foresaw_is_logged_and_not_told(error: Exception) -> None:
    log = StringIO()
    answer = await raised(error, log)
    assert answer.json["detail"] == HIDDEN
    assert "secret" in log.getvalue()


async def test_what_was_foreseen_is_no_failure_in_the_log() -> None:
    log = StringIO()
    await raised(NotFound("no campaign"), log)
    assert log.getvalue() == ""


async def test_an_unknown_path_is_a_problem() -> None:
    answer = await ask(app_that(), "GET", "/nowhere")
    assert (answer.status, answer.problem) == (404, "not-found")


async def test_a_wrong_method_lists_those_of_all_routes_of_the_path() -> None:
    answer = await ask(app_that(), "PUT", "/api/things/1")
    assert (answer.status, answer.problem) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, DELETE"


async def test_a_bad_body_is_told_place_by_place() -> None:
    body = b'{"runs": "many", "name": 3}'
    answer = await ask(app_that(), "POST", "/api/things", JSON, body)
    assert (answer.status, answer.problem) == (422, "invalid")
    assert [one["where"] for one in answer.json["errors"]] == ["body.runs", "body.name"]


async def test_what_was_given_is_not_echoed() -> None:
    answer = await ask(app_that(), "POST", "/api/things", JSON, b'{"runs": "<script>"}')
    assert b"<script>" not in answer.body


async def test_a_body_that_is_no_json_cannot_be_read() -> None:
    answer = await ask(app_that(), "POST", "/api/things", JSON, b'{"runs": ')
    assert (answer.status, answer.problem) == (400, "malformed")
    assert answer.json["detail"].startswith("the body is not JSON: expecting value at char")


def test_the_document_has_problems_at_every_operation() -> None:
    document = app_that().openapi()
    operations = [one for path in document["paths"].values() for one in path.values()]
    for one in operations:
        assert {str(status) for status in ANYWHERE} <= set(one["responses"])
    found = document["paths"]["/api/things/{number}"]["get"]["responses"]["404"]
    assert list(found["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in str(document)


def test_the_schema_of_problems_knows_every_kind() -> None:
    schema = app_that().openapi()["components"]["schemas"]["Problem"]
    assert len(schema["properties"]["type"]["enum"]) == len(KINDS)


JSON = {"content-type": "application/json"}

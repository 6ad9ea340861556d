"""The API as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, Field

from emu.service.http.docs.operations import subjects
from emu.service.http.docs.pages import Docs
from emu.service.http.docs.samples import sample
from emu.service.http.docs.schemas import Schemas
from emu.service.http.problems import KINDS, describe, responses
from tests.service.http.asgi import Answer, answering, ask


class Part(BaseModel):
    """A part of an order."""

    name: str = Field(description="What it is called.")
    more: list[Part] = []


class Order(BaseModel):
    runs: int = Field(ge=1, le=500, description="How many `runs`.")
    parts: list[Part] = []
    note: str | None = None


def document() -> dict[str, Any]:
    app = FastAPI(title="emu", openapi_tags=[{"name": "orders", "description": "Of <orders>."}])

    @app.post("/api/orders/{name}", tags=["orders"], responses=responses(404))
    async def create(name: str, order: Order, limit: Annotated[int, Query(ge=1)] = 100) -> Order:
        """Make an order: a `plan`."""
        return order

    @app.get("/healthz")
    async def healthz() -> str:
        return "ok"

    return describe(app.openapi())


async def page(path: str = "/docs", *, token: bool = False, method: str = "GET") -> Answer:
    return await ask(Docs(answering(b"the app"), document, token=token), method, path)


async def text() -> str:
    """What a reader sees of the operations."""
    body = (await page()).body.decode().partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


async def test_it_has_every_operation_by_subject() -> None:
    found = await text()
    assert found.index("Of &lt;orders&gt;.") < found.index("POST /api/orders/{name}")
    assert "GET /healthz" in found


@pytest.mark.parametrize(
    "said",
    [
        "Make an order: a plan .",
        "In the path name required string",
        "In the query limit integer from 1 Default: 100.",
        "runs required integer 1 to 500 How many runs .",
        "parts array of Part",
        "name required string What it is called.",
        "note string or null",
        "Problems : 400 401 403 404",
    ],
)
async def test_an_operation_says_what_it_takes_and_answers(said: str) -> None:
    assert said in await text()


async def test_an_example_can_be_typed() -> None:
    body = (await page()).body.decode()
    assert (
        "curl -X POST -H &#39;Content-Type: application/json&#39; -d &#39;{&#34;runs&#34;: 1}&#39; "
        "http://localhost:8765/api/orders/NAME" in body
    )


async def test_with_a_token_examples_show_it_where_it_is_needed() -> None:
    examples = re.findall(r"<pre.*?</pre>", (await page(token=True)).body.decode(), re.DOTALL)
    assert ["$TOKEN" in one for one in examples] == [True, False]


async def test_every_kind_of_problem_is_told() -> None:
    found = await text()
    assert all(f"{kind.type} {kind.status}" in re.sub(" +", " ", found) for kind in KINDS.values())


async def test_it_loads_nothing_but_its_style_and_runs_nothing() -> None:
    body = (await page()).body.decode()
    assert re.findall(r'<(?:link|script|img|iframe)\b[^>]*(?:href|src)="([^"]*)"', body) == [
        "/docs/page.css"
    ]
    assert "<script" not in body
    assert "style=" not in body
    assert (await page("/docs/page.css")).headers["content-type"].startswith("text/css")


async def test_every_link_within_it_leads_somewhere() -> None:
    body = (await page()).body.decode()
    anchors = set(re.findall(r'id="([^"]+)"', body))
    assert set(re.findall(r'href="#([^"]+)"', body)) <= anchors


async def test_its_elements_are_closed_in_order() -> None:
    class Checker(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            if tag not in {"meta", "link"}:
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    checker = Checker()
    checker.feed((await page()).body.decode())
    assert checker.open == []


@pytest.mark.parametrize(
    ("path", "to"),
    [("/problems/not-found", "/docs#problem-not-found"), ("/problems", "/docs#problems")],
)
async def test_the_type_of_a_problem_leads_to_it(path: str, to: str) -> None:
    answer = await page(path)
    assert (answer.status, answer.headers["location"]) == (307, to)


@pytest.mark.parametrize("path", ["/docs/../x", "/docs/pages.py", "/problems/nothing"])
async def test_there_is_nothing_else_below(path: str) -> None:
    assert (await page(path)).problem == "not-found"


async def test_it_can_only_be_read() -> None:
    assert (await page(method="POST")).headers["allow"] == "GET, HEAD"


async def test_all_else_is_the_apps() -> None:
    assert (await page("/docsx")).body == b"the app"


SCHEMAS = Schemas(
    {
        "components": {
            "schemas": {
                "Loop": {"type": "object", "properties": {"loop": {"$ref": "#/x/Loop"}}},
                "Name": {"type": "string"},
            }
        }
    }
)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"enum": ["a", 1]}, '"a" or 1'),
        ({"const": True}, "true"),
        ({"type": "array", "items": {"$ref": "#/x/Name"}}, "array of string"),
        ({"$ref": "#/x/Loop"}, "Loop"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of integer"),
        ({"type": "number", "exclusiveMinimum": 0.0}, "number above 0"),
        ({"type": "string", "maxLength": 9}, "string to 9 characters"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"allOf": [{"$ref": "#/x/Loop"}]}, "Loop"),
        ({}, "anything"),
    ],
)
def test_a_schema_in_words(schema: dict[str, Any], words: str) -> None:
    assert SCHEMAS.type_of(schema) == words


def test_schemas_that_go_round_in_circles_end() -> None:
    assert SCHEMAS.fields_of({"$ref": "#/x/Loop"})
    assert sample({"$ref": "#/x/Loop"}, SCHEMAS) == {}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 3}, 3),
        ({"examples": [{"a": 1}], "type": "object"}, {"a": 1}),
        ({"anyOf": [{"type": "array"}, {"type": "null"}]}, []),
        ({"type": "string", "default": "x"}, "x"),
        ({"type": ["boolean", "null"]}, True),
    ],
)
def test_a_sample_is_small_and_allowed(schema: dict[str, Any], value: Any) -> None:
    assert sample(schema, SCHEMAS) == value


def test_the_subjects_are_in_the_order_of_the_document() -> None:
    found = subjects(document(), "http://x", token=False)
    assert [one.name for one in found] == ["orders", "service"]

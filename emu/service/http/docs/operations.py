"""What can be done, by subject: the operations of an OpenAPI document as they are shown."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from emu.service.http.docs.samples import sample
from emu.service.http.docs.schemas import Field, Schema, Schemas
from emu.service.http.guards import is_guarded
from emu.service.http.problems import MEDIA_TYPE
from emu.service.http.routes import METHODS

UNTITLED: Final = "service"
"""The subject of what has none."""


@dataclass(frozen=True)
class Content:
    """A body: what is sent or answered, in one media type."""

    media_type: str
    type: str
    says: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Answer:
    """What an operation answers if all is well."""

    status: str
    says: str
    contents: tuple[Content, ...]


@dataclass(frozen=True)
class Operation:
    """Something that can be done: a method of a path."""

    method: str
    path: str
    says: str
    parameters: dict[str, list[Field]]
    bodies: tuple[Content, ...]
    body_required: bool
    answers: tuple[Answer, ...]
    problems: tuple[str, ...]
    curl: str

    @property
    def anchor(self) -> str:
        """Its name in links."""
        return "-".join([self.method, *re.findall(r"\w+", self.path)]).lower()


@dataclass
class Subject:
    """Operations that belong together."""

    name: str
    says: str = ""
    operations: list[Operation] = field(default_factory=list)


def subjects(document: Mapping[str, Any], base: str, *, token: bool) -> list[Subject]:
    """All operations, in the order of the document, by their first tags.

    `base` is what addresses begin with in examples; with `token` they show one where it is needed.
    """
    schemas = Schemas(document)
    told = {one["name"]: one.get("description", "") for one in document.get("tags", ())}
    made: dict[str, Subject] = {name: Subject(name, says) for name, says in told.items()}
    for path, operations in document.get("paths", {}).items():
        for method in METHODS:
            if method not in operations:
                continue
            found = operations[method]
            name = (found.get("tags") or [UNTITLED])[0]
            subject = made.setdefault(name, Subject(name))
            subject.operations.append(_operation(method, path, found, schemas, base, token=token))
    return [one for one in made.values() if one.operations]


def _operation(
    method: str, path: str, found: Mapping[str, Any], schemas: Schemas, base: str, *, token: bool
) -> Operation:
    body = found.get("requestBody", {})
    given = found.get("parameters", ())
    answers = {str(status): one for status, one in found.get("responses", {}).items()}
    parameters: dict[str, list[Field]] = {}
    for one in given:
        parameters.setdefault(_PLACES.get(one["in"], one["in"]), []).append(
            _parameter(one, schemas)
        )
    url = f"{base}{_filled(path, given, schemas)}"
    return Operation(
        method=method.upper(),
        path=path,
        says=found.get("description") or found.get("summary", ""),
        parameters=parameters,
        bodies=tuple(_contents(body, schemas)),
        body_required=bool(body.get("required")),
        answers=tuple(
            Answer(status, _meaning(one), tuple(_contents(one, schemas)))
            for status, one in answers.items()
            if MEDIA_TYPE not in one.get("content", {})
        ),
        problems=tuple(
            status for status, one in answers.items() if MEDIA_TYPE in one.get("content", {})
        ),
        curl=_curl(method, url, body, schemas, token=token and is_guarded(path)),
    )


def _meaning(answer: Mapping[str, Any]) -> str:
    says = str(answer.get("description", ""))
    return "" if says == "Successful Response" else says  # what FastAPI says of all


_PLACES: Final = {"path": "In the path", "query": "In the query", "header": "Headers"}


def _parameter(one: Mapping[str, Any], schemas: Schemas) -> Field:
    schema: Schema = one.get("schema", {})
    says = one.get("description", "")
    if "default" in schema:
        says = f"{says} Default: {json.dumps(schema['default'])}.".strip()
    return Field(one["name"], schemas.type_of(schema), bool(one.get("required")), says, ())


def _contents(one: Mapping[str, Any], schemas: Schemas) -> Iterator[Content]:
    for media_type, content in one.get("content", {}).items():
        schema = content.get("schema", {})
        says = str(schemas.resolved(schema).get("description", ""))
        yield Content(media_type, schemas.type_of(schema), says, schemas.fields_of(schema))


def _filled(path: str, given: Any, schemas: Schemas) -> str:
    """The path with an example of each parameter, or its name in capitals."""
    for one in given:
        if one["in"] == "path":
            schema = schemas.resolved(one.get("schema", {}))
            known = one.get("example", (schema.get("examples") or [one["name"].upper()])[0])
            path = path.replace("{" + one["name"] + "}", str(known))
    return path


def _curl(method: str, url: str, body: Mapping[str, Any], schemas: Schemas, *, token: bool) -> str:
    words = ["curl"]
    if method != "get":
        words += ["-X", method.upper()]
    if token:
        words += ["-H", '"Authorization: Bearer $TOKEN"']
    for media_type, content in body.get("content", {}).items():
        words += ["-H", shlex.quote(f"Content-Type: {media_type}")]
        value = content.get("example", sample(content.get("schema", {}), schemas))
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        words += ["-d", shlex.quote(text)]
        break
    return " ".join([*words, shlex.quote(url)])

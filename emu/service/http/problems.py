"""Problem details (RFC 9457): every error is an answer that programs and people can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"
SCHEMA: Final = "Problem"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: the end of its `type`, its status, its title."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return f"/problems/{self.name}"


KINDS: Final[dict[str, Kind]] = {
    name: Kind(name, status, title)
    for name, status, title in (
        ("malformed", 400, "The request cannot be read"),
        ("unauthorized", 401, "A token is required"),
        ("refused", 403, "This is not allowed"),
        ("not-found", 404, "There is nothing here"),
        ("method-not-allowed", 405, "This cannot be done here"),
        ("not-acceptable", 406, "It cannot be had in this form"),
        ("too-slow", 408, "The request took too long to arrive"),
        ("conflict", 409, "It cannot be done as things stand"),
        ("too-large", 413, "The request is too large"),
        ("unsupported", 415, "The body is of a type that is not read here"),
        ("misdirected", 421, "This service does not go by that name"),
        ("invalid", 422, "The request cannot be carried out as it is"),
        ("plan-mistakes", 422, "The plan has mistakes"),
        ("too-many", 429, "A limit of the service is reached"),
        ("head-too-large", 431, "The head of the request is too large"),
        ("internal", 500, "The service has failed"),
        ("unavailable", 503, "The service cannot do this now"),
        ("version", 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here"),
        ("full", 507, "There is no room left"),
    )
}
"""Every kind there is, by name."""

_OF_STATUS: Final[dict[int, Kind]] = {
    kind.status: kind for kind in KINDS.values() if kind.name != "plan-mistakes"
}

ANYWHERE: Final = (400, 401, 403, 408, 413, 415, 421, 422, 500, 503)
"""What any operation may answer, whatever it does."""


def kind_of(status: int) -> Kind:
    """The kind of problem that an HTTP status tells of, if nothing more is known."""
    nearest = 500 if status >= 500 else 400
    return _OF_STATUS.get(status) or _OF_STATUS[nearest]


def document_of(kind: Kind, detail: str, status: int | None = None, **more: Any) -> bytes:
    """The problem as JSON; `more` are members beside the standard ones."""
    made = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status if status is None else status,
        "detail": detail,
        **more,
    }
    try:
        return orjson.dumps(made)
    except TypeError:  # half a character, from a body in JSON: UTF-8 has none
        return json.dumps(made).encode()


def problem(
    name: str,
    detail: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """An answer that tells of a problem of the kind `name`; it is an ASGI app, too.

    `detail` is a sentence about this occurrence; `more` are members beside the standard ones.
    """
    kind = KINDS[name]
    return Response(
        document_of(kind, detail, status, **more),
        kind.status if status is None else status,
        {**(headers or {}), "cache-control": "no-store"},
        MEDIA_TYPE,
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=` of a route: the problems that it answers besides those of `ANYWHERE`."""
    return {status: _documented(status) for status in statuses}


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document in which every operation tells of problems; it is changed in place."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas[SCHEMA] = _SCHEMA
    for path in document.get("paths", {}).values():
        for operation in path.values():
            known = operation.setdefault("responses", {})
            if "HTTPValidationError" in str(known.get("422")):  # FastAPI's own; it is not sent
                del known["422"]
            for status in ANYWHERE:
                known.setdefault(str(status), _documented(status))
            operation["responses"] = dict(sorted(known.items()))
    for stale in ("HTTPValidationError", "ValidationError"):
        schemas.pop(stale, None)
    return document


def _documented(status: int) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{SCHEMA}"}
    return {
        "description": kind_of(status).title,
        "content": {MEDIA_TYPE: {"schema": reference}},
    }


_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": SCHEMA,
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "description": "The kind of problem.",
            "enum": sorted(kind.type for kind in KINDS.values()),
        },
        "title": {"type": "string", "description": "The kind of problem, in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "A sentence about this very occurrence."},
        "errors": {
            "type": "array",
            "description": "What is wrong where in the request.",
            "items": {
                "type": "object",
                "required": ["where", "detail"],
                "properties": {"where": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "mistakes": {
            "type": "array",
            "description": "What is wrong where in the plan.",
            "items": {
                "type": "object",
                "required": ["line", "detail"],
                "properties": {
                    "line": {"type": ["integer", "null"]},
                    "key": {"type": ["string", "null"]},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

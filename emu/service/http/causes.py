"""Which error is which problem: one table, and the handlers that FastAPI wants."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from emu.errors import EmuError, LogError, Mismatch, UsageError
from emu.service import errors
from emu.service.http.problems import SCHEMA, describe, kind_of, problem
from emu.service.http.routes import Routes

OF_ERROR: Final[dict[type[EmuError], str]] = {
    errors.NotFound: "not-found",
    errors.Conflict: "conflict",
    errors.Refused: "refused",
    errors.TooMany: "too-many",
    errors.Full: "full",
    LogError: "internal",
    UsageError: "invalid",
    Mismatch: "invalid",
    EmuError: "internal",
}
"""The kind of problem of each error of emu's; that of the nearest base counts."""

HIDDEN: Final = "The service has failed at this request; its log says how."
"""All that callers learn of what nobody foresaw: details may name files of the machine."""

FULL: Final = "The disk of the service is full; what was there before is kept."

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)


def answer(error: BaseException) -> Response:
    """The answer to a request in which `error` was raised, whatever it is."""
    error = _sole(error)
    for known, handler in _HANDLERS.items():
        if isinstance(error, known):
            return handler(error)
    return problem("internal", HIDDEN)


def is_hidden(error: BaseException) -> bool:
    """Whether the answer to `error` says nothing of it, so that a log must."""
    return answer(error).status_code >= 500


def install(app: FastAPI) -> None:
    """Have `app` answer every error with a problem, and say so in its OpenAPI document.

    Errors whose answers hide them are raised on when they are answered, for a log.
    """

    async def handle(request: Request, error: Exception) -> Response:
        if is_hidden(error):
            raise error
        made = answer(error)
        if made.status_code == 405:  # the framework knows the methods of one route only
            methods = Routes(app.openapi()).methods(request.url.path)
            made.headers["allow"] = ", ".join(methods) or made.headers.get("allow", "")
        return made

    async def last(_: Request, error: Exception) -> Response:
        return answer(error)

    for known in (RequestValidationError, HTTPException, EmuError):
        app.add_exception_handler(known, handle)
    app.add_exception_handler(Exception, last)

    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        if SCHEMA not in document.get("components", {}).get("schemas", {}):
            describe(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _sole(error: BaseException) -> BaseException:
    """What a nursery raised, if that was one error."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _emu(error: BaseException) -> Response:
    name = next(OF_ERROR[base] for base in type(error).__mro__ if base in OF_ERROR)
    if name == "internal":
        return problem(name, HIDDEN)
    mistakes = getattr(error, "mistakes", None)
    if mistakes is not None:
        rows = [{"line": one.line, "key": one.key, "detail": one.sentence} for one in mistakes]
        return problem("plan-mistakes", str(error), mistakes=rows)
    return problem(name, str(error))


def _invalid(error: BaseException) -> Response:
    found = cast(RequestValidationError, error).errors()
    rows = list(_rows(found))
    if any(one["loc"] == ("body",) and isinstance(one.get("input"), bytes) for one in found):
        return problem("unsupported", "send JSON, and the header Content-Type: application/json")
    if any(one["type"] == "json_invalid" for one in found):
        return problem("malformed", f"the body is not JSON: {rows[0]['detail']}", errors=rows)
    detail = "; ".join(f"{row['where']}: {row['detail']}" for row in rows)
    return problem("invalid", detail, errors=rows)


def _rows(found: Sequence[Any]) -> Iterator[dict[str, str]]:
    """Where and what; neither what was given nor pydantic's links are told."""
    for one in found:
        where = [str(part) for part in one["loc"]]
        detail = str(one["msg"])
        if one["type"] == "json_invalid":
            where = [where[0]]
            detail = f"{one['ctx']['error']} at character {one['loc'][-1]}"
        yield {"where": ".".join(where), "detail": detail[:1].lower() + detail[1:]}


def _http(error: BaseException) -> Response:
    """What the framework or a route answers by status."""
    raised = cast(HTTPException, error)
    kind = kind_of(raised.status_code)
    detail = _DETAILS.get(str(raised.detail), str(raised.detail))
    return problem(kind.name, detail, status=raised.status_code, headers=raised.headers)


_DETAILS: Final = {
    "Not Found": "there is nothing of this path; /openapi.json lists what there is",
    "Method Not Allowed": "this path has other methods; the header Allow lists them",
}
"""What the framework says, in sentences."""


def _os(error: BaseException) -> Response:
    if cast(OSError, error).errno in _NO_ROOM:
        return problem("full", FULL)
    return problem("internal", HIDDEN)


def _sqlite(error: BaseException) -> Response:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return problem("full", FULL)
    return problem("internal", HIDDEN)


_HANDLERS: Final[dict[type[BaseException], Callable[[BaseException], Response]]] = {
    EmuError: _emu,
    RequestValidationError: _invalid,
    HTTPException: _http,
    OSError: _os,
    sqlite3.Error: _sqlite,
}

"""Who may come in: an ASGI app each, around the next; what they refuse gets a problem."""

from __future__ import annotations

import hmac
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from emu.service.errors import SHOW_IT
from emu.service.http.names import Names
from emu.service.http.problems import problem

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

GUARDED: Final = ("/api", "/metrics")
"""What a token is needed for; what is below them, too."""


def header(scope: Scope, name: bytes) -> str | None:
    """The value of a header of a request; None where there is none, or it is given twice."""
    found = [value for key, value in scope["headers"] if key == name]
    return found[0].decode("latin-1") if len(found) == 1 else None


class Guard:
    """Asks `refusal` of every request over HTTP; what it answers is sent instead of the app's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refused = self.refusal(scope)
            if refused is not None:
                await refused(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def refusal(self, scope: Scope) -> Response | None:
        """Why not, or None."""
        raise NotImplementedError


class PlainHttp(Guard):
    """Lets in HTTP/1 only: a stream of HTTP/2 may be stuck while its connection is not."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1003})
            return
        await super().__call__(scope, receive, send)

    def refusal(self, scope: Scope) -> Response | None:
        if scope["http_version"] in {"1.0", "1.1"}:
            return None
        return problem("version", f"this is HTTP/{scope['http_version']}")


class KnownHost(Guard):
    """Lets in what is meant for this service.

    A page of somebody else's whose name suddenly resolves to this machine is not (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, names: Names) -> None:
        super().__init__(app)
        self.names = names

    def refusal(self, scope: Scope) -> Response | None:
        host = header(scope, b"host")
        if host is None:
            return problem("malformed", "the request names no host, or more than one")
        if self.names.has(host):
            return None
        return problem(
            "misdirected",
            "the Host header names none of the names of this service; they are those it was "
            "started with: emu serve --allow-host NAME",
        )


class SameOrigin(Guard):
    """Keeps out what a page of another origin sends without the user's knowing (CSRF).

    Such a page may send forms and the like to a loopback address, and needs no answer to do harm.
    Programs send none of these headers, and browsers let no page change them.
    """

    def refusal(self, scope: Scope) -> Response | None:
        site = header(scope, b"sec-fetch-site")
        if scope["method"] in SAFE:
            if site == "cross-site" and header(scope, b"sec-fetch-mode") != "navigate":
                return _stranger()
            return None
        if site not in {None, "same-origin", "none"}:
            return _stranger()
        origins = [value for key, value in scope["headers"] if key == b"origin"]
        if not origins:
            return None
        own = (header(scope, b"host") or "").lower()
        if [one.decode("latin-1").lower().partition("://")[2] for one in origins] != [own]:
            return _stranger()
        return None


def _stranger() -> Response:
    return problem("refused", "pages of other origins may ask for nothing here")


class Token(Guard):
    """Asks for the token wherever there is something to learn or to change."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        super().__init__(app)
        self._token = token.encode()

    def refusal(self, scope: Scope) -> Response | None:
        if not self._token or not is_guarded(scope["path"]):
            return None
        scheme, _, given = (header(scope, b"authorization") or "").partition(" ")
        shown = given.strip().encode("latin-1")
        if scheme.lower() == "bearer" and hmac.compare_digest(shown, self._token):
            return None
        detail = "the token is wrong" if given else SHOW_IT
        error = ' error="invalid_token"' if given else ""
        challenge = 'Bearer realm="emu"' + (f",{error}" if error else "")
        return problem("unauthorized", detail, headers={"www-authenticate": challenge})


def is_guarded(path: str) -> bool:
    """Whether a token is needed there."""
    return any(path == one or path.startswith(f"{one}/") for one in GUARDED)

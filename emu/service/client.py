"""A service from Python, over HTTP: the verbs of `emu`, by their names.

    with Client("http://127.0.0.1:8765") as emu:
        result = emu.soak(toml=Path("plan.toml").read_text())
        for found in emu.findings(result["directory"]):
            print(emu.show(result["directory"], found["number"]))

It is synchronous, for scripts. Rows are as the verbs' `--json` has them, errors are emu's own.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx2

from emu.errors import UsageError
from emu.record.store import draft_of
from emu.service.answers import Unreachable, error_of
from emu.service.settings import is_loopback
from emu.service.shelf import ID

Row = dict[str, Any]
OnEvent = Callable[[Row], object]

CONNECT: Final = 5.0
"""Seconds until somebody must have taken the connection."""

ANSWER: Final = 60.0
"""Seconds without a byte of an answer, ..."""

CALL: Final = 3600.0
"""... of one that takes its time, because runs are made for it, ..."""

QUIET: Final = 50.0
"""... and of a stream: a service says something every 15 s."""

WAITS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
"""How long to wait, in seconds, before each try to go on with a stream that has broken off."""

LATE: Final = httpx2.Timeout(ANSWER, connect=CONNECT, read=CALL)

PAGE: Final = 500

RESTS: Final = ("end", "paused")
"""After these events of a campaign there may be no more to come."""

GOING_ON: Final = ("waiting", "running")
"""The states of a campaign in which there is more to come."""


class Client:
    """The service at `url`, asked with `token`, if it wants one; a context manager.

    Every method raises `UsageError` for what the service says no to (`NotFound`, `Conflict`,
    `Refused`, `TooMany`, `Full` and `PlanMistakes` are such), `InternalError` where it has failed,
    and `Unreachable`, a `UsageError` too, where there is none.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.url = _checked(url)
        if token and not (token.isascii() and token.isprintable()):
            raise UsageError("the token has characters that none has; allowed is printable ASCII")
        plain = f"http://{httpx2.URL(self.url).netloc.decode()}"
        self._addresses = (f"{plain}/api/".encode(), f"{self.url}/api/".encode())
        self._sleep = sleep
        self._http = httpx2.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx2.Timeout(ANSWER, connect=CONNECT),
            trust_env=not is_loopback(httpx2.URL(self.url).host),  # no proxy leads back here
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    # Campaigns.

    def create(self, *, key: str = "", called: str = "", **wish: Any) -> Row:
        """Begin a campaign; gives it in short.

        `wish` is one of `toml` (a text), `plan` (a mapping) and `shipped` (a name), with options
        as `POST /api/campaigns` has them; `duration` is its `for`. The same `key` again gives the
        same campaign. `called` is what the plan is called in mistakes.
        """
        if "duration" in wish:
            wish["for"] = wish.pop("duration")
        body = {name: value for name, value in wish.items() if value is not None}
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        return self._row("POST", "/api/campaigns", called=called, json=body, headers=headers)

    def campaigns(self) -> Iterator[Row]:
        """All campaigns in short, the latest first."""
        return self._pages("/api/campaigns")

    def campaign(self, campaign: str) -> Row:
        """A campaign with its entries, by its id."""
        return self._row("GET", _path(campaign))

    def status(self, campaign: str) -> Row:
        """How it gets on, as `emu status --json` has it."""
        return self._row("GET", f"{_path(campaign)}/status")

    def result(self, campaign: str) -> Row:
        """What came of it so far, as `emu soak --json` has it."""
        return self._row("GET", f"{_path(campaign)}/result")

    def pause(self, campaign: str) -> Row:
        """Pause it; what is done is kept."""
        return self._row("POST", f"{_path(campaign)}/pause")

    def resume(self, campaign: str) -> Row:
        """Let it go on."""
        return self._row("POST", f"{_path(campaign)}/resume")

    def stop(self, campaign: str) -> Row:
        """Stop it for good."""
        return self._row("POST", f"{_path(campaign)}/stop")

    def delete(self, campaign: str) -> None:
        """Delete it, with all that it has found."""
        self._content("DELETE", _path(campaign))

    def soak(self, on_event: OnEvent | None = None, **wish: Any) -> Row:
        """Begin a campaign, as `create` does, and `follow` it."""
        return self.follow(self.create(**wish)["id"], on_event)

    def follow(self, campaign: str, on_event: OnEvent | None = None) -> Row:
        """Wait until a campaign ends, or is paused; gives its `result`.

        `on_event` is called with each event, those before now too.
        """
        if self.campaign(campaign)["state"] != "paused":
            with closing(self.events(campaign)) as events:
                for event in events:
                    if on_event is not None:
                        on_event(event)
                    if event["event"] in RESTS and not self._goes_on(campaign):
                        break
        return self.result(campaign)

    def events(self, campaign: str, after: int = 0) -> Generator[Row, None, None]:
        """The events of a campaign after a number, as they happen, until it is over.

        Each has its number as `id`, its name as `event`, and what `emu soak --events` prints. When
        the stream breaks off, it is taken up again where it was. Close it to stop watching.
        """
        tries = 0
        while True:
            began = time.monotonic()
            try:
                for event in self._stream(f"{_path(campaign)}/events", after):
                    if event.event == "close":
                        return
                    tries = 0
                    after = int(event.id)
                    yield {"id": after, "event": event.event, **_object(event)}
            except httpx2.TransportError as wrong:
                if tries == len(WAITS):
                    raise self._unreachable(wrong) from None
            if time.monotonic() - began > QUIET:
                tries = 0
            if tries == len(WAITS):
                raise Unreachable(f"{self.url} breaks its stream of events off again and again")
            self._sleep(WAITS[tries])
            tries += 1

    # Findings.

    def findings(self, campaign: str) -> Iterator[Row]:
        """What a campaign has found, and its troubles, by number, with all that is known."""
        return self._pages(f"{_path(campaign)}/findings", whole="true")

    def finding(self, campaign: str, number: int) -> Row:
        """One of them."""
        return self._row("GET", _path(campaign, number))

    def show(self, campaign: str, number: int) -> str:
        """The message of one of them; it is run again if the campaign has not told it yet."""
        row = self.finding(campaign, number)
        if not (row["trouble"] or row["told"] or row["has_log"]):
            self._content("GET", f"{_path(campaign, number)}/log", timeout=LATE)
            row = self.finding(campaign, number)
        return str(row["message"])

    def stored(self, campaign: str, number: int) -> bytes:
        """A finding as a file that `emu replay` and others take."""
        return self._as_called(self._content("GET", f"{_path(campaign, number)}/file"))

    def log(self, campaign: str, number: int, file: Path | str) -> None:
        """Write the log of a finding to a file."""
        self._download(f"{_path(campaign, number)}/log", file)

    def trace(self, campaign: str, number: int, file: Path | str) -> None:
        """Write the trace of a finding, for Perfetto, to a file."""
        self._download(f"{_path(campaign, number)}/trace", file)

    def page(self, campaign: str, number: int | None = None) -> bytes:
        """The report of a campaign, or of one finding: a page for a browser."""
        path = f"{_path(campaign, number)}/report"
        return self._as_called(self._content("GET", path, timeout=LATE))

    def report(self, campaign: str, file: Path | str, number: int | None = None) -> None:
        """Write the report of a campaign, or of one finding, to a file."""
        with draft_of(Path(file)) as draft:
            draft.write_bytes(self.page(campaign, number))

    # What may run.

    def scenarios(self) -> list[Row]:
        """The scenarios that may run there, as `emu list --json` has them."""
        return list(self._pages("/api/scenarios"))

    def plans(self) -> list[Row]:
        """The plans that it has: name, summary, names of the entries."""
        return list(self._pages("/api/plans"))

    # One scenario, at once.

    def explore(self, scenario: str, **asked: Any) -> Row:
        """Run a scenario many times, as `emu explore --json` does; see `POST /api/explore`."""
        return self._call("explore", scenario=scenario, **asked)

    def replay(self, scenario: str, tape: str, **asked: Any) -> Row:
        """Follow a tape, as `emu replay --json` does; see `POST /api/replay`."""
        return self._call("replay", scenario=scenario, tape=tape, **asked)

    def shrink(self, scenario: str, tape: str, **asked: Any) -> Row:
        """Make a tape simple, as `emu shrink --json` does; see `POST /api/shrink`."""
        return self._call("shrink", scenario=scenario, tape=tape, **asked)

    # Asking.

    def _call(self, verb: str, **asked: Any) -> Row:
        body = {name: value for name, value in asked.items() if value is not None}
        return self._row("POST", f"/api/{verb}", json=body, timeout=LATE)

    def _goes_on(self, campaign: str) -> bool:
        """Whether more is to come of a campaign; a service that is being restarted goes on."""
        try:
            return self.campaign(campaign)["state"] in GOING_ON
        except Unreachable:
            return True

    def _pages(self, path: str, **params: Any) -> Iterator[Row]:
        after: Any = None
        while True:
            asked = params | {"limit": PAGE} | ({} if after is None else {"after": after})
            page = self._row("GET", path, params=asked)
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def _row(self, method: str, path: str, *, called: str = "", **asked: Any) -> Row:
        content = self._as_called(self._content(method, path, called=called, **asked))
        try:
            row: Row = httpx2.Response(200, content=content).json()
        except ValueError:
            raise error_of(200, b"", self.url) from None
        return row

    def _content(self, method: str, path: str, *, called: str = "", **asked: Any) -> bytes:
        with self._told():
            response = self._http.request(method, path, **asked)
        if not response.is_success:
            raise error_of(response.status_code, response.content, self.url, called)
        return response.content

    def _as_called(self, content: bytes) -> bytes:
        """Its addresses as it is called here: it does not know of a proxy that speaks TLS."""
        return content.replace(*self._addresses)

    def _download(self, path: str, file: Path | str) -> None:
        """To a file, whole or not at all; raises `OSError` where it cannot be written."""
        draft = Path(f"{file}.part")
        try:
            with self._told(), self._http.stream("GET", path, timeout=LATE) as response:
                if not response.is_success:
                    raise error_of(response.status_code, response.read(), self.url)
                with draft.open("wb") as out:
                    for piece in response.iter_bytes():
                        out.write(piece)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)

    def _stream(self, path: str, after: int) -> Iterator[httpx2.ServerSentEvent]:
        headers = {"Last-Event-ID": str(after), "Accept": "text/event-stream"}
        timeout = httpx2.Timeout(ANSWER, connect=CONNECT, read=QUIET)
        with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
            if not response.is_success:
                raise error_of(response.status_code, response.read(), self.url)
            yield from (one for one in httpx2.EventSource(response) if one.event != "message")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except httpx2.TransportError as wrong:
            raise self._unreachable(wrong) from None

    def _unreachable(self, wrong: httpx2.TransportError) -> Unreachable:
        if isinstance(wrong, httpx2.ConnectTimeout):
            return Unreachable(f"no service answers at {self.url} within {CONNECT:g} s")
        if isinstance(wrong, httpx2.ConnectError):
            return Unreachable(f"no service answers at {self.url}: {_reason(wrong)}")
        if isinstance(wrong, httpx2.TimeoutException):
            return Unreachable(f"{self.url} has taken the question, and does not answer")
        return Unreachable(f"the connection to {self.url} has broken off: {_reason(wrong)}")


def _checked(url: str) -> str:
    """The address without a slash at its end; raises `UsageError` unless it is one."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        parsed = httpx2.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query or parsed.userinfo:
        raise UsageError(f"{url!r} is no service's address; allowed is http://HOST:PORT")
    return url.rstrip("/")


def _path(campaign: str, number: int | None = None) -> str:
    if not ID.fullmatch(campaign):
        raise UsageError(f"{campaign!r} is no campaign's id; a service gives such as 'smoke-0001'")
    path = f"/api/campaigns/{campaign}"
    return path if number is None else f"{path}/findings/{number}"


def _object(event: httpx2.ServerSentEvent) -> Mapping[str, Any]:
    value = event.json()
    return value if isinstance(value, dict) else {}


def _reason(wrong: Exception) -> str:
    """What the system says, without its number."""
    text = str(wrong) or type(wrong).__name__
    return text.rpartition("] ")[2][:1].lower() + text.rpartition("] ")[2][1:]

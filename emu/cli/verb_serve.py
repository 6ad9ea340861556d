"""`emu serve`: campaigns over HTTP, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import fields
from math import isfinite
from pathlib import Path
from typing import Any, Final

import click
import trio

from emu.cli import status
from emu.cli.streams import discard
from emu.cli.target import import_from_here
from emu.cli.tokenfile import token_from
from emu.errors import UsageError
from emu.service.settings import PORT, Limits, Settings, is_loopback

DATA: Final = "runs/service"

ENDS: Final = {signal.SIGTERM: status.MET, signal.SIGHUP: status.MET, signal.SIGINT: 130}
"""What ends it, in good order the first time, and with which exit status."""

EXTRA: Final = frozenset({"anycorn", "fastapi", "prometheus_client", "starlette", "h11", "tomli_w"})
"""What the extra brings along."""

LIMITS: Final[dict[str, tuple[Any, str]]] = {
    "body": (click.IntRange(min=1), "Bytes that a request may bring."),
    "campaigns": (click.IntRange(min=1), "Campaigns that are kept."),
    "at_once": (click.IntRange(min=1), "Campaigns at work at once; others wait."),
    "workers": (click.IntRange(min=1), "Processes of one campaign [default: one per core]."),
    "work_seconds": (
        click.FloatRange(min=0, min_open=True),
        "Seconds of work that one campaign may take over all its workers [default: no limit].",
    ),
    "calls": (click.IntRange(min=1), "Explorations, replays and shrinkings at once."),
    "call_seconds": (click.FloatRange(min=0, min_open=True), "Seconds that one of them may take."),
    "streams": (click.IntRange(min=1), "Watchers at once."),
    "connections": (
        click.IntRange(min=1),
        "Connections at once, beyond as many as there may be watchers.",
    ),
    "send_seconds": (
        click.FloatRange(min=0, min_open=True),
        "Seconds for which a watcher may not read before it is dropped.",
    ),
}
"""The options for `Limits`: what is allowed, and what it limits."""

COUNTED_HERE: Final = frozenset({"workers", "work_seconds"})
"""Their defaults are said in words."""


def _limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each limit."""
    for field in reversed(fields(Limits)):
        kind, says = LIMITS[field.name]
        option = click.option(
            f"--max-{field.name.replace('_', '-')}",
            field.name,
            type=kind,
            callback=_finite,
            default=None if field.name in COUNTED_HERE else field.default,
            show_default=True,
            metavar="N",
            help=says,
        )
        command = option(command)
    return command


def _finite(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    if value is not None and not isfinite(value):
        raise click.BadParameter(f"{value} is no number of seconds")
    return value


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; other machines can come in where that is not loopback.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="0: one that is free.",
)
@click.option(
    "--data",
    metavar="DIR",
    default=DATA,
    show_default=True,
    help="Keep campaigns in DIR.",
)
@click.option("--token-file", metavar="FILE", help="Callers must show the token in FILE.")
@click.option(
    "--plans",
    metavar="DIR",
    help="Plans that can be begun by their names [default: those that come with emu].",
)
@click.option(
    "--scenarios",
    metavar="MODULE:FUNCTION",
    multiple=True,
    help="Let this scenario or strategy run, too; MODULE:* all of a module.",
)
@click.option(
    "--allow-host",
    "hosts",
    metavar="NAME",
    multiple=True,
    help="A name by which callers may call it, besides --host.",
)
@_limits
def command(
    host: str,
    port: int,
    data: str,
    token_file: str | None,
    plans: str | None,
    scenarios: tuple[str, ...],
    hosts: tuple[str, ...],
    **limits: Any,
) -> int:
    """Serve campaigns over HTTP: an API, a page at /, and its documentation at /docs.

    It prints its address when it listens, and logs JSON lines to stderr. SIGTERM or Ctrl-C ends
    it within 5 seconds, with all work kept; campaigns go on when it is started again.

    Exit status: 0 ended by SIGTERM, 2 it cannot be started as it was given, 130 by Ctrl-C.
    """
    settings = Settings(
        data=Path(data),
        plans=shipped() if plans is None else _directory(plans),
        host=host,
        port=port,
        token="" if token_file is None else token_from(token_file),
        hosts=tuple(_name(one) for one in hosts),
        scenarios=scenarios,
        limits=Limits(**{name: one for name, one in limits.items() if one is not None}),
    )
    if not (settings.token or is_loopback(host)):
        raise UsageError(
            f"--host {host} lets other machines in, so callers must show a token; give one by "
            f"--token-file FILE, or listen at 127.0.0.1"
        )
    import_from_here()
    try:
        return trio.run(_serve, settings)
    except BaseExceptionGroup as group:
        raise _sole(group) from None


async def _serve(settings: Settings) -> int:
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        ended = await nursery.start(_watch_signals, stop)
        await _work(settings, stop)
        nursery.cancel_scope.cancel()
    return ended[0] if ended else status.MET


async def _work(settings: Settings, stop: trio.Event) -> None:
    try:
        from emu.service.admission import Admission
        from emu.service.api import make_app
        from emu.service.http.dressing import dress
        from emu.service.http.log import logger
        from emu.service.http.metrics import Metrics
        from emu.service.http.server import serve
        from emu.service.service import open_service
    except ModuleNotFoundError as wrong:
        package = (wrong.name or "").partition(".")[0]
        if package not in EXTRA:
            raise
        raise UsageError(
            f"this needs {package}, which is not installed: pip install 'emu[serve]'"
        ) from None

    Admission(settings.scenarios).scenarios()  # says what cannot be imported
    log, metrics = logger(), Metrics()
    async with open_service(settings) as service, trio.open_nursery() as nursery:
        for sentence in service.notices:
            log.warning("left out", says=sentence)
        app = dress(make_app(service), settings, stop=stop, metrics=metrics, log=log)
        nursery.start_soon(_close, service, stop)
        await serve(
            app,
            settings,
            started=lambda url: _say(f"emu serves {settings.data} at {url}"),
            stop=stop,
            log=log,
            dropped=metrics.dropped.inc,
        )


async def _close(service: Any, stop: trio.Event) -> None:
    """End campaigns while connections end: both may take some seconds."""
    await stop.wait()
    await service.close()


async def _watch_signals(
    stop: trio.Event, task_status: trio.TaskStatus[list[int]] = trio.TASK_STATUS_IGNORED
) -> None:
    """Set `stop` at the first signal, and end here and now at the second."""
    ended: list[int] = []
    with trio.open_signal_receiver(*ENDS) as signals:
        task_status.started(ended)
        async for number in signals:
            if ended:
                os._exit(status.INTERRUPTED)
            ended.append(ENDS[signal.Signals(number)])
            stop.set()


def _say(text: str) -> None:
    try:
        click.echo(text)
    except OSError:
        discard(sys.stdout)


def _sole(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong, if that was one thing."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup) and len(found.exceptions) == 1:
        found = found.exceptions[0]
    return found


def shipped() -> Path | None:
    """The plans that come with emu: in its package, or beside it where it is worked on."""
    home = Path(__file__).parents[1]
    places = (home / "configs", home.parent / "configs")
    return next((one for one in places if one.is_dir()), None)


def _directory(path: str) -> Path:
    if not Path(path).is_dir():
        raise UsageError(f"--plans {path}: there is no such directory")
    return Path(path)


def _name(text: str) -> str:
    if not text or any(sign in text for sign in "/:@ "):
        raise UsageError(f"--allow-host {text}: allowed is a name alone, such as emu.example")
    return text

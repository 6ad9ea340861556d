"""Where the service listens, where its data lies, what it allows."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

PORT = 8765


@dataclass(frozen=True)
class Limits:
    """How much of everything there may be.

    `body` is in bytes. `campaigns` counts all that are kept, `at_once` those at work, `workers` the
    processes of one; `work_seconds` is how much work one may take over all its workers, None:
    without limit. `calls` counts explorations and the like at once, `call_seconds` is how long one
    may take. `streams` counts watchers, `connections` what there may be beyond so many;
    `send_seconds` is how long one may not read.
    """

    body: int = 1 << 20
    campaigns: int = 1_000
    at_once: int = 4
    workers: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    work_seconds: float | None = None
    calls: int = 2
    call_seconds: float = 60.0
    streams: int = 200
    connections: int = 100
    send_seconds: float = 10.0


@dataclass(frozen=True)
class Settings:
    """All that is set when the service is started.

    `token` is what callers must show, empty: nothing. `hosts` are names, besides those of `host`,
    under which it may be called. `scenarios` are those that may run besides the bundled ones:
    `module:function`, or `module:*` for all of a module; strategies of users' own likewise.
    """

    data: Path
    plans: Path | None = None
    host: str = "127.0.0.1"
    port: int = PORT
    token: str = ""
    hosts: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    limits: Limits = Limits()

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"

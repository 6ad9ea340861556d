"""Explore, replay and shrink one scenario, each in a process of its own, with limits.

The process is `emu explore`, `emu replay` or `emu shrink` with `--json`; what it prints is the
answer. Nothing is kept of it.
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

import orjson
import trio

from emu.campaign.crew import memory_share
from emu.errors import InternalError, UsageError
from emu.service.errand import Bounds, Done, complaints, environment, run, scratch
from emu.service.errors import TooMany
from emu.service.settings import Limits

Row = dict[str, Any]
Value = bool | int | float | str
Values = Mapping[str, Value]

ANSWERED: Final = (0, 1, 2, 3, 130)
"""The exit statuses with which a verb may have printed its row."""

REFUSED: Final = (1, 2)
"""Those with which it may have printed a sentence alone."""

ENDED: Final = (130, -signal.SIGTERM, -signal.SIGXCPU)
"""Those of a verb that was ended before it had anything to print."""

OUTPUT: Final = 16 << 20
"""So many bytes an answer may have."""

SCENARIO: Final = r"^([A-Za-z_]\w*(\.[A-Za-z_]\w*)*:)?[A-Za-z_]\w*$"
"""A bundled scenario's short name, or `module:function`: no plan, no file."""

CHAOS: Final = "chaos.toml"
"""What the chaos tables of a call are called."""

NAME: Final = r"^[A-Za-z_]\w*$"
"""The name of a parameter, or of a limit."""


class Admit(Protocol):
    """Raises `Refused` for a scenario or a strategy that may not run; see `Admission`."""

    def __call__(self, kind: str, name: str) -> object: ...


class Calls:
    """Calls that may be made, some at once."""

    def __init__(self, limits: Limits, admit: Admit) -> None:
        self._limits = limits
        self._admit = admit
        self._running = 0

    async def explore(
        self,
        scenario: str,
        params: Values,
        *,
        watchdog: Values | None = None,
        chaos: str | None = None,
        strategy: str | None = None,
        seed: int | None = None,
        runs: int | None = None,
        seconds: float | None = None,
        until: str | None = None,
        bound: int | None = None,
        reduction: bool = True,
        behaviours: bool = False,
        shrink: bool = True,
    ) -> Row:
        """Many runs of a scenario: what `emu explore --json` prints.

        `chaos` is the text of a file of chaos tables, which is called `CHAOS` in what comes back.
        Raises `UsageError` for what cannot be done, `TooMany`, whatever `admit` raises, and
        `InternalError`.
        """
        if strategy is not None:
            self._admit("strategy", strategy)
        options = {
            "strategy": strategy,
            "seed": seed,
            "runs": runs,
            "seconds": seconds,
            "until": until,
            "bound": bound,
        }
        switches = {
            "--no-save": True,
            "--no-reduction": not reduction,
            "--no-shrink": not shrink,
            "--behaviours": behaviours,
        }
        words = [word for word, wanted in switches.items() if wanted]
        words += [
            f"--{name}={_spelt(value)}" for name, value in options.items() if value is not None
        ]
        return await self._call("explore", scenario, words, params, watchdog, chaos)

    async def replay(
        self,
        scenario: str,
        params: Values,
        tape: str,
        *,
        watchdog: Values | None = None,
        chaos: str | None = None,
    ) -> Row:
        """A tape followed strictly: what `emu replay --json` prints; raises as `explore`."""
        return await self._call("replay", scenario, [], params, watchdog, chaos, tape)

    async def shrink(
        self,
        scenario: str,
        params: Values,
        tape: str,
        *,
        watchdog: Values | None = None,
        chaos: str | None = None,
        runs: int | None = None,
    ) -> Row:
        """A tape made simple: what `emu shrink --json` prints; raises as `explore`."""
        words = [] if runs is None else [f"--runs={runs}"]
        return await self._call("shrink", scenario, words, params, watchdog, chaos, tape)

    async def _call(
        self,
        verb: str,
        scenario: str,
        words: list[str],
        params: Values,
        watchdog: Values | None,
        chaos: str | None,
        tape: str | None = None,
    ) -> Row:
        if not re.search(SCENARIO, scenario, re.ASCII) or scenario.endswith("\n"):
            raise UsageError(
                f"{scenario!r} names no scenario; allowed is a bundled one's short name, or "
                f"module:function"
            )
        self._admit("scenario", scenario)
        words = [*words, *_settings("param", params), *_settings("watchdog", watchdog or {})]
        words += [] if chaos is None else [f"--chaos={CHAOS}"]
        command = [sys.executable, "-m", "emu", verb, *words, "--json", "--", scenario]
        limits = self._limits
        bounds = Bounds(limits.call_seconds, memory_share(limits.calls), OUTPUT)
        with self._one_more():
            async with scratch() as cwd:
                if chaos is not None:
                    await trio.Path(cwd / CHAOS).write_bytes(chaos.encode(errors="replace"))
                done = await run(
                    [*command, *([] if tape is None else ["-"])],
                    (tape or "").encode(errors="replace"),
                    bounds,
                    cwd=cwd,
                    env=environment(),
                )
        return _answer(f"{verb} {scenario}", done, limits.call_seconds)

    @contextmanager
    def _one_more(self) -> Iterator[None]:
        most = self._limits.calls
        if self._running >= most:
            at_work = f"{most} call{' is' if most == 1 else 's are'} at work already"
            raise TooMany(f"{at_work}, the most that may be; try again soon")
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1


def _settings(option: str, values: Values) -> Iterator[str]:
    for name, value in values.items():
        if not re.search(NAME, name, re.ASCII) or name.endswith("\n"):
            raise UsageError(f"--{option}: {name!r} is no name")
        yield f"--{option}={name}={_spelt(value)}"


def _spelt(value: Value) -> str:
    """A value as the command line reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answer(what: str, done: Done, seconds: float) -> Row:
    """What a verb has printed, or else why it has not."""
    if done.loud:
        raise UsageError(f"{what} has more to say than {OUTPUT >> 20} MB; ask for less at once")
    if done.out and done.status in ANSWERED:
        try:
            row: Row = orjson.loads(done.out)
        except orjson.JSONDecodeError:
            raise _fault(what, "it has printed what is no JSON", done) from None
        return row
    if done.late or done.status in ENDED:
        raise TooMany(
            f"{what} was ended after {seconds:g} s, the most that a call may take here; ask for "
            f"less, or begin a campaign"
        )
    said = complaints(done.err.splitlines())
    if said and done.status in REFUSED:
        raise UsageError("\n".join(said))
    raise _fault(what, f"its process ended with status {done.status}", done)


def _fault(what: str, how: str, done: Done) -> InternalError:
    wrong = InternalError(f"{what} failed: {how}")
    wrong.add_note(done.err)
    return wrong

"""A test that is a scenario: every call explores it, and fails with the message of a finding.

`@test()` makes one from an async function of a machine. It is a plain function, so any test
runner can call it; pytest's plugin (`emu.pytest_plugin`) runs it with the options of pytest.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from emu.analysis.message import WayBack, message
from emu.engine.carrier import open_carriers
from emu.engine.scenario import ChaosPlan, NoChaos, Scenario, Setup
from emu.engine.watchdog import limits_from
from emu.errors import EmuError, Falsified, UsageError
from emu.record.finding import Expectation, as_expectation
from emu.record.tape import Tape
from emu.search.check import RUNS, check_setup
from emu.search.edge import Halt, run_trio
from emu.search.exploration import findings_of
from emu.search.replay import replay
from emu.search.strategies import DEFAULT
from emu.search.trial import Asked, attempt

CASE: Final = "__emu__"
"""The attribute under which a test has its `Case`."""

Body = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Case:
    """What a test runs, how often, and what may come of it."""

    body: Body
    runs: int | None = RUNS
    seconds: float | None = None
    seed: int = 0
    strategy: str = DEFAULT
    expect: str | dict[str, Any] | Expectation | None = None
    chaos: ChaosPlan | None = None
    watchdog: Mapping[str, Any] | None = None

    def check(
        self,
        values: Mapping[str, Any],
        command: tuple[str, ...] = (),
        *,
        runs: int | None = None,
        seed: int | None = None,
    ) -> None:
        """Explore it with these keyword arguments; `runs` and `seed` go before its own.

        Raises `Falsified` for what may not be, and for a test that controls nothing;
        `Undecided` when limits left it open.
        """
        setup = self.setup(values)
        check_setup(
            setup,
            WayBack(command=command),
            runs=self.runs if runs is None else runs,
            seconds=self.seconds,
            seed=self.seed if seed is None else seed,
            strategy=self.strategy,
        )
        if not run_trio(lambda _: _choices(setup)):
            raise Falsified(
                f"{self.body.__name__} controls nothing: no run of it has a choice to make, so "
                f"all are the same; let two threads meet, or chaos act"
            )

    def follow(self, values: Mapping[str, Any], tape: Tape, command: tuple[str, ...] = ()) -> None:
        """Follow a tape once; raises `Falsified` for what may not be, and `Mismatch`."""
        setup = self.setup(values)

        async def main(_: Halt) -> Falsified | EmuError | None:
            try:
                history = await replay(setup, tape)
            except EmuError as wrong:
                return wrong
            allows = setup.scenario.expect.allows
            for found in findings_of(history):
                if not allows(found.kind, (found.signature,)):
                    return Falsified(message(history, found, WayBack(command=command)))
            return None

        wrong = run_trio(main)
        if wrong is not None:
            raise wrong

    def setup(self, values: Mapping[str, Any]) -> Setup:
        """What is run, with these keyword arguments."""
        chaos = self.chaos or NoChaos()
        scenario = Scenario(self.body, (), as_expectation(self.expect), chaos)
        return Setup(scenario, dict(values), chaos, limits_from(dict(self.watchdog or {})))


async def _choices(setup: Setup) -> int:
    """How many choices the quiet run offers; without one, there is no other run."""
    async with open_carriers() as carriers:
        return len((await attempt(setup, Asked(), carriers)).asks)


def test(
    *,
    runs: int | None = RUNS,
    seconds: float | None = None,
    seed: int = 0,
    strategy: str = DEFAULT,
    expect: str | dict[str, Any] | Expectation | None = None,
    chaos: ChaosPlan | None = None,
    watchdog: Mapping[str, Any] | None = None,
) -> Callable[[Body], Callable[..., None]]:
    """Make a test of an async function whose first argument is a machine.

    Its other arguments are keyword-only: what a test runner calls it with (fixtures and
    parameters). Every run starts with the same. By default only outcome `ok` may turn up.
    Calling the test raises `Falsified` with the message; see `Case.check`.
    """

    def declare(body: Body) -> Callable[..., None]:
        _check(body)
        case = Case(body, runs, seconds, seed, strategy, expect, chaos, watchdog)

        @functools.wraps(body)
        def run(**values: Any) -> None:
            case.check(values)

        first, *others = inspect.signature(body).parameters.values()
        run.__signature__ = inspect.Signature(others)  # type: ignore[attr-defined]
        run.__annotations__ = {
            name: kind for name, kind in run.__annotations__.items() if name != first.name
        }
        setattr(run, CASE, case)
        return run

    return declare


def _check(body: Body) -> None:
    name = getattr(body, "__name__", repr(body))
    if not inspect.iscoroutinefunction(body):
        raise UsageError(f"emu.test: {name} is not an `async def` function")
    parameters = list(inspect.signature(body).parameters.values())
    if not parameters or parameters[0].name == "self":
        raise UsageError(f"emu.test: {name} must be a function whose first argument is the machine")
    for one in parameters[1:]:
        if one.kind is not one.KEYWORD_ONLY:
            raise UsageError(
                f"emu.test: argument {one.name!r} of {name} must be keyword-only (after a `*`)"
            )

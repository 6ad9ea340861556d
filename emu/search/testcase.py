"""A test that is a scenario: every call explores it, and fails with the message of a finding.

`@test()` makes one from an async function of a machine. It is a plain function, so any test
runner can call it; pytest's plugin (`emu.pytest_plugin`) runs it with the options of pytest.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MethodType
from typing import Any, Final

from emu.analysis.message import WayBack, message
from emu.engine.carrier import open_carriers
from emu.engine.judge import Checker, as_checker
from emu.engine.scenario import ChaosPlan, NoChaos, Scenario, Setup
from emu.engine.watchdog import limits_from
from emu.errors import EmuError, Falsified, UsageError
from emu.record.finding import Expectation, as_expectation
from emu.record.tape import Tape
from emu.search.check import RUNS, check_setup
from emu.search.edge import Halt, run_trio
from emu.search.exploration import findings_of
from emu.search.replay import replay
from emu.search.strategies import DEFAULT, Named
from emu.search.trial import Asked, attempt

CASE: Final = "__emu__"
"""The attribute under which a test has its `Case`."""

SELF: Final = "self"
"""The first argument of a method."""

Body = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Case:
    """What a test runs, how often, and what may come of it; `of` binds the body of a method."""

    body: Body
    runs: int | None = RUNS
    seconds: float | None = None
    seed: int = 0
    strategy: Named = DEFAULT
    expect: str | dict[str, Any] | Expectation | None = None
    chaos: ChaosPlan | None = None
    watchdog: Mapping[str, Any] | None = None
    checker: Checker | None = None
    bound: int | None = None

    def check(
        self,
        values: Mapping[str, Any],
        command: tuple[str, ...] = (),
        *,
        runs: int | None = None,
        seed: int | None = None,
        strategy: str | None = None,
    ) -> None:
        """Explore it with these keyword arguments; the named ones here go before its own.

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
            strategy=self.strategy if strategy is None else strategy,
            bound=self.bound if strategy is None else None,
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

    def of(self, instance: object) -> Case:
        """The case of the method that this instance of its class has; every run shares it."""
        return replace(self, body=MethodType(self.body, instance))

    def setup(self, values: Mapping[str, Any]) -> Setup:
        """What is run, with these keyword arguments."""
        chaos = self.chaos or NoChaos()
        checker = as_checker(self.checker, self.body.__name__)
        scenario = Scenario(self.body, (), as_expectation(self.expect), chaos, checker)
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
    strategy: Named = DEFAULT,
    expect: str | dict[str, Any] | Expectation | None = None,
    chaos: ChaosPlan | None = None,
    watchdog: Mapping[str, Any] | None = None,
    checker: Checker | None = None,
    bound: int | None = None,
) -> Callable[[Body], Callable[..., None]]:
    """Make a test of an async function whose first argument is a machine, in a class after `self`.

    Its other arguments are keyword-only: what a test runner calls it with (fixtures and
    parameters). Every run starts with the same. By default only outcome `ok` may turn up.
    Calling the test raises `Falsified` with the message; see `Case.check`.
    """

    def declare(body: Body) -> Callable[..., None]:
        machine, others = _arguments(body)
        case = Case(body, runs, seconds, seed, strategy, expect, chaos, watchdog, checker, bound)

        def run(**values: Any) -> None:
            case.check(values)

        def run_method(self: object, **values: Any) -> None:
            case.of(self).check(values)

        made: Any = run_method if others and others[0].name == SELF else run
        functools.update_wrapper(made, body)
        made.__signature__ = inspect.Signature(others)
        made.__annotations__ = {
            name: kind for name, kind in made.__annotations__.items() if name != machine
        }
        setattr(made, CASE, case)
        return made  # type: ignore[no-any-return]

    return declare


def _arguments(body: Body) -> tuple[str, list[inspect.Parameter]]:
    """The name of the argument that is the machine, and the others; raises `UsageError`."""
    name = getattr(body, "__name__", repr(body))
    if not inspect.iscoroutinefunction(body):
        raise UsageError(f"emu.test: {name} is not an `async def` function")
    parameters = list(inspect.signature(body).parameters.values())
    mine = [parameters.pop(0)] if parameters and parameters[0].name == SELF else []
    if not parameters or parameters[0].kind not in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    ):
        after = f", after {SELF}," if mine else ""
        raise UsageError(f"emu.test: the first argument of {name}{after} must be the machine")
    machine, *others = parameters
    for one in others:
        if one.kind is not one.KEYWORD_ONLY:
            raise UsageError(
                f"emu.test: argument {one.name!r} of {name} must be keyword-only (after a `*`)"
            )
    return machine.name, mine + others

"""A scenario: an async function of a machine, its parameters, expectation and chaos."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from emu.engine.judge import Checker, as_checker
from emu.engine.param import Param, params_of
from emu.engine.reference import find_module
from emu.engine.watchdog import Limits
from emu.errors import UsageError, did_you_mean
from emu.record.finding import Expectation, as_expectation

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread


class Injector(Protocol):
    """What a machine asks of chaos."""

    active: bool
    """Whether any entry of the plan may still act."""

    rates: tuple[float | None, ...]
    """For each entry the probability with which it acts at one of its sites; None: the
    strategy spreads the injections over the sites it has seen in earlier runs."""

    local: bool
    """Whether what may act on a thread depends on that thread and on the limits alone, and what
    acts does so on that thread alone."""

    def sites(self, thread: Thread, operation: str) -> tuple[int, ...]:
        """The entries that may act on `thread` at `operation`."""

    def inject(self, entry: int, thread: Thread, operation: str) -> str | None:
        """Let an entry act; gives the error with which `operation` is to fail, if that is it."""


class ChaosPlan(Protocol):
    """What may be injected: plain data that makes an injector for a machine."""

    def injector(self, machine: Machine) -> Injector | None:
        """A controller for one run; None when there is nothing to inject."""

    def as_rows(self) -> tuple[dict[str, Any], ...]:
        """The plan as it stands in the log."""


class NoChaos:
    """A plan without entries injects nothing."""

    def injector(self, machine: Machine) -> None:
        """None: there is nothing to inject."""

    def as_rows(self) -> tuple[dict[str, Any], ...]:
        """No rows."""
        return ()


@dataclass(frozen=True)
class Scenario:
    """A program to emulate: `function(machine, **params)` is its main thread."""

    function: Callable[..., Awaitable[Any]]
    params: tuple[Param, ...]
    expect: Expectation
    chaos: ChaosPlan = field(default_factory=NoChaos)
    checker: Checker | None = None

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.__name__

    @property
    def target(self) -> str:
        """How to find it again: `module:function`."""
        return f"{self.function.__module__}:{self.name}"

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def bind(self, values: Mapping[str, Any], where: str = "params") -> dict[str, Any]:
        """Every parameter with its value; raises `UsageError` for an unknown or a wrong one."""
        known = {param.name: param for param in self.params}
        for name in values:
            if name not in known:
                names = ", ".join(known) or "none"
                hint = did_you_mean(name, known)
                raise UsageError(
                    f"{where}: scenario {self.name} has no parameter {name!r}; it has {names}{hint}"
                )
        return {
            name: param.check(values[name], where) if name in values else param.default
            for name, param in known.items()
        }


def scenario(
    expect: str | dict[str, Any] | Expectation | None = None,
    chaos: ChaosPlan | None = None,
    checker: Checker | None = None,
) -> Callable[[Callable[..., Awaitable[Any]]], Scenario]:
    """Declare an async function of a machine as a scenario.

    Its keyword-only arguments are the parameters: each needs an annotation (`bool`, `int`,
    `float`, `str` or a `Literal`; `AtLeast` may go with a number) and a default. `expect` is an
    outcome that must turn up, or a table with `some` and `only`; without it only `ok` may.
    `chaos` is what may be injected where neither a plan nor the command line says otherwise.
    `checker` is asked about the history of every run that ended `ok`: see `emu.engine.judge`.
    """

    def declare(function: Callable[..., Awaitable[Any]]) -> Scenario:
        if not inspect.iscoroutinefunction(function):
            raise UsageError(f"scenario {function.__name__} is not an `async def` function")
        judge = as_checker(checker, f"scenario {function.__name__}")
        params = params_of(function)
        return Scenario(function, params, as_expectation(expect), chaos or NoChaos(), judge)

    return declare


def load(target: str) -> Scenario:
    """The scenario called `module:function`; raises `UsageError` if there is none."""
    module, name = find_module("scenario", target, "function")
    found = scenarios_in(module)
    if name not in found:
        hint = did_you_mean(name, found)
        names = ", ".join(found) or "none"
        raise UsageError(
            f"module {module.__name__!r} has no scenario {name!r}; its scenarios: {names}{hint}"
        )
    return found[name]


def scenarios_in(module: types.ModuleType) -> dict[str, Scenario]:
    """The scenarios that a module defines, by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, Scenario) and value.function.__module__ == module.__name__
    }


@dataclass(frozen=True)
class Setup:
    """What a run is made of, all but the decisions: with a tape it is a history."""

    scenario: Scenario
    params: dict[str, Any]
    chaos: ChaosPlan
    limits: Limits = field(default_factory=Limits)


def setup(
    scenario: Scenario,
    params: Mapping[str, Any] | None = None,
    chaos: ChaosPlan | None = None,
    limits: Limits | None = None,
) -> Setup:
    """A setup with what is not given taken from the scenario; raises `UsageError`."""
    return Setup(
        scenario,
        scenario.bind(params or {}),
        scenario.chaos if chaos is None else chaos,
        limits or Limits(),
    )

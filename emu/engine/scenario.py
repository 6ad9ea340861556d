"""A scenario: an async function of a machine, its parameters, expectation and chaos."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from emu.engine.reference import find_module
from emu.engine.watchdog import Limits
from emu.errors import UsageError, did_you_mean
from emu.record.finding import Expectation, as_expectation

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread

_TRUTH: Final = {"true": True, "false": False, "on": True, "off": False, "1": True, "0": False}


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


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a scenario: its annotation, and the value it has when none is set."""

    name: str
    kind: Any
    default: Any

    @property
    def allowed(self) -> str:
        """What values are allowed, in words."""
        options = typing.get_args(self.kind) if typing.get_origin(self.kind) is Literal else ()
        if options:
            return "one of " + ", ".join(map(str, options))
        return {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}[
            self.kind
        ]

    def check(self, value: Any, where: str) -> Any:
        """`value` as this parameter's type, from TOML or from text; raises `UsageError`."""
        made = self._convert(value)
        if made is None:
            raise UsageError(f"{where}.{self.name} is {value!r}; allowed is {self.allowed}")
        return made

    def _convert(self, value: Any) -> Any:
        kind = self.kind
        if typing.get_origin(kind) is Literal:
            return next((item for item in typing.get_args(kind) if str(item) == str(value)), None)
        if kind is bool:
            return value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
        if isinstance(value, bool):
            return None
        if kind is str:
            return value if isinstance(value, str) else None
        try:
            if isinstance(value, float) and kind is int:
                return None
            return kind(value)
        except (TypeError, ValueError):
            return None


@dataclass(frozen=True)
class Scenario:
    """A program to emulate: `function(machine, **params)` is its main thread."""

    function: Callable[..., Awaitable[Any]]
    params: tuple[Param, ...]
    expect: Expectation
    chaos: ChaosPlan = field(default_factory=NoChaos)

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
    expect: str | dict[str, Any] | Expectation | None = None, chaos: ChaosPlan | None = None
) -> Callable[[Callable[..., Awaitable[Any]]], Scenario]:
    """Declare an async function of a machine as a scenario.

    Its keyword-only arguments are the parameters: each needs an annotation (`bool`, `int`,
    `float`, `str` or a `Literal`) and a default. `expect` is an outcome that must turn up,
    or a table with `some` and `only`; without it only `ok` may. `chaos` is what may be
    injected where neither a plan nor the command line says otherwise.
    """

    def declare(function: Callable[..., Awaitable[Any]]) -> Scenario:
        if not inspect.iscoroutinefunction(function):
            raise UsageError(f"scenario {function.__name__} is not an `async def` function")
        return Scenario(function, _params(function), as_expectation(expect), chaos or NoChaos())

    return declare


def _params(function: Callable[..., Any]) -> tuple[Param, ...]:
    hints = typing.get_type_hints(function)
    params = []
    for item in inspect.signature(function).parameters.values():
        if item.kind is not item.KEYWORD_ONLY:
            continue
        kind = hints.get(item.name)
        known = kind in (bool, int, float, str) or typing.get_origin(kind) is Literal
        if not known or item.default is item.empty:
            raise UsageError(
                f"scenario {function.__name__}: parameter {item.name!r} needs a default and one "
                f"of the annotations bool, int, float, str, Literal[...]"
            )
        params.append(Param(item.name, kind, item.default))
    return tuple(params)


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

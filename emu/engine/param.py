"""The parameters of a scenario: its keyword-only arguments, and what each may be."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from emu.errors import UsageError

_TRUTH: Final = {"true": True, "false": False, "on": True, "off": False, "1": True, "0": False}

_KINDS: Final[dict[Any, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}
"""The plain annotations there are, in words."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The least that a number may be: `n: Annotated[int, AtLeast(2)] = 5`."""

    least: int


Whole = Annotated[int, AtLeast(0)]
"""A number of things of which there may be none."""

Some = Annotated[int, AtLeast(1)]
"""A number of things of which there must be one."""


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a scenario: its annotation, and the value it has when none is set.

    `least` is the least that a number may be.
    """

    name: str
    kind: Any
    default: Any
    least: int | None = None

    @property
    def allowed(self) -> str:
        """What values are allowed, in words."""
        options = typing.get_args(self.kind) if typing.get_origin(self.kind) is Literal else ()
        if options:
            return "one of " + ", ".join(map(str, options))
        return _KINDS[self.kind] + ("" if self.least is None else f" from {self.least}")

    def check(self, value: Any, where: str) -> Any:
        """`value` as this parameter's type, from TOML or from text; raises `UsageError`."""
        made = self._convert(value)
        if made is None or (self.least is not None and made < self.least):
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


def params_of(function: Callable[..., Any]) -> tuple[Param, ...]:
    """The parameters of a scenario's function; raises `UsageError` for what cannot be one."""
    hints = typing.get_type_hints(function, include_extras=True)
    return tuple(
        _param(function.__name__, item, hints.get(item.name))
        for item in inspect.signature(function).parameters.values()
        if item.kind is item.KEYWORD_ONLY
    )


def _param(scenario: str, item: inspect.Parameter, hint: Any) -> Param:
    least = None
    if typing.get_origin(hint) is Annotated:
        hint, *more = typing.get_args(hint)
        least = next((one.least for one in more if isinstance(one, AtLeast)), None)
    known = hint in _KINDS or typing.get_origin(hint) is Literal
    if not known or item.default is item.empty:
        raise UsageError(
            f"scenario {scenario}: parameter {item.name!r} needs a default and one "
            f"of the annotations bool, int, float, str, Literal[...]"
        )
    return Param(item.name, hint, item.default, least)

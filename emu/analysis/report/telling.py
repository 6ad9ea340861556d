"""Which parameters tell something: those that are not the same wherever a scenario ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class Ran(Protocol):
    """Something that was run."""

    @property
    def scenario(self) -> str:
        """What."""

    @property
    def params(self) -> Mapping[str, Any]:
        """How."""


class Telling:
    """The parameters by which those that ran the same scenario are told apart."""

    def __init__(self, ran: Iterable[Ran]) -> None:
        values: dict[tuple[str, str], set[str]] = {}
        self._telling: set[tuple[str, str]] = set()
        for one in ran:
            for name, value in one.params.items():
                known = values.setdefault((one.scenario, name), set())
                known.add(repr(value))
                if len(known) > 1:
                    self._telling.add((one.scenario, name))

    def __call__(self, one: Ran) -> dict[str, Any]:
        """Those of `one`, in their order."""
        return {
            name: value
            for name, value in one.params.items()
            if (one.scenario, name) in self._telling
        }

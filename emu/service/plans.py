"""Plans that are sent, and those that are shipped: text that is read, and checked before it runs.

Nothing that a plan names is imported before it is admitted.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import tomli_w

from emu.campaign.mistakes import PlanMistakes
from emu.campaign.plan import Plan, read_plan
from emu.errors import LogError, UsageError
from emu.service.admission import Admission
from emu.service.errors import NotFound
from emu.service.orders import PlanGiven

NAME: Final = "plan.toml"
"""What a plan that was sent is called in its mistakes."""


MANY: Final = 100
"""So many mistakes of a plan are told at once."""


class Plans:
    """The plans in a directory (None: none are shipped), and those that are sent."""

    def __init__(self, directory: Path | None, admission: Admission) -> None:
        self._directory = directory
        self._admission = admission

    def names(self) -> list[str]:
        """The names of the shipped ones."""
        if self._directory is None:
            return []
        return sorted(path.stem for path in self._directory.glob("*.toml") if path.is_file())

    def shipped(self) -> list[dict[str, Any]]:
        """The shipped ones, each with what it says of itself and its entries; none that is wrong.

        What it says of itself is the comment at its beginning.
        """
        rows = []
        for name in self.names():
            with suppress(UsageError):
                text = self.text(name)
                entries = [entry.name for entry in self.read(text).entries]
                rows.append({"name": name, "summary": _beginning(text), "entries": entries})
        return rows

    def text(self, name: str) -> str:
        """The text of a shipped plan; raises `NotFound`."""
        names = self.names()
        if self._directory is None or name not in names:
            known = f"; there are {', '.join(names)}" if names else "; there are none here"
            raise NotFound(f"there is no shipped plan {name[:80]!r}{known}")
        try:
            return (self._directory / f"{name}.toml").read_text(encoding="utf-8")
        except (OSError, ValueError):
            raise LogError(f"the plan {name!r} cannot be read") from None

    def text_of(self, given: PlanGiven) -> str:
        """The text of the plan that was sent or named; raises `UsageError` unless it was one."""
        sources = [given.toml, given.plan, given.shipped]
        if sum(source is not None for source in sources) != 1:
            raise UsageError("give one of toml, plan and shipped: which plan it is")
        if given.shipped is not None:
            return self.text(given.shipped)
        text = _as_toml(given.plan) if given.plan is not None else given.toml or ""
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UsageError("the plan is no UTF-8 text") from None
        return text

    def read(self, text: str, path: str = NAME) -> Plan:
        """A plan that may run here; raises `UsageError` with its mistakes, the first `MANY`."""
        try:
            return read_plan(path, text=text, admit=self._admission)
        except PlanMistakes as wrong:
            lines = str(wrong).splitlines()[:MANY]
            raise PlanMistakes("\n".join(lines), wrong.mistakes[:MANY]) from None


def _beginning(text: str) -> str:
    lines = takewhile(lambda line: line.startswith("#"), text.splitlines())
    return " ".join(line.removeprefix("#").strip() for line in lines).strip()


def _as_toml(plan: dict[str, Any]) -> str:
    try:
        return tomli_w.dumps(_without_null(plan))
    except RecursionError:
        raise UsageError("the plan is nested too deeply") from None
    except (TypeError, ValueError) as wrong:
        raise UsageError(f"the plan cannot be written as TOML: {wrong}") from None


def _without_null(value: Any) -> Any:
    """A value without what is null: TOML has none, and in a plan it means the same as nothing."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value

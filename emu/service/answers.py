"""What a service answers when it says no, as the error that it was there; for clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from emu.campaign.mistakes import Mistake, PlanMistakes
from emu.errors import EmuError, InternalError, UsageError
from emu.service.errors import SHOW_IT, Conflict, Full, NotFound, Refused, TooMany

OF_STATUS: Final[dict[int, type[EmuError]]] = {
    403: Refused,
    404: NotFound,
    409: Conflict,
    429: TooMany,
    500: InternalError,
    507: Full,
}
"""The error of a status; of any other it is `UsageError`."""

TYPE_IT: Final = "name a file with it by --token-file, or set EMU_TOKEN beside EMU_SERVER"
"""What somebody at the prompt can do who has shown none."""


class Unreachable(UsageError):
    """There is no service there, or it is gone."""


def error_of(status: int, body: bytes, url: str, plan: str = "") -> EmuError:
    """The error that an answer tells of; `plan` is what the plan that was sent is called here."""
    problem = _problem(body)
    if problem is None:
        return Unreachable(f"what answers at {url} is no service of emu: its status is {status}")
    mistakes = problem.get("mistakes")
    if plan and isinstance(mistakes, list):
        return _plan_mistakes(mistakes, plan)
    detail = str(problem["detail"])
    if status == 401:
        said = TYPE_IT if detail == SHOW_IT else detail
        return UsageError(f"{url} asks for a token: {said}")
    if status >= 500 and status not in OF_STATUS:
        return Unreachable(f"{url}: {detail}")
    return OF_STATUS.get(status, UsageError)(detail)


def _problem(body: bytes) -> Mapping[str, Any] | None:
    try:
        problem = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return problem if isinstance(problem, dict) and "detail" in problem else None


def _plan_mistakes(rows: list[dict[str, Any]], plan: str) -> PlanMistakes:
    mistakes = [Mistake(row.get("line"), row.get("key") or "", row["detail"]) for row in rows]
    lines = [
        f"{plan}:{one.line}: {one.sentence}" if one.key and one.line else _whole(plan, one.sentence)
        for one in mistakes
    ]
    return PlanMistakes("\n".join(lines), mistakes)


def _whole(plan: str, sentence: str) -> str:
    """A mistake of the text as a whole: `it is not TOML: …`."""
    return f"{plan} {sentence.removeprefix('it ')}"

"""What a ledger holds: values as JSON, and the row of a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from emu.campaign.account import Figures, Tally
from emu.campaign.harvest import Harvest
from emu.campaign.spec import EntrySpec
from emu.errors import LogError
from emu.record.logs import CAMPAIGN
from emu.search.start import Learned

Value = TypeVar("Value")

_ADAPTERS: Final[dict[type, TypeAdapter[Any]]] = {
    kind: TypeAdapter(kind) for kind in (EntrySpec, Figures, Harvest, Learned, Tally)
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a ledger has of a finding or a trouble: its number, whose it is, its tally.

    `told` is as JSON, see `triage`; None: it was not told yet.
    """

    number: int
    entry: int
    trouble: bool
    tally: Tally
    told: str | None


def text_of(kind: type[Value], value: Value) -> str:
    """A value as JSON."""
    return _ADAPTERS[kind].dump_json(value).decode()


def value_in(kind: type[Value], text: str) -> Value:
    """The value in a JSON text; raises `LogError` where there is none."""
    try:
        read: Value = _ADAPTERS[kind].validate_json(text)
        return read
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise LogError(f"{CAMPAIGN}: {kind.__name__}.{place}: {first['msg']}") from None

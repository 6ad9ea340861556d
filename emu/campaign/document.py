"""A plan as it is written: the tables and keys of its TOML file, with their types.

```toml
name = "go-1777"

[defaults]
strategy = "pct"
runs = 2000
watchdog = { lock_wait = "5s", steps = 20_000 }

[[entry]]
name = "fault in malloc, before"
scenario = "fault_in_malloc"          # a short name, or module:function
params = { fix = false }
expect = { some = ["deadlock"] }      # or only = [...], or one outcome that must turn up

  [[entry.chaos.fault]]
  kind = "segv-low"
  at = "mallocgc"
```

Chaos tables and watchdog are open here: their own modules say what belongs into them.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from emu.campaign.terms import Level, Until
from emu.record.finding import OK
from emu.search.explore import Stop

Whole = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(max_length=200)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Settings(_Table):
    """How an entry is explored; what an entry does not set is taken from `[defaults]`.

    `until` says when to stop before the budget of `runs` or `seconds` is spent: when the
    expectation can no longer fail (`met`), at the first finding, or never (`budget`). `strategy`
    may be one of the user's own, `module:Class`, or `exhaustive`, which `bound` is for.
    """

    strategy: str | None = None
    bound: int | None = None
    runs: Whole | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = None
    until: Stop | None = None
    watchdog: dict[str, Any] = {}


class ExpectTable(_Table):
    """Which outcomes must turn up (`some`), and which alone may (`only`)."""

    some: list[str] = []
    only: list[str] | None = None


def _expect_table(value: object) -> object:
    """One outcome alone: it must turn up; `ok` alone: nothing else may."""
    if isinstance(value, str):
        return {"only": [OK]} if value == OK else {"some": [value]}
    return value


class ChaosTable(_Table):
    """What may be injected: a list of tables for each kind of injection."""

    signal: list[dict[str, Any]] = []
    fault: list[dict[str, Any]] = []
    fail: list[dict[str, Any]] = []
    spurious: list[dict[str, Any]] = []
    stall: list[dict[str, Any]] = []


class EntryTable(Settings):
    """One `[[entry]]`: a scenario with everything that is not left to its defaults."""

    name: Name
    scenario: str
    params: dict[str, Any] = {}
    expect: Annotated[ExpectTable | None, BeforeValidator(_expect_table)] = None
    chaos: ChaosTable | None = None


class CampaignTable(_Table):
    """What holds for the whole campaign; see `terms.Terms`."""

    runs: Whole | None = None
    seconds: float | str | None = None
    until: Until | None = None
    hand_on: bool | None = None
    logs: Level | None = None
    cap: int | str | None = None


class Document(_Table):
    """A whole plan."""

    name: Name
    campaign: CampaignTable = CampaignTable()
    defaults: Settings = Settings()
    entry: Annotated[list[EntryTable], Field(min_length=1)]


class ChaosDocument(_Table):
    """A file for `--chaos`: the chaos tables alone, under `[[chaos.…]]`."""

    chaos: ChaosTable

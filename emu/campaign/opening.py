"""Opens campaigns: a new one for plans, or one that was begun, to go on with it.

A campaign goes on with what it began with. A plan that reads differently by now is refused, and
so is a changed program under test, or another version of emu: their runs would be other runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import orjson

from emu.campaign.entry import Entry
from emu.campaign.facts import read_fact
from emu.campaign.ledger import FILE, Ledger, create, open_ledger
from emu.campaign.plan import Plan, read_plan
from emu.campaign.programs import changed, digests
from emu.campaign.spec import EntrySpec, spec_of
from emu.campaign.terms import Terms, share_out
from emu.engine.machine import EMU
from emu.errors import UsageError
from emu.record.store import LATEST, directory_name, new_run
from emu.search.explore import Stop

PROGRAMS: Final = "programs"
"""The fact that has the digests of the programs under test."""

MOST_CHANGES: Final = 5
"""How many of the changes of a plan are named."""


@dataclass(frozen=True)
class Orders:
    """How to soak, whatever the plans say; None leaves it to them.

    `endless` lets every entry go on, whatever its budget: the campaign's time is the limit.
    """

    runs: int | None = None
    seconds: float | None = None
    seed: int | None = None
    until: Stop | None = None
    endless: bool = False

    def apply(self, entry: Entry) -> Entry:
        """`entry` with these orders: a budget given here takes the place of the plan's."""
        if self.endless:
            entry = replace(entry, runs=None, seconds=None, until="budget")
        if self.runs is not None or self.seconds is not None:
            entry = replace(entry, runs=self.runs, seconds=self.seconds)
        if self.until is not None:
            entry = replace(entry, until=self.until)
        return entry if self.seed is None else replace(entry, seed=self.seed)


def begin(plans: Sequence[Plan], orders: Orders, terms: Terms, root: Path, now: float) -> Ledger:
    """A new campaign for `plans`, in a new directory below `root`.

    Raises `LogError` when it cannot be written, and `UsageError` for terms that cannot be kept.
    """
    specs = _specs(plans, orders, terms)
    directory = new_run(campaign_name([plan.name for plan in plans]), root)
    return _created(plans, specs, orders, terms, directory, now)


def begin_in(
    plans: Sequence[Plan], orders: Orders, terms: Terms, directory: Path, now: float
) -> Ledger:
    """A new campaign for `plans` in `directory`, which is there and holds none.

    Raises as `begin`, and `UsageError` when it holds one already.
    """
    return _created(plans, _specs(plans, orders, terms), orders, terms, directory, now)


def go_on(directory: Path, note: Callable[[str], object]) -> tuple[Ledger, Terms]:
    """The campaign in `directory`, to go on with it, and the terms that it began with.

    `note` is told what may surprise. Raises `UsageError` where it cannot go on, see
    `ledger.open_ledger`, and `LogError` when it is damaged.
    """
    ledger = open_ledger(directory)
    try:
        facts = ledger.facts()
        if facts.get("emu") != EMU:
            raise UsageError(
                f"{directory} was begun by emu {facts.get('emu')}, and this is emu {EMU}: its "
                f"runs would be others; begin a new campaign"
            )
        _check_plans(directory, ledger, facts, note)
        _check_programs(directory, ledger, facts)
        return ledger, terms_of(facts)
    except BaseException:
        ledger.close()
        raise


def terms_of(facts: dict[str, str]) -> Terms:
    """The terms of a campaign, by the facts in its ledger."""
    return read_fact(facts, "terms", lambda row: Terms(**row))


def plans_of(facts: dict[str, str]) -> list[tuple[str, str]]:
    """Name and path of each plan of a campaign, by the facts in its ledger."""
    return read_fact(facts, "plans", lambda rows: [(name, path) for name, path in rows])


def latest(plans: Sequence[Plan], root: Path) -> Path:
    """The directory of the latest campaign of `plans` below `root`; raises `UsageError`."""
    shelf = root / directory_name(campaign_name([plan.name for plan in plans]))
    directory = shelf / LATEST
    if not (directory / FILE).exists():
        names = " and ".join(plan.path for plan in plans)
        raise UsageError(f"there is no campaign of {names} in {shelf} to go on with")
    return shelf / directory.resolve().name


def campaign_at(path: Path) -> Path:
    """The campaign in the directory `path`, or the latest of those in it."""
    if is_campaign(path) or not path.is_dir():
        return path  # whoever opens it says what is wrong with it
    if is_campaign(path / LATEST):
        return path / (path / LATEST).resolve().name
    inside = sorted(one for one in path.iterdir() if is_campaign(one))
    return inside[-1] if inside else path


def campaign_name(plans: Sequence[str]) -> str:
    """What a campaign of these plans is called."""
    return "+".join(dict.fromkeys(plans))


def is_campaign(path: Path) -> bool:
    """Whether there is a campaign at `path`."""
    return (path / FILE).exists()


def _created(
    plans: Sequence[Plan],
    specs: Sequence[EntrySpec],
    orders: Orders,
    terms: Terms,
    directory: Path,
    now: float,
) -> Ledger:
    return create(
        directory,
        specs,
        {
            "emu": EMU,
            "began": f"{now:.3f}",
            "plans": _text([[plan.name, str(Path(plan.path).absolute())] for plan in plans]),
            "orders": _text(asdict(orders)),
            "terms": _text(asdict(terms)),
            PROGRAMS: _text(digests(specs)),
        },
    )


def _specs(plans: Sequence[Plan], orders: Orders, terms: Terms) -> list[EntrySpec]:
    specs = [spec_of(orders.apply(entry), plan.name) for plan in plans for entry in plan.entries]
    if terms.runs is None:
        return specs
    shares = share_out(terms.runs, [spec.runs for spec in specs])
    return [replace(spec, runs=share) for spec, share in zip(specs, shares, strict=True)]


def _check_plans(
    directory: Path, ledger: Ledger, facts: dict[str, str], note: Callable[[str], object]
) -> None:
    """Raise if a plan reads differently by now."""
    plans = []
    for name, path in plans_of(facts):
        if not Path(path).exists():
            note(f"{path} is gone; going on with the plan {name!r} as it was")
            return
        plans.append(read_plan(path))
    orders = read_fact(facts, "orders", lambda row: Orders(**row))
    before = [account.spec for account in ledger.accounts()]
    changes = _changes(before, _specs(plans, orders, terms_of(facts)))
    if changes:
        paths = " ".join(plan.path for plan in plans)
        shown = "; ".join(changes[:MOST_CHANGES])
        more = len(changes) - MOST_CHANGES
        raise UsageError(
            f"the plan has changed since {directory} began: {shown}"
            f"{f'; and {more} more' if more > 0 else ''}; "
            f"restore it, or begin a new campaign with `emu soak {paths}`"
        )


def _check_programs(directory: Path, ledger: Ledger, facts: dict[str, str]) -> None:
    """Raise if the text of a program under test is another by now."""
    specs = [account.spec for account in ledger.accounts()]
    names = changed(read_fact(facts, PROGRAMS, dict), specs) if PROGRAMS in facts else []
    if names:
        paths = " ".join(path for _, path in plans_of(facts))
        raise UsageError(
            f"{' and '.join(names)} changed since {directory} began: its runs would be others; "
            f"restore it, or begin a new campaign with `emu soak {paths}`"
        )


def _changes(before: Sequence[EntrySpec], after: Sequence[EntrySpec]) -> list[str]:
    """What is different, a phrase each. Where a plan lies is no part of it."""
    old, new = ({(one.plan, one.name): one for one in specs} for specs in (before, after))
    changes = [f"entry {name!r} is gone" for key in old if key not in new for name in key[1:]]
    changes += [f"entry {name!r} is new" for key in new if key not in old for name in key[1:]]
    for key in old.keys() & new.keys() if old != new else ():
        one, other = old[key], new[key]
        for item in fields(EntrySpec):
            was, now = getattr(one, item.name), getattr(other, item.name)
            if item.name != "target" and was != now:
                changes.append(
                    f"{item.name} of entry {key[1]!r} was {_short(was)}, is {_short(now)}"
                )
    if not changes and list(old) != list(new):
        changes.append("its entries are in another order")
    return sorted(changes)


def _short(value: Any) -> str:
    return value if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()

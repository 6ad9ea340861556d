"""A plan that is ready to run: its entries with scenario, parameters, chaos and budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from emu.campaign.catalogue import find_scenario
from emu.campaign.chaostable import chaos_from
from emu.campaign.document import CampaignTable, Document, EntryTable, Settings
from emu.campaign.entry import RUNS, UNTIL, Entry
from emu.campaign.lines import Path
from emu.campaign.mistakes import TomlFile, unknown
from emu.campaign.terms import TERMS, Terms, bytes_from, seconds_from
from emu.engine.scenario import Scenario, Setup
from emu.engine.watchdog import Limits, limits_from
from emu.errors import UsageError, did_you_mean
from emu.record.finding import OUTCOMES, Expectation
from emu.search.answer import NAME
from emu.search.exhaustive import MOST
from emu.search.strategies import DEFAULT, parse_strategy

Admit = Callable[[str, str], object]
"""Is asked about a kind of thing (`SCENARIO`, `STRATEGY`) and its name before it is imported; it
raises `UsageError` where that may not be."""

SCENARIO, STRATEGY = "scenario", "strategy"

EXHAUSTIVE_RUNS: Final = 100_000
"""The budget of an exhaustive search that is given none."""


@dataclass(frozen=True)
class Plan:
    """A plan: its name, where it was read, its entries in order, and the campaign's terms."""

    name: str
    path: str
    entries: tuple[Entry, ...]
    terms: Terms = TERMS

    def entry(self, name: str) -> Entry:
        """The entry called `name`; raises `UsageError` if there is none."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        names = [entry.name for entry in self.entries]
        listed = ", ".join(map(repr, names)) + did_you_mean(name, names)
        raise UsageError(f"{self.path} has no entry {name!r}; its entries are {listed}")


def admit_all(kind: str, name: str) -> None:
    """Whatever a plan names may be imported."""


def read_plan(path: str, text: str | None = None, admit: Admit = admit_all) -> Plan:
    """The plan in the TOML file at `path`, or in `text`, which is called so.

    Nothing is imported that `admit` refuses; what it says is a mistake in that line. Raises
    `PlanMistakes` with all mistakes, and `UsageError` where the file cannot be read.
    """
    file = TomlFile(path, text=text)
    document = file.validate(Document)
    terms = _terms(document.campaign, file)
    _limits(document.defaults.watchdog, file, ("defaults", "watchdog"))
    _strategy(document.defaults, file, ("defaults",), admit)
    entries = []
    names: set[str] = set()
    for index, table in enumerate(document.entry):
        if table.name in names:
            file.mistake(("entry", index, "name"), "there is another entry of this name")
        names.add(table.name)
        entry = _entry(table, document.defaults, file, ("entry", index), admit)
        if entry is not None:
            entries.append(entry)
    file.check()
    return Plan(document.name, path, tuple(entries), terms)


def _terms(table: CampaignTable, file: TomlFile) -> Terms:
    """What the `[campaign]` table says, and for the rest what holds anyhow."""
    given: dict[str, Any] = {
        "runs": table.runs,
        "until": table.until,
        "hand_on": table.hand_on,
        "level": table.logs,
    }
    for key, name, read in (("seconds", "seconds", seconds_from), ("cap", "cap", bytes_from)):
        value = getattr(table, key)
        if value is not None:
            try:
                given[name] = read(value, key)
            except UsageError as wrong:
                file.mistake(("campaign", key), str(wrong))
    return Terms(**{name: value for name, value in given.items() if value is not None})


def _entry(
    table: EntryTable, defaults: Settings, file: TomlFile, path: Path, admit: Admit
) -> Entry | None:
    expect = _expect(table, file, (*path, "expect"))
    limits = _limits(table.watchdog, file, (*path, "watchdog"), defaults.watchdog)
    _strategy(table, file, path, admit)
    chaos = None
    if table.chaos is not None:
        chaos = chaos_from(table.chaos, file, (*path, "chaos"))
    try:
        admit(SCENARIO, table.scenario)
        scenario = find_scenario(table.scenario)
    except UsageError as wrong:
        file.mistake((*path, "scenario"), str(wrong))
        return None
    params = _params(scenario, table.params, file, (*path, "params"))
    if expect is not None:
        scenario = replace(scenario, expect=expect)
    strategy = table.strategy or defaults.strategy or DEFAULT
    exhaustive = strategy == NAME
    if not exhaustive and table.bound is not None:
        file.mistake((*path, "bound"), f"bound is for strategy {NAME!r} alone")
    if exhaustive and table.seed is not None:
        file.mistake((*path, "seed"), f"seed has no meaning for strategy {NAME!r}")
    runs = table.runs or defaults.runs
    seconds = table.seconds or defaults.seconds
    return Entry(
        name=table.name,
        target=f"{file.path}#{table.name}",
        setup=Setup(scenario, params, scenario.chaos if chaos is None else chaos, limits),
        strategy=strategy,
        runs=runs or (None if seconds else EXHAUSTIVE_RUNS if exhaustive else RUNS),
        seconds=seconds,
        seed=table.seed if table.seed is not None else defaults.seed or 0,
        until=table.until or defaults.until or UNTIL,
        bound=(defaults.bound if table.bound is None else table.bound) if exhaustive else None,
    )


def _params(
    scenario: Scenario, values: Mapping[str, Any], file: TomlFile, path: Path
) -> dict[str, Any]:
    good = {}
    for name, value in values.items():
        try:
            good[name] = scenario.bind({name: value})[name]
        except UsageError as wrong:
            file.mistake((*path, name), str(wrong).removeprefix("params.").removeprefix("params: "))
    return scenario.bind(good)


def _limits(
    values: Mapping[str, Any], file: TomlFile, path: Path, defaults: Mapping[str, Any] | None = None
) -> Limits:
    good = {}
    for name, value in {**(defaults or {}), **values}.items():
        try:
            limits_from({name: value})
        except UsageError as wrong:
            if name in values:
                text = str(wrong).removeprefix("watchdog.").removeprefix("watchdog: ")
                file.mistake((*path, name), text)
        else:
            good[name] = value
    return limits_from(good)


def _strategy(table: Settings, file: TomlFile, path: Path, admit: Admit) -> None:
    if table.strategy is not None:
        try:
            admit(STRATEGY, table.strategy)
            if table.strategy != NAME:
                parse_strategy(table.strategy)
        except UsageError as wrong:
            file.mistake((*path, "strategy"), str(wrong))
    if table.bound is not None and not 0 <= table.bound <= MOST:
        found = f"bound is {table.bound}"
        file.mistake((*path, "bound"), f"{found}; allowed is a whole number from 0 to {MOST}")


def _expect(table: EntryTable, file: TomlFile, path: Path) -> Expectation | None:
    if table.expect is None:
        return None
    only = table.expect.only
    for key, items in (("some", table.expect.some), ("only", only or [])):
        for index, item in enumerate(items):
            if not _is_outcome(item):
                file.mistake((*path, key, index), unknown("outcome", item, OUTCOMES))
    return Expectation(tuple(table.expect.some), None if only is None else tuple(only))


def _is_outcome(item: str) -> bool:
    """Whether an item of an expectation can speak of anything: `exit 2`, `deadlock [*funclock*`."""
    kinds = {name.split()[0]: " " in name for name in OUTCOMES}
    word, _, rest = item.partition(" ")
    return word in kinds and (bool(rest) or not kinds[word])

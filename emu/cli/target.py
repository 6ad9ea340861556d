"""TARGET at the prompt, with the options beside it, as a setup that can run."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from emu.analysis.message import arguments_for
from emu.campaign.catalogue import find_scenario
from emu.campaign.chaostable import read_chaos
from emu.campaign.entry import Entry
from emu.campaign.plan import read_plan
from emu.campaign.recorded import setup_from
from emu.cli.address import address_of
from emu.engine.scenario import Setup, setup as make_setup
from emu.engine.watchdog import Limits, limits_from
from emu.errors import UsageError
from emu.record.reading import read_history
from emu.record.store import StoredFinding, load_finding
from emu.record.tape import Tape, parse_tape

STDIN: Final = "-"
"""What is typed for a tape that comes from stdin: a shell takes no line that is very long."""

Typed = Iterable[tuple[str, str]]
"""Options of the form name=value, as they were typed."""


@dataclass(frozen=True)
class Aim:
    """What to run: an entry, and how the prompt calls it (the target and its options)."""

    entry: Entry
    arguments: tuple[str, ...]

    @property
    def target(self) -> str:
        """What was typed as TARGET."""
        return self.entry.target

    @property
    def setup(self) -> Setup:
        """The setup with every option applied."""
        return self.entry.setup


def aim(target: str, params: Typed = (), chaos: str | None = None, watchdog: Typed = ()) -> Aim:
    """What `target` names, with these options applied to it; raises `UsageError`."""
    import_from_here()
    entry = _entry(target)
    setup = entry.setup
    typed = dict(params)
    limits = dict(watchdog)
    bound = setup.scenario.bind(typed, "--param")
    setup = replace(
        setup,
        params={**setup.params, **{name: bound[name] for name in typed}},
        limits=_limited(setup.limits, limits),
    )
    if chaos is not None:
        setup = replace(setup, chaos=read_chaos(chaos))
    arguments = arguments_for(typed, chaos or "", limits)
    return Aim(replace(entry, setup=setup), arguments)


def import_from_here() -> None:
    """Let scenarios be imported from `.py` files in the current directory."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)


def _entry(target: str) -> Entry:
    path, hashed, name = target.partition("#")
    if hashed and path.endswith(".toml"):
        return read_plan(path).entry(name)
    recorded = _recorded(target)
    if recorded is not None:
        return Entry(name=target, target=target, setup=recorded.setup)
    return Entry(name=target, target=target, setup=make_setup(find_scenario(target)))


@dataclass(frozen=True)
class Recorded:
    """What a log or a stored finding holds of a run: how to do it again."""

    setup: Setup
    tape: str


def tape_for(target: str, tape: str | None, verb: str) -> Tape:
    """The tape that was typed, or else the one in the log or finding that `target` is.

    Raises `UsageError` when there is neither.
    """
    if tape is None and (text := recorded_tape(target)) is not None:
        return parse_tape(text)
    return parse_tape(typed_tape(target, tape, verb))


def typed_tape(target: str, tape: str | None, verb: str) -> str:
    """The text of the tape that was typed (`-`: read from stdin); raises `UsageError` if none."""
    text = sys.stdin.read().strip() if tape == STDIN else tape
    if not text:
        raise UsageError(f"{verb} {target} needs a TAPE, such as 'emu1:2t1#a72e'")
    return text


def recorded_tape(target: str) -> str | None:
    """The tape of the log or finding that `target` is; None if it is neither."""
    import_from_here()
    recorded = _recorded(target)
    return None if recorded is None else recorded.tape


def _recorded(target: str) -> Recorded | None:
    address = address_of(target)
    if address is not None:
        return _remembered(address.fetch(), target)
    path = Path(target)
    if path.name.endswith((".jsonl", ".jsonl.zst")):
        history = read_history(path)
        info = history.info
        setup = setup_from(info.scenario, info.params, info.chaos, info.watchdog)
        return Recorded(setup, str(history.tape))
    if path.suffix == ".json" or (os.sep in target and path.is_dir()):
        return _remembered(load_finding(path))
    return None


def _remembered(found: StoredFinding, address: str = "") -> Recorded:
    """What a finding holds; raises `UsageError` where it is of a program that is not here."""
    try:
        setup = setup_from(found.target, found.params, found.chaos, found.watchdog)
    except UsageError as wrong:
        if not address:
            raise
        raise UsageError(f"{address} cannot run here: {wrong}") from None
    return Recorded(setup, found.tape)


def _limited(limits: Limits, typed: dict[str, str]) -> Limits:
    values = {name: _value(text) for name, text in typed.items()}
    made = limits_from(values, "--watchdog")
    return replace(limits, **{name: getattr(made, name) for name in values})


def _value(text: str) -> Any:
    """A number or a truth value as TOML spells it; anything else is a text."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text

"""Findings for somebody else: one directory with all that it takes to see them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from emu.analysis.message import replay_command
from emu.campaign.again import Again
from emu.campaign.catch import Catch
from emu.campaign.planfile import plan_text
from emu.campaign.programs import modules_of, read_module
from emu.campaign.spec import EntrySpec
from emu.engine.machine import EMU
from emu.errors import UsageError
from emu.record.log import log_bytes
from emu.record.store import FINDING, HISTORY, finding_bytes, write_file

PLAN: Final = "plan.toml"
README: Final = "README.md"
MESSAGE: Final = "message.txt"
EVIDENCE: Final = "evidence.txt"

HEAD: Final = """\
# {what}

Found by emu {version} in a campaign of {plans}. With that version of emu, in this directory:
"""

OWN: Final = """\

The scenarios come with this directory: {files}. What else these import has to be there, too.
"""


def check_free(out: Path) -> None:
    """Raise `UsageError` unless nothing is in the way of a new directory `out`."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there already; allowed is a new directory, or an empty one")


def export(found: Sequence[Again], troubles: Sequence[Catch], out: Path) -> list[Path]:
    """Write findings and troubles to `out`; gives the modules of the user's that go with them.

    Raises `LogError` when something cannot be written.
    """
    catches = [*(one.catch for one in found), *troubles]
    names = _names([one.spec for one in catches])
    write_file(out / PLAN, _plan(catches, names).encode())
    for one in found:
        directory = out / f"{one.catch.number:04}"
        target = f"{PLAN}#{names[_key(one.catch.spec)]}"
        text = one.message(target, f"{directory.name}/{HISTORY}")
        write_file(directory / HISTORY, log_bytes(one.history))
        write_file(directory / FINDING, finding_bytes(one.stored(text, HISTORY)))
        write_file(directory / MESSAGE, f"{text}\n".encode())
    for trouble in troubles:
        text = f"{trouble_text(trouble)}\n"
        write_file(out / f"{trouble.number:04}" / EVIDENCE, text.encode())
    modules = modules_of([one.spec for one in catches])
    for path, source in modules.items():
        write_file(out / path, read_module(source))
    write_file(out / README, _readme(found, troubles, names, list(modules)).encode())
    return list(modules)


def trouble_text(trouble: Catch) -> str:
    """What is known of a trouble."""
    sighted = trouble.tally.sighted
    seeds = ", ".join(map(str, trouble.tally.seeds))
    lines = [
        f"{trouble.spec.name}: {sighted.sentence}",
        f"first in run {sighted.run + 1:,}, {trouble.tally.count:,} in all; seeds: {seeds}",
        f"a soak of plan {trouble.spec.plan} with seed {trouble.spec.seed} makes that run again",
    ]
    return "\n\n".join(["\n".join(lines), *([sighted.evidence] if sighted.evidence else [])])


Key = tuple[str, str]


def _key(spec: EntrySpec) -> Key:
    return spec.plan, spec.name


def _names(specs: Sequence[EntrySpec]) -> dict[Key, str]:
    """What each entry is called in a plan that has those of several plans."""
    keys = dict.fromkeys(map(_key, specs))
    often = Counter(name for _, name in keys)
    return {key: key[1] if often[key[1]] == 1 else f"{key[0]}: {key[1]}" for key in keys}


def _plan(catches: Sequence[Catch], names: dict[Key, str]) -> str:
    specs = {_key(one.spec): one.spec for one in catches}
    plans = "+".join(dict.fromkeys(plan for plan, _ in specs))
    return plan_text(plans, [(names[key], spec) for key, spec in specs.items()])


def _readme(
    found: Sequence[Again],
    troubles: Sequence[Catch],
    names: dict[Key, str],
    modules: Sequence[Path],
) -> str:
    plans = " and ".join(dict.fromkeys(plan for plan, _ in names))
    number = len(found) + len(troubles)
    what = f"{number} finding{'' if number == 1 else 's'} of emu"
    text = HEAD.format(what=what, version=EMU, plans=plans)
    for one in found:
        name = f"{one.catch.number:04}"
        target = f"{PLAN}#{names[_key(one.catch.spec)]}"
        tape = str(one.history.tape)
        text += (
            f"\n## {one.catch.number}: {one.catch.signature}\n\n"
            f"{one.finding.sentence}\n\n"
            f"    emu show {name}/{FINDING}\n"
            f"    {replay_command(target, tape)}\n"
            f"    emu diff {name}/{FINDING}\n"
        )
    for trouble in troubles:
        text += (
            f"\n## {trouble.number}: {trouble.signature}\n\n"
            f"See {trouble.number:04}/{EVIDENCE}. `emu soak {PLAN}` makes the run again.\n"
        )
    if modules:
        text += OWN.format(files=", ".join(map(str, modules)))
    return text

"""One finding of a campaign by its files: its log, its timeline, its report, its whole row.

A finding that was told has its files in `findings/`, one that was run again for a reader in
`again/`. Nothing here runs or imports a program under test.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from emu.analysis.message import replay_command, typed
from emu.analysis.report.contents import Found
from emu.analysis.report.page import page
from emu.analysis.report.scene import Scene
from emu.campaign.catch import Catch
from emu.campaign.elsewhere import lead_found
from emu.campaign.export import trouble_text
from emu.campaign.logdossier import log_dossier
from emu.campaign.scenes import LONGEST, Scenes
from emu.campaign.triage import LOG, stored_as
from emu.errors import LogError, UsageError
from emu.record.store import FINDING, StoredFinding, load_finding

AGAIN: Final = "again"
"""Where the findings are that were run again because somebody asked."""


def again_of(catch: Catch, directory: Path) -> Path:
    """Where the files of a finding are put that is run again, in the campaign's `directory`."""
    return directory / AGAIN / f"{catch.number:04}"


def home_of(catch: Catch, directory: Path) -> Path | None:
    """The directory with the files of a finding: one with its log before one without; or None."""
    homes = [again_of(catch, directory)]
    if catch.told is not None and catch.told.directory:
        homes.insert(0, directory / catch.told.directory)
    there = [one for one in homes if (one / FINDING).exists()]
    return next((one for one in there if (one / LOG).exists()), there[0] if there else None)


def log_of(catch: Catch, directory: Path) -> Path | None:
    """The log of a finding, compressed; None: it has none, and may be run again."""
    home = home_of(catch, directory)
    log = None if home is None else home / LOG
    return log if log is not None and log.exists() else None


def timeline_of(catch: Catch, directory: Path) -> Scene:
    """The swim lanes of a finding, see `scene.scene_of`.

    Raises `UsageError` when it has no log, and `LogError` when that is damaged.
    """
    log = _needed(catch, directory)
    scenes = Scenes(log.parent)
    scene, why = scenes.of(log.name, catch.signature)
    if scene is None:
        raise LogError(next(iter(scenes.damage), f"finding {catch.number}: {why}"))
    return scene


def report_of(catch: Catch, directory: Path, at: str = "") -> bytes:
    """The page that `emu report` makes of a finding's files alone; raises as `timeline_of`.

    `at` is the campaign's address, if the reader is elsewhere.
    """
    contents = log_dossier(_needed(catch, directory).parent)

    def named(one: Found) -> Found:
        if one.signature != catch.signature:
            return one
        made = replace(one, number=catch.number)
        return lead_found(made, at) if at else made

    return page(
        replace(
            contents,
            title=f"{catch.spec.plan} #{catch.number}",
            directory=at or contents.directory,
            findings=tuple(map(named, contents.findings)),
        )
    )


def message_of(catch: Catch, directory: Path) -> str:
    """The message of a finding; of one that was not run again, what it is and how to do that."""
    if catch.trouble:
        return trouble_text(catch)
    if catch.told is not None and catch.told.message:
        return catch.told.message
    home = home_of(catch, directory)
    if home is not None:
        return load_finding(home).message
    return f"{catch.tally.sighted.sentence}\n\n  replay  {replay_of(catch, directory)}"


def replay_of(catch: Catch, directory: Path) -> str:
    """How to run it again; of a tape that nobody can read, by the finding that has it."""
    if len(catch.tape) <= LONGEST:
        return replay_command(catch.spec.target, catch.tape)
    told = catch.told
    if told is not None and told.directory:
        return replay_command(str(directory / told.directory / FINDING))
    return typed("emu", "show", f"{directory}#{catch.number}")


def as_whole(catch: Catch, directory: Path) -> dict[str, Any]:
    """All of a finding for programs: the brief row, its texts, and whether it has a log."""
    sighted = catch.tally.sighted
    return {
        **catch.as_brief(),
        "message": message_of(catch, directory),
        "tape": None if catch.trouble else catch.tape,
        "replay": None if catch.trouble else replay_of(catch, directory),
        "seed": sighted.seed,
        "strategy": sighted.strategy,
        "has_log": log_of(catch, directory) is not None,
    }


def stored_at(catch: Catch, directory: Path) -> StoredFinding:
    """A finding, no trouble, as a file: with all that it takes to run it elsewhere."""
    return stored_as(catch.spec, catch.tally, message_of(catch, directory), catch.tape)


def _needed(catch: Catch, directory: Path) -> Path:
    log = log_of(catch, directory)
    if log is None:
        raise UsageError(f"finding {catch.number} in {directory} has no log")
    return log

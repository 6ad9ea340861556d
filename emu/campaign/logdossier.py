"""What the report of a directory without a campaign has on its page: its logs and its findings.

Such are left by `emu run --log` and `emu explore`.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

from emu.analysis.report.contents import Contents
from emu.analysis.tables.sources import PACK, Sources
from emu.campaign.loggedfindings import LoggedFindings
from emu.campaign.loggedprograms import LoggedPrograms
from emu.campaign.scenes import Scenes, Tell, silent
from emu.campaign.survey import EVENTS, named, survey
from emu.errors import UsageError
from emu.record.logs import SUFFIXES, Logged

FINDINGS: Final = "finding*.json"


def log_dossier(directory: Path, *, events: int = EVENTS, tell: Tell = silent) -> Contents:
    """The contents of the report of the logs and findings below `directory`.

    Raises `UsageError` where there are none.
    """
    logs, damage = _logs(directory)
    stored = sorted(directory.rglob(FINDINGS))
    if not logs and not stored:
        raise UsageError(
            f"{directory} has no campaign, no log and no finding in it; a report is of what "
            f"`emu soak --out`, `emu explore --out` or `emu run --log` leaves"
        )
    scenes = Scenes(directory, tell)
    findings = LoggedFindings(directory, scenes)
    for path in stored:
        findings.add_stored(path)
    programs = LoggedPrograms()

    def on_run(run: Logged) -> None:
        programs.add(run)
        findings.add_run(run)

    seen = survey(logs, events=events, on_run=on_run, tell=tell)
    cut = [f"{seen.in_words()} `--events` reads more."] if seen.cut else []
    versions = [*programs.versions, *findings.versions]
    return Contents(
        title=directory.resolve().name or str(directory),
        directory=str(directory),
        facts=(
            ("runs logged", f"{seen.runs:,}"),
            ("files of logs", f"{len(logs):,}"),
            ("emu", ", ".join(dict.fromkeys(versions))),
        ),
        entries=tuple(programs.entries()),
        findings=tuple(findings.found()),
        programs=seen.programs,
        read=seen.in_words(),
        notices=(
            *cut,
            *named((*damage, *findings.damage, *scenes.damage, *seen.damage)),
            *scenes.notices,
        ),
        emu=", ".join(dict.fromkeys(versions)),
    )


def _logs(directory: Path) -> tuple[list[Path], list[str]]:
    """The logs below a directory, and what is wrong; a pack stands for the logs that are in it."""
    if next(directory.rglob(PACK), None) is None:
        return sorted(one for one in directory.rglob("*") if one.name.endswith(SUFFIXES)), []
    with closing(Sources([directory])) as sources:
        return [*(one.directory for one in sources.packs), *sources.logs], sources.damage

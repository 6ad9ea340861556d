"""What was found, by the findings that were saved, and by the logs that nobody saved one of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from emu.analysis.message import WayBack, message, replay_command
from emu.analysis.report.contents import Found, Shown
from emu.analysis.report.retelling import retell
from emu.analysis.report.scene import Scene
from emu.campaign.scenes import LONGEST, Scenes
from emu.errors import LogError, TapeError
from emu.record.finding import Finding
from emu.record.logs import Logged
from emu.record.store import StoredFinding, load_finding
from emu.record.tape import parse_tape
from emu.search.exploration import findings_of

MANY: Final = "Its log has several runs, and `emu replay` reads logs that have one."
FOREIGN: Final = "It is the trace of a real process, which cannot be run again."
"""Why there is no command that replays a run."""


@dataclass
class _Signature:
    """What has one signature: the message and the timeline of the first; who shows it."""

    kind: str
    message: str
    log: str
    scene: Scene | None
    no_scene: str
    shown: dict[str, Shown] = field(default_factory=dict)

    def add(self, program: str, shown: Shown) -> None:
        """Once more; of one program, the simplest tape is kept."""
        known = self.shown.get(program, shown)
        best = min(known, shown, key=lambda one: one.deviations)
        count = shown.count + (known.count if program in self.shown else 0)
        self.shown[program] = replace(best, count=count)


class LoggedFindings:
    """The findings, those that were stored first, then those that only a log has."""

    def __init__(self, directory: Path, scenes: Scenes) -> None:
        self.damage: list[str] = []
        self.versions: dict[str, None] = {}
        self._directory = directory
        self._scenes = scenes
        self._stored: set[tuple[str, str]] = set()
        self._signatures: dict[str, _Signature] = {}
        self._many: set[str] = set()

    def add_stored(self, path: Path) -> None:
        """One that was saved, with its message."""
        try:
            stored = load_finding(path)
            deviations = len(parse_tape(stored.tape))
        except (LogError, TapeError) as wrong:
            self.damage.append(str(wrong))
            return
        log = self._below(path.parent / stored.log) if stored.log else ""
        self.versions[stored.emu] = None
        self._stored.add((log, stored.signature))
        if stored.signature not in self._signatures:
            scene = self._scenes.of(log, stored.signature)
            made = _Signature(stored.kind, stored.message, log, *scene)
            self._signatures[stored.signature] = made
        shown = Shown(
            plan="",
            entry=stored.target,
            number=0,
            count=stored.count,
            runs=0,
            first_run=stored.first_run,
            strategy=stored.strategy,
            seed=stored.seed,
            tape=stored.tape,
            deviations=deviations,
            replay=_replay_stored(stored, path),
        )
        program = f"{stored.target} {sorted(stored.params.items())}"
        self._signatures[stored.signature].add(program, shown)

    def add_run(self, run: Logged) -> None:
        """Those of a run that none of the stored ones is about."""
        log = self._below(Path(run.path))
        if run.line > 1:
            self._many.add(run.path)
        for one in findings_of(run.history):
            if (log, one.signature) not in self._stored:
                self._add(run, one, log)

    def _add(self, run: Logged, one: Finding, log: str) -> None:
        history, info = run.history, run.history.info
        if one.signature not in self._signatures:
            text = message(history, one, WayBack(target=run.path, log=run.path))
            scene = self._scenes.drawn(history, one.signature)
            self._signatures[one.signature] = _Signature(one.kind, text, log, *scene)
        shown = Shown(
            plan="",
            entry=info.scenario,
            number=0,
            count=1,
            runs=0,
            first_run=0,
            strategy=info.strategy,
            seed=info.seed,
            tape=str(history.tape),
            deviations=len(history.tape),
            replay="" if info.foreign else replay_command(run.path),
            state=FOREIGN if info.foreign else "",
        )
        self._signatures[one.signature].add(f"{info.scenario} {sorted(info.params.items())}", shown)

    def found(self) -> Iterator[Found]:
        """Each, by its signature."""
        for number, (signature, one) in enumerate(self._signatures.items(), start=1):
            shown = sorted(map(self._checked, one.shown.values()), key=lambda it: it.deviations)
            yield Found(
                number=number,
                signature=signature,
                kind=one.kind,
                message=one.message,
                standing="",
                count=sum(each.count for each in shown),
                runs=0,
                shown=tuple(shown),
                entries=len(shown),
                log=one.log if one.scene is not None else "",
                scene=one.scene,
                no_scene=one.no_scene,
            )

    def _checked(self, one: Shown) -> Shown:
        """Without the command, if what it names is a log of several runs."""
        several = one.replay in map(replay_command, self._many)
        return replace(one, replay="", state=MANY) if several else one

    def _below(self, path: Path) -> str:
        here = self._directory
        return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _replay_stored(stored: StoredFinding, path: Path) -> str:
    """The command in its message; it names a chaos file and whatever else was typed.

    Of a tape that nobody can read, by the file that has it.
    """
    if len(stored.tape) > LONGEST:
        return replay_command(str(path))
    told = retell(stored.message).way.get("replay")
    return told or replay_command(stored.target, stored.tape)

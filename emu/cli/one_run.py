"""What `run` and `replay` have to say about the history of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emu.analysis.message import WayBack, message, replay_command
from emu.campaign.entry import Entry
from emu.cli import status
from emu.cli.outcome import show_run
from emu.cli.target import Aim
from emu.engine.units import format_duration
from emu.errors import LogError
from emu.record.finding import UNKNOWN
from emu.record.history import History
from emu.record.log import kept_level, write_history
from emu.record.store import HISTORY, new_run
from emu.search.exploration import findings_of


@dataclass(frozen=True)
class Report:
    """One run: what was asked for, and its history, of which Ctrl-C may have cut the end."""

    aim: Aim
    history: History
    interrupted: bool = False

    @property
    def status(self) -> int:
        """The exit status: whether the expectation allows this outcome."""
        if self.interrupted:
            return status.INTERRUPTED
        outcome = self.history.outcome.name
        if outcome == UNKNOWN:
            return status.UNKNOWN
        signatures = tuple(one.signature for one in findings_of(self.history))
        allowed = self.aim.entry.expect.allows(outcome, signatures)
        return status.MET if allowed else status.NOT_MET

    def _summary(self, way: WayBack) -> list[str]:
        """How it ended, a line each."""
        history = self.history
        outcome = history.outcome
        reason = f": {outcome.reason}" if outcome.reason else ""
        time = format_duration(history.ending.t)
        replay = replay_command(way.target, str(history.tape), way.arguments)
        return [
            f"{self.aim.entry.name}: {outcome.name}{reason}",
            "",
            f"  {history.steps} steps, {time} of emulated time",
            f"  replay  {replay}",
            *([f"  log     {way.log}"] if way.log else []),
        ]

    def as_row(self, log: str) -> dict[str, Any]:
        """The run for programs."""
        history = self.history
        met = {status.MET: True, status.NOT_MET: False}.get(self.status)
        way = WayBack(self.aim.target, self.aim.arguments, log=log)
        return {
            "scenario": history.info.scenario,
            "params": history.info.params,
            "strategy": history.info.strategy,
            "seed": history.info.seed,
            "steps": history.steps,
            "outcome": history.outcome.name,
            "reason": history.outcome.reason,
            "met": met,
            "tape": str(history.tape),
            "digest": history.digest,
            "log": log or None,
            "findings": [
                {
                    "signature": one.signature,
                    "kind": one.kind,
                    "message": message(history, one, way),
                }
                for one in findings_of(history)
            ],
            "summary": self._summary(way),
        }


def report(made: Report, log: str | None, level: str, *, as_json: bool, **more: Any) -> None:
    """Write the log and print the report, the latter also where the former fails.

    `log` is the log's file; None: a new one among the runs; empty: there is to be none.
    """
    written = ""
    try:
        if log != "" and kept_level(made.history, level):
            written = log or _new_log(made.aim.entry)
            write_history(made.history, written, level=level)
    except LogError:
        written = ""
        raise
    finally:
        show_run({**made.as_row(written), **more}, as_json=as_json)


def _new_log(entry: Entry) -> str:
    return str(new_run(entry.setup.scenario.name) / HISTORY)

"""A finding of a campaign, run again: its history, and the message of it."""

from __future__ import annotations

from dataclasses import dataclass

from emu.analysis.message import WayBack, message
from emu.campaign.catch import Catch
from emu.errors import Mismatch
from emu.record.finding import Finding
from emu.record.history import History
from emu.record.store import StoredFinding
from emu.record.tape import parse_tape
from emu.search.exploration import findings_of
from emu.search.replay import replay


@dataclass(frozen=True)
class Again:
    """A catch that was run again, by its simplest tape."""

    catch: Catch
    history: History
    finding: Finding

    def message(self, target: str = "", log: str = "") -> str:
        """Its message; `target` is what is replayed, by default the entry of its plan."""
        spec, sighted = self.catch.spec, self.catch.tally.sighted
        way = WayBack(
            target=target or spec.target,
            run=sighted.run + 1,
            runs=spec.runs or 0,
            strategy=sighted.strategy,
            seed=spec.seed,
            log=log,
        )
        return message(self.history, self.finding, way)

    def stored(self, text: str, log: str) -> StoredFinding:
        """It as a file, with this message and this log."""
        tally = self.catch.tally
        sighted = tally.sighted
        return StoredFinding.of(
            self.history,
            self.finding,
            text,
            original=sighted.tape,
            seed=sighted.seed,
            strategy=sighted.strategy,
            count=tally.count,
            first_run=sighted.run + 1,
            log=log,
        )


async def run_again(catch: Catch) -> Again:
    """Follow the simplest tape of a finding; raises `Mismatch` where it does not show it again."""
    history = await replay(catch.spec.setup(), parse_tape(catch.tape))
    for finding in findings_of(history):
        if finding.signature == catch.signature:
            return Again(catch, history, finding)
    raise Mismatch(f"finding {catch.number}: {catch.tape} does not give {catch.signature} again")

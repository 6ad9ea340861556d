"""What became of one entry: its exploration, its verdict, and the row that programs read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emu.analysis.message import WayBack, message
from emu.campaign.entry import Entry
from emu.record.finding import Verdict, matches
from emu.record.history import History
from emu.search.answer import NAMES, Exhausted
from emu.search.exploration import Exploration, Found
from emu.search.shrink import Shrunk


@dataclass(frozen=True)
class Result:
    """An entry that was explored, and how to do it again.

    `arguments` are the options at the prompt with which it was; `logs` has, in the order of
    the findings, where the log of each was saved. `shrunk` maps the signatures of those that
    were shrunk to what came of it: that is then what is shown, replayed and saved.
    """

    entry: Entry
    exploration: Exploration
    arguments: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    shrunk: Mapping[str, Shrunk] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """Whether the entry's expectation is met; unknown if it was cut short before it was."""
        exploration = self.exploration
        if exploration.interrupted and not exploration.settled:
            return Verdict.UNKNOWN
        return exploration.verdict

    @property
    def first_found(self) -> int | None:
        """The run, from 1, that first showed what must turn up, or else what may not."""
        wanted = self.entry.expect.some
        findings = self.wanted if wanted else self.exploration.forbidden
        return min((found.first_run + 1 for found in findings), default=None)

    @property
    def wanted(self) -> list[Found]:
        """The findings that the expectation says must turn up."""
        return [
            found
            for found in self.exploration.findings
            if any(
                matches(item, found.finding.kind, (found.signature,))
                for item in self.entry.expect.some
            )
        ]

    @property
    def in_order(self) -> list[Found]:
        """Every finding; those that must turn up come first."""
        wanted = self.wanted
        return [*wanted, *(found for found in self.exploration.findings if found not in wanted)]

    @property
    def _logs(self) -> tuple[str, ...]:
        return self.logs or ("",) * len(self.exploration.findings)

    @property
    def messages(self) -> list[str]:
        """The message of each finding, in their order."""
        return [self.message(found) for found in self.exploration.findings]

    def message(self, found: Found) -> str:
        """The message of one of the findings."""
        index = [one.signature for one in self.exploration.findings].index(found.signature)
        way = self._way_back(found, self._logs[index])
        shrunk = self.shrunk.get(found.signature)
        finding = found.finding if shrunk is None else shrunk.finding
        return message(self.history(found), finding, way)

    def history(self, found: Found) -> History:
        """The run that shows one of the findings: the simplest that is known."""
        shrunk = self.shrunk.get(found.signature)
        return found.history if shrunk is None else shrunk.history

    def _way_back(self, found: Found, log: str) -> WayBack:
        shrunk = self.shrunk.get(found.signature)
        return WayBack(
            target=self.entry.target,
            arguments=self.arguments,
            run=found.first_run + 1,
            runs=self.entry.runs or 0,
            strategy=found.strategy,
            seed=self.exploration.seed,
            log=log,
            shrinking=None if shrunk is None else shrunk.in_words,
        )

    def as_row(self) -> dict[str, Any]:
        """The shape that `explore --json` and each entry of `soak --json` share."""
        explored = self.exploration
        of = self.entry.expect.standing
        return {
            "scenario": explored.setup.scenario.target,
            "params": explored.setup.params,
            "strategy": explored.strategy,
            "seed": explored.seed,
            "runs": explored.runs,
            "steps": explored.steps,
            "seconds": round(explored.seconds, 3),
            "outcomes": explored.outcomes,
            "met": self.verdict.as_json,
            "first_found": self.first_found,
            "shortfall": explored.shortfall or None,
            **_searched(explored),
            "findings": [
                {
                    "signature": found.signature,
                    "kind": found.finding.kind,
                    "standing": of(found.finding.kind, found.signature),
                    "message": text,
                    "count": found.count,
                    "first_run": found.first_run + 1,
                    "seed": found.seed,
                    "tape": str(self.history(found).tape),
                    "original_tape": str(found.tape),
                    "log": log or None,
                }
                for found, text, log in zip(
                    explored.findings, self.messages, self._logs, strict=True
                )
            ],
        }


def _searched(explored: Exploration) -> dict[str, Any]:
    """What is known of the schedules that were not run; null where nobody asked."""
    answer, coverage = explored.answer, explored.coverage
    return {
        "answer": None if answer is None else NAMES[type(answer)],
        "exhausted": None if answer is None else isinstance(answer, Exhausted),
        "bound": None if answer is None else answer.bound,
        "behaviours": None if coverage is None else coverage.estimate.behaviours,
        "estimate": None if coverage is None else coverage.estimate.as_row(),
    }

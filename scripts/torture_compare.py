"""The books of a campaign: what must be the same, however often its processes were killed."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import zstandard

from emu.campaign.account import Account, Tally
from emu.campaign.ledger import view
from emu.campaign.triage import retelling
from emu.errors import LogError
from emu.record.reading import read_history
from emu.record.store import load_finding

UNLIKE = ("seconds",)
"""Figures that depend on the machine."""

HEAD = b'{"event":"run"'
"""How the log of a run begins."""


@dataclass
class Books:
    """What a campaign has, entry by entry; `wrong` says what cannot be in any.

    `simplest` has the tapes of findings that were shrunk, `logs` how often each run was logged,
    by the digest of its log, of entries that ended with their budget.
    """

    runs: int = 0
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    simplest: dict[tuple[str, str], str] = field(default_factory=dict)
    logs: dict[str, Counter[str]] = field(default_factory=dict)
    logged: bool = False
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        findings = sum(len(entry["findings"]) for entry in self.entries.values())
        return f"{len(self.entries)} entries, {self.runs:,} runs, {findings} findings"


def read_books(store: Path, *, logs: bool = True) -> Books:
    """The books of the campaign in `store`, and without `logs` a quick look at them."""
    books = Books()
    ledger = view(store)
    try:
        accounts = ledger.accounts()
        books.runs = sum(account.figures.runs for account in accounts)
        if not logs:
            return books
        said = ledger.intact()
        if said != "ok":
            books.wrong.append(f"the database is damaged: {said}")
        files = [name for _, name, _, _ in ledger.logs()]
        books.logged = bool(files)
        for number, account in enumerate(accounts):
            name = account.spec.name
            books.entries[name] = entry_of(account)
            books.wrong += [f"{name}: {one}" for one in contradictions(account)]
            told = ledger.told(number)
            for signature, place in ledger.numbers(number).items():
                if signature not in told:
                    books.wrong.append(f"{name}: {signature!r} was never told")
                    continue
                known = retelling(told[signature])
                if known.shrunk:
                    books.simplest[name, signature] = known.tape
                books.wrong += lost(store / "findings" / f"{place:04}", signature)
            own = [file for file in files if file.startswith(f"{number + 1:04}-")]
            if account.figures.over == "budget":
                books.logs[name] = Counter(digests(store / "logs" / file for file in own))
    finally:
        ledger.close()
    return books


def entry_of(account: Account) -> dict[str, Any]:
    """Figures, findings and troubles of an entry, with the order in which they turned up."""
    figures = {key: one for key, one in asdict(account.figures).items() if key not in UNLIKE}
    figures["outcomes"] = list(figures["outcomes"].items())
    return {
        "figures": figures,
        "findings": [told(one) for one in account.findings.values()],
        "troubles": [told(one) for one in account.troubles.values()],
    }


def told(tally: Tally) -> dict[str, Any]:
    """What is known of a finding, without when that was."""
    sighted = {key: one for key, one in asdict(tally.sighted).items() if key != "evidence"}
    return {**sighted, "count": tally.count, "last_run": tally.last_run}


def contradictions(account: Account) -> Iterator[str]:
    """What cannot be, whatever the others have."""
    figures = account.figures
    if sum(figures.outcomes.values()) != figures.runs:
        yield f"{figures.runs} runs, but outcomes {figures.outcomes}"
    if not figures.over or account.waiting:
        yield "it is not over"
    if account.troubles:
        yield f"troubles: {', '.join(account.troubles)}"


def lost(directory: Path, signature: str) -> Iterator[str]:
    """Why a finding on disk cannot be used, if it cannot."""
    try:
        saved = load_finding(directory)
        tape = str(read_history(directory / saved.log).tape) if saved.log else saved.tape
    except LogError as wrong:
        yield str(wrong)
        return
    if (saved.signature, saved.tape) != (signature, tape):
        yield f"{directory} has {saved.signature!r}, tape {saved.tape}, log {tape}"


def digests(paths: Iterator[Path]) -> Iterator[str]:
    """The digest of the log of every run in these files."""
    for path in paths:
        with zstandard.open(io.BytesIO(path.read_bytes()), "rb") as file:
            runs = file.read().split(HEAD)
        if runs[0]:
            yield f"{path}: not a log"
        for run in runs[1:]:
            yield hashlib.sha256(run).hexdigest()


def differences(calm: Books, tortured: Books) -> Iterator[str]:
    """What the tortured campaign has otherwise than the calm one."""
    for name, entry in calm.entries.items():
        other = tortured.entries.get(name, {})
        for part, known in entry.items():
            if other.get(part) != known:
                yield f"{name}: {part} are {other.get(part)}, not {known}"
    for key in calm.simplest.keys() & tortured.simplest.keys():
        if calm.simplest[key] != tortured.simplest[key]:
            yield f"{key}: shrunk to {tortured.simplest[key]}, not {calm.simplest[key]}"
    if not tortured.logged:
        return
    for name, logs in calm.logs.items():
        other = tortured.logs.get(name, Counter())
        more, fewer = (other - logs).total(), (logs - other).total()
        if more or fewer:
            yield f"{name}: {fewer} logs of runs are missing, and {more} are too many"

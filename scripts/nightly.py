"""Soaks plans for a night, and writes what came of it in Markdown.

nightly.py [--for TIME] [--out DIR] [--summary FILE] [PLAN ...]

A finding is new if no earlier campaign of the same plans, in the same directory, has it. SIGTERM
ends the soak in good order, and what it has found until then is written.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from emu.campaign.account import Tally
from emu.campaign.ledger import view
from emu.campaign.opening import is_campaign, latest
from emu.campaign.plan import read_plan
from emu.campaign.summary import Summary, summaries
from emu.errors import UsageError

CONFIGS: Final = Path(__file__).resolve().parent.parent / "configs"
EMU: Final = (sys.executable, "-c", "from emu.cli import main; main()")
STATUS: Final = {
    0: "every expectation is met",
    1: "an expectation is not met",
    2: "it could not be run",
    3: "an expectation is unknown",
    130: "interrupted",
}
TOLD: Final = 20
"""How many new findings are told in full."""


def main() -> None:
    """Soak, write, and end as the soak did."""
    parser = argparse.ArgumentParser(prog="scripts/nightly", description=__doc__.split("\n")[0])
    parser.add_argument("plans", nargs="*", metavar="PLAN", help="[default: all in configs]")
    parser.add_argument("--for", dest="duration", default="8h", metavar="TIME")
    parser.add_argument("--out", default="runs", metavar="DIR")
    parser.add_argument("--summary", metavar="FILE", help="[default: nightly.md in DIR]")
    asked = parser.parse_args()
    plans = asked.plans or [str(path) for path in sorted(CONFIGS.glob("*.toml"))]
    file = Path(asked.summary or Path(asked.out) / "nightly.md")
    try:
        write(file, ["# Nightly soak: under way"])
    except OSError as wrong:
        print(f"nightly: cannot write {file}: {wrong.strerror or wrong}", file=sys.stderr)
        sys.exit(2)
    began = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    status, row, said = soak([*plans, "--for", asked.duration, "--out", asked.out])
    if row is None:
        write(file, failure(status, said, left_behind(plans, Path(asked.out), status)))
    else:
        write(file, report(row, status, began, said))
    print(f"nightly: {STATUS.get(status, f'exit status {status}')}; see {file}")
    sys.exit(status)


def write(file: Path, lines: Iterable[str]) -> None:
    """Write the summary, in the place of the one before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def left_behind(plans: Sequence[str], root: Path, status: int) -> Path | None:
    """The campaign of a soak that was killed."""
    try:
        return latest([read_plan(path) for path in plans], root) if status > 128 else None
    except UsageError:
        return None


def soak(arguments: list[str]) -> tuple[int, dict[str, Any] | None, list[str]]:
    """Exit status, the object that it prints, and the errors that it says."""
    process = subprocess.Popen(
        [*EMU, "soak", *arguments, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: process.send_signal(received))
    out, said = process.communicate()
    errors = [line for line in said.decode().splitlines() if line.startswith("emu: error:")]
    status = process.returncode
    status = status if status >= 0 else 128 - status  # as a shell says that a signal has ended it
    return status, json.loads(out) if out.strip() else None, errors or [said.decode()]


def failure(status: int, said: list[str], directory: Path | None) -> Iterator[str]:
    """There is no campaign to report of, or it was killed."""
    yield f"# Nightly soak: exit status {status}, {STATUS.get(status, 'unknown')}"
    yield ""
    if directory is not None:
        yield f"- campaign: `{directory.resolve()}`"
        yield f"- go on with `emu soak --resume {directory.resolve()}`"
        yield ""
    yield from fenced(said)


def report(row: dict[str, Any], status: int, began: str, said: list[str]) -> Iterator[str]:
    """What came of a campaign."""
    directory = Path(row["directory"])
    with closing(view(directory)) as ledger:
        made = summaries(ledger)
    yield f"# Nightly soak of {', '.join(row['plans'])}: {STATUS.get(status, 'failed')}"
    yield ""
    runs = sum(one.account.figures.runs for one in made)
    minutes, seconds = divmod(round(row["seconds"]), 60)
    yield f"- began {began}, {minutes} min {seconds} s, {runs:,} runs, exit status {status}"
    yield f"- campaign: `{directory.resolve()}`"
    if row["interrupted"] or status == 2:
        yield f"- go on with `emu soak --resume {directory.resolve()}`"
    if status == 2:
        yield ""
        yield from fenced(said)
    yield ""
    yield "| entry | runs | outcomes | findings | verdict |"
    yield "|---|---:|---|---:|---|"
    for one in made:
        figures = one.account.figures
        counts = sorted(figures.outcomes.items(), key=lambda item: (-item[1], item[0]))
        outcomes = ", ".join(f"{name} {count:,}" for name, count in counts) or "none"
        cells = (one.name, f"{figures.runs:,}", outcomes, str(len(one.account.findings)))
        yield f"| {' | '.join(map(cell, cells))} | {one.verdict.value} |"
    yield ""
    yield from doubts(made)
    yield from told(made, known_before(directory))


def doubts(made: list[Summary]) -> Iterator[str]:
    """What did not turn up, and what is unknown."""
    for one in made:
        unknown = one.account.figures.unknown
        for sentence in (one.shortfall, unknown and f"unknown: {unknown}"):
            if sentence:
                yield f"- **{one.name}**: {sentence}"
                yield ""


def told(made: list[Summary], before: set[tuple[str, str, str]]) -> Iterator[str]:
    """The findings that are new, those first that may not be."""
    new: list[tuple[bool, Summary, Tally]] = []
    for one in made:
        names = [tally.sighted.signature for tally in one.forbidden]
        for signature, tally in one.account.findings.items():
            if (one.account.spec.plan, one.name, signature) not in before:
                new.append((signature not in names, one, tally))
    yield f"## New findings: {len(new)}"
    yield ""
    new.sort(key=lambda item: item[0])
    for expected, one, tally in new[:TOLD]:
        sighted = tally.sighted
        yield f"### {one.name}: {sighted.signature}"
        yield ""
        times = "once" if tally.count == 1 else f"{tally.count:,} times"
        which = "expected" if expected else "**not expected**"
        yield f"{which}, {times}, first in run {sighted.run + 1:,} (seed {sighted.seed})"
        yield ""
        yield from fenced([one.message(tally)])
        yield ""
    if len(new) > TOLD:
        yield f"And {len(new) - TOLD:,} more."


def known_before(directory: Path) -> set[tuple[str, str, str]]:
    """Plan, entry and signature of every finding of the earlier campaigns beside this one."""
    known: set[tuple[str, str, str]] = set()
    for path in sorted(directory.parent.iterdir()):
        if path.is_symlink() or path.name >= directory.name or not is_campaign(path):
            continue
        try:
            with closing(view(path)) as ledger:
                for account in ledger.accounts():
                    spec = account.spec
                    known |= {(spec.plan, spec.name, one) for one in account.findings}
        except UsageError as wrong:  # damaged, or of another emu: it does not count
            print(f"nightly: {wrong}", file=sys.stderr)
    return known


def cell(text: str) -> str:
    """A text in a table."""
    return text.replace("|", "\\|")


def fenced(lines: list[str]) -> Iterator[str]:
    """Lines as they are."""
    yield "```"
    yield from (line.rstrip() for line in lines)
    yield "```"


if __name__ == "__main__":
    main()

"""The figure `shrink`: what shrinking makes of every finding of the shipped plans.

Each entry is explored as a soak does it. `after` says how many schedules it took up to an
outcome that must turn up, in the median over the seeds. Then the first run of every signature
is shrunk: its deviations before and after, how many of those are injections, its steps, what
shrinking took, and which promises do not hold: it comes to its end within its budget; shrinking
the result gives the result; another process, with another seed of its hashes, comes to the same
tape; of a finding of the two Go bugs few deviations are left. Times promise nothing.

    .venv/bin/python scripts/bench_shrink.py --seeds 3 --entries 'R1-*'
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.quality.shrunk import Row, measure, shipped

HEAD = f"{'before':>9}{'after':>6}{'inj.':>5}{'steps':>6}{'runs':>6}{'CPU s':>6}  finding"

Say = Callable[[str], object]


def shrinking(seeds: int = 1, names: str = "*", say: Say | None = None) -> dict[str, Any]:
    """The figure: `broken`, how many findings break a promise, and a row for each of them.

    `names` is a glob over the names of entries; `say` is told the table, line by line.
    """
    entries: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    if say is not None:
        say(HEAD)
    for plan, entry in shipped():
        if not fnmatchcase(entry.name, names):
            continue
        measured = measure(plan, entry, range(entry.seed, entry.seed + seeds))
        after = {item: median(needed) for item, needed in measured.needed.items()}
        entries.append({"plan": plan, "entry": entry.name, "after": after})
        rows += map(_as_json, measured.rows)
        if say is not None:
            say(f"{plan}.toml#{entry.name}")
            for item, needed in after.items():
                say(f"  after {needed:,g}: {item}")
            for row in measured.rows:
                say(_line(row))
    return {
        "entries": entries,
        "rows": rows,
        "findings": len(rows),
        "deviations at most": max((row["deviations"] for row in rows), default=0),
        "schedules at most": max((n for one in entries for n in one["after"].values()), default=0),
        "CPU s at most": max((row["seconds"] for row in rows), default=0),
        "broken": sum(bool(row["broken"]) for row in rows),
    }


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "plan": row.plan,
        "entry": row.entry,
        "seed": row.seed,
        "signature": row.signature,
        "before": len(row.found),
        "deviations": len(row.tape),
        "injections": row.injections,
        "steps": row.steps,
        "runs": row.runs,
        "seconds": row.seconds,
        "found": str(row.found),
        "tape": str(row.tape),
        "broken": row.broken,
    }


def _line(row: Row) -> str:
    broken = f"  BROKEN: {', '.join(row.broken)}" if row.broken else ""
    return (
        f"{len(row.found):9}{len(row.tape):6}{row.injections:5}{row.steps:6}{row.runs:6}"
        f"{row.seconds:6.1f}  {row.signature}{broken}"
    )


def main() -> None:
    """Print the table, or with --json everything as one object; exit status 1: a broken promise."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=1, help="explore each entry from so many")
    parser.add_argument("--entries", default="*", metavar="GLOB", help="entries by their names")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    say = None if asked.json else partial(print, flush=True)
    figure = shrinking(asked.seeds, asked.entries, say)
    print(json.dumps(figure) if asked.json else f"{figure['findings']} findings")
    sys.exit(1 if figure["broken"] else 0)


if __name__ == "__main__":
    main()

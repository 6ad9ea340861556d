"""What is known of acquisitions: four relations, over packs and over logs.

    had      how often each thread had each lock: `scenario object thread times contended inside`
    waited   the acquisitions that had to wait: `scenario object thread place step run waited`
    holds    for how long a lock was held, in ns: `scenario object held`; null for one that was
             not released before its run ended
    stuck    the waits that had no end: `scenario object thread place step run waited`, up to the
             end of the run

A pack has a row an acquisition. Of logs, the times at which a thread took and released a lock are
listed. Where they take turns, they belong together two by two; where a single one does not
(another thread released it, a reader took it twice), all are paired in the order of the log
(`holds`), which takes longer.
"""

from __future__ import annotations

from typing import Final

from emu.analysis.tables import holds
from emu.analysis.tables.kept import KEPT, keep
from emu.analysis.tables.tables import WITH_SCENARIO, Tables

HAD: Final = "had"
WAITED: Final = "waited"
HOLDS: Final = "holds"
STUCK: Final = "stuck"

_COLUMNS: Final = ("thread", "object", "t", "step", "depth", "waited", "contended", "mode", "place")
_KINDS: Final = ("lock.acquire", "lock.release", "lock.wait", "lock.fail")
_PLACE: Final = "CASE WHEN contended OR event = 'lock.wait' THEN place END"

_WAIT: Final = "scenario, object, thread, place, step, run, waited"

OF_PACKS: Final[dict[str, tuple[str, str]]] = {
    HAD: (
        HOLDS,
        """
SELECT scenario, object, thread, count(*) AS times, count(*) FILTER (contended) AS contended,
    count(*) FILTER (depth > 0) AS inside
FROM {packed} GROUP BY ALL""",
    ),
    WAITED: (HOLDS, f"SELECT {_WAIT} FROM {{packed}} WHERE contended"),
    HOLDS: (HOLDS, "SELECT scenario, object, held FROM {packed} WHERE NOT again"),
    STUCK: (STUCK, f"SELECT {_WAIT} FROM {{packed}}"),
}
"""Each relation: which one of a pack it is made of, and how."""


def relate(tables: Tables) -> None:
    """Make the four relations."""
    of_logs = _of_logs(tables) if tables.sources.logs else {}
    for name, (relation, sql) in OF_PACKS.items():
        parts = [sql.format(packed=f"({packed})") for packed in tables.packed(relation)]
        parts += [of_logs[name]] if of_logs else []
        tables.run(f"CREATE TEMP VIEW {name} AS {' UNION ALL '.join(parts)}")


def _of_logs(tables: Tables) -> dict[str, str]:
    """Read the logs; gives the SQL of each relation."""
    keep(tables, _COLUMNS, _KINDS, place=_PLACE)
    tables.hold("asked", _ASKED, ordered=False)
    tables.hold("had_in_runs", _HAD_IN_RUNS, ordered=False)
    tables.hold("turns", _TURNS, ordered=False)
    ((odd,),) = tables.rows(f"SELECT coalesce(bool_or({_ODD}), false) FROM turns")
    return {
        HAD: f"SELECT scenario, object, thread, times, contended, inside "
        f"FROM had_in_runs {WITH_SCENARIO} WHERE times > 0",
        WAITED: f"SELECT {_WAIT} FROM asked {WITH_SCENARIO} WHERE event = 'lock.acquire'",
        HOLDS: f"SELECT scenario, object, held FROM ({holds.held_in(tables, KEPT)})"
        if odd
        else f"SELECT scenario, object, given - taken AS held FROM turns {WITH_SCENARIO}",
        STUCK: f"SELECT {_WAIT} FROM ({holds.stuck_in('asked')})",
    }


_ASKED: Final = f"""
SELECT run, number, event, object, thread, depth, place, step, t, waited, contended
FROM {KEPT}
WHERE event IN ('lock.wait', 'lock.fail') OR event = 'lock.acquire' AND contended
"""
_HAD_IN_RUNS: Final = f"""
SELECT run, object, thread, count(*) FILTER (event = 'lock.acquire') AS times,
    count(*) FILTER (contended) AS contended,
    count(*) FILTER (event = 'lock.acquire' AND depth > 0) AS inside,
    list(CASE event WHEN 'lock.acquire' THEN t ELSE -1 - t END) AS stamps
FROM {KEPT} WHERE event IN ('lock.acquire', 'lock.release')
GROUP BY run, object, thread
"""
"""Times of releases are below 0, to tell them from those of acquisitions."""

_TURNS: Final = """
SELECT run, object, unnest(stamps[1:-:2]) AS taken, -1 - unnest(stamps[2:-:2]) AS given
FROM had_in_runs
"""

_ODD: Final = "taken < 0 OR given < taken"

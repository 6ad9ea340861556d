"""Exit statuses: what the shell is told."""

from __future__ import annotations

from typing import Final

from emu.record.finding import Verdict

MET: Final = 0
NOT_MET: Final = 1
USAGE: Final = 2
UNKNOWN: Final = 3
INTERNAL: Final = 70
"""Our fault (EX_SOFTWARE of sysexits.h)."""
INTERRUPTED: Final = 130
"""128 + SIGINT, as shells have it."""
NO_READER: Final = 141
"""128 + SIGPIPE: nobody reads our output any more."""

OF_VERDICT: Final[dict[Verdict, int]] = {
    Verdict.MET: MET,
    Verdict.NOT_MET: NOT_MET,
    Verdict.UNKNOWN: UNKNOWN,
}

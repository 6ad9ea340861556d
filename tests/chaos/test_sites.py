"""Where an entry may act: a glob matches a run of whole components."""

from __future__ import annotations

import pytest

from emu.chaos.plan import Fault, Plan
from emu.chaos.sites import matching, within


@pytest.mark.parametrize(
    ("glob", "path", "inside"),
    [
        ("*", "lock", True),
        ("*", "mallocgc/MHeap_Alloc/lock", True),
        ("mallocgc", "mallocgc/lock", True),
        ("mallocgc", "gc/mallocgc/MHeap_Alloc/lock", True),
        ("mallocgc", "mallocgcx/lock", False),
        ("mallocgc/lock", "mallocgc/lock", True),
        ("mallocgc/lock", "mallocgc/MHeap_Alloc/lock", False),
        ("mallocgc/*/lock", "mallocgc/MHeap_Alloc/lock", True),
        ("M*_Alloc*", "mallocgc/MCentral_AllocList/unlock", True),
        ("lock", "unlock", False),
        ("phase[24]", "buildfuncs/phase2/malloc", True),
        ("phase[24]", "buildfuncs/phase3/malloc", False),
    ],
)
def test_a_glob_matches_whole_components(glob: str, path: str, *, inside: bool) -> None:
    assert within(path, glob) is inside


def test_an_entry_matches_only_the_threads_of_its_glob() -> None:
    plan = Plan((Fault("bus", thread="M0"), Fault("bus", thread="M*"), Fault("bus")))

    assert matching(plan, "", "lock", "M1") == (1, 2)

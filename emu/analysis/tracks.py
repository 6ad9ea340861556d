"""Tracks: bars that nest, for viewers whose slices must.

A slice of a trace viewer either contains another one of its track or has no moment in common
with it. What a thread is in nests, for the most part; locks that are released in the order in
which they were taken do not, so each thread has as many tracks as that needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Slice(NamedTuple):
    """What a track can have: from `t0` until before `t1`, in ns; `bar` is which one it is."""

    t0: int
    t1: int
    bar: int


def in_tracks(slices: Sequence[Slice]) -> list[list[Slice]]:
    """The slices, in as few tracks as putting each into the first that has room for it needs.

    Those of a track are ordered, outer ones first.
    """
    tracks: list[list[Slice]] = []
    nests: list[list[Slice]] = []
    for one in sorted(slices, key=lambda slice_: (slice_.t0, -slice_.t1, slice_.bar)):
        number = next((n for n, nest in enumerate(nests) if _has_room(nest, one)), len(tracks))
        if number == len(tracks):
            tracks.append([])
            nests.append([])
        tracks[number].append(one)
        nests[number].append(one)
    return tracks


def _has_room(nest: list[Slice], one: Slice) -> bool:
    """Whether `one` nests in what is open; what is over before it is open no more."""
    while nest and nest[-1].t1 <= one.t0:
        nest.pop()
    return not nest or one.t1 <= nest[-1].t1

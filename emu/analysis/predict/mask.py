"""Signal masks as a log has them: names, or all but some names."""

from __future__ import annotations

from typing import Final, NamedTuple

NO_SIGNALS: Final = "none"
EVERY_SIGNAL: Final = "all"
ALL_BUT: Final = "all but "


class Mask(NamedTuple):
    """The signals that are blocked: those of `names`, or with `others` all the others."""

    names: frozenset[str] = frozenset()
    others: bool = False

    def blocks(self, signal: str) -> bool:
        """Whether `signal` is kept off."""
        return (signal in self.names) != self.others

    def __or__(self, other: Mask) -> Mask:
        """What either of them blocks."""
        if self.others and other.others:
            return Mask(self.names & other.names, others=True)
        if self.others:
            return Mask(self.names - other.names, others=True)
        if other.others:
            return Mask(other.names - self.names, others=True)
        return Mask(self.names | other.names)

    def without(self, other: Mask) -> Mask:
        """What this one blocks and `other` does not."""
        if self.others and other.others:
            return Mask(other.names - self.names)
        if self.others:
            return Mask(self.names | other.names, others=True)
        if other.others:
            return Mask(self.names & other.names)
        return Mask(self.names - other.names)


NOTHING: Final = Mask()


def parse_mask(text: str) -> Mask:
    """The mask that a log calls `text`."""
    if text == NO_SIGNALS:
        return NOTHING
    if text == EVERY_SIGNAL:
        return Mask(others=True)
    if text.startswith(ALL_BUT):
        return Mask(frozenset(text.removeprefix(ALL_BUT).split()), others=True)
    return Mask(frozenset(text.split()))

"""Where two runs part, and what it changes."""

from __future__ import annotations

from emu.analysis.parting import part
from emu.analysis.sidebyside import Side, side_by_side
from emu.record.event import Event
from emu.record.finding import Finding
from tests.analysis.histories import event, history


def load(step: int, thread: str, value: int) -> Event:
    return event("word.load", step, thread, "x", 3, value=value, atomic=False)


def store(step: int, thread: str, value: int) -> Event:
    return event("word.store", step, thread, "x", 4, value=value, atomic=False)


LOST = [load(1, "A", 0), load(2, "B", 0), store(3, "B", 1), store(4, "A", 1)]
KEPT = [load(1, "A", 0), store(2, "A", 1), load(3, "B", 1), store(4, "B", 2)]

PICTURE = """\
lost and kept have 1 event in common. Then

  lost goes on with B: load x: 0 inversion:3, step 2
  kept goes on with A: store x: 1 inversion:4, step 2

It tells in B, which then does otherwise:

  lost: load x: 0 inversion:3, step 2
  kept: load x: 1 inversion:3, step 3

  lost                            kept
      1  A  load x: 0 inversion:3     1  A  load x: 0 inversion:3
  ──────────────────────────────────   ──────────────────────────────────
      2  B  load x: 0 inversion:3      2  A  store x: 1 inversion:4
      3  B  store x: 1 inversion:4      3  B  load x: 1 inversion:3
      4  A  store x: 1 inversion:4      4  B  store x: 2 inversion:4
         assertion                       ok

  lost: lock_order_inversion fails: one is lost
  kept: lock_order_inversion ends well"""


def test_two_runs_part_at_the_first_event_that_differs() -> None:
    parting = part(history(LOST), history(KEPT))
    assert parting is not None
    assert (parting.common, parting.left, parting.right) == (1, LOST[1], KEPT[1])


def test_what_tells_is_what_one_thread_does_otherwise() -> None:
    """Before, A and B have only changed places; B loads 0 in one run and 1 in the other."""
    parting = part(history(LOST), history(KEPT))
    assert parting is not None
    assert parting.tells is not None
    assert (parting.tells.left, parting.tells.right) == (LOST[1], KEPT[2])


def test_equal_runs_do_not_part() -> None:
    assert part(history(LOST), history(LOST)) is None


def test_times_do_not_part_runs() -> None:
    later = [load(one.step + 5, "A", 0) for one in LOST[:1]]
    assert part(history(LOST[:1]), history(later)) is None


def test_outcomes_part_runs_whose_events_are_equal() -> None:
    parting = part(history(LOST), history(LOST, Finding("assertion", "")))
    assert parting is not None
    assert (parting.common, parting.left, parting.tells) == (4, None, None)


def test_a_run_that_goes_on_longer_tells_by_what_it_adds() -> None:
    for left, right in ((LOST, LOST[:2]), (LOST[:2], LOST)):
        parting = part(history(left), history(right))
        assert parting is not None
        assert parting.tells is not None
        assert (parting.tells.left or parting.tells.right) == LOST[2]


def test_both_runs_are_shown_side_by_side() -> None:
    left = Side("lost", history(LOST, Finding("assertion", "one is lost")))
    right = Side("kept", history(KEPT))
    lines = side_by_side(left, right, part(left.history, right.history), width=74)
    assert [" ".join(line.split()) for line in lines] == [
        " ".join(line.split()) for line in PICTURE.splitlines()
    ]


def test_no_line_of_the_columns_is_wider_than_asked() -> None:
    left, right = Side("lost", history(LOST)), Side("kept", history(KEPT))
    lines = side_by_side(left, right, part(left.history, right.history), width=40)
    assert max(len(line) for line in lines if line.startswith("      ")) <= 40


def test_equal_runs_are_said_to_be() -> None:
    side = Side("it", history(LOST))
    assert side_by_side(side, side, None) == ["it and it: the same history, ok"]

"""What a campaign has caught, by number: a page of it, or one, and nothing else is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from emu.campaign.catch import catch_at, catches, numbered, page_of
from emu.campaign.ledger import Ledger
from emu.errors import LogError, UsageError
from tests.campaign.found import TAPE, entries, find, ledger_of, tell


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Of three entries: 1 a of e0, 2 b and 3 a trouble of e2, 4 c of e0, 5 d of e1."""
    made = ledger_of(tmp_path, entries(3))
    find(made, 0, "a", now=10.0)
    find(made, 2, "b", troubles=1, now=20.0)
    find(made, 0, "c", now=30.0)
    find(made, 1, "d", now=40.0)
    tell(made, 0, "c")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("after", "limit", "numbers"),
    [
        (0, 100, [1, 2, 3, 4, 5]),
        (0, 2, [1, 2]),
        (2, 2, [3, 4]),
        (4, 2, [5]),
        (5, 2, []),
        (0, 0, []),
        (-7, 1, [1]),
        (10**30, 5, []),
    ],
)
def test_a_page_has_the_next_numbers(
    ledger: Ledger, after: int, limit: int, numbers: list[int]
) -> None:
    assert [one.number for one in page_of(ledger, after, limit)] == numbers


def test_pages_together_are_all_there_is(ledger: Ledger) -> None:
    pages = [page_of(ledger, after, 2) for after in (0, 2, 4)]
    together = [one for page in pages for one in page]
    assert sorted(together, key=lambda one: one.number) == sorted(
        catches(ledger), key=lambda one: one.number
    )


def test_all_of_it_is_in_the_order_of_the_entries_findings_first(ledger: Ledger) -> None:
    find(ledger, 2, "e")
    assert [one.number for one in catches(ledger)] == [1, 4, 5, 2, 6, 3]


def test_a_catch_knows_its_entry_and_its_runs(ledger: Ledger) -> None:
    assert [(one.spec.name, one.runs, one.trouble) for one in page_of(ledger)] == [
        ("e0", 2, False),
        ("e2", 2, False),
        ("e2", 2, True),
        ("e0", 2, False),
        ("e1", 1, False),
    ]


def test_what_is_not_on_the_page_is_not_read(ledger: Ledger) -> None:
    ledger._execute("UPDATE finding SET tally = '{}' WHERE number = 2")
    assert [one.number for one in page_of(ledger, 2, 2)] == [3, 4]
    with pytest.raises(LogError, match="Tally"):
        page_of(ledger, 1, 2)


def test_one_is_the_one_with_its_number(ledger: Ledger) -> None:
    assert [catch_at(ledger, number).signature for number in (1, 3, 4)] == [
        "deadlock [a]",
        "unknown: limit 0",
        "deadlock [c]",
    ]


def test_no_other_is_read_for_one(ledger: Ledger) -> None:
    ledger._execute("UPDATE finding SET tally = '{}' WHERE number != 4")
    assert catch_at(ledger, 4).number == 4


@pytest.mark.parametrize("number", [0, -1, 6, 10**30])
def test_a_number_that_nothing_has_is_refused_as_among_all(ledger: Ledger, number: int) -> None:
    with pytest.raises(UsageError) as one:
        catch_at(ledger, number)
    with pytest.raises(UsageError) as among:
        numbered(catches(ledger), number, str(ledger.directory))
    assert str(one.value) == str(among.value)
    assert str(one.value).endswith("; it has 1 to 5")


def test_where_nothing_was_found_there_is_no_number(tmp_path: Path) -> None:
    with closing(ledger_of(tmp_path / "new", entries(1))) as empty:
        with pytest.raises(UsageError, match=r"there is no finding 1 in .*; it has found nothing"):
            catch_at(empty, 1)
        assert page_of(empty, 0, 10) == []


def test_a_brief_row_says_what_where_and_how_often(ledger: Ledger) -> None:
    find(ledger, 0, "a", now=50.0)
    assert catch_at(ledger, 1).as_brief() == {
        "number": 1,
        "trouble": False,
        "signature": "deadlock [a]",
        "kind": "deadlock",
        "sentence": "a waits",
        "plan": "plan",
        "entry": "e0",
        "count": 2,
        "first_run": 1,
        "first_time": 10.0,
        "last_time": 50.0,
        "standing": "expected",
        "deviations": 1,
        "told": False,
    }


def test_a_trouble_has_no_standing_and_no_deviations(ledger: Ledger) -> None:
    row = catch_at(ledger, 3).as_brief()
    assert (row["trouble"], row["standing"], row["deviations"]) == (True, None, None)


def test_what_was_told_has_its_message_and_its_tape(ledger: Ledger) -> None:
    one = catch_at(ledger, 4)
    assert (one.as_brief()["told"], one.tape) == (True, TAPE)
    assert one.as_row()["message"] == "the message of c"

"""A campaign at a glance, by its ledger: all that is shown, and no finding read for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emu.campaign.ledger import Ledger
from emu.campaign.overview import NEWEST, Overview, look, overview
from emu.campaign.pulse import FACT, Pulse
from emu.errors import LogError
from tests.campaign.found import entries, find, ledger_of


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = ledger_of(tmp_path, entries(3))
    yield made
    made.close()


def seen(ledger: Ledger) -> Overview:
    return look(ledger.directory, 100.0)


def test_findings_and_troubles_are_counted_by_entry(ledger: Ledger) -> None:
    find(ledger, 0, "a", "b")
    find(ledger, 2, "a", troubles=3)
    assert [(one.findings, one.troubles) for one in seen(ledger).entries] == [
        (2, 0),
        (0, 0),
        (1, 3),
    ]


def test_what_turned_up_again_is_counted_once(ledger: Ledger) -> None:
    find(ledger, 0, "a")
    find(ledger, 0, "a")
    assert seen(ledger).findings == 1


def test_the_newest_are_named_the_latest_first(ledger: Ledger) -> None:
    find(ledger, 1, "a", now=10.0)
    find(ledger, 0, "b", now=30.0)
    find(ledger, 2, "c", now=20.0)
    assert [(one.time, one.number, one.entry) for one in seen(ledger).newest] == [
        (30.0, 2, "e0"),
        (20.0, 3, "e2"),
        (10.0, 1, "e1"),
    ]


def test_of_one_moment_the_earlier_entries_come_first_and_findings_before_troubles(
    ledger: Ledger,
) -> None:
    find(ledger, 1, "a")
    find(ledger, 0, "b", "c", troubles=1)
    assert [(one.entry, one.signature) for one in seen(ledger).newest] == [
        ("e0", "deadlock [b]"),
        ("e0", "deadlock [c]"),
        ("e0", "unknown: limit 0"),
        ("e1", "deadlock [a]"),
    ]


def test_no_more_are_named_than_have_room(ledger: Ledger) -> None:
    find(ledger, 0, *(f"x{number}" for number in range(NEWEST + 1)))
    assert len(seen(ledger).newest) == NEWEST


def test_a_trouble_is_never_allowed(ledger: Ledger) -> None:
    find(ledger, 0, "a", troubles=1)
    assert [(one.trouble, one.allowed) for one in seen(ledger).newest] == [
        (False, True),
        (True, False),
    ]


def test_outlines_and_whole_accounts_look_the_same(ledger: Ledger) -> None:
    find(ledger, 0, "a", "b", troubles=2)
    glances = [
        overview(ledger, accounts, Pulse(5.0), seconds=1.0, now=100.0, who="")
        for accounts in (ledger.outlines(), ledger.accounts())
    ]
    assert glances[0] == glances[1]


def test_a_finding_that_is_not_named_is_not_read(ledger: Ledger) -> None:
    find(ledger, 0, "damaged", now=5.0)
    find(ledger, 1, *(f"x{number}" for number in range(NEWEST)), now=10.0)
    ledger._execute("UPDATE finding SET tally = '{\"since\": 5.0}' WHERE number = 1")
    with pytest.raises(LogError, match="Tally"):
        ledger.accounts()
    assert seen(ledger).findings == NEWEST + 1


def test_a_ledger_of_before_is_looked_at_as_well(ledger: Ledger) -> None:
    find(ledger, 0, "a", now=10.0)
    find(ledger, 0, "b", now=20.0)
    ledger._execute("DROP INDEX newest")
    assert [one.number for one in seen(ledger).newest] == [2, 1]


def test_runs_without_an_entry_are_damage(ledger: Ledger) -> None:
    with pytest.raises(LogError, match="nothing is known of the runs of entry 8"):
        ledger.entry(7)


@pytest.mark.parametrize(
    ("pulse", "seconds"),
    [
        (Pulse(98.5), 11.5),
        (Pulse(20.0, ended="interrupted"), 10.0),
        (Pulse(20.0), 14.0),
    ],
)
def test_the_time_at_work_goes_on_from_a_pulse_of_now(
    ledger: Ledger, pulse: Pulse, seconds: float
) -> None:
    """One that is old is of a process before this one: between them nobody worked."""
    ledger.set_facts({"seconds": "10.0", FACT: pulse.as_fact()})
    assert seen(ledger).seconds == seconds

"""What is on a report that a service gives: the way back to a finding is its address."""

from __future__ import annotations

import pytest

from emu.analysis.report.contents import Found, Shown
from emu.campaign.elsewhere import lead_found

MESSAGE = (
    "it deadlocks\n\n  found   run 2\n  replay  emu replay d/plan.toml#x emu1:\n  log     d/log"
)
AT = "http://emu/api/campaigns/a"


def shown(number: int, replay: str = "emu replay d/plan.toml#x emu1:") -> Shown:
    return Shown("p", "x", number, 1, 1, 1, "random", 0, "emu1:", 0, replay)


def found(*by: Shown, log: str = "d/log") -> Found:
    return Found(4, "deadlock", "deadlock", MESSAGE, "", 1, 1, by, log=log)


def test_its_message_and_its_log_are_those_of_the_entry_with_the_simplest_tape() -> None:
    made = lead_found(found(shown(7), shown(4)), AT)
    assert made.message.splitlines()[-3:] == [
        "  found   run 2",
        f"  replay  emu replay {AT}/findings/7",
        f"  log     {AT}/findings/7/log",
    ]
    assert made.log == f"{AT}/findings/7/log"


def test_every_entry_that_shows_it_has_its_own_way_back() -> None:
    made = lead_found(found(shown(7), shown(4)), AT)
    assert [one.replay for one in made.shown] == [f"emu replay {AT}/findings/{n}" for n in (7, 4)]


@pytest.mark.parametrize("number", [0, 4])
def test_without_numbers_of_their_own_it_is_the_finding(number: int) -> None:
    (one,) = lead_found(found(shown(number)), AT).shown
    assert one.replay == f"emu replay {AT}/findings/4"


def test_what_has_no_log_and_no_command_gets_none() -> None:
    made = lead_found(found(shown(4, replay=""), log=""), AT)
    assert (made.log, made.shown[0].replay) == ("", "")

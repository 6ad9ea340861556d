"""A checker at the prompt: what does not hold is found, and one that crashes decides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.prompt import emu, emu_json

BANK = """
from emu import Machine, Mutex, scenario


def in_order(history):
    served = [event.fields["text"] for event in history.events if event.event == "note"]
    assert served == sorted(served), "ben was served before anna"


def mistyped(history):
    return history.evnts


async def bank(m: Machine) -> None:
    account = Mutex(m, "account")

    async def serve(name):
        async with account:
            m.note(name)

    for name in ("anna", "ben"):
        m.spawn(serve, name, name=name)


right = scenario(checker=in_order)(bank)
wrong = scenario(checker=mistyped)(bank)
"""


@pytest.fixture(autouse=True)
def bank(here: Path) -> None:
    (here / "counter.py").write_text(BANK)


def test_what_does_not_hold_is_found_and_shrunk() -> None:
    result = emu("explore", "counter:right")
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "bank fails: the checker in_order: the assertion 'ben was served before anna' does not "
        "hold at counter.py:7\n"
    )
    assert "(1 deviation, " in result.stdout


def test_what_was_found_replays() -> None:
    (found,) = emu_json("explore", "counter:right")["findings"]
    row = emu_json("replay", "counter:right", found["tape"])
    assert (row["outcome"], row["same"]) == ("assertion", True)


def test_an_exhaustive_search_asks_it_about_every_schedule() -> None:
    row = emu_json("explore", "counter:right", "--exhaustive", "--until", "budget")
    assert row["outcomes"] == {"ok": 1, "assertion": 1}


def test_one_that_crashes_leaves_it_unknown() -> None:
    result = emu("explore", "counter:wrong", "--runs", "20")
    assert result.exit_code == 3
    assert "unknown 20\n" in result.stdout
    assert (
        "unknown (the checker mistyped raised AttributeError: 'History' object has no attribute "
        "'evnts' at counter.py:11)" in result.stdout
    )


def test_a_single_run_says_so_too() -> None:
    result = emu("run", "counter:wrong")
    assert result.exit_code == 3
    assert result.stdout.startswith("counter:wrong: unknown: the checker mistyped raised ")

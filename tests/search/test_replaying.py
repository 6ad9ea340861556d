"""A tape gives its history again, or a sentence that says where it does not fit."""

from __future__ import annotations

import re

import pytest

from emu.engine.scenario import Scenario, setup
from emu.errors import Mismatch
from emu.record.tape import Deviation, Tape, parse_tape
from emu.scenarios.classics import handler_takes_lock, lost_wakeup
from emu.search.explore import explore, run_once
from emu.search.replay import replay
from tests.search.tiny import calm, deadlock01, impatient, lazy01

PROGRAMS = [calm, deadlock01, impatient, lazy01, handler_takes_lock, lost_wakeup]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
@pytest.mark.parametrize("strategy", ["random", "pct:3", "bursts"])
async def test_a_tape_gives_the_same_digest(program: Scenario, strategy: str) -> None:
    made = setup(program)
    for seed in range(40):
        history = await run_once(made, strategy, seed)
        again = await replay(made, history.tape)
        assert again.digest == history.digest


@pytest.mark.parametrize("program", [lazy01, handler_takes_lock], ids=lambda p: p.name)
async def test_every_finding_of_an_exploration_replays(program: Scenario) -> None:
    made = setup(program)
    exploration = await explore(made, runs=100, stop="budget")

    for found in exploration.findings:
        again = await replay(made, found.tape)
        assert again.digest == found.history.digest
        assert again.ending == found.history.ending
    assert exploration.findings


async def test_the_text_of_a_tape_is_enough() -> None:
    history = await run_once(setup(deadlock01), "random", 3)
    again = await replay(setup(deadlock01), parse_tape(str(history.tape)))

    assert again.digest == history.digest


async def test_the_empty_tape_is_the_quiet_schedule() -> None:
    history = await replay(setup(calm), Tape())

    assert history.tape.deviations == ()
    assert history.outcome.name == "ok"


async def test_a_tape_without_checksum_gets_the_one_it_has_earned() -> None:
    history = await run_once(setup(deadlock01), "random", 3)
    again = await replay(setup(deadlock01), Tape(history.tape.deviations))

    assert again.tape == history.tape


async def refused(program: Scenario, tape: Tape) -> str:
    with pytest.raises(Mismatch) as caught:
        await replay(setup(program), tape)
    return str(caught.value)


async def test_a_choice_that_the_run_does_not_offer_is_named() -> None:
    sentence = await refused(calm, Tape((Deviation(3, "chaos", 1),)))

    assert re.sub(r"py:[0-9]+", "py:LINE", sentence) == (
        "tape emu1:3c1 does not fit tests.search.tiny:calm: "
        "at step 3 the tape takes option 1 of a chaos choice, "
        "but the run offers no chaos choice there; "
        "the last event before is note of T1 at tiny.py:LINE (step 3)"
    )


async def test_an_option_that_is_too_high_is_named() -> None:
    sentence = await refused(calm, Tape((Deviation(3, "thread", 7),)))

    assert "takes option 7 of a thread choice, but the run offers only options 0 to 2" in sentence


async def test_a_tape_that_outlasts_its_run_is_named() -> None:
    sentence = await refused(calm, Tape((Deviation(900, "thread", 1),)))

    assert "at step 900 the tape takes option 1 of a thread choice, but the run ended" in sentence
    assert "with outcome ok" in sentence


async def test_a_checksum_that_differs_is_named_with_the_digest() -> None:
    history = await replay(setup(calm), Tape())
    sentence = await refused(calm, Tape(checksum="0000"))

    assert "checksum is 0000" in sentence
    assert f"digest begins with {history.digest[:4]}" in sentence


async def test_a_run_that_parts_from_its_tape_ends_there() -> None:
    """The scenario cannot catch the mismatch, nor go on for long."""
    made = setup(calm, {"steps": 5_000})
    with pytest.raises(Mismatch, match="at step 3 "):
        await replay(made, Tape((Deviation(3, "chaos", 1),)))

"""A checker judges the history of a run that ended well; one that crashes has judged nothing."""

from __future__ import annotations

import pytest

from emu.engine.carrier import open_carriers
from emu.engine.chooser import Chooser
from emu.engine.judge import Checker
from emu.engine.machine import Machine
from emu.engine.scenario import scenario, setup
from emu.engine.watchdog import Limits
from emu.errors import UsageError
from emu.record.history import History
from emu.search.edge import run_trio


async def notes(m: Machine, *, blocks: bool = False) -> None:
    m.note("paid 5")
    await m.checkpoint("work")
    assert not blocks


async def judged_by(checker: Checker, limits: Limits | None = None, **params: bool) -> History:
    made = setup(scenario(checker=checker)(notes), params, limits=limits)
    async with open_carriers() as carriers:
        return await Machine(made, Chooser(), carriers).run()


def holds(history: History) -> None:
    assert [event.fields["text"] for event in history.events if event.event == "note"]


def asserts(history: History) -> None:
    assert history.steps > 100, "too quick"


def answers_no(history: History) -> bool:
    return False


def answers_yes(history: History) -> bool:
    return True


def raises(history: History) -> None:
    raise KeyError("balance")


def answers_a_text(history: History) -> str:
    return "fine"


async def _later() -> None:
    pass


def answers_later(history: History) -> object:
    return _later()


def exits(history: History) -> None:
    raise SystemExit


def spoils(history: History) -> None:
    history.raw.clear()  # type: ignore[attr-defined]


def needs_more(history: History, other: int) -> None:
    pass


def hangs(history: History) -> None:
    while True:
        pass


OUTCOMES = {
    holds: ("ok", ""),
    answers_yes: ("ok", ""),
    asserts: ("assertion", "the checker asserts: the assertion 'too quick"),
    answers_no: ("assertion", "the checker answers_no answers that it does not hold"),
    raises: ("unknown", "the checker raises raised KeyError: 'balance' at test_judge.py:"),
    exits: ("unknown", "the checker exits raised SystemExit at test_judge.py:"),
    answers_a_text: (
        "unknown",
        "the checker answers_a_text answered 'fine'; allowed are None, True and False",
    ),
    answers_later: ("unknown", "the checker answers_later is to be awaited; allowed is a plain"),
    spoils: ("unknown", "the checker spoils raised AttributeError: 'tuple' object has no"),
    needs_more: ("unknown", "the checker needs_more raised TypeError: needs_more() missing 1"),
}


@pytest.mark.parametrize("checker", OUTCOMES, ids=lambda checker: checker.__name__)
async def test_what_a_checker_does_is_the_outcome_of_the_run(checker: Checker) -> None:
    outcome, reason = OUTCOMES[checker]
    history = await judged_by(checker)
    assert history.outcome.name == outcome
    assert history.outcome.reason.startswith(reason)
    assert "\n" not in history.outcome.reason


async def test_what_does_not_hold_is_a_finding_named_after_the_checker() -> None:
    (finding,) = (await judged_by(answers_no)).findings
    assert finding.signature == "assertion in answers_no"


async def test_a_run_that_ended_otherwise_is_not_judged() -> None:
    history = await judged_by(answers_no, blocks=True)
    assert history.outcome.reason.startswith("main: ")


async def test_the_outcome_is_part_of_the_digest() -> None:
    assert (await judged_by(answers_no)).digest != (await judged_by(holds)).digest


def test_a_checker_that_never_answers_is_ended_by_real_time() -> None:
    history = run_trio(lambda _: judged_by(hangs, Limits(real=250_000_000)))
    assert history.outcome.name == "unknown"
    assert history.outcome.reason.startswith(
        "the checker hangs gave no answer within 250ms of real time (watchdog.real): it ran at "
        "test_judge.py:"
    )


@pytest.mark.parametrize("checker", [_later, 3])
def test_what_cannot_be_a_checker_is_refused(checker: Checker) -> None:
    with pytest.raises(UsageError, match="scenario notes: its checker is "):
        scenario(checker=checker)(notes)

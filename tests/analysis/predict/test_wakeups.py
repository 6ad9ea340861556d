"""Wake-ups that may be lost, against every schedule of small programs."""

from __future__ import annotations

import pytest

from emu.analysis.predict.prediction import foresee
from emu.analysis.predict.wakeups import LOST, UNCHECKED, Wakeup
from emu.analysis.predict.wakewords import wakeup_in_words
from emu.engine.scenario import Scenario, Setup, setup
from emu.record.history import History
from emu.record.logs import Logged
from emu.scenarios.classics import lost_wakeup
from emu.search.exhaustive import exhaust
from emu.search.explore import explore
from tests.analysis.predict.news import EVERY, handed, news, often, two_waiters, untold


async def histories(made: Setup, outcome: str = "ok", runs: int = 60) -> list[Logged]:
    kept: list[Logged] = []

    def on_history(run: int, history: History) -> None:
        if history.outcome.name == outcome:
            kept.append(Logged(f"run {run}", 1, history))

    await explore(made, "random", runs=runs, stop="budget", on_history=on_history)
    return kept


async def wakeups(made: Setup, outcome: str = "ok") -> list[Wakeup]:
    """What the runs of a random walk show that end so."""
    kept = await histories(made, outcome)
    return foresee(lambda: kept).wakeups


async def can_be_lost(made: Setup) -> bool:
    """Whether in any schedule the waiter waits for ever."""
    explored = await exhaust(made, stop="budget")
    assert explored.answer is not None
    return any("ready" in found.finding.objects for found in explored.findings)


@pytest.mark.parametrize("go", [False, True], ids=["posix", "go"])
async def test_what_passing_runs_show_is_what_can_happen(go: bool) -> None:
    truths = {True: 0, False: 0}
    for look, change, tell in EVERY:
        made = setup(news, {"look": look, "change": change, "tell": tell, "go": go})
        truth = await can_be_lost(made)
        if not await histories(made):
            assert truth  # nothing passes that could show anything
            continue
        said = [one.kind for one in await wakeups(made)]
        assert (LOST in said) == truth, (look, change, tell)
        assert (UNCHECKED in said) == (look == "if"), (look, change, tell)
        truths[truth] += 1
    assert min(truths.values()) >= 8


@pytest.mark.parametrize("program", [untold, handed, often, two_waiters], ids=lambda one: one.name)
async def test_nothing_is_said_of(program: Scenario) -> None:
    assert len(await histories(setup(program))) > 40
    assert await wakeups(setup(program)) == []


async def test_a_waiter_that_looks_at_nothing_is_said_to() -> None:
    (one,) = await wakeups(setup(lost_wakeup))
    assert one.signature == "lost wake-up [ready] in lost_wakeup.waiter"
    assert one.runs == one.of
    text = "\n".join(wakeup_in_words(one))
    assert "and waits for ready at classics.py:73 (lost_wakeup.waiter), whatever was before" in text
    assert "signaller gives the news at classics.py:77 (lost_wakeup.signaller)" in text


async def test_the_evidence_is_where_the_waiter_waits_and_the_news_is_given() -> None:
    (one,) = await wakeups(setup(lost_wakeup))
    events = one.run.history.events
    shown = [events[line.line - 2] for line in (one.enters, one.waits, one.gives)]
    assert [(event.event, event.thread) for event in shown] == [
        ("lock.acquire", "waiter"),
        ("wait.begin", "waiter"),
        ("wake", "signaller"),
    ]


async def test_a_change_without_the_mutex_is_named_with_the_look_that_it_misses() -> None:
    made = setup(news, {"change": "after", "tell": "after"})
    (one,) = [one for one in await wakeups(made) if one.kind == LOST]
    assert (one.cell, one.giver) == ("flag", "giver")
    text = "\n".join(wakeup_in_words(one))
    assert "waiter takes mutex at news.py" in text
    assert "looks at flag at news.py" in text
    assert "giver changes flag at news.py" in text
    assert "without mutex:\n  both may come between that look and that wait" in text


async def test_a_look_that_is_not_repeated_is_named() -> None:
    (one,) = [one for one in await wakeups(setup(news, {"look": "if"})) if one.kind == UNCHECKED]
    assert one.signature == "unchecked wake-up [ready] in news.waiter"
    assert "look again, in a loop" in "\n".join(wakeup_in_words(one))


async def test_news_that_nobody_heard_before_a_wait_without_end_is_named() -> None:
    (one,) = await wakeups(setup(lost_wakeup), "stalled")
    assert (one.kind, one.giver) == (LOST, "signaller")

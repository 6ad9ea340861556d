"""What passing runs of issue 1777 show, and that it can be made to happen."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import trio

from emu.analysis.predict.needs import rows_needed
from emu.analysis.predict.prediction import Prediction, predict
from emu.analysis.predict.words import in_words
from emu.campaign.confirming import setup_for
from emu.campaign.plan import Plan, read_plan
from emu.campaign.planfile import plan_text
from emu.campaign.spec import spec_of
from emu.cli.logs.reading import PASSED, Reader
from emu.engine.scenario import Setup, setup
from emu.record.history import History
from emu.record.logs import Logged
from emu.search.confirm import confirm
from emu.search.explore import explore
from emu.search.replay import replay
from tests.campaign.programs import faulty
from tests.cli.prompt import ROOT, emu

PLAN = ROOT / "configs" / "go-1777.toml"
PASSING = ("ok", "exit 2")
"""An exit with status 2 is what the runtime owes to a fault; with 3 it is the bug."""

ABBA = "deadlock [funclock, heap] in MHeap.Alloc, Symtab.findfunc"
HANDLER = "deadlock [funclock] in Symtab.findfunc by SIGQUIT"
BY_HANDLER = f"{ABBA} by SIGQUIT"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(str(PLAN))


async def passing(*setups: Setup) -> list[Logged]:
    """Their passing runs."""
    kept: list[Logged] = []

    def on_history(run: int, history: History) -> None:
        if history.outcome.name in PASSING:
            kept.append(Logged(f"run {run}", 1, history))

    for made in setups:
        await explore(made, runs=100, stop="budget", on_history=on_history)
    return kept


def named(found: Iterable[Prediction], signature: str) -> list[Prediction]:
    return [one for one in found if one.signature == signature]


@pytest.fixture(scope="module")
def found(plan: Plan) -> list[Prediction]:
    names = ("F1-07 before, amd64", "R1-04a in a handler, before, amd64")
    kept = trio.run(passing, *(plan.entry(name).setup for name in names))
    return predict(lambda: kept)


async def happens(one: Prediction) -> bool:
    """Whether a run of at most 1,000 has just this deadlock, and its tape replays."""
    made = setup_for(one)
    confirmed = await confirm(made, one, runs=1_000)
    if confirmed.history is None or confirmed.finding is None:
        return False
    again = await replay(made, confirmed.history.tape)
    return (
        confirmed.runs <= 1_000
        and again.digest == confirmed.history.digest
        and tuple(sorted(confirmed.finding.objects)) == tuple(sorted(set(one.locks)))
    )


async def test_passing_runs_of_issue_1777_show_two_locks_in_two_orders(
    found: list[Prediction],
) -> None:
    (one,) = named(found, ABBA)
    assert one.grade == "certain"
    assert await happens(one)


async def test_passing_runs_of_issue_1777_show_a_handler_that_waits_for_its_own_thread(
    found: list[Prediction],
) -> None:
    (one,) = named(found, HANDLER)
    assert await happens(one)


async def test_passing_runs_of_issue_1777_show_the_two_orders_that_take_a_handler(
    found: list[Prediction],
) -> None:
    (one,) = named(found, BY_HANDLER)
    assert await happens(one)


def test_of_a_handler_it_is_said_whose_which_lock_held_where_and_that_nothing_blocks_it(
    found: list[Prediction],
) -> None:
    (one,) = named(found, HANDLER)
    words = in_words(one)
    assert words[1].endswith(": a signal may come to any thread that does not block it")
    assert words[3] == (
        "  M1 holds funclock since symtab.py:51 (Symtab.findfunc) and does not block SIGQUIT"
    )
    assert words[4].startswith("  if SIGQUIT comes at ")
    assert words[5] == (
        "  the handler of SIGQUIT asks for funclock at symtab.py:51 (Symtab.findfunc)"
    )


def test_a_signal_that_the_plan_has_not_is_sent_to_the_thread_that_needs_it(
    found: list[Prediction],
) -> None:
    (one,) = named(found, HANDLER)
    (row,) = rows_needed(one)
    assert (row["signal"], row["to"], row["thread"]) == ("SIGQUIT", "here", "M1")
    rows = setup_for(one).chaos.as_rows()
    assert rows == (*one.run.history.info.chaos, row)


def test_what_the_plan_has_is_not_added_again(found: list[Prediction]) -> None:
    (one,) = named(found, ABBA)
    assert setup_for(one).chaos.as_rows() == one.run.history.info.chaos


async def test_a_fault_may_come_where_one_has_come_and_its_handler_waits_for_its_own_thread() -> (
    None
):
    kept = await passing(setup(faulty))
    (one,) = predict(lambda: kept)
    assert one.signature == "deadlock [lock] in faulty.handler by SIGSEGV"
    assert "  if a fault raises SIGSEGV at programs.py:" in "\n".join(in_words(one))
    assert [row["kind"] for row in rows_needed(one)] == ["segv-low"]
    assert await happens(one)


async def test_where_no_fault_has_come_none_is_let_come() -> None:
    kept = await passing(setup(faulty, {"elsewhere": True}))
    assert any(event.event == "fault" for run in kept for event in run.history.events)
    assert predict(lambda: kept) == []


@pytest.mark.slow
def test_so_do_the_passing_runs_of_the_whole_campaign_without_the_fix(
    plan: Plan, tmp_path: Path
) -> None:
    entries = [
        (one.name, spec_of(one, "off")) for one in plan.entries if not one.setup.params["fix"]
    ]
    assert len(entries) > 30
    path = tmp_path / "off.toml"
    path.write_text(plan_text("off", entries), encoding="utf-8")
    made = emu("soak", str(path), "--logs", "all", "--out", str(tmp_path), "--workers", "2")
    assert made.exit_code == 0, made.output
    logs = (str(tmp_path / "off" / "0001" / "logs"),)
    reader = Reader(logs, PASSING)
    found = predict(reader)
    assert reader.runs > 3_000
    assert reader.others > 1_000
    for signature in (ABBA, HANDLER, BY_HANDLER):
        several = named(found, signature)
        assert several
        assert all(trio.run(happens, one) for one in several)


def passes(outcome: str) -> bool:
    return any(fnmatchcase(outcome, one) for one in PASSED)


def test_a_run_passes_if_nothing_hangs_or_breaks_in_it() -> None:
    ends = ("ok", "exit 0", "exit 2", "exit 3")
    fails = ("deadlock", "stalled", "leak", "assertion", "panic", "crash", "unknown")
    assert all(map(passes, ends))
    assert not any(map(passes, (*fails, "killed SIGSEGV")))

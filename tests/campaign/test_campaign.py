"""A campaign: every run counted once, whoever made it, and whatever was lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from emu.campaign.account import Account
from emu.campaign.harvest import Shard
from emu.campaign.ledger import Ledger, open_ledger
from emu.campaign.losses import WorkerLost
from emu.campaign.order import Order
from emu.campaign.terms import Terms
from emu.engine.scenario import load
from emu.record.finding import Verdict
from emu.record.reading import read_history
from emu.record.store import load_finding
from emu.search.edge import Halt
from emu.search.explore import explore
from tests.campaign import programs
from tests.campaign.crews import Events, new_ledger, spec, work

PHILOSOPHERS = load("emu.scenarios.classics:philosophers")


def booked(account: Account) -> dict[str, Any]:
    """What must be the same however the campaign went."""
    return {
        "figures": asdict(account.figures) | {"seconds": 0},
        "findings": {name: asdict(one) for name, one in account.findings.items()},
    }


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return new_ledger(
        tmp_path / "c",
        [
            spec(PHILOSOPHERS, runs=300, until="budget"),
            spec(programs.inversion, runs=200, until="budget", strategy="random"),
            spec(programs.calm, runs=150, until="budget"),
        ],
    )


async def test_every_entry_gets_its_runs(ledger: Ledger) -> None:
    campaign = await work(ledger)

    assert [one.figures.runs for one in campaign.accounts] == [300, 200, 150]


async def test_the_number_of_workers_changes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    specs = [account.spec for account in ledger.accounts()]
    one = await work(ledger)
    five = await work(new_ledger(tmp_path / "five", specs), places=5)

    assert list(map(booked, five.accounts)) == list(map(booked, one.accounts))


async def test_the_first_runs_are_those_of_an_exploration(ledger: Ledger) -> None:
    campaign = await work(ledger)
    sixty_four = await explore(campaign.accounts[0].spec.setup(), runs=64, stop="budget")
    first = sixty_four.findings[0]

    assert campaign.accounts[0].findings[first.signature].sighted.run == first.first_run


async def test_what_the_ledger_says_is_what_was_counted(ledger: Ledger) -> None:
    campaign = await work(ledger)

    assert list(map(booked, ledger.accounts())) == list(map(booked, campaign.accounts))


async def test_an_entry_ends_where_an_exploration_would(tmp_path: Path) -> None:
    made = spec(programs.inversion, until="met")
    campaign = await work(new_ledger(tmp_path / "c", [made]))
    explored = await explore(made.setup(), stop="met", runs=64)

    assert campaign.accounts[0].figures.outcomes == explored.outcomes


class Sometimes:
    """Loses a worker with every n-th order."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.orders = 0

    def __call__(self, order: Order) -> WorkerLost | None:
        self.orders += 1
        lost = WorkerLost("worker lost: it was killed by SIGKILL")
        return None if self.orders % self.every else lost


@pytest.mark.parametrize("every", [2, 3, 5])
async def test_workers_lost_cost_nothing_but_time(
    ledger: Ledger, tmp_path: Path, every: int
) -> None:
    specs = [account.spec for account in ledger.accounts()]
    whole = await work(ledger)
    campaign = await work(new_ledger(tmp_path / "lost", specs), lose=Sometimes(every))

    assert list(map(booked, campaign.accounts)) == list(map(booked, whole.accounts))


def kills(run: int) -> Callable[[Order], WorkerLost | None]:
    """Loses every worker that makes this run of the first entry; who makes it is told if alone."""

    def lose(order: Order) -> WorkerLost | None:
        shard = order.shard
        if shard.entry or run in order.lost or not shard.first <= run < shard.end:
            return None
        return WorkerLost("worker lost: it burst", run, 77) if shard.alone else WorkerLost("lost")

    return lose


@pytest.mark.parametrize("run", [0, 40, 64, 130, 299])
async def test_a_run_that_costs_workers_is_found_and_left_out(ledger: Ledger, run: int) -> None:
    campaign = await work(ledger, places=2, lose=kills(run))
    account = campaign.accounts[0]
    (trouble,) = account.troubles.values()

    assert (trouble.sighted.run, trouble.sighted.sentence) == (run, "worker lost: it burst")
    assert account.figures.runs == 300
    assert account.figures.outcomes["unknown"] == 1


async def test_the_other_entries_do_not_notice_that(ledger: Ledger, tmp_path: Path) -> None:
    specs = [account.spec for account in ledger.accounts()]
    whole = await work(ledger)
    campaign = await work(new_ledger(tmp_path / "lost", specs), lose=kills(40))

    assert list(map(booked, campaign.accounts[1:])) == list(map(booked, whole.accounts[1:]))


async def test_a_worker_that_is_lost_once_is_no_trouble_of_a_run(ledger: Ledger) -> None:
    lost = [WorkerLost("lost"), WorkerLost("lost", 70, 1)]

    def lose(order: Order) -> WorkerLost | None:
        if order.shard.entry or order.shard.end <= 70 or not lost:
            return None
        return lost.pop(0)

    campaign = await work(ledger, lose=lose)

    assert not campaign.accounts[0].troubles


async def test_an_entry_that_costs_workers_before_any_run_is_set_aside(ledger: Ledger) -> None:
    events = Events()
    campaign = await work(
        ledger,
        lose=lambda order: None if order.shard.entry else WorkerLost("worker lost: at once"),
        events=events,
    )

    assert campaign.accounts[0].figures.over == "set aside"
    assert events.of("over")[0]["reason"] == "worker lost: at once, before any run began"
    assert campaign.accounts[2].figures.runs == 150


def at_once(_: Order) -> WorkerLost:
    return WorkerLost("worker lost: at once")


async def test_a_campaign_whose_workers_give_no_run_has_failed(ledger: Ledger) -> None:
    campaign = await work(ledger, places=2, lose=at_once)

    assert campaign.failure == "no worker gave a single run: worker lost: at once"
    assert [one.figures.over for one in ledger.accounts()] == ["", "", ""]


async def test_what_no_worker_could_run_is_run_by_the_next_ones(
    ledger: Ledger, tmp_path: Path
) -> None:
    specs = [account.spec for account in ledger.accounts()]
    whole = await work(new_ledger(tmp_path / "whole", specs))
    await work(ledger, lose=at_once)
    campaign = await work(ledger)

    assert not campaign.failure
    assert list(map(booked, campaign.accounts)) == list(map(booked, whole.accounts))


async def test_time_that_is_up_before_a_run_is_a_failure_if_workers_were_lost(
    ledger: Ledger,
) -> None:
    ticks = iter(range(10_000))
    campaign = await work(
        ledger, lose=at_once, terms=Terms(seconds=3.0), clock=lambda: float(next(ticks))
    )

    assert campaign.failure == "no worker gave a single run: worker lost: at once"
    assert [one.figures.over for one in ledger.accounts()] == ["", "", ""]


async def test_workers_that_can_never_work_are_tried_once(ledger: Ledger) -> None:
    events = Events()
    campaign = await work(
        ledger,
        lose=lambda _: WorkerLost("worker lost: it is cramped", unable=True),
        events=events,
    )

    assert campaign.failure == "no worker gave a single run: worker lost: it is cramped"
    assert len(events.of("lost")) == 1


class Later(Halt):
    """Is called with the n-th order."""

    def __init__(self, orders: int) -> None:
        super().__init__()
        self.orders = orders

    def lose(self, _: Order) -> WorkerLost | None:
        self.orders -= 1
        if not self.orders:
            self.call()
        return None


@pytest.mark.parametrize("orders", range(1, 6))
async def test_a_campaign_that_was_halted_goes_on_where_it_stood(
    ledger: Ledger, tmp_path: Path, orders: int
) -> None:
    specs = [account.spec for account in ledger.accounts()]
    whole = await work(new_ledger(tmp_path / "whole", specs))
    halt = Later(orders)
    first = await work(ledger, halt=halt, lose=halt.lose)
    assert first.interrupted
    second = await work(ledger)

    assert list(map(booked, second.accounts)) == list(map(booked, whole.accounts))


async def test_what_has_ended_stays_ended(ledger: Ledger) -> None:
    await work(ledger)
    events = Events()
    await work(ledger, events=events)

    assert not events.of("lease")


async def test_time_that_is_up_ends_it(ledger: Ledger) -> None:
    ticks = iter(range(10_000))
    campaign = await work(ledger, terms=Terms(seconds=3.0), clock=lambda: float(next(ticks)))

    assert {one.figures.over for one in campaign.accounts} == {"budget"}
    assert not campaign.interrupted


async def test_time_counts_over_all_sittings(ledger: Ledger) -> None:
    ledger.set_facts({"seconds": "50"})
    campaign = await work(ledger, terms=Terms(seconds=50.0))

    assert [one.figures.runs for one in campaign.accounts] == [0, 0, 0]


async def test_the_first_finding_ends_it_if_it_is_to(ledger: Ledger) -> None:
    campaign = await work(ledger, terms=Terms(until="finding"))

    assert [one.figures.runs for one in campaign.accounts] == [64, 0, 0]


async def test_runs_that_are_not_needed_are_handed_on(tmp_path: Path) -> None:
    met = spec(programs.inversion, until="met", runs=500)
    short = spec(programs.calm, until="met", runs=100)
    unmet = spec(programs.inversion, "fixed", params={"fix": True}, until="met", runs=100)
    ledger = new_ledger(tmp_path / "c", [met, short, unmet])
    campaign = await work(ledger, terms=Terms(hand_on=True))
    spare = 500 - campaign.accounts[0].figures.runs

    assert [one.figures.runs for one in campaign.accounts][1:] == [100, 100 + spare]


async def test_runs_are_handed_on_once_however_often_it_goes_on(tmp_path: Path) -> None:
    met = spec(programs.inversion, until="met", runs=500)
    unmet = spec(programs.inversion, "fixed", params={"fix": True}, until="met", runs=100)
    ledger = new_ledger(tmp_path / "c", [met, unmet])
    first = await work(ledger, terms=Terms(hand_on=True))
    again = await work(ledger, terms=Terms(hand_on=True))

    assert again.accounts[1].figures.runs == first.accounts[1].figures.runs


async def test_what_must_turn_up_and_does_not_is_not_met(tmp_path: Path) -> None:
    fixed = spec(programs.inversion, params={"fix": True}, runs=80)
    campaign = await work(new_ledger(tmp_path / "c", [fixed]))

    assert campaign.verdict is Verdict.NOT_MET


async def test_what_was_cut_short_while_all_was_well_is_unknown(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path / "c", [spec(programs.calm, runs=10_000_000, until="budget")])
    halt = Later(3)
    campaign = await work(ledger, halt=halt, lose=halt.lose)

    assert campaign.verdict is Verdict.UNKNOWN


async def test_a_finding_is_told_with_message_and_log(ledger: Ledger) -> None:
    await work(ledger)
    (number,) = ledger.numbers(1).values()
    directory = ledger.directory / "findings" / f"{number:04}"
    saved = load_finding(directory)

    assert saved.message.startswith("inversion deadlocks\n")
    assert str(read_history(directory / saved.log).tape) == saved.tape


async def test_a_finding_that_may_not_be_is_shrunk(tmp_path: Path) -> None:
    unwelcome = spec(programs.unwelcome, runs=64, until="budget")
    ledger = new_ledger(tmp_path / "c", [unwelcome])
    await work(ledger)
    (told,) = ledger.told(0).values()

    assert '"shrunk":true' in told


async def test_what_an_entry_cannot_run_sets_it_aside(tmp_path: Path) -> None:
    good, bad = spec(programs.calm, runs=70), spec(programs.calm, "bad", strategy="nobody")
    ledger = new_ledger(tmp_path / "c", [bad, good])
    campaign = await work(ledger)

    assert [one.figures.over for one in campaign.accounts] == ["set aside", "budget"]
    assert "there is no strategy 'nobody'" in campaign.accounts[0].figures.unknown


@pytest.mark.parametrize(
    ("changes", "answer", "bound", "verdict"),
    [
        ({"params": {"fix": True}}, "exhausted", None, Verdict.NOT_MET),
        ({}, "found", None, Verdict.MET),
        ({"bound": 0, "params": {"fix": True}}, "exhausted", 0, Verdict.NOT_MET),
        ({"params": {"fix": True}, "runs": 1}, "budget ran out", None, Verdict.UNKNOWN),
    ],
)
async def test_an_exhaustive_entry_has_an_answer(
    tmp_path: Path, changes: dict[str, Any], answer: str, bound: int | None, verdict: Verdict
) -> None:
    made = spec(programs.inversion, strategy="exhaustive", **{"runs": None, **changes})
    campaign = await work(new_ledger(tmp_path / "c", [made]))
    (account,) = campaign.accounts

    assert (account.figures.answer, account.figures.bound) == (answer, bound)
    assert account.verdict is verdict


async def test_logs_of_runs_hold_every_run(ledger: Ledger) -> None:
    await work(ledger, terms=Terms(level="all"))

    assert sum(programs.runs_in(ledger.directory / "logs")) == 650


async def test_logs_of_passing_runs_go_first_when_there_is_no_room(
    ledger: Ledger, tmp_path: Path
) -> None:
    specs = [account.spec for account in ledger.accounts()]
    await work(ledger, terms=Terms(level="all"))
    room = sum(size for _, _, size, found in ledger.logs() if found)
    capped = new_ledger(tmp_path / "capped", specs)
    await work(capped, terms=Terms(level="all", cap=room))
    left = [found for _, _, _, found in capped.logs()]

    assert left
    assert all(left)


async def test_logs_that_nobody_booked_are_removed(ledger: Ledger) -> None:
    stray = ledger.directory / "logs" / "9999-0000000000.jsonl.zst"
    stray.parent.mkdir()
    stray.write_bytes(b"")
    await work(ledger)

    assert not stray.exists()


async def test_the_ledger_is_intact_and_opens_again(ledger: Ledger) -> None:
    await work(ledger)
    directory = ledger.directory
    ledger.close()
    again = open_ledger(directory)

    assert again.intact() == "ok"
    again.close()


def test_a_shard_ends_behind_its_last_run() -> None:
    assert Shard(0, 5, 3).end == 8

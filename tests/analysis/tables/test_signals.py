"""What becomes of signals, by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from emu.analysis.tables.pack import pack
from emu.analysis.tables.signals import Signal, signals
from emu.analysis.tables.spread import Spread
from emu.analysis.tables.tables import Tables
from emu.record.history import History
from tests.analysis.tables.logs import histories, run, written


def told(tmp_path: Path, *runs: History) -> dict[str, Signal]:
    with Tables([written(tmp_path / "a.jsonl", runs)]) as tables:
        return signals(tables)


def send(t: int, target: str = "process", fate: str = "pending", name: str = "SIGUSR1") -> Any:
    return ("signal.send", t, "S", "", name, target, 0, "chaos", fate, None)


def deliver(t: int, thread: str, stack: str = "thread", sender: str = "chaos") -> Any:
    return ("signal.deliver", t, thread, "", "SIGUSR1", 0, None, stack, sender, "none")


def action(flags: str) -> Any:
    return ("signal.action", 0, "S", "", "SIGUSR1", "handler", flags, "none")


def test_a_latency_lasts_from_sending_to_delivery(tmp_path: Path) -> None:
    found = told(tmp_path, run(send(10), deliver(25, "A"), send(30), deliver(31, "B")))
    assert found["SIGUSR1"].latency == Spread(2, 1, 15, 15, 16)


def test_a_thread_takes_its_own_before_that_of_the_process(tmp_path: Path) -> None:
    found = told(tmp_path, run(send(10), send(20, "A"), deliver(25, "A"), deliver(40, "A")))
    assert found["SIGUSR1"].latencies == [5, 30]


def test_a_thread_does_not_take_what_was_sent_to_another(tmp_path: Path) -> None:
    found = told(tmp_path, run(send(10, "B"), deliver(25, "A")))
    assert (found["SIGUSR1"].latencies, found["SIGUSR1"].undelivered) == ([], 1)


def test_a_signal_whose_sending_is_not_logged_is_no_fault(tmp_path: Path) -> None:
    found = told(tmp_path, run(deliver(25, "A", sender="process 7")))
    assert (found["SIGUSR1"].delivered, found["SIGUSR1"].faults) == (1, 0)


def test_what_is_merged_is_sent_and_not_delivered_twice(tmp_path: Path) -> None:
    found = told(tmp_path, run(send(10), send(12, fate="coalesced"), deliver(25, "A")))
    assert found["SIGUSR1"].fates == Counter(pending=1, coalesced=1)
    assert (found["SIGUSR1"].sent, found["SIGUSR1"].latencies) == (2, [15])


def test_a_signal_of_a_fault_has_no_latency(tmp_path: Path) -> None:
    found = told(tmp_path, run(deliver(25, "A", sender="")))
    assert (found["SIGUSR1"].delivered, found["SIGUSR1"].faults) == (1, 1)
    assert found["SIGUSR1"].latency == Spread()


def test_what_waits_at_the_end_of_its_run_is_not_delivered_in_the_next(tmp_path: Path) -> None:
    found = told(tmp_path, run(send(10)), run(deliver(25, "A")))
    assert (found["SIGUSR1"].undelivered, found["SIGUSR1"].latencies) == (1, [])


def test_a_signal_that_is_waited_for_is_taken(tmp_path: Path) -> None:
    found = told(tmp_path, run(send(10), ("signal.take", 12, "A", "", "SIGUSR1")))
    assert (found["SIGUSR1"].taken, found["SIGUSR1"].undelivered) == (1, 0)


def test_a_signal_that_is_discarded_waits_no_more(tmp_path: Path) -> None:
    drop = ("signal.drop", 12, "A", "", "SIGUSR1", "discarded")
    found = told(tmp_path, run(send(10), drop))
    assert (found["SIGUSR1"].dropped, found["SIGUSR1"].undelivered) == (Counter(discarded=1), 0)


def test_a_stack_is_wrong_where_the_action_asks_for_the_alternate_one(tmp_path: Path) -> None:
    found = told(tmp_path, run(action("SA_ONSTACK SA_RESTART"), send(1), deliver(2, "A")))
    assert found["SIGUSR1"].off_stack == Counter(thread=1)


def test_a_stack_is_right_where_the_action_asks_for_none(tmp_path: Path) -> None:
    found = told(tmp_path, run(action("SA_RESTART"), send(1), deliver(2, "A")))
    assert found["SIGUSR1"].off_stack == Counter()


def test_the_action_of_another_run_does_not_count(tmp_path: Path) -> None:
    found = told(tmp_path, run(action("SA_ONSTACK")), run(send(1), deliver(2, "A")))
    assert found["SIGUSR1"].off_stack == Counter()


async def test_of_real_runs_each_delivery_is_counted_from_logs_and_packs_alike(
    tmp_path: Path,
) -> None:
    runs = await histories()
    log = written(tmp_path / "a.jsonl", runs)
    kinds = [event.event for one in runs for event in one.events]
    pack([log], tmp_path / "pack")
    for path in (log, tmp_path / "pack"):
        with Tables([path]) as tables:
            found = signals(tables)
        assert sum(one.delivered for one in found.values()) == kinds.count("signal.deliver") > 0
        assert sum(one.sent for one in found.values()) == kinds.count("signal.send") > 0

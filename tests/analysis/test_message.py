"""The message of a finding."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from emu.analysis.message import (
    Shrinking,
    WayBack,
    arguments_for,
    headline,
    message,
    redirected,
    replay_command,
)
from emu.record.finding import Blocked, Finding, Outcome
from tests.analysis.histories import event, history, inversion

INVERSION = """\
lock_order_inversion deadlocks

  T1 waits for right at inversion.py:11; held by T2 since inversion.py:10
  T2 waits for left at inversion.py:11; held by T1 since inversion.py:10

  The schedule that does it (1 deviation, 8 steps):

         T1              T2
      2  lock left  :10
      4                  lock right :10
      6                  wait left  :11
      8  wait right :11

  found   run 2 of 1,000, random, seed 11
  replay  emu replay inversion:lock_order_inversion emu1:2t1#a72e
  log     runs/lock_order_inversion/0001/history.jsonl"""


def test_a_deadlock_reads_as_sentence_cycle_picture_and_way_back() -> None:
    way = WayBack(
        "inversion:lock_order_inversion",
        run=2,
        runs=1000,
        log="runs/lock_order_inversion/0001/history.jsonl",
    )
    assert message(inversion(), way=way) == INVERSION


def test_a_message_may_lead_back_from_elsewhere() -> None:
    told = redirected(INVERSION, "emu replay http://emu/1", "http://emu/1/log")
    assert told.splitlines()[:-2] == INVERSION.splitlines()[:-2]
    assert told.splitlines()[-2:] == [
        "  replay  emu replay http://emu/1",
        "  log     http://emu/1/log",
    ]


def test_only_its_last_lines_lead_back() -> None:
    told = "a program prints\n\n  replay  this\n\n  replay  emu replay a emu1:"
    assert redirected(told, "that", "") == "a program prints\n\n  replay  this\n\n  replay  that"


def test_a_self_deadlock_in_a_handler_says_so() -> None:
    waits = Blocked("main", "lock", "lock", "a.py:3:f", 0, ("main",), "a.py:2:f", depth=1)
    found = Finding("deadlock", "main waits for lock, which it holds itself", cycle=(waits,))
    assert (
        "  main, 1 handler deep, waits for lock at a.py:3; held by itself since a.py:2\n"
        in message(history([], found))
    )


def test_a_stall_says_who_has_waited_for_how_long_for_what_held_by_whom_since_where() -> None:
    waits = Blocked("M1", "heap", "lock", "a.py:3:f", 2_000, ("M0",), "a.py:9:g")
    found = Finding("stalled", "M1 has waited for heap for 5s", cycle=(waits,))
    text = message(history([], found, t=5_000_002_000))
    assert "  M1 has waited 5s for heap at a.py:3; held by M0 since a.py:9\n" in text


def test_those_outside_the_cycle_are_named_apart() -> None:
    cycle = Blocked("A", "x", "lock", "a.py:1:f", 0, ("A",))
    other = Blocked("B", "x", "lock", "a.py:1:f", 0, ("A",))
    text = message(history([], Finding("deadlock", "", cycle=(cycle,), blocked=(other,))))
    assert "\n\n  Also blocked:\n\n  B waits for x at a.py:1; held by A\n" in text


def test_a_join_waits_for_a_thread_to_end() -> None:
    waits = Blocked("main", "T1", "join", "a.py:7:f", 0, ("T1",))
    text = message(history([], Finding("deadlock", "", cycle=(waits,))))
    assert "  main waits for T1 to end at a.py:7\n" in text


@pytest.mark.parametrize(
    ("kind", "sentence", "says"),
    [
        ("exit 3", "", "exits with status 3"),
        ("killed SIGSEGV", "", "is killed by SIGSEGV"),
        ("leak", "", "leaves a thread blocked for ever"),
        ("assertion", "main: no", "fails: main: no"),
        ("panic", "main: panic: no", "panics: main: panic: no"),
        ("crash", "main: no", "crashes: main: no"),
        ("stalled", "M has waited", "stalls: M has waited"),
    ],
)
def test_each_kind_of_finding_has_its_sentence(kind: str, sentence: str, says: str) -> None:
    found = Finding(kind, sentence)
    assert headline(history([], found), found) == f"lock_order_inversion {says}"


def test_a_run_without_a_finding_has_a_sentence_too() -> None:
    made = history([], outcome=Outcome("unknown", "the run used up its 9 steps"))
    assert headline(made).endswith("ends without an answer: the run used up its 9 steps")


def test_what_the_process_printed_is_quoted() -> None:
    events = [
        event("print", 1, "M0", line=3, text="throw: malloc/free - deadlock"),
        event("print", 2, "M0", line=4, text=""),
        event("print", 2, "M0", line=4, text="goroutine 1 [running]:"),
    ]
    text = message(history(events, Finding("exit 3", "")))
    assert (
        "  The process printed:\n\n"
        "    > throw: malloc/free - deadlock\n"
        "    >\n"
        "    > goroutine 1 [running]:\n" in text
    )


def test_what_the_process_printed_is_shown_once() -> None:
    found = Finding("exit 2", "", trace=("panic: no",))
    text = message(history([event("print", 1, "M0", text="panic: no")], found))
    assert text.count("\n  panic: no") == 0


@pytest.mark.parametrize(("value", "line"), [(5, "5"), (["a"], "['a']"), (None, "None")])
def test_what_a_process_printed_that_is_no_text_is_quoted_all_the_same(
    value: object, line: str
) -> None:
    found = Finding("exit 2", "")
    assert (
        f"    > {line}"
        in message(history([event("print", 1, "M0", text=value)], found)).splitlines()
    )


def test_a_thread_that_ended_it_is_shown_with_its_region() -> None:
    found = Finding("killed SIGSEGV", "", threads=("M1",), regions=("mstart/minit",))
    assert "\n\n  M1 was inside mstart/minit\n\n" in message(history([], found))


def test_everybody_who_stood_in_a_region_is_shown() -> None:
    regions = ("main.main/mallocgc", "", "main.worker/findfunc")
    found = Finding("exit 2", "", threads=("main", "M1", "M2"), regions=regions)
    wanted = "\n\n  main was inside main.main/mallocgc\n  M2 was inside main.worker/findfunc\n"
    assert wanted in message(history([], found))


def test_a_long_way_in_is_broken_between_two_regions() -> None:
    regions = "/".join(["main.main", *["mallocgc"] * 9])
    text = message(history([], Finding("exit 2", "", threads=("T",), regions=(regions,))), width=40)
    lines = [line for line in text.splitlines() if "mallocgc" in line]
    assert "".join(line.strip() for line in lines) == f"T was inside {regions}"
    assert all(len(line) <= 40 and line.endswith(("/", "mallocgc")) for line in lines)


def test_the_regions_of_a_cycle_follow_it() -> None:
    found = Finding(
        "deadlock",
        "",
        threads=("T1",),
        regions=("mallocgc",),
        cycle=(Blocked("T1", "left", "lock", "", 0),),
    )
    text = message(history([], found))
    assert "T1 waits for left\n\n  T1 was inside mallocgc\n" in text


def test_an_exit_says_of_what() -> None:
    found = Finding("exit 2", "", objects=("throw: no", "wrong frames"))
    text = message(history([], found))
    assert text.startswith("lock_order_inversion exits with status 2: throw: no, wrong frames\n")


def test_a_traceback_is_shown() -> None:
    found = Finding("crash", "main: no", trace=("a.py:3 in f: x()",))
    assert "\n\n  a.py:3 in f: x()\n\n" in message(history([], found))


def test_a_long_output_is_cut() -> None:
    events = [event("print", n, "M0", text=f"line {n}") for n in range(50)]
    assert "\n    > … 35 lines more\n" in message(history(events, Finding("exit 3", "")))


def test_a_replayed_run_was_not_found() -> None:
    made = inversion()
    way = WayBack("x:y", strategy="replay")
    assert "  found " not in message(made, way=way)


def test_the_replay_command_survives_a_shell() -> None:
    arguments = arguments_for({"fix": True, "name": "it's"}, "my chaos.toml", {"graph": False})
    command = replay_command("my plan.toml#a, 'b'", "emu1:2t1#a72e", arguments)
    assert shlex.split(command) == [
        *("emu", "replay", "my plan.toml#a, 'b'", "emu1:2t1#a72e"),
        *("--param", "fix=true", "--param", "name=it's"),
        *("--chaos", "my chaos.toml", "--watchdog", "graph=false"),
    ]


def test_a_tape_needs_no_quotes() -> None:
    assert replay_command("a:b", "emu1:2t1#a72e") == "emu replay a:b emu1:2t1#a72e"


def test_threads_that_still_run_are_named() -> None:
    made = inversion()
    spawns = [event("thread.spawn", 0, "main", child=name) for name in ("main", "T1", "T2", "T3")]
    ended = event("thread.end", 0, "main")
    made.__dict__["events"] = (*spawns, ended, *made.events)
    assert "since inversion.py:10\n\n  Still running: T3\n" in message(made)


def test_a_thread_that_sleeps_still_runs() -> None:
    made = inversion()
    made.__dict__["events"] = (event("thread.spawn", 0, "main", child="T3"), *made.events)
    asleep = Blocked("T3", "time", "sleep", "inversion.py:20:tick", 0)
    text = message(made, replace(made.findings[0], blocked=(asleep,)))
    assert "since inversion.py:10\n\n  Still running: T3\n" in text


def test_a_shrunk_schedule_says_from_what_and_in_how_many_runs() -> None:
    text = message(inversion(), way=WayBack(shrinking=Shrinking(3, 30)))
    assert "shortest schedule found that does it (1 deviation, shrunk from 3 in 30 runs):" in text


def test_a_schedule_that_could_not_be_shrunk_says_so() -> None:
    text = message(inversion(), way=WayBack(shrinking=Shrinking(1, 1)))
    assert "(1 deviation, none with fewer in 1 run):" in text


def test_a_budget_that_ran_out_is_no_claim() -> None:
    text = message(inversion(), way=WayBack(shrinking=Shrinking(3, 30, finished=False)))
    assert "The shortest schedule so far that does it (1 deviation" in text


def test_another_command_may_lead_back() -> None:
    way = WayBack(command=("pytest", "tests/test_a.py::test_b", "--emu-replay"))
    assert message(inversion(), way=way).endswith(
        "\n  replay  pytest tests/test_a.py::test_b --emu-replay emu1:2t1#a72e"
    )

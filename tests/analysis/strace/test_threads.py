"""Who does what: threads, processes, and the lines that belong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.analysis.strace.importing import import_trace
from emu.record.history import History
from tests.analysis.strace.traces import MS, START, THREAD, imported, read, told

EXECVE = '1 execve("/usr/bin/program", ["program", "-x"], 0x7f /* 9 vars */) = 0'


def lives(history: History) -> list[str]:
    return told(history, "thread.spawn", "thread.start", "thread.end", "process")


def test_a_thread_begins_with_its_first_line_and_ends_where_it_exits(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 {THREAD.format(word=0x900, tid=2).replace(") = 2", " <unfinished ...>")}
        2 gettid() = 2
        1 <... clone resumed>) = 2
        2 exit(0) = ?
        1 write(1, "x", 1) = 1
        2 +++ exited with 0 +++
        1 exit_group(3) = ?
        1 +++ exited with 3 +++
        """,
    )

    assert lives(history) == [
        "1  thread.spawn 1 child=1",
        "1 1 thread.start 1",
        "2 1 thread.spawn 2 child=2",
        "3 2 thread.start 2",
        "5 2 thread.end 2 result=0",
        "8 1 process.exit status=3",
    ]
    assert history.outcome.name == "exit 3"
    assert history.outcome.reason == "the process exited with status 3"


@pytest.mark.parametrize(
    "call",
    [
        "clone(child_stack=0x7f, flags=CLONE_VM|CLONE_THREAD, parent_tid=[2], tls=0x7e) = 2",
        "clone3({flags=CLONE_VM|CLONE_THREAD, child_tid=0x9} => {parent_tid=[2]}, 88) = 2",
        "clone3({flags=0x10100 /* CLONE_VM|CLONE_THREAD */, child_tid=0x9}, 88) = 2",
        "clone(0x10100, 0x7f10, 0, 0x9) = 2",
        "clone3(0x7ffc2e, 0x58) = 0x2",
        "clone(child_stack=0x7f, flags=CLONE_VM|CLONE_THREAD) = 2<program>",
        "clone(child_stack=0x7f, flags=CLONE_THREAD) = 9 /* 2 in strace's PID NS */",
    ],
)
def test_every_form_of_clone_makes_a_thread(tmp_path: Path, call: str) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 {call}
        2 kill(0, SIGUSR1) = 0
        1 futex(0x10, FUTEX_WAIT_PRIVATE, 2, NULL <unfinished ...>
        2 futex(0x10, FUTEX_WAIT_PRIVATE, 2, NULL <unfinished ...>
        """,
    )

    assert "2 1 thread.spawn 2 child=2" in lives(history)
    assert told(history, "lock") == [
        "4 1 lock.wait 0x10 held_by=unknown",
        "5 2 lock.wait 0x10 held_by=unknown",
    ]


@pytest.mark.parametrize("call", ["fork() = 2", "vfork() = 2", "clone(0, flags=SIGCHLD) = 2"])
def test_a_child_is_a_process_of_its_own(tmp_path: Path, call: str) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 {call}
        2 exit_group(1) = ?
        2 +++ exited with 1 +++
        1 exit_group(0) = ?
        1 +++ exited with 0 +++
        """,
    )

    assert lives(history)[2:] == [
        "2 1 thread.spawn 2 child=2",
        "3 2 thread.start 2",
        "3 2 process.exit status=1",
        "5 1 process.exit status=0",
    ]
    assert history.outcome.name == "ok"


def test_a_clone_that_fails_makes_nobody(tmp_path: Path) -> None:
    text = f"{EXECVE}\n1 clone(flags=CLONE_THREAD) = -1 EAGAIN (Resource temporarily unavailable)"
    history = imported(tmp_path, text)

    assert len(lives(history)) == 2
    assert told(history, "syscall")[-1] == "2 1 syscall call=clone result=-1 error=EAGAIN"


def test_threads_are_called_as_they_call_themselves(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 clone(flags=CLONE_THREAD) = 2
        1 clone(flags=CLONE_THREAD) = 3
        1 clone(flags=CLONE_THREAD) = 4
        2 prctl(PR_SET_NAME, "reader") = 0
        3 prctl(PR_SET_NAME, "writer") = 0
        4 prctl(PR_SET_NAME, "writer"...) = 0
        """,
    )

    assert [line.split()[-1] for line in lives(history) if "child" in line] == [
        "child=1",
        "child=reader",
        "child=writer/3",
        "child=writer/4",
    ]


def test_threads_are_called_as_strace_calls_them(tmp_path: Path) -> None:
    history = imported(tmp_path, "1<main> getpid() = 1\n2<work> getpid() = 1<main>")

    assert [event.thread for event in history.events if event.event == "syscall"] == [
        "main",
        "work",
    ]


def test_a_number_that_comes_back_is_another_thread(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 clone(flags=CLONE_THREAD) = 2
        2 exit(0) = ?
        2 +++ exited with 0 +++
        1 clone(flags=CLONE_THREAD) = 2
        2 exit(0) = ?
        2 +++ exited with 0 +++
        """,
    )

    assert [line for line in lives(history) if "end" in line] == [
        "3 2 thread.end 2 result=0",
        "6 2.2 thread.end 2.2 result=0",
    ]


def test_a_thread_that_runs_another_program_takes_the_place_of_all(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 clone(flags=CLONE_THREAD) = 2
        2 execve("/bin/other", ["other"], 0x7f <unfinished ...>
        1 +++ superseded by execve in pid 2 +++
        1 <... execve resumed>) = 0
        1 exit_group(0) = ?
        1 +++ exited with 0 +++
        """,
    )

    assert history.info.scenario == "strace:other"
    assert history.outcome.name == "ok"


def test_a_trace_is_named_by_its_program(tmp_path: Path) -> None:
    history = imported(tmp_path, EXECVE)

    assert history.info.scenario == "strace:program"
    assert history.info.params == {"command": "program -x"}
    assert history.info.foreign


def test_a_trace_that_ends_before_its_process_is_unknown(tmp_path: Path) -> None:
    outcome = imported(tmp_path, EXECVE).outcome

    assert outcome.name == "unknown"
    assert outcome.reason == "the trace ends before the process does"


def test_a_process_is_killed_once(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 clone(flags=CLONE_THREAD) = 2
        2 +++ killed by SIGRT_2 (core dumped) +++
        1 +++ killed by SIGRT_2 (core dumped) +++
        """,
    )

    assert history.outcome.name == "killed SIGRTMIN"
    assert lives(history)[-1] == "3  process.kill signal=SIGRTMIN core=True"


def test_a_process_is_killed_in_the_thread_that_the_signal_reached(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 clone(flags=CLONE_THREAD) = 2
        2 --- SIGSEGV {{si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL}} ---
        1 +++ killed by SIGSEGV +++
        2 +++ killed by SIGSEGV +++
        """,
    )

    assert lives(history)[-1] == "4 2 process.kill signal=SIGSEGV core=False"
    assert told(history, "fault") == ["3 2 fault signal=SIGSEGV address=0 code=1"]


def test_a_thread_that_is_waited_for_is_joined(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 {THREAD.format(word=0x900, tid=2)}
        1 futex(0x900, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 2, NULL, ~0 <unfinished ...>
        2 exit(0) = ?
        1 <... futex resumed>) = 0
        2 +++ exited with 0 +++
        """,
    )

    assert told(history, "wait", "thread.join", "thread.end") == [
        "4 2 thread.end 2 result=0",
        "5 1 thread.join 2 waited=True",
    ]


def test_a_join_that_does_not_end_is_a_wait(tmp_path: Path) -> None:
    wait = "futex(0x900, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 2, NULL, ~0"
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 {THREAD.format(word=0x900, tid=2)}
        1 {wait}) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
        1 {wait} <unfinished ...>
        """,
    )

    assert told(history, "wait", "thread.join") == [
        "3 1 wait.begin 2 what=join",
        "3 1 wait.end 2 what=join woken=interrupted",
        "4 1 wait.begin 2 what=join",
    ]


def test_two_threads_that_have_one_stack_after_each_other_are_joined_by_number(
    tmp_path: Path,
) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 {THREAD.format(word=0x900, tid=2)}
        2 exit(0) = ?
        1 futex(0x900, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 2, NULL, ~0) = 0
        1 {THREAD.format(word=0x900, tid=3)}
        3 exit(0) = ?
        1 futex(0x900, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 3, NULL, ~0) = 0
        """,
    )

    assert [line.split()[3] for line in told(history, "thread.join")] == ["2", "3"]


def test_lines_without_a_thread_are_of_the_only_one(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        f'{START}.100000 execve("/bin/a", ["a"], 0x7f /* 0 vars */) = 0\n'
        f"{START}.200000 clone(flags=CLONE_THREAD) = 8\n"
        f"[pid     8] {START}.300000 exit(0) = ?\n"
        f"[pid     7] {START}.400000 gettid() = 7\n"
        f"[pid     8] {START}.500000 +++ exited with 0 +++\n"
        f"{START}.600000 exit_group(0) = ?\n"
        f"{START}.700000 +++ exited with 0 +++\n",
    )

    assert lives(made.history) == [
        "1  thread.spawn 7 child=7",
        "1 7 thread.start 7",
        "2 7 thread.spawn 8 child=8",
        "3 8 thread.start 8",
        "3 8 thread.end 8 result=0",
        "6 7 process.exit status=0",
    ]


def test_a_process_that_was_attached_to_has_all_threads_that_nobody_made(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        """
        5 futex(0x10, FUTEX_WAIT_PRIVATE, 2, NULL <unfinished ...>
        7 futex(0x10, FUTEX_WAKE_PRIVATE, 1) = 1
        5 <... futex resumed>) = 0
        5 gettid() = 5
        """,
    )

    assert told(history, "lock") == [
        "1 7 lock.acquire 0x10 waited=0 held_by=None",
        "1 5 lock.wait 0x10 held_by=7",
        "2 7 lock.release 0x10",
        f"3 5 lock.acquire 0x10 waited={2 * MS} held_by=7",
    ]


def test_files_of_threads_are_put_together_by_their_times(tmp_path: Path) -> None:
    first, second = tmp_path / "a.7", tmp_path / "a.8"
    wait = "futex(0x10, FUTEX_WAIT_PRIVATE, 2, NULL)"
    first.write_text(
        f'{START}.100000 execve("/bin/a", ["a"], 0x7f /* 0 vars */) = 0 <0.000100>\n'
        f"{START}.200000 clone(flags=CLONE_THREAD) = 8 <0.000100>\n"
        f"{START}.400000 {wait} = 0 <0.200100>\n"
        f"{START}.700000 futex(0x10, FUTEX_WAKE_PRIVATE, 1) = 0 <0.000010>\n",
        encoding="utf-8",
    )
    second.write_text(
        f"{START}.300000 gettid() = 8 <0.000010>\n"
        f"{START}.600000 futex(0x10, FUTEX_WAKE_PRIVATE, 1) = 1 <0.000010>\n",
        encoding="utf-8",
    )
    history = import_trace([first, second]).history
    events = [event for event in history.events if event.event.startswith("lock")]

    assert [(event.thread, event.event, event.t // MS) for event in events] == [
        ("8", "lock.acquire", 300),
        ("7", "lock.wait", 300),
        ("8", "lock.release", 500),
        ("7", "lock.acquire", 500),
        ("7", "lock.release", 600),
    ]


def test_a_process_that_was_attached_to_ends_as_all_of_its_threads_do(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        """
        7 gettid() = 7
        5 kill(5, SIGUSR1) = 0
        5 exit_group(4) = ?
        7 +++ exited with 4 +++
        5 +++ exited with 4 +++
        """,
    )

    assert history.outcome.name == "exit 4"
    assert "target=process" in told(history, "signal.send")[0]


def test_the_first_thread_may_be_joined_as_well(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        {EXECVE}
        1 set_tid_address(0x800) = 1
        1 clone(flags=CLONE_THREAD) = 2
        2 futex(0x800, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 1, NULL, ~0 <unfinished ...>
        1 exit(0) = ?
        2 <... futex resumed>) = 0
        """,
    )

    assert told(history, "thread.join") == ["6 2 thread.join 1 waited=True"]

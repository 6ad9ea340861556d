"""Waits for what is no lock, and the rest of what a process calls."""

from __future__ import annotations

from pathlib import Path

from tests.analysis.strace.traces import MS, imported, told

COND = "futex(0x20, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, NULL, ~0"


def test_what_is_woken_on_any_other_word_has_no_owner(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        1 {COND} <unfinished ...>
        2 {COND} <unfinished ...>
        3 futex(0x20, FUTEX_WAKE_PRIVATE, 2147483647) = 2
        2 <... futex resumed>) = 0
        1 <... futex resumed>) = 0
        """,
    )

    assert told(history, "wait", "wake", "lock") == [
        "1 1 wait.begin 0x20 what=futex",
        "2 2 wait.begin 0x20 what=futex",
        "3 3 wake 0x20 what=futex woken=['2', '1']",
        "4 2 wait.end 0x20 what=futex woken=woken",
        "5 1 wait.end 0x20 what=futex woken=woken",
    ]


def test_as_many_are_woken_as_the_call_says(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        1 {COND} <unfinished ...>
        2 {COND} <unfinished ...>
        3 futex(0x20, FUTEX_WAKE_PRIVATE, 1) = 1
        2 <... futex resumed>) = 0
        3 futex(0x20, FUTEX_WAKE_PRIVATE, 1) = 1
        1 <... futex resumed>) = 0
        3 futex(0x20, FUTEX_WAKE_PRIVATE, 1) = 0
        """,
    )

    assert [line.partition("woken=")[2] for line in told(history, "wake")] == [
        "['2']",
        "['1']",
        "[]",
    ]


def test_a_wait_ends_by_a_limit_or_by_a_signal(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        1 {COND}) = -1 ETIMEDOUT (Connection timed out)
        1 {COND}) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
        1 {COND}) = -1 EINTR (Interrupted system call)
        """,
    )

    assert [line.rpartition("=")[2] for line in told(history, "wait.end")] == [
        "timeout",
        "interrupted",
        "interrupted",
    ]


def test_who_finds_the_word_changed_does_not_wait(tmp_path: Path) -> None:
    history = imported(tmp_path, f"1 {COND}) = -1 EAGAIN (Resource temporarily unavailable)")

    assert told(history, "wait", "syscall") == ["1 1 syscall call=futex result=-1 error=EAGAIN"]


def test_a_call_that_may_wait_is_a_wait(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        """
        1 read(0, <unfinished ...>
        2 gettid() = 2
        1 <... read resumed>"x", 1) = 1
        """,
    )

    assert told(history, "wait", "syscall") == [
        "1 1 wait.begin what=read",
        "2 2 syscall call=gettid result=2 error=None",
        "3 1 wait.end what=read woken=woken",
        "3 1 syscall call=read result=1 error=None",
    ]


def test_a_sleep_lasts_as_long_as_it_did(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        """
        1 nanosleep({tv_sec=5, tv_nsec=0}, <unfinished ...>
        2 gettid() = 2
        1 <... nanosleep resumed>NULL) = 0
        2 nanosleep({tv_sec=5, tv_nsec=7}, NULL <unfinished ...>
        """,
    )

    assert told(history, "thread.sleep") == [
        f"1 1 thread.sleep duration={2 * MS}",
        "4 2 thread.sleep duration=5000000007",
    ]


def test_a_sleep_that_goes_on_after_a_signal_is_two(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        """
        1 nanosleep({tv_sec=5, tv_nsec=0}, NULL) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)
        1 --- SIGCONT {si_signo=SIGCONT, si_code=SI_USER, si_pid=9, si_uid=0} ---
        1 restart_syscall(<... resuming interrupted nanosleep ...>) = 0
        1 gettid() = 1
        """,
    )

    assert told(history, "thread.sleep") == [
        f"1 1 thread.sleep duration={MS}",
        f"3 1 thread.sleep duration={MS}",
    ]


def test_a_wait_that_is_restarted_is_for_the_same_word(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        """
        1 futex(0x20, FUTEX_WAIT_PRIVATE, 7, {tv_sec=5, tv_nsec=0}) = ? \
ERESTART_RESTARTBLOCK (Interrupted by signal)
        1 restart_syscall(<... resuming interrupted futex ...> <unfinished ...>
        2 futex(0x20, FUTEX_WAKE_PRIVATE, 1) = 1
        1 <... restart_syscall resumed>) = 0
        """,
    )

    assert told(history, "wait.begin", "wait.end", "wake") == [
        "1 1 wait.begin 0x20 what=futex",
        "1 1 wait.end 0x20 what=futex woken=interrupted",
        "2 1 wait.begin 0x20 what=futex",
        "3 2 wake 0x20 what=futex woken=['1']",
        "4 1 wait.end 0x20 what=futex woken=woken",
    ]


def test_a_call_that_was_restarted_before_the_trace_began_is_told_by_its_name(
    tmp_path: Path,
) -> None:
    text = "1 restart_syscall(<... resuming interrupted poll ...>) = 1"

    assert told(imported(tmp_path, text), "wait", "syscall") == [
        "1 1 wait.begin what=poll",
        "1 1 wait.end what=poll woken=woken",
        "1 1 syscall call=poll result=1 error=None",
    ]


def test_newer_calls_wait_and_wake_as_well(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        """
        1 futex_wait(0x20, 0, 0xffffffff, FUTEX2_SIZE_U32, NULL, CLOCK_MONOTONIC <unfinished ...>
        2 futex_wake(0x20, 0xffffffff, 1, FUTEX2_SIZE_U32) = 1
        1 <... futex_wait resumed>) = 0
        """,
    )

    assert told(history, "wait", "wake") == [
        "1 1 wait.begin 0x20 what=futex",
        "2 2 wake 0x20 what=futex woken=['1']",
        "3 1 wait.end 0x20 what=futex woken=woken",
    ]

"""What futex calls say about locks, rule by rule."""

from __future__ import annotations

from pathlib import Path

from tests.analysis.strace.traces import MS, THREAD, imported, read, timed, told

START = """
    1 execve("/bin/program", ["program"], 0x7f /* 0 vars */) = 0
    1 clone(child_stack=0x7f10, flags=CLONE_VM|CLONE_THREAD) = 2
    1 clone(child_stack=0x7f20, flags=CLONE_VM|CLONE_THREAD) = 3
"""
"""Three lines; what follows begins with line 4."""

WAIT = "futex(0x10, FUTEX_WAIT_PRIVATE, 2, NULL"
WAKE = "futex(0x10, FUTEX_WAKE_PRIVATE, 1"


def locks(path: Path, text: str) -> list[str]:
    return told(imported(path, START.strip() + "\n" + text), "lock.")


def test_a_wait_that_expects_2_is_for_a_lock_and_who_then_wakes_had_it(tmp_path: Path) -> None:
    assert [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "5 1 lock.release 0x10",
        f"6 2 lock.acquire 0x10 waited={2 * MS} held_by=1",
        "8 2 lock.release 0x10",
    ] == locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 write(1, "x", 1) = 1
        2 {WAKE}) = 0
        """,
    )


def test_whoever_waits_again_at_once_did_not_get_it(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 {WAIT} <unfinished ...>
        3 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 {WAKE}) = 0
        """,
    )

    assert [
        "7 3 lock.acquire 0x10 waited=0 held_by=None",
        "8 3 lock.release 0x10",
        f"9 2 lock.acquire 0x10 waited={5 * MS} held_by=1",
    ] == made[3:6]


def test_to_look_at_the_clock_is_not_to_go_on(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 clock_gettime(CLOCK_MONOTONIC, {{tv_sec=1, tv_nsec=2}}) = 0
        2 sched_yield() = 0
        2 {WAIT}) = -1 EAGAIN (Resource temporarily unavailable)
        2 {WAKE}) = 0
        """,
    )

    assert f"9 2 lock.acquire 0x10 waited={6 * MS} held_by=1" == made[3]


def test_a_wait_that_finds_the_word_changed_may_get_the_lock_from_nobody_known(
    tmp_path: Path,
) -> None:
    assert locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        2 <... futex resumed>) = -1 EAGAIN (Resource temporarily unavailable)
        1 {WAKE}) = 0
        2 {WAKE}) = 0
        """,
    ) == [
        "4 2 lock.wait 0x10 held_by=unknown",
        "6 1 lock.acquire 0x10 waited=0 held_by=None",
        "6 1 lock.release 0x10",
        f"6 2 lock.acquire 0x10 waited={2 * MS} held_by=unknown",
        "7 2 lock.release 0x10",
    ]


def test_a_wait_that_is_made_again_is_for_whoever_has_the_lock_then(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT}) = -1 EAGAIN (Resource temporarily unavailable)
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 {WAKE}) = 0
        """,
    )

    assert made[:2] == [
        "4 2 lock.wait 0x10 held_by=1",
        "5 1 lock.acquire 0x10 waited=0 held_by=None",
    ]


def test_a_wake_without_a_wait_is_a_release_by_one_that_had_the_lock_then(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 {WAKE}) = 0
        3 {WAKE}) = 0
        """,
    )

    assert made[-2:] == [
        "8 3 lock.acquire 0x10 waited=0 held_by=None",
        "8 3 lock.release 0x10",
    ]


def test_a_late_wake_is_of_a_hold_that_was_over_before(tmp_path: Path) -> None:
    assert [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "5 1 lock.release 0x10",
        "6 3 lock.acquire 0x10 waited=0 held_by=None",
        "6 3 lock.release 0x10",
        f"6 2 lock.acquire 0x10 waited={2 * MS} held_by=1",
        "9 2 lock.release 0x10",
    ] == locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 write(1, "x", 1) = 1
        3 {WAKE}) = 0
        2 {WAKE}) = 0
        """,
    )


def test_a_known_holder_whose_wake_comes_late_let_go_before(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 write(1, "x", 1) = 1
        3 {WAIT}) = -1 EAGAIN (Resource temporarily unavailable)
        3 write(1, "x", 1) = 1
        2 {WAKE}) = 0
        3 {WAKE}) = 0
        """,
    )

    assert [
        "8 3 lock.wait 0x10 held_by=2",
        "8 2 lock.release 0x10",
        f"8 3 lock.acquire 0x10 waited={MS} held_by=2",
        "11 3 lock.release 0x10",
    ] == made[4:]


def test_a_wait_that_never_ends_stays_open_for_a_holder_unknown(tmp_path: Path) -> None:
    assert locks(tmp_path, f"2 {WAIT} <unfinished ...>") == ["4 2 lock.wait 0x10 held_by=unknown"]


def test_a_trace_that_ends_before_it_says_so_leaves_the_wait_open(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 +++ killed by SIGKILL +++
        """,
    )

    assert made[-1] == "5 1 lock.release 0x10"


def test_a_wait_with_a_limit_may_fail(tmp_path: Path) -> None:
    wait = "futex(0x10, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 2, {tv_sec=1, tv_nsec=0}"
    made = locks(
        tmp_path,
        f"""
        2 {wait}, FUTEX_BITSET_MATCH_ANY <unfinished ...>
        2 <... futex resumed>) = -1 ETIMEDOUT (Connection timed out)
        1 {WAKE}) = 0
        """,
    )

    assert made == [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "5 2 lock.fail 0x10 error=ETIMEDOUT",
        "6 1 lock.release 0x10",
    ]


def test_a_wait_goes_on_after_a_handler(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        2 <... futex resumed>) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
        1 write(1, "x", 1) = 1
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 exit(0) = ?
        """,
    )

    assert [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "8 1 lock.release 0x10",
        f"9 2 lock.acquire 0x10 waited={5 * MS} held_by=1",
    ] == made


def test_what_a_handler_does_says_nothing_of_the_wait_below_it(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 rt_sigaction(SIGUSR1, {{sa_handler=0x5, sa_mask=[], sa_flags=0}}, NULL, 8) = 0
        2 {WAIT} <unfinished ...>
        2 <... futex resumed>) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
        2 --- SIGUSR1 {{si_signo=SIGUSR1, si_code=SI_USER, si_pid=9, si_uid=0}} ---
        2 write(1, "x", 1) = 1
        2 rt_sigreturn({{mask=[]}}) = -1 EINTR (Interrupted system call)
        2 {WAIT} <unfinished ...>
        """,
    )

    assert made == ["5 2 lock.wait 0x10 held_by=unknown"]


def test_a_thread_may_wait_for_what_it_has_itself(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 write(1, "x", 1) = 1
        2 {WAIT} <unfinished ...>
        """,
    )

    assert made[-1] == "8 2 lock.wait 0x10 held_by=2"


def test_a_word_of_which_other_values_are_expected_is_no_lock(tmp_path: Path) -> None:
    assert (
        locks(
            tmp_path,
            f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 futex(0x10, FUTEX_WAIT_PRIVATE, 4, NULL <unfinished ...>
        """,
        )
        == []
    )


def test_a_wait_without_a_limit_that_names_a_clock_is_for_no_lock(tmp_path: Path) -> None:
    wait = "futex(0x10, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 2, NULL, ~0"

    assert locks(tmp_path, f"2 {wait} <unfinished ...>\n1 {WAKE}) = 1") == []


def test_a_word_on_which_everybody_is_woken_is_no_lock(tmp_path: Path) -> None:
    assert (
        locks(
            tmp_path,
            f"""
        2 {WAIT} <unfinished ...>
        1 futex(0x10, FUTEX_WAKE_PRIVATE, 2147483647) = 1
        2 <... futex resumed>) = 0
        """,
        )
        == []
    )


def test_a_word_on_which_one_waits_twice_and_does_other_things_is_no_lock(tmp_path: Path) -> None:
    assert (
        locks(
            tmp_path,
            f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 write(1, "x", 1) = 1
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        """,
        )
        == []
    )


def test_a_mutex_of_priority_inheritance_is_handed_over_by_the_kernel(tmp_path: Path) -> None:
    assert [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "5 1 lock.release 0x10",
        f"6 2 lock.acquire 0x10 waited={2 * MS} held_by=1",
        "7 2 lock.release 0x10",
    ] == locks(
        tmp_path,
        """
        2 futex(0x10, FUTEX_LOCK_PI_PRIVATE, NULL <unfinished ...>
        1 futex(0x10, FUTEX_UNLOCK_PI_PRIVATE) = 0
        2 <... futex resumed>) = 0
        2 futex(0x10, FUTEX_UNLOCK_PI_PRIVATE) = 0
        """,
    )


def test_the_kernel_refuses_a_deadlock_of_priority_inheritance(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        """
        2 futex(0x10, FUTEX_LOCK_PI_PRIVATE, NULL) = -1 EDEADLK (Resource deadlock avoided)
        """,
    )

    assert made == [
        "4 2 lock.wait 0x10 held_by=unknown",
        "4 2 lock.fail 0x10 error=EDEADLK",
    ]


def test_a_hold_of_priority_inheritance_that_ended_unseen_is_cut(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        """
        2 futex(0x10, FUTEX_LOCK_PI_PRIVATE, NULL) = 0
        3 write(1, "x", 1) = 1
        3 futex(0x10, FUTEX_UNLOCK_PI_PRIVATE) = 0
        """,
    )

    assert [line.replace(f"waited={MS}", "waited=0") for line in made] == [
        "4 2 lock.wait 0x10 held_by=unknown",
        "4 2 lock.acquire 0x10 waited=0 held_by=unknown",
        "4 2 lock.release 0x10",
        "6 3 lock.acquire 0x10 waited=0 held_by=None",
        "6 3 lock.release 0x10",
    ]


def test_a_condition_of_priority_inheritance_gives_its_waiter_the_lock(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        """
        2 futex(0x20, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, 0x10 <unfinished ...>
        1 futex(0x20, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 2147483647, 0x10, 0) = 1
        1 futex(0x10, FUTEX_UNLOCK_PI_PRIVATE) = 0
        2 <... futex resumed>) = 0
        """,
    )

    assert made == [
        "6 1 lock.acquire 0x10 waited=0 held_by=None",
        "6 1 lock.release 0x10",
        "7 2 lock.acquire 0x10 waited=0 held_by=None",
    ]


def test_a_word_names_the_owner_of_a_robust_mutex(tmp_path: Path) -> None:
    assert [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "5 3 lock.wait 0x10 held_by=1",
        "6 1 lock.release 0x10",
        f"6 3 lock.acquire 0x10 waited={MS} held_by=1",
        "9 3 lock.release 0x10",
        f"10 2 lock.acquire 0x10 waited={6 * MS} held_by=1",
    ] == locks(
        tmp_path,
        f"""
        2 futex(0x10, FUTEX_WAIT, {1 << 31 | 1}, NULL <unfinished ...>
        3 futex(0x10, FUTEX_WAIT, {1 << 31 | 1}, NULL) = -1 EAGAIN (Try again)
        1 futex(0x10, FUTEX_WAKE, 1) = 1
        2 <... futex resumed>) = 0
        2 futex(0x10, FUTEX_WAIT, {1 << 31 | 3}, NULL <unfinished ...>
        3 futex(0x10, FUTEX_WAKE, 1) = 1
        2 <... futex resumed>) = 0
        2 exit(0) = ?
        """,
    )


def test_an_owned_lock_is_held_as_long_as_words_say_so(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 futex(0x10, FUTEX_WAIT, {1 << 31 | 1}, NULL) = -1 EINTR (Interrupted system call)
        2 futex(0x10, FUTEX_WAIT, {1 << 31 | 3}, NULL <unfinished ...>
        """,
    )

    assert made == [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "4 1 lock.release 0x10",
        "5 3 lock.acquire 0x10 waited=0 held_by=None",
    ]


def test_who_finds_an_owned_word_changed_says_who_had_it_and_not_who_has_it(
    tmp_path: Path,
) -> None:
    wait = f"futex(0x10, FUTEX_WAIT, {1 << 31 | 1}, NULL"

    assert locks(tmp_path, f"2 {wait}) = -1 EAGAIN (Try again)") == ["4 2 lock.wait 0x10 held_by=1"]


def test_an_acquisition_that_only_its_release_shows_has_a_mode_of_its_own(tmp_path: Path) -> None:
    text = f"""
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 {WAKE}) = 0
        """
    history = imported(tmp_path, START.strip() + "\n" + text)

    assert [
        (event.thread, event.fields["mode"])
        for event in history.events
        if event.event == "lock.acquire"
    ] == [("1", "seen"), ("2", "exclusive")]


def test_a_word_that_names_no_thread_of_the_process_is_no_lock(tmp_path: Path) -> None:
    parked = "futex(0x10, FUTEX_WAIT_BITSET_PRIVATE, 4294967295, NULL, FUTEX_BITSET_MATCH_ANY"

    assert locks(tmp_path, f"2 {parked} <unfinished ...>\n1 {WAKE}) = 1") == []


def test_a_mutex_of_musls_that_does_not_check_has_an_owner_that_is_not_known(
    tmp_path: Path,
) -> None:
    wait = f"futex(0x10, FUTEX_WAIT_PRIVATE, {1 << 31 | 16}, NULL"

    assert locks(tmp_path, f"2 {wait} <unfinished ...>\n1 {WAKE}) = 1") == [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "5 1 lock.release 0x10",
    ]


def test_a_deadlock_of_owned_locks_shows_who_has_what(tmp_path: Path) -> None:
    assert locks(
        tmp_path,
        f"""
        2 futex(0x20, FUTEX_WAIT, {1 << 31 | 3}, NULL <unfinished ...>
        3 futex(0x10, FUTEX_WAIT, {1 << 31 | 2}, NULL <unfinished ...>
        """,
    ) == [
        "4 3 lock.acquire 0x20 waited=0 held_by=None",
        "4 2 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x20 held_by=3",
        "5 3 lock.wait 0x10 held_by=2",
    ]


def test_who_is_in_a_call_does_not_let_go_before_it_comes_back(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        1 nanosleep({{tv_sec=1, tv_nsec=0}}, <unfinished ...>
        2 futex(0x10, FUTEX_WAIT, {1 << 31 | 1}, NULL) = -1 EINTR (Interrupted system call)
        1 <... nanosleep resumed>NULL) = 0
        2 futex(0x10, FUTEX_WAIT, {1 << 31 | 3}, NULL <unfinished ...>
        """,
    )

    assert made == [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "5 2 lock.wait 0x10 held_by=1",
        "6 1 lock.release 0x10",
        "7 3 lock.acquire 0x10 waited=0 held_by=None",
    ]


def test_who_is_in_a_call_had_the_lock_before_it(tmp_path: Path) -> None:
    assert locks(
        tmp_path,
        f"""
        1 nanosleep({{tv_sec=1, tv_nsec=0}}, <unfinished ...>
        3 gettid() = 3
        2 {WAIT} <unfinished ...>
        1 <... nanosleep resumed>NULL) = 0
        1 {WAKE}) = 1
        """,
    ) == [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "6 2 lock.wait 0x10 held_by=1",
        "8 1 lock.release 0x10",
    ]


def test_but_not_before_another_one_let_go_of_it(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 nanosleep({{tv_sec=1, tv_nsec=0}}, <unfinished ...>
        3 {WAKE}) = 1
        2 <... futex resumed>) = 0
        2 {WAIT} <unfinished ...>
        1 <... nanosleep resumed>NULL) = 0
        1 {WAKE}) = 1
        """,
    )

    assert made[2:] == [
        "6 3 lock.release 0x10",
        "8 1 lock.acquire 0x10 waited=0 held_by=None",
        "10 1 lock.release 0x10",
    ]


def test_calls_that_are_not_decoded_say_the_same(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        """
        2 futex(0x10, 0x80, 0x2, 0 <unfinished ...>
        1 futex(0x10, 0x81, 0x1) = 0x1
        2 <... futex resumed>) = 0
        2 futex(0x10, 0x81 /* FUTEX_WAKE_PRIVATE */, 1) = 0
        """,
    )

    assert [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "5 1 lock.release 0x10",
        f"6 2 lock.acquire 0x10 waited={2 * MS} held_by=1",
        "7 2 lock.release 0x10",
    ] == made


def test_locks_of_two_processes_are_two(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        1 fork() = 5
        2 {WAIT} <unfinished ...>
        5 {WAIT} <unfinished ...>
        """,
    )

    assert made == [
        "5 2 lock.wait 1:0x10 held_by=unknown",
        "6 5 lock.wait 5:0x10 held_by=unknown",
    ]


def test_of_a_lock_that_processes_may_share_no_holder_is_guessed(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        """
        1 fork() = 5
        2 futex(0x10, FUTEX_WAIT, 2, NULL <unfinished ...>
        5 futex(0x10, FUTEX_WAIT, 2, NULL <unfinished ...>
        1 futex(0x10, FUTEX_WAKE, 1) = 1
        2 <... futex resumed>) = 0
        2 exit(0) = ?
        """,
    )

    assert [
        "5 2 lock.wait 1:0x10 held_by=unknown",
        "6 5 lock.wait 5:0x10 held_by=unknown",
        "7 1 lock.acquire 1:0x10 waited=0 held_by=None",
        "7 1 lock.release 1:0x10",
        f"8 2 lock.acquire 1:0x10 waited={3 * MS} held_by=unknown",
    ] == made


def test_a_condition_of_old_moves_its_waiters_to_the_lock_that_a_wake_op_frees(
    tmp_path: Path,
) -> None:
    made = locks(
        tmp_path,
        f"""
        2 {WAIT} <unfinished ...>
        1 futex(0x20, FUTEX_WAKE_OP_PRIVATE, 1, 1, 0x10, FUTEX_OP_SET<<28|0<<12|0x1) = 2
        2 <... futex resumed>) = 0
        2 {WAKE}) = 0
        """,
    )

    assert made[:3] == [
        "4 1 lock.acquire 0x10 waited=0 held_by=None",
        "4 2 lock.wait 0x10 held_by=1",
        "5 1 lock.release 0x10",
    ]


def test_holds_in_a_handler_are_deep(tmp_path: Path) -> None:
    made = locks(
        tmp_path,
        f"""
        1 rt_sigaction(SIGUSR1, {{sa_handler=0x5, sa_mask=[], sa_flags=0}}, NULL, 8) = 0
        1 --- SIGUSR1 {{si_signo=SIGUSR1, si_code=SI_USER, si_pid=9, si_uid=0}} ---
        2 {WAIT} <unfinished ...>
        1 {WAKE}) = 1
        1 rt_sigreturn({{mask=[]}}) = 0
        """,
    )

    assert made[:1] == ["6 1 deep 1 lock.acquire 0x10 waited=0 held_by=None"]


def test_a_lock_of_another_thread_is_where_the_stack_says(tmp_path: Path) -> None:
    text = timed(
        f"""
        1 execve("/bin/program", ["program"], 0x7f /* 0 vars */) = 0
        1 {THREAD.format(word=0x900, tid=2)}
        2 {WAIT}) = 0
        """
    )
    stack = (
        " > /usr/lib/x86_64-linux-gnu/libc.so.6(__lll_lock_wait+0x30) [0x8a0f0]\n"
        " > /home/me/program(work+0x2c) [0x11a5]\n"
        " > /home/me/program(main+0x2c) [0x12a5]\n"
    )
    history = read(tmp_path, text + stack).history

    assert [e.at for e in history.events if e.event == "lock.wait"] == ["program:0:work"]

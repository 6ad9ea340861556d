"""Signals of a real process as events."""

from __future__ import annotations

from pathlib import Path

from tests.analysis.strace.traces import imported, told

START = """
    1 execve("/bin/program", ["program"], 0x7f /* 0 vars */) = 0
    1 clone(child_stack=0x7f10, flags=CLONE_VM|CLONE_THREAD) = 2
"""
HANDLER = "rt_sigaction(SIGUSR1, {sa_handler=0x5, sa_mask=[TERM], sa_flags=SA_RESTORER}, NULL, 8)"
KILLED = "{si_signo=SIGUSR1, si_code=SI_USER, si_pid=1, si_uid=0}"
DIRECTED = "{si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=1, si_uid=0}"


def signals(path: Path, text: str, *kinds: str) -> list[str]:
    return told(imported(path, START + text), *(kinds or ("signal.",)))


def test_a_handler_runs_from_the_delivery_to_its_return(tmp_path: Path) -> None:
    assert signals(
        tmp_path,
        f"""
        1 {HANDLER} = 0
        2 rt_sigprocmask(SIG_SETMASK, [HUP], NULL, 8) = 0
        2 --- SIGUSR1 {KILLED} ---
        2 write(1, "x", 1) = 1
        2 rt_sigreturn({{mask=[HUP]}}) = -1 EINTR (Interrupted system call)
        """,
    ) == [
        "3 1 signal.action signal=SIGUSR1 handler=0x5 flags= mask=SIGTERM",
        "4 2 signal.mask how=SIG_SETMASK old=unknown new=SIGHUP",
        (
            "5 2 signal.deliver signal=SIGUSR1 code=0 address=None stack=thread sender=process 1 "
            "mask=SIGHUP SIGUSR1 SIGTERM"
        ),
        "5 2 deep 1 signal.enter signal=SIGUSR1",
        "7 2 signal.return signal=SIGUSR1 mask=SIGHUP",
    ]


def test_what_happens_in_a_handler_is_deep(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        f"""
        1 {HANDLER} = 0
        1 --- SIGUSR1 {KILLED} ---
        1 write(1, "x", 1) = 1
        1 --- SIGUSR1 {KILLED} ---
        1 write(1, "x", 1) = 1
        1 rt_sigreturn({{mask=[]}}) = 0
        1 write(1, "x", 1) = 1
        1 rt_sigreturn({{mask=[]}}) = 0
        1 write(1, "x", 1) = 1
        """,
        "syscall",
    )

    assert [line.partition(" syscall")[0] for line in made if "write" in line] == [
        "5 1 deep 1",
        "7 1 deep 2",
        "9 1 deep 1",
        "11 1",
    ]


def test_a_thread_is_sent_a_signal_and_takes_it_from_whoever_sent_it(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        f"""
        1 {HANDLER} = 0
        1 tgkill(1, 2, SIGUSR1) = 0
        2 --- SIGUSR1 {DIRECTED} ---
        """,
        "signal.send",
        "signal.deliver",
    )

    assert made == [
        "4 1 signal.send signal=SIGUSR1 target=2 code=-6 sender=1 fate=pending chosen=2",
        "5 2 signal.deliver signal=SIGUSR1 code=-6 address=None stack=thread sender=1 mask=unknown",
    ]


def test_of_several_that_are_sent_to_a_process_one_arrives(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        f"""
        1 {HANDLER} = 0
        1 kill(1, SIGUSR1) = 0
        1 kill(1, SIGUSR1) = 0
        2 --- SIGUSR1 {KILLED} ---
        1 kill(1, SIGUSR1) = 0
        2 --- SIGUSR1 {KILLED} ---
        """,
        "signal.send",
    )

    assert [line.partition("fate=")[2] for line in made] == [
        "pending chosen=2",
        "coalesced chosen=None",
        "pending chosen=2",
    ]


def test_two_that_both_arrive_were_not_merged(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        f"""
        1 {HANDLER} = 0
        1 kill(1, SIGUSR1) = 0
        1 kill(1, SIGUSR1) = 0
        2 --- SIGUSR1 {KILLED} ---
        2 --- SIGUSR1 {KILLED} ---
        """,
        "signal.send",
    )

    assert [line.partition("fate=")[2] for line in made] == ["pending chosen=2", "pending chosen=2"]


def test_signals_that_are_blocked_until_the_end_are_pending_or_merged(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        """
        1 tkill(2, SIGUSR1) = 0
        1 tkill(2, SIGUSR1) = 0
        1 tkill(2, SIGRT_2) = 0
        1 tkill(2, SIGRT_2) = 0
        """,
    )

    assert [line.partition("fate=")[2].split()[0] for line in made] == [
        "pending",
        "coalesced",
        "pending",
        "pending",
    ]


def test_a_signal_that_is_ignored_is_so_and_not_dropped_twice(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        f"""
        1 rt_sigaction(SIGUSR1, {{sa_handler=SIG_IGN, sa_mask=[], sa_flags=0}}, NULL, 8) = 0
        1 kill(1, SIGUSR1) = 0
        2 --- SIGUSR1 {KILLED} ---
        2 --- SIGCHLD {{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=9, si_uid=0}} ---
        """,
    )

    assert made == [
        "3 1 signal.action signal=SIGUSR1 handler=ignore flags= mask=none",
        "4 1 signal.send signal=SIGUSR1 target=process code=0 sender=1 fate=ignored chosen=None",
        "6 2 signal.drop signal=SIGCHLD reason=default",
    ]


def test_a_fault_is_told_and_then_delivered_on_the_alternate_stack(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        """
        1 rt_sigaction(SIGSEGV, {sa_handler=0x5, sa_mask=[], sa_flags=SA_ONSTACK|SA_NODEFER}, \
NULL, 8) = 0
        1 sigaltstack({ss_sp=0x1000, ss_flags=0, ss_size=8192}, NULL) = 0
        1 rt_sigprocmask(SIG_BLOCK, NULL, [], 8) = 0
        1 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10} ---
        """,
        "fault",
        "signal.deliver",
        "signal.stack",
    )

    assert made == [
        "4 1 signal.stack base=4096 size=8192 flags=0",
        "6 1 fault signal=SIGSEGV address=16 code=1",
        ("6 1 signal.deliver signal=SIGSEGV code=1 address=16 stack=alternate sender= mask=none"),
    ]


def test_masks_are_unknown_until_they_are_shown(tmp_path: Path) -> None:
    assert signals(
        tmp_path,
        """
        1 rt_sigprocmask(SIG_BLOCK, [USR1], NULL, 8) = 0
        1 rt_sigprocmask(SIG_BLOCK, ~[], [USR1], 8) = 0
        1 rt_sigprocmask(SIG_SETMASK, ~[KILL STOP RT_1], NULL, 8) = 0
        1 rt_sigprocmask(SIG_UNBLOCK, [HUP], NULL, 8) = 0
        1 rt_sigprocmask(SIG_BLOCK, NULL, [], 8) = 0
        """,
    ) == [
        "3 1 signal.mask how=SIG_BLOCK old=unknown new=unknown",
        "4 1 signal.mask how=SIG_BLOCK old=SIGUSR1 new=all",
        "5 1 signal.mask how=SIG_SETMASK old=all new=all but SIG33",
        "6 1 signal.mask how=SIG_UNBLOCK old=all but SIG33 new=all but SIGHUP SIG33",
        "7 1 signal.mask how=query old=none new=none",
    ]


def test_a_thread_has_the_mask_of_whoever_made_it(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        """
        1 rt_sigprocmask(SIG_SETMASK, [USR1], NULL, 8) = 0
        1 clone(child_stack=0x7f10, flags=CLONE_VM|CLONE_THREAD) = 3
        3 rt_sigprocmask(SIG_BLOCK, [HUP], NULL, 8) = 0
        """,
    )

    assert made[-1] == "5 3 signal.mask how=SIG_BLOCK old=SIGUSR1 new=SIGHUP SIGUSR1"


def test_a_suspended_thread_is_interrupted_with_the_mask_that_it_waits_with(
    tmp_path: Path,
) -> None:
    made = signals(
        tmp_path,
        f"""
        1 {HANDLER} = 0
        1 rt_sigprocmask(SIG_SETMASK, [USR1], NULL, 8) = 0
        1 rt_sigsuspend([HUP], 8) = ? ERESTARTNOHAND (To be restarted if no handler)
        1 --- SIGUSR1 {KILLED} ---
        1 rt_sigreturn({{mask=[USR1]}}) = -1 EINTR (Interrupted system call)
        """,
    )

    assert made[2:] == [
        "5 1 signal.mask how=sigsuspend old=SIGUSR1 new=SIGHUP",
        (
            "6 1 signal.deliver signal=SIGUSR1 code=0 address=None stack=thread sender=process 1 "
            "mask=SIGHUP SIGUSR1 SIGTERM"
        ),
        "6 1 deep 1 signal.enter signal=SIGUSR1",
        "7 1 signal.return signal=SIGUSR1 mask=SIGUSR1",
    ]


def test_a_poll_has_its_own_mask_while_it_waits(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        f"""
        1 {HANDLER} = 0
        1 rt_sigprocmask(SIG_SETMASK, [USR1], NULL, 8) = 0
        1 ppoll([{{fd=0, events=POLLIN}}], 1, NULL, [HUP], 8) = ? ERESTARTNOHAND (To be restarted)
        1 --- SIGUSR1 {KILLED} ---
        """,
        "signal.deliver",
    )

    assert made[0].endswith("mask=SIGHUP SIGUSR1 SIGTERM")


def test_a_signal_that_is_waited_for_is_taken(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        """
        1 rt_sigtimedwait([USR1], {si_signo=SIGUSR1, si_code=SI_USER}, NULL, 8) = 10 (SIGUSR1)
        """,
    )

    assert made == ["3 1 signal.take signal=SIGUSR1"]


def test_a_handler_that_is_reset_runs_once(tmp_path: Path) -> None:
    made = told(
        imported(
            tmp_path,
            START
            + f"""
        1 rt_sigaction(SIGUSR1, {{sa_handler=0x5, sa_mask=[], sa_flags=SA_RESETHAND}}, NULL, 8) = 0
        1 --- SIGUSR1 {KILLED} ---
        1 rt_sigreturn({{mask=[]}}) = 0
        1 --- SIGUSR1 {KILLED} ---
        1 +++ killed by SIGUSR1 +++
        """,
        ),
        "signal.deliver",
        "process",
    )

    assert [line.split()[0] for line in made] == ["4", "7"]
    assert made[1] == "7 1 process.kill signal=SIGUSR1 core=False"


def test_a_process_that_was_attached_to_has_handlers_that_return(tmp_path: Path) -> None:
    history = imported(
        tmp_path,
        f"""
        1 write(1, "x", 1) = 1
        1 --- SIGUSR1 {KILLED} ---
        1 rt_sigreturn({{mask=[]}}) = 0
        1 --- SIGUSR2 {{si_signo=SIGUSR2, si_code=SI_USER, si_pid=7, si_uid=0}} ---
        """,
    )

    assert told(history, "signal") == [
        (
            "2 1 signal.deliver signal=SIGUSR1 code=0 address=None stack=unknown sender=process 1 "
            "mask=unknown"
        ),
        "2 1 deep 1 signal.enter signal=SIGUSR1",
        "3 1 signal.return signal=SIGUSR1 mask=none",
    ]


def test_another_program_has_the_default_actions_but_for_what_was_ignored(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        f"""
        1 {HANDLER} = 0
        1 rt_sigaction(SIGHUP, {{sa_handler=SIG_IGN, sa_mask=[], sa_flags=0}}, NULL, 8) = 0
        1 execve("/bin/other", ["other"], 0x7f /* 0 vars */) = 0
        1 --- SIGUSR1 {KILLED} ---
        1 --- SIGHUP {{si_signo=SIGHUP, si_code=SI_USER, si_pid=7, si_uid=0}} ---
        """,
        "signal.deliver",
        "signal.drop",
    )

    assert made == ["7 1 signal.drop signal=SIGHUP reason=ignore"]


def test_a_child_has_the_actions_of_its_parent(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        f"""
        1 {HANDLER} = 0
        1 fork() = 5
        1 kill(5, SIGUSR1) = 0
        5 --- SIGUSR1 {KILLED} ---
        """,
        "signal.send",
        "signal.deliver",
    )

    assert made == [
        "5 1 signal.send signal=SIGUSR1 target=process 5 code=0 sender=1 fate=pending chosen=5",
        "6 5 signal.deliver signal=SIGUSR1 code=0 address=None stack=thread sender=1 mask=unknown",
    ]


def test_a_process_is_stopped_and_goes_on(tmp_path: Path) -> None:
    made = signals(
        tmp_path,
        """
        1 --- SIGSTOP {si_signo=SIGSTOP, si_code=SI_USER, si_pid=9, si_uid=0} ---
        1 --- stopped by SIGSTOP ---
        2 --- stopped by SIGSTOP ---
        1 --- SIGCONT {si_signo=SIGCONT, si_code=SI_USER, si_pid=9, si_uid=0} ---
        """,
        "process",
    )

    assert made == ["4 1 process.stop signal=SIGSTOP", "6 1 process.continue"]


def test_signals_by_their_bare_numbers_are_known(tmp_path: Path) -> None:
    assert signals(
        tmp_path,
        """
        1 rt_sigaction(0xa, 0x7ffd00, 0, 0x8) = 0
        1 tgkill(0x1, 0x2, 0xa) = 0
        """,
    ) == [
        "3 1 signal.action signal=SIGUSR1 handler=unknown flags= mask=unknown",
        "4 1 signal.send signal=SIGUSR1 target=2 code=-6 sender=1 fate=pending chosen=None",
    ]


def test_older_versions_of_strace_write_other_forms(tmp_path: Path) -> None:
    made = told(
        imported(
            tmp_path,
            START
            + """
        1 rt_sigaction(SIGUSR1, {0x400526, [TERM], SA_RESTORER|SA_RESTART, 0x7f}, {SIG_DFL, [], 0}, 8) = 0
        1 rt_sigaction(SIGINT, {SIG_IGN, [], 0}, NULL, 8) = 0
        1 nanosleep({1, 5},  <unfinished ...>
        1 --- {si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=1, si_uid=0} (User defined signal 1) ---
        1 --- SIGINT (Interrupt) @ 0 (0) ---
        1 rt_sigreturn(0xa)       = -1 EINTR (Interrupted system call)
        2 <... futex resumed> )       = 0
        """,  # noqa: E501 - a line of strace's
        ),
        "signal",
        "thread.sleep",
    )

    assert made == [
        "3 1 signal.action signal=SIGUSR1 handler=0x400526 flags=SA_RESTART mask=SIGTERM",
        "4 1 signal.action signal=SIGINT handler=ignore flags= mask=none",
        "5 1 thread.sleep duration=1000000005",
        (
            "6 1 signal.deliver signal=SIGUSR1 code=-6 address=None stack=thread sender=process 1 "
            "mask=unknown"
        ),
        "6 1 deep 1 signal.enter signal=SIGUSR1",
        "7 1 deep 1 signal.drop signal=SIGINT reason=ignore",
        "8 1 signal.return signal=SIGUSR1 mask=unknown",
    ]

"""Linux on x86-64 with glibc: numbers, layouts and rules."""

from __future__ import annotations

from typing import Final

from emu.posix.kernel import Default, Kernel

_ORDER: Final = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT "
    "STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
)

LINUX: Final = Kernel(
    name="linux",
    signals={f"SIG{name}": number for number, name in enumerate(_ORDER.split(), start=1)},
    aliases={"SIGPOLL": "SIGIO", "SIGIOT": "SIGABRT", "SIGCLD": "SIGCHLD"},
    realtime=range(34, 65),
    highest=64,
    reserved=(32, 33),
    words=1,
    word_bits=64,
    defaults={
        **dict.fromkeys(
            [
                "SIGQUIT",
                "SIGILL",
                "SIGTRAP",
                "SIGABRT",
                "SIGBUS",
                "SIGFPE",
                "SIGSEGV",
                "SIGXCPU",
                "SIGXFSZ",
                "SIGSYS",
            ],
            Default.CORE,
        ),
        **dict.fromkeys(["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"], Default.STOP),
        **dict.fromkeys(["SIGCHLD", "SIGURG", "SIGWINCH"], Default.IGNORE),
        "SIGCONT": Default.CONTINUE,
    },
    how={"SIG_BLOCK": 0, "SIG_UNBLOCK": 1, "SIG_SETMASK": 2},
    flags={
        "SA_NOCLDSTOP": 1,
        "SA_NOCLDWAIT": 2,
        "SA_SIGINFO": 4,
        "SA_ONSTACK": 0x08000000,
        "SA_RESTART": 0x10000000,
        "SA_NODEFER": 0x40000000,
        "SA_RESETHAND": 0x80000000,
    },
    stack_flags={"SS_ONSTACK": 1, "SS_DISABLE": 2, "SS_AUTODISARM": 1 << 31},
    codes={
        "SI_USER": 0,
        "SI_QUEUE": -1,
        "SI_TIMER": -2,
        "SI_TKILL": -6,
        "SI_KERNEL": 0x80,
        "SEGV_MAPERR": 1,
        "SEGV_ACCERR": 2,
        "BUS_ADRALN": 1,
        "BUS_ADRERR": 2,
        "BUS_OBJERR": 3,
        "FPE_INTDIV": 1,
        "FPE_INTOVF": 2,
        "FPE_FLTDIV": 3,
        "ILL_ILLOPC": 1,
        "TRAP_BRKPT": 1,
    },
    errnos={
        "EPERM": 1,
        "ESRCH": 3,
        "EINTR": 4,
        "EBADF": 9,
        "EAGAIN": 11,
        "ENOMEM": 12,
        "EFAULT": 14,
        "EBUSY": 16,
        "EINVAL": 22,
        "EPIPE": 32,
        "EDEADLK": 35,
        "EOVERFLOW": 75,
        "ENOTSUP": 95,
        "ETIMEDOUT": 110,
    },
    min_stack=2048,
    frame_size=1776,
    red_zone=128,
    queue_limit=96343,
    thread_limit=100_000,
    thread_limit_error="EAGAIN",
    targeting="main-first",
    private_first=True,
    queues_standard=False,
    keeps_blocked_ignored=True,
    masks_sigpending=True,
    pid_before_signal=True,
    refuses_unknown_flags=False,
    refuses_default_of_uncatchable=True,
    resethand_clears_siginfo=False,
    accepts_onstack_flag=True,
    disable_forgets_area=True,
    sigreturn_restores_stack=True,
    stops_at_generation=False,
    retries_bad_frame=True,
    bad_frame="SIGSEGV",
    default_mutex="normal",
)
"""Linux 6.18, x86-64, glibc 2.36."""

"""FreeBSD on amd64 and i386: numbers, layouts and rules."""

from __future__ import annotations

from typing import Final

from emu.posix.kernel import Default, Kernel

_ORDER: Final = (
    "HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT "
    "CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2 THR LIBRT"
)

FREEBSD: Final = Kernel(
    name="freebsd",
    signals={f"SIG{name}": number for number, name in enumerate(_ORDER.split(), start=1)},
    aliases={"SIGIOT": "SIGABRT", "SIGLWP": "SIGTHR"},
    realtime=range(65, 127),
    highest=128,
    reserved=(),
    words=4,
    word_bits=32,
    defaults={
        **dict.fromkeys(
            [
                "SIGQUIT",
                "SIGILL",
                "SIGTRAP",
                "SIGABRT",
                "SIGEMT",
                "SIGFPE",
                "SIGBUS",
                "SIGSEGV",
                "SIGSYS",
            ],
            Default.CORE,
        ),
        **dict.fromkeys(["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"], Default.STOP),
        **dict.fromkeys(["SIGCHLD", "SIGURG", "SIGIO", "SIGWINCH", "SIGINFO"], Default.IGNORE),
        "SIGCONT": Default.CONTINUE,
    },
    how={"SIG_BLOCK": 1, "SIG_UNBLOCK": 2, "SIG_SETMASK": 3},
    flags={
        "SA_ONSTACK": 1,
        "SA_RESTART": 2,
        "SA_RESETHAND": 4,
        "SA_NOCLDSTOP": 8,
        "SA_NODEFER": 0x10,
        "SA_NOCLDWAIT": 0x20,
        "SA_SIGINFO": 0x40,
    },
    stack_flags={"SS_ONSTACK": 1, "SS_DISABLE": 4},
    codes={
        "SI_USER": 0x10001,
        "SI_QUEUE": 0x10002,
        "SI_TIMER": 0x10003,
        "SI_KERNEL": 0x10006,
        "SI_TKILL": 0x10007,
        "SEGV_MAPERR": 1,
        "SEGV_ACCERR": 2,
        "BUS_ADRALN": 1,
        "BUS_ADRERR": 2,
        "BUS_OBJERR": 3,
        "FPE_INTOVF": 1,
        "FPE_INTDIV": 2,
        "FPE_FLTDIV": 3,
        "ILL_ILLOPC": 1,
        "TRAP_BRKPT": 1,
    },
    errnos={
        "EPERM": 1,
        "ESRCH": 3,
        "EINTR": 4,
        "EBADF": 9,
        "EDEADLK": 11,
        "ENOMEM": 12,
        "EFAULT": 14,
        "EBUSY": 16,
        "EINVAL": 22,
        "EPIPE": 32,
        "EAGAIN": 35,
        "ENOTSUP": 45,
        "ETIMEDOUT": 60,
        "EPROCLIM": 67,
        "EOVERFLOW": 84,
    },
    min_stack=2048,
    frame_size=1024,
    red_zone=128,
    queue_limit=128,
    thread_limit=1500,
    thread_limit_error="EPROCLIM",
    targeting="newest-first",
    private_first=False,
    queues_standard=True,
    keeps_blocked_ignored=False,
    masks_sigpending=False,
    pid_before_signal=False,
    refuses_unknown_flags=True,
    refuses_default_of_uncatchable=False,
    resethand_clears_siginfo=True,
    accepts_onstack_flag=False,
    disable_forgets_area=False,
    sigreturn_restores_stack=False,
    stops_at_generation=True,
    retries_bad_frame=False,
    bad_frame="SIGILL",
    default_mutex="errorcheck",
)
"""FreeBSD: signal sets of four 32-bit words, the newest thread first."""

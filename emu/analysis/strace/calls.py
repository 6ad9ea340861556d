"""Which system calls do what: those that make threads, and those in which a thread may wait."""

from __future__ import annotations

from typing import Final

FORKS: Final = frozenset(("clone", "clone2", "clone3", "fork", "vfork"))

SLEEPS: Final = frozenset(("nanosleep", "clock_nanosleep"))

WAITS: Final = frozenset(
    (
        "accept accept4 epoll_pwait epoll_pwait2 epoll_wait flock io_getevents io_uring_enter "
        "mq_timedreceive mq_timedsend msgrcv msgsnd pause poll ppoll pselect6 read readv recvfrom "
        "recvmmsg recvmsg rt_sigsuspend rt_sigtimedwait select semop semtimedop wait4 waitid "
        "waitpid"
    ).split()
)
"""Calls in which a thread may wait for what is no lock."""


def may_wait(name: str) -> bool:
    """Whether a thread may be in this call for long."""
    return name in WAITS or name in SLEEPS or name.startswith("futex")

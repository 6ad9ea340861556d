"""One line of strace's output."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from emu.analysis.strace.syntax import (
    Attached,
    Begun,
    Call,
    Ended,
    Exited,
    Frame,
    Killed,
    Line,
    NoTimeError,
    Remark,
    Result,
    Signalled,
    Stopped,
    Superseded,
    What,
    parse_line,
)
from tests.analysis.strace.written import ARGUMENTS, NAMES

T = 1_700_000_000_123_456_000
TIME = "1700000000.123456"

ERRORS = st.sampled_from(["EAGAIN", "EINTR", "ENOENT", "ETIMEDOUT"])
RESULTS = (
    st.builds(Result, st.integers(-1, 1 << 40), st.just(""), st.just(""))
    | st.builds(Result, st.just(-1), ERRORS, st.just("(Some words (and more))"))
    | st.builds(Result, st.none(), st.just("ERESTARTSYS"), st.just("(To be restarted)"))
    | st.builds(Result, st.integers(0, 9), st.just(""), st.just("(Timeout)"))
    | st.none()
)
LASTED = st.none() | st.integers(0, 10**12).map(lambda us: us * 1_000)
TEXTS = ARGUMENTS.map(", ".join)
CALLS: st.SearchStrategy[What] = (
    st.builds(Call, NAMES, TEXTS, RESULTS, LASTED)
    | st.builds(Begun, NAMES, TEXTS)
    | st.builds(Ended, NAMES, TEXTS, RESULTS, LASTED)
    | st.builds(Exited, st.integers(0, 255))
    | st.builds(Killed, st.sampled_from(["SIGTERM", "SIGRT_3"]), st.booleans())
    | st.builds(Stopped, st.just("SIGSTOP"))
    | st.builds(Superseded, st.integers(1, 1 << 22))
    | st.builds(Signalled, st.just("SIGUSR1"), st.just("{si_signo=SIGUSR1, si_code=SI_USER}"))
)


def _returned(result: Result | None, lasted: int | None) -> str:
    shown = "?"
    if result is not None:
        value = "?" if result.value is None else str(result.value)
        shown = " ".join(part for part in (value, result.error, result.text) if part)
    time = "" if lasted is None else f" <{lasted // 10**9}.{lasted % 10**9 // 1000:06d}>"
    return f"= {shown}{time}"


def written(what: What) -> str:
    """The line that strace writes."""
    match what:
        case Call(name, arguments, result, lasted):
            return f"{name}({arguments}) {_returned(result, lasted)}"
        case Begun(name, arguments):
            return f"{name}({arguments} <unfinished ...>"
        case Ended(name, arguments, result, lasted):
            return f"<... {name} resumed>{arguments}) {_returned(result, lasted)}"
        case Exited(status):
            return f"+++ exited with {status} +++"
        case Killed(signal, core):
            return f"+++ killed by {signal}{' (core dumped)' if core else ''} +++"
        case Stopped(signal):
            return f"--- stopped by {signal} ---"
        case Superseded(by):
            return f"+++ superseded by execve in pid {by} +++"
        case Signalled(signal, info):
            return f"--- {signal} {info} ---"
    raise AssertionError(what)


@given(CALLS, st.sampled_from([None, 7, 4_194_304]), st.sampled_from(["", "my program"]))
def test_a_line_is_read_as_it_was_written(what: What, pid: int | None, comm: str) -> None:
    name = f"<{comm}>" if comm else ""
    befores = (
        [""] if pid is None else [f"{pid}{name} ", f"{pid}{name}    ", f"[pid {pid:5}{name}] "]
    )
    for before in befores:
        line = parse_line(f"{before}{TIME} {written(what)}")

        assert Line(pid, comm if pid else "", T, what) == line


@given(st.text(max_size=60))
def test_any_other_text_is_read_or_said_to_be_wrong_and_no_more(text: str) -> None:
    with suppress(ValueError):
        parse_line(text)


@given(CALLS, st.data())
def test_a_line_that_is_cut_is_read_or_said_to_be_wrong(what: What, data: st.DataObject) -> None:
    line = f"7 {TIME} {written(what)}"
    cut = line[: data.draw(st.integers(0, len(line)))]
    with suppress(ValueError):
        parse_line(cut)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("getpid()        = 7", Call("getpid", "", Result(7))),
        ("exit_group(0)   = ?", Call("exit_group", "0", None)),
        ("exit(0) = ? <unavailable>", Call("exit", "0", None)),
        ("<... exit resumed>)    = ?", Ended("exit", "", None)),
        ("<... futex resumed> ) = 0", Ended("futex", "", Result(0))),
        ('<... ioctl resumed>, a="b"}) = 0', Ended("ioctl", ', a="b"}', Result(0))),
        ("???( <unfinished ...>", Begun("???", "")),
        ("<... ??? resumed>) = ?", Ended("???", "", None)),
        ("mmap(NULL, 8) = 0x7f00", Call("mmap", "NULL, 8", Result(0x7F00))),
        ('open("a") = 3</a (b>', Call("open", '"a"', Result(3))),
        ("kill(1, SIGUSR1 <detached ...>", Begun("kill", "1, SIGUSR1")),
        ("nanosleep({tv_sec=1},  <unfinished ...>", Begun("nanosleep", "{tv_sec=1}")),
        ("[  202] futex(0x1, 1) = 0", Call("futex", "0x1, 1", Result(0))),
        ("[00007f00deadbeef] futex(0x1, 1) = 0", Call("futex", "0x1, 1", Result(0))),
        ("(+     0.000012) gettid() = 7", Call("gettid", "", Result(7))),
        ("syscall_0x1f5() = -1 E (no)", Call("syscall_0x1f5", "", Result(-1, "", "E (no)"))),
        ("wait4(-1, [{A(s) && B == 0}]) = 9", Call("wait4", "-1, [{A(s) && B == 0}]", Result(9))),
        ("mmap(NULL, A|21<<B, -1) = 1", Call("mmap", "NULL, A|21<<B, -1", Result(1))),
        ("fork() = 9<program>", Call("fork", "", Result(9))),
    ],
)  # fmt: skip
def test_every_form_of_a_call_is_known(text: str, what: What) -> None:
    assert what == parse_line(f"7 {TIME} {text}").what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("strace: Process 9 attached", Attached(9)),
        ("Process 9 attached", Attached(9)),
        ("strace: Process 9 attached with 3 threads", Attached(9)),
        ("strace: Process 9<program> attached", Attached(9)),
        ("strace: Process 9 detached", Remark("strace: Process 9 detached")),
        ("[ Process PID=9 runs in x32 mode. ]", Remark("[ Process PID=9 runs in x32 mode. ]")),
        (" > /a/program(work+0x2c) [0x11a5]", Frame("/a/program", "work", "")),
        (" > /a/program(A::f(int)+0x2c) [0x11a5]", Frame("/a/program", "A::f(int)", "")),
        (" > /a/program() [0x11a5]", Frame("/a/program", "", "")),
        (" > /a/b(work+0x2c) [0x11a5] /src/a.c:12", Frame("/a/b", "work", "/src/a.c:12")),
        (" > no matching address range", Remark(" > no matching address range")),
    ],
)  # fmt: skip
def test_lines_without_a_time_are_remarks_and_frames(text: str, what: What) -> None:
    assert Line(None, "", None, what) == parse_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "getpid() = 7",
        "7  getpid() = 7",
        "[pid  7] getpid() = 7",
        "7  12:34:56 getpid() = 7",
        "12:34:56.123456 getpid() = 7",
        "     0.000123 getpid() = 7",
        "+++ exited with 0 +++",
    ],
)
def test_a_line_without_a_time_since_1970_says_so(text: str) -> None:
    with pytest.raises(NoTimeError, match="no time since 1970"):
        parse_line(text)


@pytest.mark.parametrize(
    "text",
    ["", "hello", f"7 {TIME} hello", f"7 {TIME} f(1", f"7 {TIME} f(1)", f"7 {TIME} --- x ---"],
)
def test_what_is_no_line_of_straces_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match=r"cut off|neither a call|nothing known"):
        parse_line(text)

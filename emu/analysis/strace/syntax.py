"""One line of strace's output: a value, or a sentence that says what is wrong with it.

A line is a thread (`[pid 6981]`, `6981`, with `<comm>` after it, or nothing), a time, and what
happened: a call, the beginning or the end of one, a signal, the end of a thread. Between them
stand remarks of strace's own, and with -k the frames of the call before. strace(1), "Output".
"""

from __future__ import annotations

import re
from sys import intern
from typing import Final, NamedTuple

from emu.analysis.strace.scanning import closing, number


class Result(NamedTuple):
    """What a call gave back: a number, if any, and the name of an error.

    `signals` is the text in parentheses after a number.
    """

    value: int | None = None
    error: str = ""
    text: str = ""


class Call(NamedTuple):
    """A call from its beginning to its end; without a `result` it never came back.

    `lasted` is in ns, with -T.
    """

    name: str
    arguments: str
    result: Result | None = None
    lasted: int | None = None


class Begun(NamedTuple):
    """A call begins; its end is on another line."""

    name: str
    arguments: str


class Ended(NamedTuple):
    """A call ends that began on another line; `arguments` are the rest of them."""

    name: str
    arguments: str
    result: Result | None = None
    lasted: int | None = None


class Signalled(NamedTuple):
    """A signal reaches the thread; `info` is its siginfo, as a struct."""

    signal: str
    info: str


class Stopped(NamedTuple):
    """A signal stops the process."""

    signal: str


class Exited(NamedTuple):
    """The thread is over."""

    status: int


class Killed(NamedTuple):
    """The process was killed by a signal; `core`: it left one."""

    signal: str
    core: bool


class Superseded(NamedTuple):
    """The thread is over because another one of its process, `by`, went on in its place."""

    by: int


class Attached(NamedTuple):
    """strace says that it follows another thread from here on; the line has no time."""

    pid: int


class Frame(NamedTuple):
    """A frame of the stack with which the call before was made, the innermost first."""

    file: str
    function: str
    source: str
    """`file:line`, where strace knows it."""


class Remark(NamedTuple):
    """What strace says that tells nothing about the program."""

    text: str


What = (
    Call
    | Begun
    | Ended
    | Signalled
    | Stopped
    | Exited
    | Killed
    | Superseded
    | Attached
    | Frame
    | Remark
)


class Line(NamedTuple):
    """A line: its thread, if it says so, with the name of it; its time in ns since 1970, if any."""

    pid: int | None
    comm: str
    t: int | None
    what: What


_PID: Final = re.compile(r"\[pid +(\d+)(?:<(.*?)>)?\] +|(\d+)(?:<(.*?)>)? +(?=[\d<+\-a-z_\[])")
_TIME: Final = re.compile(r"(\d{9,})\.(\d{1,9}) +(?:\(\+ *[\d.]+\) +)?")
_OTHER_TIME: Final = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)? | *\d{1,8}\.\d{6} ")
_EXTRA: Final = re.compile(r"\[ *(?:[0-9a-f?]{8,}|\d+|\?+)\] +")
"""What -n and -i put before a call: its number, and where it was made."""
_NAME: Final = re.compile(r"([a-z_][a-z0-9_]*|\?{3,4}|syscall_0x[0-9a-f]+)\(")
_ENDED: Final = re.compile(r"<\.\.\. ([a-z_][a-z0-9_]*|\?{3,4}|syscall_0x[0-9a-f]+) resumed> ?")
_LASTED: Final = re.compile(r" <(\d+)\.(\d{1,9})>$")
_RESULT: Final = re.compile(
    r"\)? *= (\?|-?0x[0-9a-f]+|-?\d+)(?:<.*?>)?(?: ([A-Z][A-Z0-9_]+)\b)?(.*)"
)
_UNFINISHED: Final = (" <unfinished ...>", " <detached ...>", "<unfinished ...>")
_SIGNALLED: Final = re.compile(r"--- (SIG\w+|\d+)(?: (\{.*\}|\(.*\) @ .*))? ---")
_SIGNALLED_BARE: Final = re.compile(r"--- (\{si_signo=(SIG\w+),.*\}) \(.*\) ---")
_STOPPED: Final = re.compile(r"--- stopped by (SIG\w+) ---")
_EXITED: Final = re.compile(r"\+\+\+ exited with (\d+) \+\+\+")
_KILLED: Final = re.compile(r"\+\+\+ killed by (SIG\w+)( \(core dumped\))? \+\+\+")
_SUPERSEDED: Final = re.compile(r"\+\+\+ superseded by execve in pid (\d+)(?:<.*?>)? \+\+\+")
_ATTACHED: Final = re.compile(r"(?:strace: )?Process (\d+)(?:<.*?>)? attached(?: .*)?")
_FRAME: Final = re.compile(
    r" > ?(?P<file>[^(]*?)(?:\((?P<function>.*)\+0x[0-9a-f]+\)|\(\))?"
    r" \[0x[0-9a-f]+\](?: (?P<source>\S.*:\d+))?"
)
_REMARKS: Final = ("strace: ", "[ Process PID=", "Process ", " > ", "/usr/bin/strace: ")


class NoTimeError(ValueError):
    """A line of strace's without a time, or with one of another kind than -ttt gives."""


def parse_line(text: str) -> Line:
    """The line that `text` holds, without its newline.

    Raises `NoTimeError` for a line of a trace that was not made with -ttt, and `ValueError` with
    what is wrong for anything else.
    """
    at, pid, comm = 0, None, ""
    time = _TIME.match(text)
    if time is None and (thread := _PID.match(text)) is not None:
        pid, comm, at = (
            int(thread[1] or thread[3]),
            intern(thread[2] or thread[4] or ""),
            thread.end(),
        )
        time = _TIME.match(text, at)
    if time is not None:
        t, at = _ns(time), time.end()
        return Line(pid, comm, t, _what(text, at))
    remark = _remark(text)
    if remark is None:
        other = _OTHER_TIME.match(text, at)
        _what(text, at if other is None else other.end())
        raise NoTimeError("the line has no time since 1970")
    return Line(None, "", None, remark)


def _ns(time: re.Match[str]) -> int:
    """A time in seconds, with the digits after the point that strace gives, in ns."""
    return int(time[1]) * 1_000_000_000 + int(time[2].ljust(9, "0"))


def _remark(text: str) -> Attached | Frame | Remark | None:
    """What a line without a time is, if it is one that has none."""
    if attached := _ATTACHED.fullmatch(text):
        return Attached(int(attached[1]))
    if frame := _FRAME.fullmatch(text):
        return Frame(frame["file"], frame["function"] or "", frame["source"] or "")
    return Remark(text) if text.startswith(_REMARKS) else None


def _what(text: str, at: int) -> What:
    extra = _EXTRA.match(text, at)
    if extra is not None:
        at = extra.end()
    if text.startswith(("---", "+++"), at):
        return _mark(text[at:])
    lasted, end = None, len(text)
    time = _LASTED.search(text)
    if time is not None:
        lasted, end = _ns(time), time.start()
    again = _ENDED.match(text, at)
    if again is not None:
        rest, result = _arguments(text, again.end(), end, rest=True)
        return Ended(again[1], rest, result, lasted)
    name = _NAME.match(text, at)
    if name is None:
        raise ValueError("neither a call, nor a signal, nor the end of a thread")
    for unfinished in _UNFINISHED:
        if text.endswith(unfinished):
            return Begun(
                intern(name[1]), text[name.end() : -len(unfinished)].rstrip().removesuffix(",")
            )
    arguments, result = _arguments(text, name.end(), end)
    return Call(intern(name[1]), arguments, result, lasted)


def _arguments(text: str, at: int, end: int, *, rest: bool = False) -> tuple[str, Result | None]:
    """The arguments that begin at `at`, or the rest of them, and the result after them."""
    close = closing(text[:end], at, rest=rest)
    if close < 0:
        if text.startswith("= ", at) or text.startswith(") ", at):  # `<... exit resumed>= ?`
            close = at
        else:
            raise ValueError("a call without an end; the line is cut off")
    result = _RESULT.fullmatch(text, close, end)
    if result is None:
        raise ValueError("a call without a result; the line is cut off")
    arguments = text[at:close].strip().removesuffix(",")
    if result[1] == "?" and not result[2]:
        return arguments, None
    value = number(result[1] + result[3])  # in another PID namespace that is after the number
    return arguments, Result(value, result[2] or "", result[3].strip())


def _mark(text: str) -> What:
    """What stands between `---` or `+++`."""
    if match := _SIGNALLED.fullmatch(text):
        return Signalled(match[1], match[2] or "")
    if match := _SIGNALLED_BARE.fullmatch(text):
        return Signalled(match[2], match[1])
    if match := _EXITED.fullmatch(text):
        return Exited(int(match[1]))
    if match := _KILLED.fullmatch(text):
        return Killed(match[1], bool(match[2]))
    if match := _STOPPED.fullmatch(text):
        return Stopped(match[1])
    if match := _SUPERSEDED.fullmatch(text):
        return Superseded(int(match[1]))
    raise ValueError("a line of --- or +++ that says nothing known")

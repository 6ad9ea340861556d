"""Files of strace's, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from emu.analysis.strace.importing import import_trace, traces_of
from emu.errors import LogError
from tests.analysis.strace.traces import START, read, timed, told


def refused(path: Path, content: bytes) -> str:
    file = path / "a.strace"
    file.write_bytes(content)
    with pytest.raises(LogError) as raised:
        import_trace([file])
    return str(raised.value).removeprefix(f"{path}/")


def test_an_empty_file_is_no_trace(tmp_path: Path) -> None:
    assert refused(tmp_path, b"") == (
        "a.strace: the file is empty; a trace is made by `strace -f -ttt -o FILE COMMAND`"
    )


def test_a_binary_file_is_no_trace(tmp_path: Path) -> None:
    assert refused(tmp_path, b"\x7fELF\0\0") == (
        "a.strace: a binary file, not the text that strace writes"
    )


def test_a_text_that_is_not_straces_is_no_trace(tmp_path: Path) -> None:
    assert refused(tmp_path, b"It was a dark and stormy night.\n") == (
        "a.strace: nothing in it is strace's; a trace is made by `strace -f -ttt -o FILE COMMAND`"
    )


@pytest.mark.parametrize(
    "line", ["7  getpid() = 7", "7  12:00:01 getpid() = 7", "     0.000012 getpid() = 7"]
)
def test_a_trace_without_times_since_1970_says_which_flag_is_wanted(
    tmp_path: Path, line: str
) -> None:
    assert refused(tmp_path, f"strace: Process 7 attached\n{line}\n".encode()) == (
        "a.strace:2: the line has no time since 1970; trace with -ttt, as in "
        "`strace -f -ttt -o FILE COMMAND`"
    )


def test_a_compressed_file_is_read_as_it_was(tmp_path: Path) -> None:
    text = timed("1 getpid() = 1")
    file = tmp_path / "a.strace.zst"
    file.write_bytes(zstandard.compress(text.encode()))

    assert import_trace([file]) == read(tmp_path, text)


def test_a_compressed_file_that_is_none_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "a.strace.zst"
    file.write_text(timed("1 getpid() = 1"), encoding="utf-8")
    with pytest.raises(LogError, match=r"cannot read the trace .*a\.strace\.zst: it is damaged"):
        import_trace([file])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"cannot read the trace .*none: No such file or directory"):
        import_trace([tmp_path / "none"])


def test_lines_that_are_none_are_named_and_passed_over(tmp_path: Path) -> None:
    good = timed("1 getpid() = 1\n1 gettid() = 1\n")
    made = read(tmp_path, f"hello\n{good}getpid() = 7\n1 {START}.5 getpid(\n")

    assert [line.rpartition("strace:")[2] for line in made.damage] == [
        "1: neither a call, nor a signal, nor the end of a thread",
        "4: the line has no time since 1970",
        "5: a call without an end; the line is cut off",
    ]
    assert len(told(made.history, "syscall")) == 2


def test_a_call_in_which_the_file_ends_had_begun(tmp_path: Path) -> None:
    text = timed("1 getpid() = 1") + f"1 {START}.5 futex(0x10, FUTEX_WAIT_PRIVATE, 2, NULL"
    made = read(tmp_path, text)

    assert [line.rpartition("strace:")[2] for line in made.damage] == [
        "2: the line is cut off; here it ends"
    ]
    assert told(made.history, "lock") == ["2 1 lock.wait 0x10 held_by=unknown"]


def test_of_a_value_that_is_cut_nothing_is_made(tmp_path: Path) -> None:
    made = read(tmp_path, timed("1 getpid() = 1") + f"1 {START}.5 futex(0x1")

    assert len(made.damage) == 1
    assert told(made.history, "lock", "wait") == []


def test_a_clock_that_is_set_back_does_not_turn_time_back(tmp_path: Path) -> None:
    lines = [f"1 {START + second}.000000 getpid() = 1" for second in (5, 3, 4, 6)]
    made = read(tmp_path, "\n".join(lines) + "\n")

    assert [event.t for event in made.history.events if event.event == "syscall"] == [
        0,
        0,
        0,
        1_000_000_000,
    ]
    assert made.damage == (
        f"{tmp_path}/program.strace:2: the clock was set back; its time is that before",
    )


def test_a_line_that_strace_broke_off_to_say_something_goes_on(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        f'{START}.100000 execve("/bin/a", ["a"], 0x7f /* 0 vars */) = 0\n'
        f"{START}.200000 clone(flags=CLONE_VM|CLONE_THREADstrace: Process 8 attached\n"
        f" <unfinished ...>\n"
        f"[pid     8] {START}.300000 gettid() = 8\n"
        f"[pid     7] {START}.400000 <... clone resumed>) = 8\n",
    )

    assert made.damage == ()
    assert told(made.history, "thread") == [
        "1  thread.spawn 7 child=7",
        "1 7 thread.start 7",
        "2 7 thread.spawn 8 child=8",
        "4 8 thread.start 8",
    ]


def test_strace_may_say_more_than_one_thing_before_a_line_goes_on(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        "strace: Process 7 attached with 2 threads\n"
        f"[pid     8] {START}.100000 gettid() = 8\n"
        f"[pid     7] {START}.200000 futex(0x10, FUTEX_WAIT_PRIVATE, 2, NULL"
        "strace: Process 7 detached\n"
        "strace: Process 8 detached\n"
        " <detached ...>\n",
    )

    assert made.damage == ()
    assert told(made.history, "lock") == ["3 7 lock.wait 0x10 held_by=unknown"]
    assert made.history.outcome.name == "unknown"


def test_files_of_one_name_with_numbers_are_one_trace() -> None:
    paths = [Path(name) for name in ("a.12", "b.strace", "a.9", "c", "d.7", "a", "c")]

    assert traces_of(paths) == [
        [Path("a.9"), Path("a.12")],
        [Path("b.strace")],
        [Path("c")],
        [Path("d.7")],
        [Path("a")],
    ]

"""`emu logs import`: logs of real programs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emu.record.reading import read_history
from tests.cli.prompt import emu, emu_json, finish, start

RECORDED = Path(__file__).parents[1] / "analysis/strace/recorded"


def importing(trace: str) -> tuple[str, ...]:
    return ("logs", "import", "strace", trace, "-o", "order.jsonl")


@pytest.fixture
def trace(here: Path) -> str:
    """A trace in the working directory."""
    shutil.copy(RECORDED / "order.strace", here)
    return "order.strace"


def test_a_trace_becomes_a_log(trace: str) -> None:
    made = emu(*importing(trace))

    assert made.stdout == (
        "order.strace: strace:order: ok\n"
        "  89 events of 7 threads in 0.057 s; 4 waits for 2 locks, 0 signals handled\n"
        "log  order.jsonl\n"
    )
    assert made.exit_code == 0
    assert read_history("order.jsonl").info.scenario == "strace:order"


def test_a_log_of_a_trace_is_asked_like_any_other(trace: str) -> None:
    emu(*importing(trace))
    (one,) = emu_json("logs", "predict", "order.jsonl")["predictions"]

    assert one["grade"] == "possible"
    assert one["scenario"] == "strace:order"
    said = emu("logs", "predict", "order.jsonl").stdout
    assert "as far as the trace shows, which has no lock that nobody waited for" in said


def test_the_lock_table_shows_who_waited_for_what(here: Path) -> None:
    trace = str(RECORDED / "contended.strace")
    emu("logs", "import", "strace", trace, "-o", "contended.jsonl")
    (lock,) = emu_json("logs", "locks", "contended.jsonl")["locks"]
    told = (RECORDED / "contended.events").read_text()

    assert lock["lock"].startswith("0x")
    assert lock["contended"] == told.count("lock.wait") > 0
    assert lock["acquisitions"] == told.count("lock.acquire")
    said = emu("logs", "locks", "contended.jsonl").stdout
    assert f"the longest wait for {lock['lock']}: " in said
    assert " at , " not in said


def test_what_a_trace_shows_cannot_be_run(trace: str) -> None:
    emu(*importing(trace))
    sentence = "what strace saw of order was no run of emu's, and cannot run again"

    assert sentence in emu("logs", "confirm", "order.jsonl").stdout
    assert emu("replay", "order.jsonl").stderr == f"emu: error: {sentence}\n"


def test_a_log_may_be_compressed(trace: str) -> None:
    both = [trace, str(RECORDED / "contended.strace")]
    emu("logs", "import", "strace", *both, "-o", "order.jsonl.zst")

    assert "2 runs looked at" in emu("logs", "predict", "order.jsonl.zst").stdout


def test_programs_are_told_of_each_run(here: Path) -> None:
    files = [str(RECORDED / "signals.strace"), *map(str, sorted(RECORDED.glob("threads.[0-9]*")))]
    made = emu_json("logs", "import", "strace", *files, "-o", "both.jsonl")

    assert made["log"] == "both.jsonl"
    assert made["unreadable"] == []
    assert [
        (one["scenario"], one["outcome"], one["threads"], one["locks"], one["signals"])
        for one in made["runs"]
    ] == [("strace:signals", "ok", 2, 0, 4), ("strace:contended", "ok", 4, 1, 0)]
    assert [len(one["files"]) for one in made["runs"]] == [1, 4]
    assert "2 runs looked at" in emu("logs", "predict", "both.jsonl").stdout


def test_a_file_that_is_none_is_named_and_the_others_are_kept(trace: str, here: Path) -> None:
    (here / "empty").touch()
    made = emu("logs", "import", "strace", "empty", trace, "-o", "order.jsonl")

    assert made.exit_code == 2
    assert "emu: empty: the file is empty; a trace is made by" in made.stderr
    assert read_history("order.jsonl").outcome.name == "ok"


def test_with_no_trace_at_all_nothing_is_written(here: Path) -> None:
    (here / "empty").touch()
    made = emu("logs", "import", "strace", "empty", "-o", "log.jsonl")

    assert made.exit_code == 2
    assert made.stderr.startswith("emu: error: empty: the file is empty")
    assert not (here / "log.jsonl").exists()


def test_lines_that_cannot_be_read_are_counted_and_the_first_are_named(
    trace: str, here: Path
) -> None:
    with (here / trace).open("a") as file:
        file.write("noise\n" * 30)
    made = emu(*importing(trace))

    assert made.exit_code == 0
    assert made.stderr.count("neither a call") == 10
    assert "emu: 20 more lines of order.strace cannot be read; --json names them all" in made.stderr
    assert len(emu_json(*importing(trace))["runs"][0]["damaged"]) == 30


def test_a_trace_is_not_overwritten_by_its_log(trace: str) -> None:
    made = emu("logs", "import", "strace", trace, "-o", f"./{trace}")

    assert made.exit_code == 2
    assert made.stderr == "emu: error: the log would overwrite the trace order.strace\n"


def test_a_log_that_cannot_be_written_is_named(trace: str) -> None:
    made = emu("logs", "import", "strace", trace, "-o", "no/such/place.jsonl")

    assert made.stderr == (
        "emu: error: cannot write the log no/such/place.jsonl: No such file or directory\n"
    )


def test_an_unknown_tool_is_named_with_those_there_are() -> None:
    made = emu("logs", "import", "ltrace", "x")

    assert made.exit_code == 2
    assert "unknown command 'ltrace'; known are strace; did you mean 'strace'?" in made.stderr


def test_the_verb_works_in_a_process_of_its_own(trace: str) -> None:
    status, out, _ = finish(start(*importing(trace)))

    assert status == 0
    assert out.endswith("log  order.jsonl\n")

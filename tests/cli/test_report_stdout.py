"""`emu report -o -` prints the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.logged import log
from tests.cli.prompt import emu


@pytest.fixture
def logs(here: Path) -> str:
    """A directory with a log."""
    Path("logs").mkdir()
    log("logs/a.jsonl")
    return "logs"


def test_a_page_for_stdout_is_that_for_a_file(logs: str) -> None:
    made = emu("report", logs, "-o", "-")
    emu("report", logs, "-o", "page.html")
    assert made.stdout_bytes == Path("page.html").read_bytes()
    assert made.stderr.endswith(" MB, written to stdout\n")
    assert not Path("-").exists()


def test_a_page_and_json_do_not_go_to_stdout_both(logs: str) -> None:
    made = emu("report", logs, "-o", "-", "--json")
    assert (made.exit_code, made.stdout) == (2, "")
    assert made.stderr == "emu: error: -o - and --json both print on stdout; give one of them\n"

"""The walk of a new user, by the real service: begin, watch, find, copy a line, see it again."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Opened, opened
from tests.served import ROOT, served

PATIENCE = 120_000
"""Milliseconds: `smoke` takes a quarter of a minute, on a busy machine more."""


@pytest.fixture
def here(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    """The page of a service that has just been started for the first time."""
    with served(tmp_path / "data") as url:
        with opened(browser, f"{url}/", permissions=["clipboard-read"]) as made:
            made.context.set_default_timeout(PATIENCE)
            yield made


def test_a_new_user_finds_both_bugs_and_sees_one_again(here: Opened, tmp_path: Path) -> None:
    page = here.page
    page.get_by_role("button", name="Start smoke").click()
    page.get_by_text("14 of 14").first.wait_for()
    outcomes = page.locator("main").inner_text()
    assert "deadlock" in outcomes
    assert "killed SIGSEGV" in outcomes

    page.locator(".newest li a").first.click()
    page.locator(".stage svg.body").first.wait_for()
    page.get_by_role("button", name="Copy").first.click()
    emu, *words = shlex.split(page.evaluate("navigator.clipboard.readText()"))
    assert emu == "emu"
    again = subprocess.run(
        [sys.executable, "-m", "emu", *words, "--json"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    (found,) = json.loads(again.stdout)["findings"]
    assert found["signature"] in page.locator("main").inner_text()
    assert here.complaints == []

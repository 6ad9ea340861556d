"""Streams that nobody reads, or that are closed, stop no work."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.prompt import INVERSION, finish, start


@pytest.fixture
def plan(here: Path) -> str:
    (here / "p.toml").write_text(f'name = "p"\n[[entry]]\nname = "e"\nscenario = "{INVERSION}"\n')
    return "p.toml"


def test_a_soak_whose_stderr_is_full_goes_on(plan: str) -> None:
    with Path("/dev/full").open("w") as full:
        status, out, _ = finish(start("soak", plan, "--json", stderr=full))
    assert (status, json.loads(out)["met"]) == (0, True)


def test_a_soak_whose_stderr_has_no_reader_goes_on(plan: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    status, out, _ = finish(start("soak", plan, "--json", stderr=writing))
    os.close(writing)
    assert (status, json.loads(out)["met"]) == (0, True)


@pytest.mark.parametrize("number", [1, 2])
def test_a_stream_may_be_closed_before_the_start(number: int, plan: str) -> None:
    closed = start("soak", plan, preexec_fn=lambda: os.close(number))
    status, out, err = finish(closed)
    assert (status, "Traceback" in out + err) == (0, False)
    assert finish(start("status", "runs/p"))[0] == 0

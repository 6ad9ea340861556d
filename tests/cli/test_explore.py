"""`emu explore`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.prompt import INVERSION, PROGRAMS, emu, emu_json


@pytest.mark.parametrize(
    ("args", "status"),
    [
        ((INVERSION,), 0),
        ((INVERSION, "--param", "fix=true", "--runs", "20"), 1),
        ((f"{PROGRAMS}:calm", "--runs", "5"), 0),
        ((f"{PROGRAMS}:raises",), 1),
        ((f"{PROGRAMS}:endless", "--runs", "1"), 3),
        ((INVERSION, "--strategy", "rundom"), 2),
    ],
)
def test_the_exit_status_is_the_verdict(args: tuple[str, ...], status: int) -> None:
    assert emu("explore", *args).exit_code == status


def test_json_has_the_shape_that_programs_read() -> None:
    row = emu_json("explore", INVERSION)
    assert list(row) == [
        *("scenario", "params", "strategy", "seed", "runs", "steps", "seconds"),
        *("outcomes", "met", "first_found", "shortfall", "answer", "exhausted", "bound"),
        *("behaviours", "estimate", "findings", "interrupted", "broken", "summary"),
    ]
    assert list(row["findings"][0]) == [
        *("signature", "kind", "standing", "message", "count", "first_run", "seed", "tape"),
        *("original_tape", "log"),
    ]


def test_the_number_of_lanes_changes_no_result() -> None:
    rows = [
        emu_json("explore", INVERSION, "--runs", "50", "--until", "budget", "--lanes", lanes)
        for lanes in ("1", "7")
    ]
    assert [(row["outcomes"], row["steps"]) for row in rows] == [
        (rows[0]["outcomes"], rows[0]["steps"])
    ] * 2


def test_it_says_which_strategy_found_how_much() -> None:
    args = (INVERSION, "--runs", "50", "--until", "budget")
    assert "\nfound by " in emu("explore", *args).stdout
    assert "\nfound by " not in emu("explore", *args, "--strategy", "urw").stdout


def test_what_was_found_is_saved_and_can_be_shown(here: Path) -> None:
    row = emu_json("explore", INVERSION)
    shown = emu("show", "runs/inversion/latest").stdout
    assert shown == f"emu.Falsified: {row['findings'][0]['message']}\n"


def test_out_says_where(here: Path) -> None:
    emu("explore", INVERSION, "--out", "elsewhere")
    assert (here / "elsewhere" / "inversion" / "0001" / "finding.json").exists()


def test_it_saves_nothing_if_it_is_told_not_to(here: Path) -> None:
    assert emu("explore", INVERSION, "--no-save").stdout.count("\n  log ") == 0
    assert not (here / "runs").exists()


def test_a_missing_outcome_is_named() -> None:
    out = emu("explore", INVERSION, "--param", "fix=true", "--runs", "20").stdout
    assert "not met (deadlock did not turn up in 20 runs, but ok 20)" in out


def test_until_finding_stops_at_the_first() -> None:
    row = emu_json("explore", INVERSION, "--until", "finding", "--runs", "500")
    assert row["findings"][0]["first_run"] == row["runs"]

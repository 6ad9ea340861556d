"""`emu list`."""

from __future__ import annotations

from tests.cli.prompt import PROGRAMS, emu, emu_json


def test_the_bundled_scenarios_are_listed_with_parameters_and_expectations() -> None:
    out = emu("list").stdout
    assert (
        "  philosophers\n"
        "      n philosophers, each of whom takes the left fork first.\n"
        "      params  n=5 (a whole number from 2)\n"
        "      expects deadlock\n" in out
    )


def test_json_lists_them_for_programs() -> None:
    rows = {row["name"]: row for row in emu_json("list")["scenarios"]}
    assert rows["philosophers"]["params"] == [
        {"name": "n", "default": 5, "allowed": "a whole number from 2"}
    ]


def test_the_scenarios_of_a_module_can_be_listed() -> None:
    assert emu_json("list", PROGRAMS)["scenarios"][0]["name"] == f"{PROGRAMS}:inversion"


def test_a_module_that_is_not_there_is_a_usage_error() -> None:
    result = emu("list", "nowhere")
    assert result.exit_code == 2
    assert "cannot import module 'nowhere'" in result.stderr

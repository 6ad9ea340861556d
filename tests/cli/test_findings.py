"""`emu findings`, and `emu show` of one that a campaign has found."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.prompt import INVERSION, PROGRAMS, emu

PLAN = f"""
name = "p"
[defaults]
runs = 30
until = "budget"
[[entry]]
name = "one"
scenario = "{INVERSION}"
[[entry]]
name = "two"
scenario = "{INVERSION}"
params = {{ title = "two" }}
expect = "ok"
[[entry]]
name = "limited"
scenario = "{PROGRAMS}:endless"
watchdog = {{ steps = 50 }}
"""


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A campaign with a finding that two entries show, and a trouble."""
    root = tmp_path_factory.mktemp("soak")
    (root / "p.toml").write_text(PLAN)
    emu("soak", str(root / "p.toml"), "--out", str(root / "runs"), "--workers", "1")
    return str(root / "runs" / "p")


def test_a_signature_is_one_row_with_its_entries(campaign: str) -> None:
    (group,) = json.loads(emu("findings", campaign, "--json").stdout)["findings"]
    assert [one["entry"] for one in group["entries"]] == ["one", "two"]


def test_its_count_is_that_of_all_entries(campaign: str) -> None:
    (group,) = json.loads(emu("findings", campaign, "--json").stdout)["findings"]
    assert group["count"] == sum(one["count"] for one in group["entries"]) > 2
    assert group["runs"] == 60


def test_what_one_entry_forbids_is_not_allowed(campaign: str) -> None:
    (group,) = json.loads(emu("findings", campaign, "--json").stdout)["findings"]
    assert group["standing"] == "not allowed"
    assert [one["standing"] for one in group["entries"]] == ["expected", "not allowed"]


def test_the_list_is_for_people(campaign: str) -> None:
    out = emu("findings", campaign).stdout
    assert re.search(r"^ +\d+  deadlock \[left, right\]", out, re.MULTILINE)
    assert "Runs without an answer:" in out
    assert max(map(len, out.splitlines()[:-1])) <= 100


def test_a_trouble_has_its_seeds(campaign: str) -> None:
    (group,) = json.loads(emu("findings", campaign, "--json").stdout)["troubles"]
    assert len(group["entries"][0]["seeds"]) == 20
    assert "steps" in group["signature"]


def test_one_is_shown_by_its_number(campaign: str) -> None:
    (group,) = json.loads(emu("findings", campaign, "--json").stdout)["findings"]
    out = emu("show", f"{campaign}#{group['number']}").stdout
    assert out.startswith("emu.Falsified: inversion deadlocks\n")


def test_a_trouble_is_shown_by_its_number(campaign: str) -> None:
    (group,) = json.loads(emu("findings", campaign, "--json").stdout)["troubles"]
    assert emu("show", f"{campaign}#{group['number']}").stdout.startswith("limited: ")


def test_a_number_that_there_is_not_is_a_usage_error(campaign: str) -> None:
    result = emu("show", f"{campaign}#99")
    assert result.exit_code == 2
    assert "there is no finding 99 in " in result.stderr
    assert result.stderr.endswith("; it has 1 to 3\n")


def test_a_directory_that_is_no_campaign_is_a_usage_error(here: Path) -> None:
    assert emu("findings", str(here)).exit_code == 2


def test_what_is_exported_replays_where_it_is(
    campaign: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert emu("findings", "export", campaign, "out").exit_code == 0
    monkeypatch.chdir(here / "out")
    commands = re.findall(r"^    emu (.*)$", (here / "out" / "README.md").read_text(), re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["show", "replay", "diff"]
    assert [emu(*shlex.split(command)).exit_code for command in commands] == [0, 0, 0]


def test_the_message_in_an_export_is_that_of_its_own_plan(campaign: str, here: Path) -> None:
    emu("findings", "export", campaign, "out", "1")
    assert "  replay  emu replay plan.toml#" in (here / "out" / "0001" / "message.txt").read_text()


def test_a_scenario_of_ones_own_goes_with_it(campaign: str, here: Path) -> None:
    emu("findings", "export", campaign, "out")
    assert (here / "out" / "tests" / "cli" / "programs.py").exists()


def test_an_export_overwrites_nothing(campaign: str, here: Path) -> None:
    (here / "out").mkdir()
    (here / "out" / "mine").touch()
    result = emu("findings", "export", campaign, "out")
    assert (result.exit_code, [one.name for one in (here / "out").iterdir()]) == (2, ["mine"])


def test_one_that_was_not_told_is_run_again(campaign: str, here: Path) -> None:
    shutil.copytree(Path(campaign) / "0001", "copy")
    with closing(sqlite3.connect("copy/campaign.db")) as database, database:
        database.execute("UPDATE finding SET told = NULL")
    (group,) = json.loads(emu("findings", "copy", "--json").stdout)["findings"]
    assert group["entries"][0]["message"] is None
    out = emu("show", f"copy#{group['number']}").stdout
    assert out.startswith("emu.Falsified: inversion deadlocks\n")


def test_an_export_of_what_does_not_replay_says_so(campaign: str, here: Path) -> None:
    shutil.copytree(Path(campaign) / "0001", "copy")
    with closing(sqlite3.connect("copy/campaign.db")) as database, database:
        database.execute("UPDATE finding SET told = NULL")
        database.execute("""UPDATE finding SET tally = replace(tally, '"emu1:', '"emu1:9999t1.')""")
    result = emu("findings", "export", "copy", "out")
    assert result.exit_code == 1
    assert "emu: error: " in result.stderr

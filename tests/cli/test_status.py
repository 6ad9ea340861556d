"""`emu status`, and the events of a soak."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.prompt import INVERSION, emu, emu_json, finish, start

PLAN = f'name = "p"\n[[entry]]\nname = "one"\nscenario = "{INVERSION}"\n'
LONG = f'{PLAN}until = "budget"\nruns = 10000000\n'


@pytest.fixture
def plan(here: Path) -> Path:
    (here / "p.toml").write_text(PLAN)
    return here / "p.toml"


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_finished_campaign_is_done(plan: Path) -> None:
    emu("soak", "p.toml")
    row = emu_json("status", "runs/p/0001")
    assert (row["state"], row["met"], row["over"]) == ("done", True, 1)


def test_the_latest_is_found_by_the_name_of_the_plan(plan: Path) -> None:
    emu("soak", "p.toml")
    emu("soak", "p.toml")
    assert emu_json("status", "runs/p")["directory"] == "runs/p/0002"


def test_its_exit_status_is_that_of_the_verdict(plan: Path) -> None:
    plan.write_text(f'{PLAN}expect = "ok"\n')
    emu("soak", "p.toml")
    assert emu("status", "runs/p").exit_code == 1


def test_it_is_shown_in_a_few_lines(plan: Path) -> None:
    emu("soak", "p.toml")
    lines = emu("status", "runs/p").stdout.splitlines()
    assert lines[0].startswith("p  runs/p/0001  done, after 0:")
    assert lines[2] == "1 of 1 over, 1 met  1 finding"
    assert max(map(len, lines)) <= 100


def test_a_campaign_is_seen_while_it_runs(plan: Path, here: Path) -> None:
    plan.write_text(LONG)
    process = start("soak", "p.toml", "--workers", "1")
    until = time.monotonic() + 50
    row: dict[str, Any] = {"runs": 0}
    while not row["runs"] and time.monotonic() < until:
        time.sleep(0.1)
        looked = emu("status", "runs/p", "--json").stdout  # nothing, before there is a campaign
        row = json.loads(looked) if looked else row
    process.terminate()
    finish(process)
    assert (row["state"], row["process"]) == ("running", process.pid)
    assert [worker["name"] for worker in row["workers"]] == ["w1"]
    after = emu("status", "runs/p")
    assert after.exit_code == 3 or emu_json("status", "runs/p")["met"]
    assert after.stdout.endswith("go on with it by `emu soak --resume runs/p/0001`\n")


def test_a_directory_that_is_no_campaign_is_named(here: Path) -> None:
    result = emu("status", ".")
    assert result.exit_code == 2
    assert result.stderr == "emu: error: . is no campaign: it has no 'campaign.db'\n"


def test_watching_and_json_exclude_each_other(plan: Path) -> None:
    assert emu("status", ".", "--watch", "--json").exit_code == 2


def test_watching_what_has_ended_is_one_look(plan: Path) -> None:
    emu("soak", "p.toml")
    assert emu("status", "runs/p", "--watch").exit_code == 0


def test_events_begin_and_end(plan: Path) -> None:
    events = rows(emu("soak", "p.toml", "--events", "--workers", "1").stdout)
    assert [events[0]["event"], events[-1]["event"]] == ["begin", "end"]
    assert events[0]["directory"] == "runs/p/0001"


def test_every_event_has_its_time_and_its_entry(plan: Path) -> None:
    events = rows(emu("soak", "p.toml", "--events", "--workers", "1").stdout)[1:-1]
    assert {(one["plan"], one["entry"]) for one in events} == {("p", "one")}
    assert [one["time"] for one in events] == sorted(one["time"] for one in events)
    assert {"lease", "harvest", "found", "told", "over"} <= {one["event"] for one in events}


def test_the_last_event_is_what_json_prints(plan: Path) -> None:
    last = rows(emu("soak", "p.toml", "--events").stdout)[-1]
    assert last.keys() - emu_json("soak", "p.toml").keys() == {"event", "time"}


def test_the_event_of_a_finding_names_the_run_as_json_does(plan: Path) -> None:
    events = rows(emu("soak", "p.toml", "--events").stdout)
    found = next(one for one in events if one["event"] == "found")
    assert found["run"] == events[-1]["entries"][0]["findings"][0]["first_run"]


def test_events_and_json_exclude_each_other(plan: Path) -> None:
    assert emu("soak", "p.toml", "--events", "--json").exit_code == 2


def test_a_soak_ends_when_nobody_reads_its_events(plan: Path) -> None:
    plan.write_text(LONG)
    read, write = os.pipe()
    process = start("soak", "p.toml", "--events", "--workers", "1", stdout=write)
    os.close(write)
    os.read(read, 1)
    os.close(read)
    status, _, err = finish(process)
    assert status == 141, err

"""`emu --server`: the same verbs, of a service."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli.prompt import emu, emu_json, finish, start
from tests.served import served

MET = """\
name = "met"

[[entry]]
name = "inversion"
scenario = "lock_order_inversion"
runs = 50
until = "budget"

[[entry]]
name = "all schedules"
scenario = "lock_order_inversion"
strategy = "exhaustive"
bound = 1
"""
REFUTED = """\
name = "refuted"

[[entry]]
name = "no deadlock"
scenario = "lock_order_inversion"
expect = "ok"

[[entry]]
name = "too short"
scenario = "philosophers"
runs = 1
"""
LONG = """\
name = "long"

[[entry]]
name = "philosophers"
scenario = "philosophers"
until = "budget"
runs = 100_000_000
"""
PLANS = {"met.toml": MET, "refuted.toml": REFUTED, "long.toml": LONG}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("service") / "data") as at:
        yield at


@pytest.fixture(autouse=True)
def plans(here: Path) -> None:
    for name, text in PLANS.items():
        (here / name).write_text(text)


@pytest.fixture
def there(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Commands ask the service."""
    monkeypatch.setenv("EMU_SERVER", url)
    return url


def both(url: str, *args: str) -> tuple[Result, Result]:
    """A command's result here, and at the service."""
    return emu(*args), emu("--server", url, *args)


def placeless(text: str) -> str:
    """Without what is another place or another time, and without a message's way there."""
    text = re.sub(r"^  (replay|log) .*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"[\d.]+ s, [\d,]+ runs/s", "…", text)
    text = re.sub(r"[\d-]{10} [\d:]{8}|[\d:]{8}", "…", text)
    return re.sub(r"\d+ deviations?", "…", text)  # shrunk, if there was time


def timeless(value: Any) -> Any:
    """JSON without times, places and what takes longer or shorter to tell."""
    gone = ("seconds", "directory", "message", "tape", "log", "summary", "deviations", "shrunk")
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key not in gone and "time" not in key}
        return {key: timeless(one) for key, one in kept.items()}
    return list(map(timeless, value)) if isinstance(value, list) else value


def begun(plan: str, *args: str) -> str:
    """The id of a campaign that was soaked at the service, to its end."""
    return str(emu_json("soak", plan, *args)["directory"])


@pytest.mark.parametrize("plan", ["met.toml", "refuted.toml"])
def test_a_soak_prints_the_same(plan: str, url: str) -> None:
    here, there = both(url, "soak", plan)
    assert placeless(there.stdout) == placeless(here.stdout)
    assert there.exit_code == here.exit_code


def test_a_soak_gives_programs_the_same(url: str) -> None:
    here, there = (json.loads(one.stdout) for one in both(url, "soak", "refuted.toml", "--json"))
    assert timeless(there) == timeless(here)


def test_a_soak_with_options_is_the_same(url: str) -> None:
    args = ("soak", "met.toml", "--runs", "7", "--seed", "3", "--json")
    here, there = (json.loads(one.stdout) for one in both(url, *args))
    assert timeless(there) == timeless(here)
    assert there["entries"][0]["seed"] == 3


def test_its_progress_is_told_as_it_is_here(url: str) -> None:
    here, there = both(url, "soak", "met.toml")
    for one in here, there:
        assert "/2 inversion: ok 32, deadlock 18 in 50 runs" in one.stderr


def test_its_events_are_those_of_a_soak(url: str) -> None:
    here, there = (
        [json.loads(line) for line in one.stdout.splitlines()]
        for one in both(url, "soak", "met.toml", "--events", "--workers", "1")
    )
    assert [there[0].keys(), there[-1].keys()] == [here[0].keys(), here[-1].keys()]
    assert (there[0]["plans"], there[-1]["met"]) == (["met"], True)
    wanted = {one["event"] for one in here} - {"lease"}
    assert {one["event"] for one in there} == wanted


def test_a_plan_of_the_service_has_a_name(there: str) -> None:
    row = emu_json("soak", "smoke", "--runs", "1", "--total-runs", "14")
    assert (row["plans"], len(row["entries"])) == (["smoke"], 14)


@pytest.mark.parametrize(
    "text", ['name = "x"\n[[entry]]\nname = 3\nscenario = "philosopers"\n', 'name = "x\n', "\xff"]
)
def test_the_mistakes_of_a_plan_are_told_the_same(text: str, url: str, here: Path) -> None:
    (here / "wrong.toml").write_bytes(text.encode("latin-1"))
    local, remote = both(url, "soak", "wrong.toml")
    assert (remote.exit_code, remote.stderr) == (2, local.stderr)


def test_explore_prints_the_same(url: str) -> None:
    args = ("explore", "philosophers", "--param", "n=3", "--seed", "2", "--behaviours")
    here, there = emu(*args, "--no-save"), emu("--server", url, *args)
    assert re.sub(r"[\d.]+ s, [\d,]+ runs/s", "…", there.stdout) == re.sub(
        r"[\d.]+ s, [\d,]+ runs/s", "…", here.stdout
    )
    assert there.exit_code == here.exit_code


@pytest.mark.parametrize(
    "args",
    [
        ("explore", "lock_order_inversion", "--exhaustive", "--bound", "1", "--json"),
        ("explore", "philosophers", "--until", "budget", "--runs", "9", "--no-shrink", "--json"),
        ("explore", "handler_takes_lock", "--until-saturated", "--watchdog", "steps=9", "--json"),
    ],
)
def test_explore_gives_programs_the_same(args: tuple[str, ...], url: str) -> None:
    here, there = both(url, *args)
    assert timeless(json.loads(there.stdout)) == timeless(json.loads(here.stdout))
    assert there.exit_code == here.exit_code


def tape(name: str = "original_tape") -> str:
    row = emu_json("explore", "philosophers", "--no-save")
    return str(row["findings"][0][name])


@pytest.mark.parametrize("verb", ["replay", "shrink"])
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_tape_gives_the_same(verb: str, more: tuple[str, ...], url: str) -> None:
    here, there = both(url, verb, "philosophers", tape(), *more)
    assert (there.stdout, there.exit_code) == (here.stdout, here.exit_code)


def test_a_tape_that_does_not_fit_is_told_the_same(url: str) -> None:
    here, there = both(url, "replay", "philosophers", "emu1:2q1#0000")
    assert (there.stderr, there.exit_code) == (here.stderr, here.exit_code)
    here, there = both(url, "replay", "philosophers", "emu1:2t9#0000")
    assert (there.stderr, there.exit_code) == (here.stderr, here.exit_code)
    assert here.exit_code == 1


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_chaos_file_is_sent(more: tuple[str, ...], url: str, here: Path) -> None:
    name = "it's mine.toml"
    (here / name).write_text('[[chaos.signal]]\nsignal = "SIGUSR1"\n')
    what = "handler_takes_lock", "--chaos", name
    local, remote = both(url, "explore", *what, "--json")
    here_found, there_found = (json.loads(one.stdout)["findings"] for one in (local, remote))
    assert timeless(there_found) == timeless(here_found)
    tape = there_found[0]["tape"]
    assert there_found[0]["message"].splitlines()[-1] == (
        f"  replay  emu replay handler_takes_lock {tape} --chaos 'it'\"'\"'s mine.toml'"
    )
    for verb in ("replay", "shrink"):
        local, remote = both(url, verb, "handler_takes_lock", tape, *what[1:], *more)
        assert (remote.stdout, remote.exit_code) == (local.stdout, 0)


def test_a_call_whose_time_is_up_was_not_interrupted(tmp_path: Path) -> None:
    with served(tmp_path / "data", "--max-call-seconds", "8") as at:
        what = "signal_at_thread_start", "--param", "fix=true", "--runs", "100000000"
        made = emu("--server", at, "explore", *what)
    assert made.exit_code == 3
    assert "\nthe service gives a call no more time: this is what" in made.stdout


def test_chaos_may_come_from_a_pipe(url: str, here: Path) -> None:
    os.mkfifo(here / "pipe")
    text = '[[chaos.signal]]\nsignal = "SIGUSR1"\n'
    process = start("--server", url, "explore", "handler_takes_lock", "--chaos", "pipe", "--json")
    (here / "pipe").write_text(text)
    _, out, _ = finish(process)
    assert json.loads(out)["findings"] != []


@pytest.mark.parametrize("verb", ["explore", "replay", "shrink"])
def test_the_mistakes_of_a_chaos_file_are_told_the_same(verb: str, url: str, here: Path) -> None:
    (here / "wrong.toml").write_text('[[chaos.signal]]\nsignal = "SIGNONE"\n')
    tape = () if verb == "explore" else ("emu1:",)
    local, remote = both(url, verb, "philosophers", *tape, "--chaos", "wrong.toml")
    assert (remote.exit_code, remote.stderr) == (2, local.stderr)


def test_findings_are_listed_the_same(url: str) -> None:
    _, there = both(url, "soak", "refuted.toml", "--json")
    name = json.loads(there.stdout)["directory"]
    local, remote = emu("findings", "runs/refuted/0001"), emu("--server", url, "findings", name)
    replay = f"`emu replay {url}/api/campaigns/{name}/findings/1` replays it here\n"
    assert remote.stdout.endswith(replay)
    listed = placeless(remote.stdout.removesuffix(replay))
    assert listed.replace(f"emu --server {url} show {name}", "…") == placeless(
        local.stdout
    ).replace("emu show runs/refuted/0001", "…")


def test_findings_for_programs_are_the_same(url: str) -> None:
    _, there = both(url, "soak", "refuted.toml", "--json")
    args = ("--server", url, "findings", json.loads(there.stdout)["directory"])
    assert timeless(emu_json(*args)) == timeless(emu_json("findings", "runs/refuted/0001"))


def test_a_finding_is_shown(there: str) -> None:
    name = begun("refuted.toml")
    shown = emu("show", f"{name}#1")
    assert shown.stdout.startswith("emu.Falsified: lock_order_inversion deadlocks\n")
    assert emu_json("show", f"{name}#1") == {"messages": [shown.stdout.rstrip("\n")]}


def test_a_finding_that_is_none_is_refused(there: str) -> None:
    made = emu("show", f"{begun('met.toml')}#99")
    assert (made.exit_code, "99" in made.stderr) == (2, True)


def test_status_is_the_same(url: str) -> None:
    _, there = both(url, "soak", "refuted.toml", "--json")
    name = json.loads(there.stdout)["directory"]
    local = emu_json("status", "runs/refuted/0001")
    remote = emu_json("--server", url, "status", name)
    assert (remote.keys(), remote["state"], remote["directory"]) == (local.keys(), "done", name)
    assert [one["outcomes"] for one in remote["entries"]] == [
        one["outcomes"] for one in local["entries"]
    ]
    shown = emu("--server", url, "status", name)
    assert shown.exit_code == 1
    assert "2 of 2 over, 2 not met" in shown.stdout


def test_ctrl_c_ends_the_watching_alone(there: str) -> None:
    process = start("soak", "long.toml", "--events", env_more={"EMU_SERVER": there})
    assert process.stdout is not None
    name = json.loads(process.stdout.readline())["directory"]
    process.send_signal(signal.SIGINT)
    status, _, err = finish(process)
    assert (status, f"emu: {name} goes on; look at it by" in err) == (130, True)
    assert emu_json("status", name)["state"] in ("waiting", "running")
    assert emu("stop", name).exit_code == 0


def test_a_campaign_may_be_paused_and_watched_again(there: str) -> None:
    process = start("soak", "long.toml", "--events", env_more={"EMU_SERVER": there})
    assert process.stdout is not None
    name = json.loads(process.stdout.readline())["directory"]
    emu("stop", name, "--pause")
    status, out, err = finish(process)
    assert (status, json.loads(out.splitlines()[-1])["interrupted"]) == (130, True)
    assert f"soak --resume {name}`" in err
    again = start("soak", "--resume", name, "--events", env_more={"EMU_SERVER": there})
    assert again.stdout is not None
    again.stdout.readline()
    emu("stop", name)
    assert finish(again)[0] == 130
    assert "was stopped for good" in emu("soak", "--resume", name).stderr


def test_a_soak_ends_when_nobody_reads_its_events(there: str) -> None:
    process = start("soak", "long.toml", "--events", env_more={"EMU_SERVER": there})
    assert process.stdout is not None
    name = json.loads(process.stdout.readline())["directory"]
    process.stdout.close()
    process.stdout = None
    assert finish(process)[0] == 141
    emu("stop", name)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("soak", "met.toml", "long.toml"), "2 names; with --server a plan is soaked by itself"),
        (("soak", "met.toml", "--out", "x"), "--out is for work that is done here"),
        (("soak", "met.toml", "--on", "dask://a:1"), "--on is for work that is done here"),
        (("soak", "met.toml", "--workers", "0"), "--workers is '0'; allowed is a whole number"),
        (("soak", "met.toml", "--workers", "999"), "999 workers are asked for"),
        (("soak", "gone"), "there is no shipped plan 'gone'"),
        (("soak", "--resume", "gone-0001"), "gone-0001"),
        (("soak", "--resume", "x", "--runs", "3"), "--resume goes on with what the campaign"),
        (("explore", "philosophers", "--chaos", "gone.toml"), "gone.toml: No such file"),
        (("explore", "met.toml#inversion"), "met.toml#inversion is on this machine"),
        (("explore", "tests.cli.programs:calm"), "may not run here"),
        (("explore", "philosophers", "--strategy", "rundom"), "'rundom'"),
        (("replay", "philosophers"), "replay philosophers needs a TAPE"),
        (("replay", "log.jsonl", "emu1:"), "log.jsonl is on this machine"),
        (("show", "finding.json"), "with --server a FINDING is a campaign's, as ID#NUMBER"),
        (("findings", "export", "a", "b"), "findings export runs them again, here"),
        (("status", "runs/x"), "'runs/x' is no campaign's id"),
        (("list", "tests.cli.programs"), "no scenario of module 'tests.cli.programs' may run at"),
        (("report", "gone-0001"), "there is no campaign 'gone-0001'"),
        (("report", "runs/x"), "'runs/x' is no campaign's id"),
        (("report", "a-0001#x"), "'a-0001#x' is no finding of a campaign; allowed is ID#NUMBER"),
        (("report", "a-0001", "--events", "3"), "--events is for work that is done here"),
        (("report", "a-0001", "-o", "nowhere/x.html"), "there is no directory nowhere"),
        (("run", "philosophers"), "run works here; with --server go soak, explore,"),
    ],
)
def test_what_makes_no_sense_is_refused(args: tuple[str, ...], sentence: str, url: str) -> None:
    made = emu("--server", url, *args)
    assert (made.exit_code, made.stdout) == (2, "")
    assert sentence in made.stderr
    assert made.stderr.count("\n") == 1


def test_verbs_that_ask_no_service_work_here_whatever_the_environment_says(there: str) -> None:
    assert emu("run", "philosophers", "--seed", "0").exit_code == 0


def test_scenarios_are_listed_the_same_and_plans_after_them(url: str) -> None:
    here, there = both(url, "list")
    listed, _, plans = there.stdout.partition(f"\nplans, for `emu --server {url} soak NAME`\n")
    assert listed == here.stdout
    assert plans.startswith("  go-1777\n")
    local, remote = emu_json("list"), emu_json("--server", url, "list")
    assert remote["scenarios"] == local["scenarios"]
    assert [one["name"] for one in remote["plans"]] == ["go-1777", "go-3017", "smoke"]


def test_the_scenarios_of_a_module_are_listed_the_same(url: str) -> None:
    here, there = both(url, "list", "emu.scenarios.classics")
    assert (there.stdout, there.exit_code) == (here.stdout, 0)
    assert "plans" not in emu_json("--server", url, "list", "emu.scenarios.classics")


def test_a_report_is_the_page_with_ways_back_from_elsewhere(there: str, here: Path) -> None:
    name = begun("met.toml")
    made = emu("report", name)
    assert re.fullmatch(r"report\.html: 1 finding, 0\.\d MB\n", made.stdout)
    page = (here / "report.html").read_text()
    assert f"<code>emu replay {there}/api/campaigns/{name}/findings/1</code>" in page
    assert "plan.toml" not in page


def test_a_report_may_be_of_one_finding(there: str, here: Path) -> None:
    name = begun("met.toml")
    row = emu_json("report", f"{name}#1", "-o", "one.html")
    page = (here / "one.html").read_bytes()
    assert (row["page"], row["bytes"], row["findings"]) == ("one.html", len(page), 1)
    assert f"<code>emu replay {there}/api/campaigns/{name}/findings/1</code>".encode() in page
    assert b"plan.toml#" not in page


def test_a_report_goes_to_stdout_too(there: str, here: Path) -> None:
    made = emu("report", begun("met.toml"), "-o", "-")
    assert made.stdout.startswith("<!doctype html>")
    assert made.stderr.endswith("MB, written to stdout\n")


def test_a_report_replaces_no_file_that_is_none(there: str, here: Path) -> None:
    (here / "report.html").write_text("mine")
    made = emu("report", begun("met.toml"))
    assert (made.exit_code, (here / "report.html").read_text()) == (2, "mine")


def test_stopping_is_for_a_service() -> None:
    assert emu("stop", "x").stderr == (
        "emu: error: stop is for a campaign of a service: emu --server URL stop ID\n"
    )


def test_a_token_is_for_a_service() -> None:
    made = emu("--token-file", "x", "status", "y")
    assert made.stderr == "emu: error: --token-file is for a service; name it by --server URL\n"


def test_the_token_comes_from_a_file_or_the_environment(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = here / "token"
    token.write_text("correct-horse-battery-staple")
    token.chmod(0o600)
    ask = "findings", "gone-0001"
    with served(here / "data", "--token-file", "token") as url:
        assert "asks for a token" in emu("--server", url, *ask).stderr
        assert "gone-0001" in emu("--server", url, "--token-file", "token", *ask).stderr
        monkeypatch.setenv("EMU_TOKEN", "wrong-horse-battery-staple")
        assert "the token is wrong" in emu("--server", url, *ask).stderr
        monkeypatch.setenv("EMU_TOKEN", token.read_text())
        assert "gone-0001" in emu("--server", url, *ask).stderr


def test_without_the_package_it_needs_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)
    monkeypatch.delitem(sys.modules, "emu.service.client", raising=False)
    made = emu("--server", "http://127.0.0.1:1", "status", "x")
    assert made.stderr == (
        "emu: error: --server needs httpx2, which is not installed: pip install 'emu[serve]'\n"
    )

"""`emu report`: one page for a browser, of a campaign or of what runs have left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from emu.analysis.report.page import MAGIC
from tests.analysis.report.pages import Read
from tests.browser import chromium, opened
from tests.cli.prompt import INVERSION, PROGRAMS, ROOT, emu, emu_json, finish, start

PLAN = f"""
name = "p"
[defaults]
runs = 64
until = "budget"
[[entry]]
name = "one"
scenario = "{INVERSION}"
[[entry]]
name = "two"
scenario = "{INVERSION}"
params = {{ fix = true }}
expect = "ok"
[[entry]]
name = "limited"
scenario = "{PROGRAMS}:endless"
watchdog = {{ steps = 50 }}
runs = 3
"""

MANY = 20


def soak(root: Path, plan: str, *args: str) -> Path:
    """A campaign of this plan below `root`."""
    (root / "p.toml").write_text(plan)
    emu("soak", str(root / "p.toml"), "--out", str(root / "runs"), "--workers", "1", *args)
    return root / "runs" / "p" / "0001"


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign with a finding, a trouble, and the logs of every run."""
    return soak(tmp_path_factory.mktemp("soak"), PLAN, "--logs", "all")


@pytest.fixture
def copied(campaign: Path, here: Path) -> Path:
    """A copy of it, to damage."""
    shutil.copytree(campaign, here / "copy")
    return here / "copy"


def report(directory: Path | str, *args: str) -> Read:
    result = emu("report", str(directory), *args)
    assert result.exit_code == 0, result.stderr
    return Read(Path("report.html").read_bytes())


def said(made: Read, tag: str) -> str:
    return " ".join(" ".join(made.texts.get(tag, ())).split())


def test_it_says_where_the_page_is_and_how_large(campaign: Path) -> None:
    assert emu("report", str(campaign)).stdout == "report.html: 1 finding, 0.1 MB\n"


def test_programs_get_one_object(campaign: Path) -> None:
    row = emu_json("report", str(campaign), "-o", "x.html")
    assert row["bytes"] == Path("x.html").stat().st_size
    del row["bytes"]
    assert row == {
        "directory": str(campaign),
        "page": "x.html",
        "entries": 3,
        "findings": 1,
        "timelines": 1,
        "notices": [],
    }


def test_the_same_campaign_gives_the_same_page(campaign: Path, here: Path) -> None:
    emu("report", str(campaign), "-o", "a.html")
    time.sleep(1.1)
    emu("report", str(campaign), "-o", "b.html")
    assert (here / "a.html").read_bytes() == (here / "b.html").read_bytes()


def test_no_order_of_hashing_leaves_a_mark(campaign: Path, here: Path) -> None:
    for seed in ("1", "2"):
        subprocess.run(
            [
                sys.executable,
                "-c",
                "from emu.cli import main; main()",
                "report",
                str(campaign),
                "-o",
                f"{seed}.html",
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            check=True,
        )
    assert (here / "1.html").read_bytes() == (here / "2.html").read_bytes()


def test_a_campaign_that_has_only_begun_has_a_page(copied: Path) -> None:
    with closing(sqlite3.connect(copied / "campaign.db")) as database, database:
        database.execute("UPDATE entry SET figures = '{}'")
        database.execute("DELETE FROM finding")
        database.execute("DELETE FROM log")
    made = report(copied)
    assert "Nothing was found in 0 runs." in made.texts["p"]
    assert made.texts["span"].count("unknown") == 4


def test_the_latest_campaign_is_found_by_the_name_of_the_plan(campaign: Path) -> None:
    assert emu_json("report", str(campaign.parent))["directory"] == str(campaign)


def test_it_has_every_entry_with_its_verdict(campaign: Path) -> None:
    made = report(campaign)
    assert {"one", "two", "limited"} <= set(made.texts["b"])
    assert [text for text in made.texts["span"] if text in ("met", "unknown")] == [
        "unknown",
        *("met", "met", "unknown"),
    ]


def test_it_has_the_finding_with_its_message_and_its_way_back(campaign: Path) -> None:
    made = report(campaign)
    assert "inversion deadlocks" in said(made, "h3")
    assert "T1 waits for right" in said(made, "pre")
    assert f"emu replay {campaign.parents[2]}/p.toml#one emu1:" in said(made, "code")


def test_what_it_says_to_replay_replays(campaign: Path) -> None:
    made = report(campaign)
    (command,) = (text for text in made.texts["code"] if text.startswith("emu replay"))
    assert emu(*command.split()[1:]).exit_code == 0


def test_it_has_runs_without_an_answer(campaign: Path) -> None:
    assert "limited: the run used up its 50 steps" in said(report(campaign), "h3")


def test_it_has_outcomes_and_behaviours_over_the_runs(campaign: Path) -> None:
    labels = [one.get("aria-label") or "" for one in report(campaign).all("svg")]
    assert "Outcomes of one over 64 runs" in labels
    assert [one for one in labels if one.endswith("of two over 64 runs")] != []


def test_its_locks_are_those_of_every_logged_run(campaign: Path) -> None:
    made = report(campaign)
    assert "From the logs of 131 runs." in said(made, "p")
    assert {"left", "right"} <= set(made.texts["b"])


def test_fewer_events_are_fewer_runs_and_it_says_so(campaign: Path) -> None:
    text = said(report(campaign, "--events", "100"), "p")
    assert "were not read to their end (`emu logs locks` counts all)." in text


def test_where_only_findings_have_logs_it_says_that_these_are_failing_runs(here: Path) -> None:
    text = said(report(soak(here, PLAN)), "p")
    assert "Only findings have logs here, so this is of failing runs alone" in text


def test_a_campaign_without_logs_has_no_timeline_and_says_why(here: Path) -> None:
    made = report(soak(here, PLAN, "--logs", "none"))
    assert made.all("figure") == []
    assert "No timeline: its log" in said(made, "p")


def test_a_directory_that_explore_leaves_is_enough(here: Path) -> None:
    emu("explore", INVERSION, "--out", "found")
    made = report("found")
    assert "inversion deadlocks" in said(made, "h3")
    assert f"emu replay {INVERSION} emu1:" in said(made, "code")
    assert len(made.all("figure")) == 1


def test_so_are_logs_alone(here: Path) -> None:
    (here / "logs").mkdir()
    for seed in range(8):
        emu("run", INVERSION, "--seed", str(seed), "--log", f"logs/{seed}.jsonl")
    made = report("logs")
    assert "8" in made.texts["dd"]
    (command,) = (text for text in made.texts["code"] if text.startswith("emu replay"))
    assert emu(*command.split()[1:]).exit_code == 0


def test_so_is_a_pack_of_logs(copied: Path) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed")
    emu("logs", "pack", str(copied / "logs"), "-o", "packed/pack")
    made, logged = report("packed"), report(copied / "logs")
    assert "From the logs of 131 runs." in said(made, "p")
    assert said(made, "td") == said(logged, "td")


def test_of_a_log_with_several_runs_it_gives_no_command_that_fails(copied: Path) -> None:
    made = report(copied / "logs")
    assert [text for text in made.texts["code"] if text.startswith("emu replay")] == []
    assert "Its log has several runs" in said(made, "p")


def test_of_a_trace_it_gives_no_command_that_fails(here: Path) -> None:
    made = Path("trace.jsonl")
    emu("run", INVERSION, "--seed", "1", "--strategy", "random", "--log", str(made))
    made.write_text(made.read_text().replace('"strategy":"random"', '"strategy":"strace"'))
    assert emu("report", ".", "-o", "report.html").exit_code == 0
    page = Path("report.html").read_text(encoding="utf-8")
    assert "which cannot be run again" in page
    assert "emu replay" not in page


def test_a_directory_with_nothing_in_it_is_a_usage_error(here: Path) -> None:
    (here / "empty").mkdir()
    result = emu("report", "empty")
    assert result.exit_code == 2
    assert result.stderr.startswith("emu: error: empty has no campaign, no log and no finding")
    assert not (here / "report.html").exists()


def test_a_directory_that_is_not_there_is_a_usage_error(here: Path) -> None:
    result = emu("report", "nowhere")
    assert result.exit_code == 2
    assert result.stderr.startswith("emu: error: nowhere is no directory")


def test_a_damaged_ledger_is_one_sentence(copied: Path) -> None:
    (copied / "campaign.db").write_bytes(b"SQLite format 3\0" + b"x" * 5_000)
    result = emu("report", str(copied))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith("copy/campaign.db: file is not a database\n")


def test_figures_that_nobody_can_read_are_one_sentence(copied: Path) -> None:
    with closing(sqlite3.connect(copied / "campaign.db")) as database, database:
        database.execute('UPDATE entry SET figures = \'{"runs": "x"}\'')
    result = emu("report", str(copied))
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "campaign.db: Figures.runs" in result.stderr


def test_damaged_logs_are_told_on_the_page_and_on_stderr(copied: Path) -> None:
    found = next((copied / "findings").glob("*/history.jsonl.zst"))
    found.write_bytes(found.read_bytes()[:-20])
    kept = min((copied / "logs").iterdir())
    kept.write_bytes(kept.read_bytes()[:-20])
    result = emu("report", str(copied))
    assert result.exit_code == 0
    notices = said(Read(Path("report.html").read_bytes()), "p")
    for path in (found, kept):
        name = str(path.relative_to(copied.parent))
        assert name in result.stderr
        assert name in notices
    assert result.stderr.count(" is cut off: its last compressed frame is not whole") == 2
    assert "No timeline: its log is damaged." in notices


def test_a_ledger_from_before_there_was_a_course_is_shown_without(copied: Path) -> None:
    with closing(sqlite3.connect(copied / "campaign.db")) as database, database:
        for number, text in database.execute("SELECT number, figures FROM entry").fetchall():
            figures = json.loads(text)
            del figures["course"]
            values = json.dumps(figures), number
            database.execute("UPDATE entry SET figures = ? WHERE number = ?", values)
    made = report(copied)
    assert "course" not in {one.get("id") for one in made.all("section")}


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("nowhere/x.html", "there is no directory nowhere to write x.html to"),
        ("taken", "taken is a directory; allowed is the name of a file, as report.html"),
        ("mine.txt", "mine.txt is there already, and is no report; it is left as it is"),
    ],
)
def test_where_the_page_cannot_be_is_said_at_once(
    here: Path, campaign: Path, out: str, sentence: str
) -> None:
    (here / "taken").mkdir()
    (here / "mine.txt").write_text("mine")
    result = emu("report", str(campaign), "-o", out)
    assert (result.exit_code, result.stderr) == (2, f"emu: error: {sentence}\n")
    assert (here / "mine.txt").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_may_not_be_written_is_said(here: Path, campaign: Path) -> None:
    (here / "locked").mkdir(mode=0o500)
    result = emu("report", str(campaign), "-o", "locked/x.html")
    assert result.stderr == "emu: error: locked cannot be written to\n"


def test_a_report_is_replaced(here: Path, campaign: Path) -> None:
    (here / "report.html").write_text(f"{MAGIC}old")
    report(campaign)
    assert not (here / "report.html").read_text().endswith("old")


def reads_a_log(process: int) -> bool:
    with suppress(OSError):  # files come and go
        files = Path(f"/proc/{process}/fd").iterdir()
        return any(one.readlink().suffix == ".jsonl" for one in files)
    return False


def test_ctrl_c_leaves_no_half_page_and_the_old_one(here: Path) -> None:
    (here / "logs").mkdir()
    emu("run", INVERSION, "--log", "logs/1.jsonl")
    line = (here / "logs" / "1.jsonl").read_bytes()
    for number in range(2, 30):
        (here / "logs" / f"{number}.jsonl").write_bytes(line * 2_000)
    old = f"{MAGIC}old"
    (here / "report.html").write_text(old)
    process = start("report", "logs", "--events", "100000000")
    until = time.monotonic() + 50
    while not reads_a_log(process.pid) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    status, _, _ = finish(process)
    assert status == 130
    assert sorted(one.name for one in here.iterdir()) == ["logs", "report.html"]
    assert (here / "report.html").read_text() == old


def test_a_campaign_at_work_can_be_looked_at(here: Path) -> None:
    (here / "p.toml").write_text(
        f'name = "p"\n[[entry]]\nname = "one"\nscenario = "{INVERSION}"\n'
        'until = "budget"\nruns = 10000000\n'
    )
    process = start("soak", "p.toml", "--workers", "1")
    until = time.monotonic() + 50
    row: dict[str, Any] = {}
    while not row.get("findings") and time.monotonic() < until:
        time.sleep(0.2)
        looked = emu("report", "runs/p", "--json").stdout
        row = json.loads(looked) if looked else row
    process.terminate()
    finish(process)
    assert row["notices"] == [
        f"Process {process.pid} is at work on this campaign; this is how it stood."
    ]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign with twenty findings, of runs too long to be drawn whole."""
    plan = 'name = "p"\n[defaults]\nruns = 1\nwatchdog = { steps = 100000 }\n'
    for number in range(MANY):
        plan += (
            f'[[entry]]\nname = "{number}"\nscenario = "{PROGRAMS}:long_inversion"\n'
            f'params = {{ name = "lock {number}", rounds = 700 }}\n'
        )
    root = tmp_path_factory.mktemp("many")
    campaign = soak(root, plan)
    emu("report", str(campaign), "-o", str(root / "many.html"))
    return root / "many.html"


def test_twenty_findings_of_long_runs_are_less_than_5_mb(many: Path) -> None:
    text = many.read_bytes()
    assert text.count(b'<figure class="timeline"') == MANY
    assert text.count(b"A long run: shown are the last") == MANY
    assert len(text) < 5_000_000


def test_their_page_opens_without_a_network_and_without_a_complaint(many: Path) -> None:
    with chromium() as browser, opened(browser, many) as here:
        for stage in here.page.locator("figure.timeline .stage").all():
            stage.scroll_into_view_if_needed()
            stage.locator("svg.body").wait_for()
        assert here.page.locator("figure.timeline .stage svg.body").count() == MANY
        assert here.complaints == []
        assert here.requests == [here.url]

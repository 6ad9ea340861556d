"""`emu logs summary`, `locks`, `signals`, `threads`, `query`, `schema`, `pack`."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from emu.cli.logs import output
from tests.cli.logged import CALM, joined, log, torn
from tests.cli.prompt import emu, emu_json, finish, start

VERBS = ("summary", "locks", "signals", "threads")


@pytest.fixture
def logs(here: Path) -> str:
    """A log of two runs of one program and one of another, one of them with signals."""
    signalled = log("c.jsonl", "handler_takes_lock", "--seed", "0")
    return joined("logs.jsonl", log("a.jsonl"), log("b.jsonl", CALM), signalled)


@pytest.fixture
def pack(logs: str) -> str:
    """The same, packed."""
    assert emu("logs", "pack", logs, "-o", "packed").exit_code == 0
    return "packed"


def rows(*args: str) -> list[dict[str, Any]]:
    made = emu(*args, "--csv")
    assert made.exit_code == 0
    return list(csv.DictReader(io.StringIO(made.stdout)))


def test_the_summary_counts_runs_and_outcomes(logs: str) -> None:
    made = emu_json("logs", "summary", logs)
    assert (made["logs"], made["runs"], len(made["programs"])) == (1, 3, 3)
    assert made["outcomes"]["ok"] == 1
    assert made["events"] == sum(made["kinds"].values())
    assert made["events"] == len(Path(logs).read_text(encoding="utf-8").splitlines()) - 2 * 3


def test_the_summary_says_it_in_a_sentence(logs: str) -> None:
    first, *_ = emu("logs", "summary", logs).stdout.splitlines()
    assert first.startswith("3 runs of 3 programs in 1 log: ")
    assert first.endswith(" of emulated time")


def test_locks_are_told_with_the_longest_wait(logs: str) -> None:
    stuck = {row["lock"]: row for row in emu_json("logs", "locks", logs)["locks"] if row["stuck"]}
    assert stuck.keys() == {"left", "right", "lock"}
    assert {stuck[name]["longest"]["thread"] for name in ("left", "right")} == {"T1", "T2"}
    assert "the longest wait for left: " in emu("logs", "locks", logs).stdout


def test_signals_are_told_with_their_regions(logs: str) -> None:
    (signal,) = emu_json("logs", "signals", logs)["signals"]
    assert (signal["signal"], signal["sent"] > 0) == ("SIGUSR1", True)
    assert sum(place["delivered"] for place in signal["places"]) == signal["delivered"]


def test_threads_are_told_with_those_who_keep_them_waiting(logs: str) -> None:
    made = emu_json("logs", "threads", logs)
    waits = {(one["waiter"], one["what"], one["holder"]) for one in made["blocking"]}
    assert {("T1", "right", "T2"), ("T2", "left", "T1")} <= waits
    for one in made["threads"]:
        parts = ("running", "waiting", "blocked", "sleeping", "stalled")
        assert one["life"] == sum(one[part] for part in parts)


@pytest.mark.parametrize("verb", VERBS)
def test_a_pack_gives_the_answers_of_its_logs(logs: str, pack: str, verb: str) -> None:
    plain, packed = (emu_json("logs", verb, path) for path in (logs, pack))
    for made in (plain, packed):
        made.pop("logs", None)
        made.pop("packs", None)
    assert plain == packed


@pytest.mark.parametrize("verb", VERBS)
def test_csv_has_the_rows_of_json(logs: str, verb: str) -> None:
    made = emu_json("logs", verb, logs)
    table = {"summary": "programs"}.get(verb, verb)
    count = len(made[table])
    if verb == "signals":
        count = sum(len(one["places"]) for one in made[table])
    assert len(rows("logs", verb, logs)) == count > 0


def test_csv_of_threads_may_have_who_keeps_whom_waiting(logs: str) -> None:
    found = rows("logs", "threads", logs, "--pairs")
    assert len(found) == len(emu_json("logs", "threads", logs)["blocking"])


@pytest.mark.parametrize("verb", [*VERBS, "query"])
@pytest.mark.parametrize("how", [(), ("--json",), ("--csv",)])
def test_damage_is_told_and_stops_nothing(here: Path, verb: str, how: tuple[str, ...]) -> None:
    whole = log("whole.jsonl")
    both = joined("both.jsonl", whole, torn("torn.jsonl", whole))
    asked = ("query", "select count(*) as runs from runs") if verb == "query" else (verb,)
    made = emu("logs", *asked, both, *how)
    line = len(Path(whole).read_bytes().splitlines()) + 1
    sentence = f"{both}:{line}: the run that begins here has no 'end' line"
    assert made.exit_code == 0
    assert made.stderr == f"emu: {sentence}\n"
    if how == ("--json",):
        assert json.loads(made.stdout)["damage"] == [sentence]


@pytest.mark.parametrize("verb", ["summary", "locks"])
def test_that_not_every_line_of_large_logs_was_looked_at_is_said(
    here: Path, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emu.analysis.tables.kept.LARGE", -1)
    made = emu("logs", verb, log("a.jsonl"), "--json")
    assert json.loads(made.stdout)["sifted"] is False
    assert made.stderr.startswith("emu: these logs are large: pieces of them were looked at ")


@pytest.mark.parametrize("verb", ["summary", "locks"])
def test_every_line_of_logs_that_are_not_large_is_looked_at(here: Path, verb: str) -> None:
    made = emu("logs", verb, log("a.jsonl"), "--json")
    assert json.loads(made.stdout)["sifted"] is True
    assert made.stderr == ""


@pytest.mark.parametrize("verb", VERBS)
def test_an_empty_log_is_told(here: Path, verb: str) -> None:
    Path("empty.jsonl").touch()
    made = emu("logs", verb, "empty.jsonl")
    assert (made.exit_code, made.stderr) == (0, "emu: empty.jsonl: the log is empty\n")


@pytest.mark.parametrize("verb", VERBS)
def test_a_directory_without_a_log_is_refused(here: Path, verb: str) -> None:
    Path("nothing").mkdir()
    made = emu("logs", verb, "nothing")
    assert made.exit_code == 2
    assert made.stderr.startswith("emu: error: nothing: there is no log below it")


@pytest.mark.parametrize("verb", VERBS)
def test_two_formats_are_refused(logs: str, verb: str) -> None:
    made = emu("logs", verb, logs, "--json", "--csv")
    assert (made.exit_code, made.stderr) == (
        2,
        "emu: error: --json and --csv exclude each other; give one of them\n",
    )


def test_a_query_has_names_and_rows(logs: str) -> None:
    sql = "select outcome, count(*) as runs from runs group by all order by all"
    found = rows("logs", "query", sql, logs)
    assert found == [{"outcome": "deadlock", "runs": "2"}, {"outcome": "ok", "runs": "1"}]
    assert emu_json("logs", "query", sql, logs)["rows"][1] == {"outcome": "ok", "runs": 1}


def test_every_column_of_the_schema_can_be_asked_for(logs: str) -> None:
    for table in ("events", "runs"):
        columns = [row["column"] for row in rows("logs", "schema") if row["table"] == table]
        made = emu(
            "logs", "query", f"select {', '.join(columns)} from {table} limit 1", logs, "--json"
        )
        assert list(json.loads(made.stdout)["rows"][0]) == columns


def test_a_mistake_in_a_query_is_told_in_the_words_of_the_database(logs: str) -> None:
    made = emu("logs", "query", "select evnt from events", logs)
    assert made.exit_code == 2
    assert made.stderr.startswith('emu: error: Binder Error: Referenced column "evnt" not found')
    assert "Traceback" not in made.stderr


@pytest.mark.parametrize("sql", ["", ";", "-- nothing"])
def test_a_query_that_asks_nothing_is_refused(logs: str, sql: str) -> None:
    assert emu("logs", "query", sql, logs).exit_code == 2


def test_a_value_that_json_does_not_know_is_text(logs: str) -> None:
    sql = "select 1.5::decimal(3,1) as d, date '2012-02-14' as day, [1, 2] as l, 'NaN'::double as n"
    (row,) = emu_json("logs", "query", sql, logs)["rows"]
    assert row == {"d": "1.5", "day": "2012-02-14", "l": [1, 2], "n": None}


def test_a_pack_says_how_much_smaller_it_is(logs: str) -> None:
    made = emu_json("logs", "pack", logs, "-o", "packed")
    assert (made["directory"], made["logs"], made["runs"]) == ("packed", 1, 3)
    assert made["bytes_before"] == Path(logs).stat().st_size


def test_a_pack_is_not_written_over_anything(logs: str) -> None:
    made = emu("logs", "pack", logs, "-o", logs)
    assert made.exit_code == 2
    assert made.stderr == (
        f"emu: error: there is something at {logs} already; a pack is a new directory\n"
    )


def test_a_damaged_pack_is_told(pack: str) -> None:
    for path in Path(pack).rglob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-9])
    made = emu("logs", "locks", pack)
    assert (made.exit_code, made.stdout) == (0, "no lock was asked for\n")
    assert f"{pack}/holds/0001.parquet: this file of a pack cannot be read" in made.stderr


def test_a_run_that_a_pack_has_lost_keeps_its_number(pack: str) -> None:
    (lost,) = Path(pack).glob("events/*inversion/*.parquet")
    lost.write_bytes(b"")
    assert emu("logs", "timeline", f"{pack}#2").stdout.startswith(f"{pack}#2 (logs.jsonl:")
    made = emu("logs", "timeline", f"{pack}#1")
    assert made.stderr.startswith(f"emu: error: {lost}: this file of a pack cannot be read")


def test_without_duckdb_it_is_said_how_to_get_it(logs: str) -> None:
    blocked = (
        "import sys; sys.modules['duckdb'] = None; from emu.cli import main; "
        f"main(['logs', 'locks', {logs!r}])"
    )

    made = subprocess.run(
        [sys.executable, "-c", blocked], capture_output=True, text=True, check=False
    )
    assert (made.returncode, made.stderr) == (
        2,
        "emu: error: this needs DuckDB, which is not installed: pip install 'emu[logs]'\n",
    )


@pytest.mark.parametrize("how", ["--csv", "--json"])
def test_a_reader_who_goes_away_is_no_fault(logs: str, how: str) -> None:
    process = start("logs", "query", "select * from range(1000000)", logs, how)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    status, _, err = finish(process)
    assert (status, err) == (141, "")


def test_ctrl_c_in_the_database_is_ctrl_c(logs: str, tmp_path: Path) -> None:
    endless = "select count(*) from range(1000000) a, range(1000000) b"
    process = start("logs", "query", endless, logs, env_more={"TMPDIR": str(tmp_path)})
    while not list(tmp_path.glob("emu-*")) and process.poll() is None:  # the database's
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 130


def test_where_a_table_has_no_room_each_cell_has_a_line(
    logs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "fits", lambda _: False)
    lines = emu("logs", "locks", logs).stdout.splitlines()
    assert "program, lock  left" in lines
    assert lines.count("had            1") >= 1


def test_pairs_are_for_csv(logs: str) -> None:
    assert emu("logs", "threads", logs, "--pairs").exit_code == 2


@pytest.fixture
def fraction(here: Path) -> str:
    """A log whose line 4 has a time that is not whole."""
    lines = Path(log("a.jsonl")).read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b',"thread":', b'.5,"thread":')
    Path("a.jsonl").write_bytes(b"".join(lines))
    return "a.jsonl"


@pytest.mark.parametrize("verb", [*VERBS, "order", "predict"])
def test_every_verb_says_the_same_of_a_number_that_is_not_whole(fraction: str, verb: str) -> None:
    said = emu("logs", verb, fraction).stderr
    assert "a.jsonl:4: 't' is 0.5, not a whole number of 64 bits" in said


def test_a_query_has_no_number_that_was_rounded(fraction: str) -> None:
    asked = "select line from events where t is not null and line < 6"
    assert [row["line"] for row in rows("logs", "query", asked, fraction)] == ["2", "3", "5"]

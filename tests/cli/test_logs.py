"""`emu logs`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.prompt import PROGRAMS, emu, emu_json


@pytest.fixture
def logs(here: Path) -> Path:
    """Logs of some runs of two programs, passing and failing ones."""
    directory = here / "logs"
    directory.mkdir()
    for program in ("lock_order_inversion", "handler_takes_lock"):
        for seed in range(8):
            emu(
                "run",
                program,
                "--seed",
                str(seed),
                "--log",
                str(directory / f"{program}-{seed}.jsonl"),
            )
    return directory


def test_passing_runs_show_what_failing_ones_have(logs: Path) -> None:
    made = emu_json("logs", "predict", str(logs))
    assert [(one["signature"], one["grade"]) for one in made["predictions"]] == [
        ("deadlock [left, right] in lock_order_inversion.worker", "certain"),
        ("deadlock [lock] in handler_takes_lock.handler by SIGUSR1", "possible"),
    ]


def test_predictions_come_as_csv(logs: Path) -> None:
    head, *rows = emu("logs", "predict", str(logs), "--csv").stdout.splitlines()
    assert head == "signature,kind,grade,scenario,runs,of,log,line"
    assert len(rows) == len(emu_json("logs", "predict", str(logs))["predictions"]) == 2


def test_every_prediction_says_by_how_many_runs_of_its_program(logs: Path) -> None:
    made = emu_json("logs", "predict", str(logs))
    assert all(0 < one["runs"] <= one["of"] for one in made["predictions"])
    assert made["runs"] == sum(one["of"] for one in made["predictions"])


def test_the_evidence_stands_where_it_is_said_to(logs: Path) -> None:
    made = emu_json("logs", "predict", str(logs))
    inversion = made["predictions"][0]
    for waits in inversion["waits"]:
        for line, lock in ((waits["since"], waits["holds"]), (waits["asks"], waits["lock"])):
            text = Path(line["path"]).read_text(encoding="utf-8").splitlines()[line["line"] - 1]
            assert '"event":"lock.acquire"' in text
            assert f'"object":"{lock}"' in text
            assert f'"thread":"{waits["thread"]}"' in text


def test_people_get_sentences(logs: Path) -> None:
    made = emu("logs", "predict", str(logs))
    assert made.exit_code == 0
    assert "  T1 holds left since classics.py:27 (lock_order_inversion.worker)\n" in made.stdout
    assert " and does not block SIGUSR1\n  if SIGUSR1 comes at classics.py:" in made.stdout
    assert "the handler of SIGUSR1 asks for lock at classics.py:" in made.stdout
    assert made.stdout.splitlines()[-1].startswith("2 deadlocks predicted; ")


def test_a_damaged_log_is_named_and_left_out(logs: Path) -> None:
    (logs / "torn.jsonl").write_text('{"event":"run"', encoding="utf-8")
    made = emu("logs", "predict", str(logs))
    assert made.exit_code == 0
    assert f"emu: {logs / 'torn.jsonl'}:1: not JSON" in made.stderr
    assert "1 damaged left out" in made.stdout


def test_where_nothing_is_possible_that_is_said(here: Path) -> None:
    emu("run", "lost_update", "--log", "one.jsonl", "--strategy", "rotation")
    made = emu("logs", "predict", "one.jsonl", "--outcome", "assertion")
    assert made.stdout == "no deadlock predicted; 1 run looked at\n"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone", "there is no file or directory gone"),
        (".", ".: there is no log below it; a log's name ends in .jsonl"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(path: str, said: str, here: Path) -> None:
    made = emu("logs", "predict", path)
    assert (made.exit_code, made.stderr) == (2, f"emu: error: {said}\n")


def test_what_is_predicted_is_made_to_happen_and_saved(logs: Path) -> None:
    made = emu_json("logs", "confirm", str(logs))
    assert [one["confirmed"] for one in made["predictions"]] == [True, True]
    for one in made["predictions"]:
        replayed = emu("replay", f"{one['saved']}/history.jsonl", one["tape"])
        assert (replayed.exit_code, "deadlocks" in replayed.stdout) == (0, True)


def test_the_way_back_to_what_happened_can_be_typed(logs: Path) -> None:
    lines = emu("logs", "confirm", str(logs)).stdout.splitlines()
    ways = [line.split()[2:] for line in lines if line.startswith("  replay  emu ")]
    assert [emu(*way).exit_code for way in ways] == [0, 0]


def test_what_does_not_happen_is_said_not_to(here: Path) -> None:
    emu("run", f"{PROGRAMS}:told", "--seed", "1", "--log", "one.jsonl")
    made = emu("logs", "confirm", "one.jsonl", "--runs", "5")
    assert made.exit_code == 0
    assert "  possible, unconfirmed: it did not happen in 5 runs\n" in made.stdout
    assert made.stdout.endswith("0 of 1 predicted happened; 1 run looked at\n")


def test_the_order_of_locks_is_a_table_and_sentences(logs: Path) -> None:
    made = emu("logs", "order", str(logs))
    assert made.exit_code == 0
    assert "2 locks, 2 edges, 1 cycle, 1 of them a possible deadlock; 8 runs" in made.stdout
    assert "left → right → left\n  a deadlock is possible, by 8 runs: nothing" in made.stdout
    assert "classics.py:27 → classics.py:28" in made.stdout
    assert made.stdout.endswith("16 runs looked at\n")


def test_the_order_of_locks_for_programs_has_the_same(logs: Path) -> None:
    made = emu_json("logs", "order", str(logs))
    edges = [(one["held"], one["lock"]) for program in made["programs"] for one in program["edges"]]
    rows = emu("logs", "order", str(logs), "--csv").stdout.splitlines()
    assert [tuple(row.split(",")[2:4]) for row in rows[1:]] == edges
    assert [one["verdict"] for one in made["programs"][1]["cycles"]] == ["possible"]


def test_the_order_of_runs_with_one_outcome_alone(logs: Path) -> None:
    every = emu_json("logs", "order", str(logs))
    some = emu_json("logs", "order", str(logs), "--outcome", "deadlock")
    happened = sum(one["happened"] for one in every["programs"][1]["cycles"])
    assert 0 < some["programs"][-1]["runs"] == happened < 8


def test_one_form_of_the_order_at_a_time(logs: Path) -> None:
    made = emu("logs", "order", str(logs), "--csv", "--dot")
    assert made.exit_code == 2
    assert made.stderr.startswith("emu: error: --csv, --dot and --json exclude each other")


def test_a_wake_up_that_may_be_lost_is_predicted_and_lost(here: Path) -> None:
    emu("run", "lost_wakeup", "--seed", "1", "--log", "one.jsonl")
    made = emu("logs", "predict", "one.jsonl")
    assert made.stdout.startswith("lost wake-up [ready] in lost_wakeup.waiter\n  possible, by the")
    assert made.stdout.endswith("1 wake-up predicted; 1 run looked at\n")
    (only,) = emu_json("logs", "confirm", "one.jsonl")["predictions"]
    assert (only["kind"], only["waiter"], only["confirmed"]) == ("lost wake-up", "waiter", True)
    replayed = emu("replay", f"{only['saved']}/history.jsonl", only["tape"])
    assert "waiter has waited 1us for a signal on ready" in replayed.stdout


def test_runs_in_which_nothing_hung_or_broke_are_looked_at(logs: Path) -> None:
    usual = emu_json("logs", "predict", str(logs))
    some = emu_json("logs", "predict", str(logs), "--outcome", "ok", "--outcome", "exit *")
    every = emu_json("logs", "predict", str(logs), "--outcome", "*")
    assert usual == some
    assert (usual["runs"] + usual["other_outcomes"], every["runs"]) == (16, 16)


def test_a_log_of_locks_alone_shows_their_order_and_no_more(here: Path) -> None:
    emu("run", "lock_order_inversion", "--seed", "0", "--log", "one.jsonl", "--log-level", "locks")
    made = emu("logs", "predict", "one.jsonl", "--outcome", "*")
    assert made.stdout == "no deadlock predicted; 0 runs looked at; 1 logged in part left out\n"
    (program,) = emu_json("logs", "order", "one.jsonl")["programs"]
    assert len(program["edges"]) == 2
    assert [one["verdict"] for one in program["cycles"]] == ["unknown"]
    assert (
        "not known to be possible: logs of locks alone" in emu("logs", "order", "one.jsonl").stdout
    )


def test_a_pack_shows_what_its_logs_show(logs: Path) -> None:
    emu("logs", "pack", str(logs), "-o", "packed")
    for verb in ("predict", "order"):
        plain, packed = emu_json("logs", verb, str(logs)), emu_json("logs", verb, "packed")
        assert plain == packed


def test_a_pattern_means_its_logs(logs: Path) -> None:
    made = emu_json("logs", "order", f"{logs}/lock_order_inversion-*.jsonl")
    assert made["runs"] == 8

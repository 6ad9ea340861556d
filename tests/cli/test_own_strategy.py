"""A strategy of the user's own at the prompt and in plans: found, or one sentence and status 2."""

from __future__ import annotations

from pathlib import Path

from tests.cli.prompt import INVERSION, emu, emu_json

OWN = """
from emu import Strategy


class Last(Strategy):
    def thread(self, step, runnable, here):
        return len(runnable) - 1


class Wrong(Strategy):
    def thread(self, step, runnable, here):
        return 7


class Late(Strategy):
    def thread(self, step, runnable, here):
        if self.rng.random() < 0.01:
            raise LookupError("no such turn")
        return self.rng.randrange(len(runnable))
"""

WRONG = (
    "emu: error: strategy own:Wrong: thread() at step 1 answered 7; "
    "allowed is a whole number from 0 to 1\n"
)


def write(folder: Path) -> None:
    (folder / "own.py").write_text(OWN)


def test_explore_finds_with_a_strategy_from_here(here: Path) -> None:
    write(here)
    row = emu_json("explore", INVERSION, "--strategy", "own:Last")
    assert row["findings"][0]["kind"] == "deadlock"
    assert row["strategy"] == "own:Last"


def test_run_takes_one_too(here: Path) -> None:
    write(here)
    assert emu_json("run", INVERSION, "--strategy", "own:Last")["strategy"] == "own:Last"


def test_a_strategy_that_goes_wrong_at_once_is_one_sentence_and_status_2(here: Path) -> None:
    write(here)
    for verb in ("run", "explore"):
        result = emu(verb, INVERSION, "--strategy", "own:Wrong")
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", WRONG)


def test_what_was_found_before_it_went_wrong_is_shown_and_saved(here: Path) -> None:
    write(here)
    result = emu("explore", INVERSION, "--strategy", "own:Late", "--until", "budget")
    assert result.exit_code == 2
    assert result.stdout.startswith("inversion deadlocks")
    assert list(here.glob("runs/inversion/0001/*.jsonl"))
    assert "thread() at step " in result.stderr
    assert "raised LookupError: no such turn at own.py:18" in result.stderr


def test_a_module_that_is_not_there_is_named(here: Path) -> None:
    result = emu("explore", INVERSION, "--strategy", "nowhere:Last")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == ("emu: error: strategy 'nowhere:Last': there is no module 'nowhere'\n")


PLAN = """
name = "own"

[[entry]]
name = "before"
scenario = "{inversion}"

[[entry]]
name = "own"
scenario = "{inversion}"
strategy = "own:{strategy}"
until = "budget"

[[entry]]
name = "after"
scenario = "{inversion}"
"""


def plan(folder: Path, strategy: str) -> str:
    write(folder)
    (folder / "p.toml").write_text(PLAN.format(inversion=INVERSION, strategy=strategy))
    return "p.toml"


def test_a_plan_names_one(here: Path) -> None:
    row = emu_json("soak", plan(here, "Last"))
    assert [entry["strategy"] for entry in row["entries"]] == ["rotation", "own:Last", "rotation"]


def test_a_plan_that_names_none_says_where(here: Path) -> None:
    result = emu("soak", plan(here, "Lost"))
    assert result.exit_code == 2
    assert result.stderr == (
        "emu: error: p.toml:11: entry 'own': module 'own' has no strategy 'Lost'; "
        "its strategies: Last, Wrong, Late; did you mean 'Last'?\n"
    )


def test_a_soak_sets_its_entry_aside_and_goes_on_with_the_others(here: Path) -> None:
    result = emu("soak", plan(here, "Wrong"), "--runs", "20")
    assert result.exit_code == 3
    assert "own: unknown: strategy own:Wrong: thread() at step 1 answered 7; " in result.stdout
    assert "2 of 3 expectations met" in result.stdout


def test_what_was_found_before_it_went_wrong_is_in_the_soaks_report(here: Path) -> None:
    row = emu_json("soak", plan(here, "Late"))["entries"][1]
    assert [found["kind"] for found in row["findings"]] == ["deadlock"]

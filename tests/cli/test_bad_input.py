"""Bad input: one clear sentence, the right exit status, nothing lost that was written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emu.cli.prompt import VERBS
from tests.cli.prompt import INVERSION, PROGRAMS, emu, emu_json, finish, start

USAGE = {
    ("rnu", INVERSION): "unknown command 'rnu'; known are list, run, explore, "
    f"{', '.join(list(VERBS)[3:])}; did you mean 'run'?",
    ("run",): "Missing argument 'TARGET'.",
    ("run", INVERSION, "--sead", "1"): "No such option '--sead'",
    ("run", INVERSION, "--seed", "x"): "Invalid value for '--seed': 'x' is not a valid integer",
    ("explore", INVERSION, "--runs", "0"): "Invalid value for '--runs': 0 is not in the range",
    ("run", "filosofers"): "unknown scenario 'filosofers'; ",
    ("run", "nowhere:x"): "scenario 'nowhere:x': there is no module 'nowhere'",
    ("run", f"{PROGRAMS}:inverson"): "did you mean 'inversion'?",
    ("run", INVERSION, "--param", "fixx=1"): "--param: scenario inversion has no parameter 'fixx'",
    ("run", INVERSION, "--param", "fix=maybe"): "--param.fix is 'maybe'; allowed is true or false",
    ("run", INVERSION, "--param", "fix"): "'fix' is not of the form name=value",
    ("run", INVERSION, "--strategy", "rundom"): "there is no strategy 'rundom'; there are random, ",
    ("run", INVERSION, "--watchdog", "step=1"): "--watchdog: unknown key 'step'; known are ",
    ("run", INVERSION, "--watchdog", "steps=many"): "--watchdog.steps is 'many'; allowed is ",
    ("run", INVERSION, "--chaos", "gone.toml"): "cannot read gone.toml: No such file",
    ("run", "gone.toml#x"): "cannot read gone.toml: No such file",
    ("run", INVERSION, "--log-level", "loud"): "Invalid value for '--log-level': 'loud' is not",
}


@pytest.mark.parametrize(("args", "sentence"), USAGE.items())
def test_a_users_mistake_is_one_sentence_on_stderr_and_status_2(
    args: tuple[str, ...], sentence: str
) -> None:
    result = emu(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("emu: error: ")
    assert sentence in line


def test_without_a_command_the_help_is_shown_as_it_is() -> None:
    result = emu()
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: emu ")


def test_an_unknown_signal_in_a_chaos_file_is_named_with_its_line(here: Path) -> None:
    (here / "c.toml").write_text('[[chaos.signal]]\nsignal = "SIGCHLDD"\n')
    result = emu("run", INVERSION, "--chaos", "c.toml")
    assert result.exit_code == 2
    assert result.stderr.startswith("emu: error: c.toml:2: chaos.signal[1]: signal is 'SIGCHLDD'; ")


def test_an_unknown_table_in_a_chaos_file_is_named(here: Path) -> None:
    (here / "c.toml").write_text("[chaos]\n[kaos]\n")
    assert emu("run", INVERSION, "--chaos", "c.toml").stderr == (
        "emu: error: c.toml:2: unknown key 'kaos'; known are chaos; did you mean 'chaos'?\n"
    )


def test_a_module_that_cannot_be_imported_says_why(here: Path) -> None:
    (here / "broken.py").write_text("1 / 0\n")
    result = emu("run", "broken:x")
    assert result.exit_code == 2
    assert "importing it failed: ZeroDivisionError" in result.stderr


PROGRAM_FAULTS = {
    "raises": (1, "LookupError: no such row at programs.py:"),
    "foreign": (1, "awaited something that is not emu's at programs.py:"),
    "forgets": (1, "Machine.sleep was called without `await` near programs.py:"),
    "crowd": (1, "this machine has 5000 threads already; allowed is watchdog.threads = 5000"),
}


@pytest.mark.parametrize(("name", "result"), PROGRAM_FAULTS.items())
def test_what_the_scenarios_code_does_wrong_is_an_outcome(
    name: str, result: tuple[int, str]
) -> None:
    status, reason = result
    made = emu("run", f"{PROGRAMS}:{name}", "--log-level", "none")
    assert made.exit_code == status
    assert reason in made.stdout.splitlines()[0]


def test_code_that_never_reaches_a_checkpoint_is_broken_and_unknown() -> None:
    status, out, _ = finish(
        start("run", f"{PROGRAMS}:spins", "--watchdog", "real=0.5", "--log-level", "none")
    )
    assert status == 3
    assert "without a checkpoint" in out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_loses_the_log_but_not_the_result() -> None:
    result = emu("run", INVERSION, "--log", "/dev/full")
    assert result.exit_code == 2
    assert result.stdout.startswith(f"{INVERSION}: ok") or "deadlocks" in result.stdout
    assert result.stderr == (
        "emu: error: cannot write the log /dev/full: No space left on device\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_under_stdout_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        status, _, err = finish(start("list", stdout=full))
    assert status == 2
    assert err == "emu: error: output: No space left on device\n"


def test_a_log_in_a_directory_that_is_not_there_cannot_be_written() -> None:
    result = emu("run", INVERSION, "--log", "gone/f.jsonl")
    assert result.exit_code == 2
    assert "cannot write the log gone/f.jsonl: No such file or directory" in result.stderr


def test_a_run_that_cannot_be_kept_is_printed_all_the_same(here: Path) -> None:
    (here / "runs").write_text("")
    result = emu("run", f"{PROGRAMS}:calm")
    assert result.exit_code == 2
    assert result.stdout.startswith(f"{PROGRAMS}:calm: ok\n")
    assert result.stderr.startswith("emu: error: cannot make a run in runs/calm: ")


def test_findings_that_cannot_be_saved_are_printed_all_the_same(here: Path) -> None:
    (here / "file").write_text("")
    result = emu("explore", INVERSION, "--out", "file")
    assert result.exit_code == 2
    assert result.stdout.startswith("inversion deadlocks\n")
    assert "emu: error: cannot make a run in file/inversion: " in result.stderr


def test_a_soak_that_cannot_save_keeps_what_it_wrote(here: Path) -> None:
    (here / "file").write_text("")
    (here / "p.toml").write_text(f'name = "p"\n[[entry]]\nname = "e"\nscenario = "{INVERSION}"\n')
    result = emu("soak", "p.toml", "--out", "file")
    assert result.exit_code == 2
    assert "emu: error: cannot make a run in file/p: " in result.stderr


def test_nobody_reading_the_output_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    status, _, err = finish(start("list", stdout=write))
    os.close(write)
    assert (status, err) == (141, "")


def test_a_fault_of_our_own_has_a_traceback_and_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    from emu.cli import target

    def broken(_: str) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(target, "find_scenario", broken)
    result = emu("run", "philosophers")
    assert result.exit_code == 70
    assert "RuntimeError: bug\n" in result.stderr
    assert result.stderr.endswith("and the command that you ran.\n")


def test_a_wrong_tape_loses_no_json(here: Path) -> None:
    assert emu_json("replay", INVERSION, "emu1:2t7")["same"] is False

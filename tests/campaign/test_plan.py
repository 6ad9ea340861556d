"""Plans: what they say, and how they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.campaign.entry import RUNS
from emu.campaign.plan import EXHAUSTIVE_RUNS, Plan, read_plan
from emu.chaos.plan import Fault, Signal
from emu.engine.watchdog import Limits
from emu.errors import UsageError
from emu.record.finding import Expectation

INVERSION = "tests.campaign.programs:inversion"
HEAD = f'name = "p"\n[[entry]]\nname = "e"\nscenario = "{INVERSION}"\n'


def read(tmp_path: Path, text: str) -> Plan:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    return read_plan(str(path))


def mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(UsageError) as wrong:
        read(tmp_path, text)
    return [line.removeprefix(f"{tmp_path}/") for line in str(wrong.value).splitlines()]


def test_an_entry_takes_what_it_does_not_say_from_the_defaults(tmp_path: Path) -> None:
    text = '[defaults]\nstrategy = "pct:2"\nruns = 7\nseed = 3\nuntil = "budget"\n'
    entry = read(tmp_path, HEAD.replace("[[entry]]", f"{text}[[entry]]")).entries[0]
    assert (entry.strategy, entry.runs, entry.seed, entry.until) == ("pct:2", 7, 3, "budget")


def test_what_an_entry_says_goes_before_the_defaults(tmp_path: Path) -> None:
    text = HEAD.replace("[[entry]]", '[defaults]\nruns = 7\nstrategy = "pct"\n[[entry]]')
    entry = read(tmp_path, f'{text}runs = 9\nstrategy = "random"\n').entries[0]
    assert (entry.strategy, entry.runs) == ("random", 9)


def test_limits_of_an_entry_are_laid_over_the_defaults(tmp_path: Path) -> None:
    text = HEAD.replace(
        "[[entry]]", "[defaults]\nwatchdog = { steps = 9, graph = false }\n[[entry]]"
    )
    entry = read(tmp_path, f'{text}watchdog = {{ steps = 5, lock_wait = "2s" }}\n').entries[0]
    assert entry.setup.limits == Limits(steps=5, graph=False, lock_wait=2 * 10**9)


def test_without_a_budget_there_is_a_number_of_runs(tmp_path: Path) -> None:
    entry = read(tmp_path, HEAD).entries[0]
    assert (entry.runs, entry.seconds) == (RUNS, None)


def test_a_budget_in_seconds_is_none_in_runs(tmp_path: Path) -> None:
    entry = read(tmp_path, f"{HEAD}seconds = 1\n").entries[0]
    assert (entry.runs, entry.seconds) == (None, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"deadlock"', Expectation(some=("deadlock",))),
        ('"ok"', Expectation(only=("ok",))),
        ('{ some = ["exit 3"], only = ["ok"] }', Expectation(("exit 3",), ("ok",))),
        ('{ only = ["deadlock [*left*"] }', Expectation((), ("deadlock [*left*",))),
    ],
)
def test_an_expectation_has_short_and_long_forms(
    tmp_path: Path, text: str, expected: Expectation
) -> None:
    assert read(tmp_path, f"{HEAD}expect = {text}\n").entries[0].expect == expected


def test_without_an_expectation_the_scenarios_own_holds(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD).entries[0].expect == Expectation(some=("deadlock",))


def test_parameters_are_converted_and_the_others_have_their_defaults(tmp_path: Path) -> None:
    entry = read(tmp_path, f"{HEAD}params = {{ fix = true }}\n").entries[0]
    assert entry.setup.params == {"fix": True, "rounds": 1}


def test_chaos_tables_become_a_chaos_plan(tmp_path: Path) -> None:
    text = """
    [[entry.chaos.fault]]
    kind = "segv-low"
    at = "mallocgc"
    [[entry.chaos.signal]]
    signal = "SIGCHLD"
    rate = 0.5
    limit = "none"
    """
    chaos = read(tmp_path, HEAD + text).entries[0].setup.chaos
    wanted = Signal("SIGCHLD", rate=0.5, limit=None), Fault("segv-low", at="mallocgc")
    assert chaos.as_rows() == tuple(entry.as_row() for entry in wanted)


def test_a_target_names_the_plan_and_the_entry(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD).entries[0].target == f"{tmp_path}/plan.toml#e"


def test_an_unknown_entry_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    plan = read(tmp_path, HEAD.replace('"e"', '"before"'))
    with pytest.raises(UsageError, match="no entry 'befor'; its entries are 'before'; did you"):
        plan.entry("befor")


def test_an_exhaustive_entry_has_a_bound_and_a_budget_of_its_own(tmp_path: Path) -> None:
    entry = read(tmp_path, HEAD + 'strategy = "exhaustive"\nbound = 2\n').entries[0]
    assert (entry.strategy, entry.bound, entry.runs) == ("exhaustive", 2, EXHAUSTIVE_RUNS)


def test_a_bound_of_the_defaults_is_for_exhaustive_entries(tmp_path: Path) -> None:
    defaults = HEAD.replace("[[entry]]", "[defaults]\nbound = 2\n\n[[entry]]")
    assert read(tmp_path, defaults).entries[0].bound is None
    assert read(tmp_path, defaults + 'strategy = "exhaustive"\n').entries[0].bound == 2


MISTAKES = {
    'strateg = "pct"': (
        "plan.toml:5: entry 'e': unknown key 'strateg'; known are strategy, bound, runs, seconds, "
        "seed, until, watchdog, name, scenario, params, expect, chaos; did you mean 'strategy'?"
    ),
    'runs = "many"': "plan.toml:5: entry 'e': runs is 'many'; allowed is a whole number",
    "runs = 0": "plan.toml:5: entry 'e': runs is 0; allowed is a whole number from 1",
    "seconds = 0": "plan.toml:5: entry 'e': seconds is 0; allowed is a number above 0",
    "seed = true": "plan.toml:5: entry 'e': seed is true; allowed is a whole number",
    "bound = 2": "plan.toml:5: entry 'e': bound is for strategy 'exhaustive' alone",
    'strategy = "exhaustive"\nbound = -1': (
        "plan.toml:6: entry 'e': bound is -1; allowed is a whole number from 0 to 100"
    ),
    'strategy = "exhaustive"\nseed = 3': (
        "plan.toml:6: entry 'e': seed has no meaning for strategy 'exhaustive'"
    ),
    'strategy = "nowhere:Fifo"': (
        "plan.toml:5: entry 'e': strategy 'nowhere:Fifo': there is no module 'nowhere'"
    ),
    "params = 3": "plan.toml:5: entry 'e': params is 3; allowed is a table",
    'until = "mett"': (
        "plan.toml:5: entry 'e': until is 'mett'; allowed is 'finding', 'met', "
        "'saturated', 'budget'; did you mean 'met'?"
    ),
    'strategy = "pctt"': (
        "plan.toml:5: entry 'e': there is no strategy 'pctt'; there are random, pct, bursts, "
        "pos, urw, surw, rotation, or module:Class of your own; did you mean 'pct'?"
    ),
    "params = { fixx = true }": (
        "plan.toml:5: entry 'e': params: scenario inversion has no parameter 'fixx'; it has fix, "
        "rounds; did you mean 'fix'?"
    ),
    'params = { fix = "maybe" }': (
        "plan.toml:5: entry 'e': params: fix is 'maybe'; allowed is true or false"
    ),
    "watchdog = { stepps = 5 }": (
        "plan.toml:5: entry 'e': watchdog: unknown key 'stepps'; known are lock_wait, steps, real, "
        "threads, silence, graph"
    ),
    'watchdog = { lock_wait = "5 parsecs" }': (
        "plan.toml:5: entry 'e': watchdog: lock_wait is '5 parsecs'; allowed is a number of "
        "seconds, or a text such as '5s' with one of the units ns, us, ms, s, min, h"
    ),
    'expect = "deadlok"': (
        "plan.toml:5: entry 'e': expect.some: unknown outcome 'deadlok'; known are ok, exit N, "
        "killed SIGNAL, deadlock, stalled, leak, assertion, panic, crash, unknown; "
        "did you mean 'deadlock'?"
    ),
    "expect = 3": "plan.toml:5: entry 'e': expect is 3; allowed is a table",
    "expect = { somme = [] }": (
        "plan.toml:5: entry 'e': expect: unknown key 'somme'; known are some, only; "
        "did you mean 'some'?"
    ),
    '[[entry.chaos.signal]]\nsignal = "SIGCHLDD"': "plan.toml:6: entry 'e': chaos.signal[1]: "
    "signal is 'SIGCHLDD'; allowed are ",
    '[[entry.chaos.fault]]\nkind = "segv"': (
        "plan.toml:6: entry 'e': chaos.fault[1]: kind is 'segv'; allowed are segv-low, segv-high, "
        "bus, fpe"
    ),
    "[[entry.chaos.fault]]\nkind = 3": (
        "plan.toml:6: entry 'e': chaos.fault[1]: kind is 3; allowed is a text"
    ),
    "[[entry.chaos.fault]]\nlimit = 2": (
        "plan.toml:5: entry 'e': chaos.fault[1]: the key 'kind' is missing"
    ),
    '[[entry.chaos.fault]]\nkind = "bus"\nrate = 2': (
        "plan.toml:7: entry 'e': chaos.fault[1]: rate is 2; allowed is a number above 0, to 1"
    ),
    "[[entry.chaos.flood]]\nx = 1": (
        "plan.toml:5: entry 'e': chaos: unknown key 'flood'; known are signal, fault, fail, "
        "spurious, stall"
    ),
}


@pytest.mark.parametrize(("text", "sentence"), MISTAKES.items())
def test_a_mistake_is_named_with_file_line_key_and_what_is_allowed(
    tmp_path: Path, text: str, sentence: str
) -> None:
    found = mistakes(tmp_path, f"{HEAD}{text}\n")
    assert len(found) == 1
    assert found[0].startswith(sentence)


def test_all_mistakes_are_reported_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = f"""\
title = "p"
[defaults]
runs = 0
[[entry]]
scenario = "{INVERSION}"
seed = "x"
"""
    assert [line.partition(": ")[0] for line in mistakes(tmp_path, text)] == [
        *("plan.toml:1", "plan.toml:1", "plan.toml:3", "plan.toml:4", "plan.toml:6")
    ]


def test_mistakes_in_several_entries_are_reported_together(tmp_path: Path) -> None:
    text = f'{HEAD}strategy = "x"\n[[entry]]\nname = "e"\nscenario = "nowhere:x"\n'
    assert [line.partition(": ")[0] for line in mistakes(tmp_path, text)] == [
        *("plan.toml:5", "plan.toml:7", "plan.toml:8")
    ]


@pytest.mark.parametrize(
    ("scenario", "sentence"),
    [
        ("filosofers", "unknown scenario 'filosofers'; "),
        ("nowhere:x", "scenario 'nowhere:x': there is no module 'nowhere'"),
        ("tests.campaign.programs:inverson", "did you mean 'inversion'?"),
    ],
)
def test_an_unknown_scenario_is_a_mistake_in_its_line(
    tmp_path: Path, scenario: str, sentence: str
) -> None:
    (line,) = mistakes(tmp_path, HEAD.replace(INVERSION, scenario))
    assert line.startswith("plan.toml:4: entry 'e': ")
    assert sentence in line


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, 'name = "p\n')
    assert line.startswith(f"{'plan.toml'} is not TOML: ")
    assert "at line 1" in line


def test_a_file_that_is_not_text_is_not_toml(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"plan.toml is not TOML: it is not UTF-8"):
        read_plan(str(path))


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*plan.toml: No such file"):
        read_plan(str(tmp_path / "plan.toml"))


def test_a_plan_without_entries_is_none(tmp_path: Path) -> None:
    assert mistakes(tmp_path, 'name = "p"\nentry = []\n') == [
        "plan.toml:2: entry is []; allowed is a list of at least 1"
    ]

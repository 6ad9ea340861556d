"""A plan may be read without importing what it names: who reads it says what may be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emu.campaign.mistakes import Mistake, PlanMistakes
from emu.campaign.plan import read_plan
from emu.errors import UsageError

HEAD = 'name = "p"\n'
CALM = '[[entry]]\nname = "e"\nscenario = "tests.campaign.programs:calm"\n'
TRAP = "trap_of_a_plan"
"""A module that must not be imported."""


class Porter:
    """Refuses what is in a module of this name, and keeps what was asked."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.asked: list[tuple[str, str]] = []

    def __call__(self, kind: str, name: str) -> None:
        self.asked.append((kind, name))
        if name.partition(":")[0] in self.refused:
            raise UsageError(f"{kind} {name!r} may not run here")


@pytest.fixture(autouse=True)
def _trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"{TRAP}.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)


def refused(text: str, *modules: str) -> tuple[Mistake, ...]:
    with pytest.raises(PlanMistakes) as raised:
        read_plan("p.toml", text, Porter(*modules))
    return raised.value.mistakes


def entry(scenario: str) -> str:
    return f'[[entry]]\nname = "{scenario}"\nscenario = "{scenario}"\n'


DEFAULTS = f'[defaults]\nstrategy = "{TRAP}:Fifo"\n'
TRAPS = {
    "scenario": (f"{HEAD}{entry(f'{TRAP}:fly')}", 4, "entry[1].scenario"),
    "second scenario": (f"{HEAD}{CALM}{entry(f'{TRAP}:fly')}", 7, "entry[2].scenario"),
    "strategy": (f'{HEAD}{CALM}strategy = "{TRAP}:Fifo"\n', 5, "entry[1].strategy"),
    "default strategy": (f"{HEAD}{DEFAULTS}{CALM}", 3, "defaults.strategy"),
}


@pytest.mark.parametrize(("text", "line", "key"), TRAPS.values(), ids=TRAPS)
def test_what_is_refused_is_a_mistake_and_not_imported(text: str, line: int, key: str) -> None:
    (mistake,) = refused(text, TRAP)
    assert (mistake.line, mistake.key) == (line, key)
    assert mistake.sentence.endswith("may not run here")
    assert TRAP not in sys.modules


@pytest.mark.parametrize("text", [text for text, _, _ in TRAPS.values()], ids=TRAPS)
def test_without_a_porter_it_would_be_imported(text: str) -> None:
    with pytest.raises((SystemExit, UsageError), match="imported"):
        read_plan("p.toml", text)


@pytest.mark.parametrize("text", [text for text, _, _ in TRAPS.values()], ids=TRAPS)
@pytest.mark.parametrize(
    "more", ["colour = 3\n", "runs = 0\n", 'expect = "no"\n', "[[entry]]\n", "[campaign]\nx = 1\n"]
)
def test_other_mistakes_open_no_door(text: str, more: str) -> None:
    assert len(refused(f"{text}{more}", TRAP)) > 1
    assert TRAP not in sys.modules


@pytest.mark.parametrize("module", ["antigravity", "this"])
def test_modules_of_python_itself_are_not_imported_either(module: str) -> None:
    assert module not in sys.modules
    refused(f"{HEAD}{entry(f'{module}:fly')}", module)
    assert module not in sys.modules


def test_a_strategy_that_is_refused_is_not_looked_for() -> None:
    (mistake,) = refused(f'{HEAD}{CALM}strategy = "os:system"\n', "os")
    assert mistake.sentence == "entry 'e': strategy 'os:system' may not run here"


def test_both_of_an_entry_are_refused_together() -> None:
    text = f'{HEAD}{entry("os:fly")}strategy = "os:system"\n'
    assert [one.key for one in refused(text, "os")] == ["entry[1].scenario", "entry[1].strategy"]


def test_every_name_is_asked_about() -> None:
    porter = Porter()
    text = f'{HEAD}[defaults]\nstrategy = "pct:3"\n{CALM}strategy = "exhaustive"\n'
    read_plan("p.toml", text + entry("fault_in_malloc"), porter)
    assert porter.asked == [
        ("strategy", "pct:3"),
        ("strategy", "exhaustive"),
        ("scenario", "tests.campaign.programs:calm"),
        ("scenario", "fault_in_malloc"),
    ]


def test_what_is_admitted_is_the_plan_as_ever() -> None:
    text = f"{HEAD}{CALM}"
    assert read_plan("p.toml", text, Porter()) == read_plan("p.toml", text)

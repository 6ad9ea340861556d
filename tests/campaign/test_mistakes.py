"""The mistakes of a plan are there for programs too: line, key, sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.campaign.chaostable import read_chaos
from emu.campaign.mistakes import Mistake, PlanMistakes
from emu.campaign.plan import read_plan

HEAD = 'name = "p"\n[[entry]]\nname = "e"\nscenario = "tests.campaign.programs:inversion"\n'


def wrong(text: str) -> PlanMistakes:
    with pytest.raises(PlanMistakes) as raised:
        read_plan("here.toml", text)
    return raised.value


def test_a_plan_may_be_a_text_with_a_name() -> None:
    plan = read_plan("nowhere/at/all.toml", HEAD)
    assert (plan.path, plan.entries[0].target) == (
        "nowhere/at/all.toml",
        "nowhere/at/all.toml#e",
    )


def test_a_text_is_wrong_as_the_file_with_it_is(tmp_path: Path) -> None:
    path, text = tmp_path / "here.toml", f"{HEAD}runs = 0\nstrateg = 1\n"
    path.write_text(text)
    with pytest.raises(PlanMistakes) as raised:
        read_plan(str(path))
    assert str(raised.value).replace(str(path), "here.toml") == str(wrong(text))
    assert raised.value.mistakes == wrong(text).mistakes


@pytest.mark.parametrize(
    ("text", "line", "key", "sentence"),
    [
        ("runs = 0", 5, "entry[1].runs", "entry 'e': runs is 0; allowed is a whole number from 1"),
        (
            'params = { fix = "maybe" }',
            5,
            "entry[1].params.fix",
            "entry 'e': params: fix is 'maybe'; allowed is true or false",
        ),
        (
            "[[entry.chaos.fault]]\nlimit = 2",
            5,
            "entry[1].chaos.fault[1].kind",
            "entry 'e': chaos.fault[1]: the key 'kind' is missing",
        ),
        (
            '[campaign]\nuntil = "met"',
            6,
            "campaign.until",
            "campaign: until is 'met'; allowed is 'finding', 'budget'",
        ),
    ],
)
def test_a_mistake_has_line_key_and_sentence(text: str, line: int, key: str, sentence: str) -> None:
    assert wrong(f"{HEAD}{text}\n").mistakes == (Mistake(line, key, sentence),)


def test_the_text_has_a_line_for_each_mistake() -> None:
    found = wrong("[[entry]]\nruns = 0\nseed = -1\n")
    assert str(found).splitlines() == [
        f"here.toml:{one.line}: {one.sentence}" for one in found.mistakes
    ]


def test_a_chaos_file_has_mistakes_alike(tmp_path: Path) -> None:
    (tmp_path / "chaos.toml").write_text("[[chaos.fault]]\nkind = 3\n")
    with pytest.raises(PlanMistakes) as raised:
        read_chaos(str(tmp_path / "chaos.toml"))
    assert [(one.line, one.key) for one in raised.value.mistakes] == [(2, "chaos.fault[1].kind")]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('a = 1\nb = "x\n', 2, "Illegal character '\\n' (at line 2, column 7)"),
        ('a = 1\nb = """x\n', 2, "Unterminated string (at end of document)"),
        ("a =", 1, "Invalid value (at end of document)"),
        (f"a = {'[' * 100_000}", None, "its tables and lists are nested too deeply"),
        (f"[{'.'.join('a' * 5_000)}]", None, "its tables and lists are nested too deeply"),
        (f"{'.'.join('a' * 50_000)} = 1", None, "its tables and lists are nested too deeply"),
        (50_000 * '"." . ' + "a = 1", None, "its tables and lists are nested too deeply"),
        (f"a = {'9' * 5_000}", None, "a number in it has too many digits"),
    ],
    ids=[
        "in a line",
        "at the end",
        "in the only line",
        "lists",
        "tables",
        "keys",
        "keys in quotes",
        "digits",
    ],
)
def test_what_is_not_toml_is_one_mistake(text: str, line: int | None, why: str) -> None:
    found = wrong(text)
    assert found.mistakes == (Mistake(line, "", f"it is not TOML: {why}"),)
    assert str(found) == f"here.toml is not TOML: {why}"


def test_what_is_not_utf_8_has_a_line(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(PlanMistakes, match="is not TOML: it is not UTF-8") as raised:
        read_plan(str(tmp_path / "plan.toml"))
    assert [one.line for one in raised.value.mistakes] == [2]


BIG = 2**64


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"runs = {BIG}", "entry[1].runs"),
        (f"params = {{ rounds = {-BIG} }}", "entry[1].params.rounds"),
        (f"watchdog = {{ steps = {BIG} }}", "entry[1].watchdog.steps"),
        (f"[campaign]\ncap = {BIG}", "campaign.cap"),
        (f'[[entry.chaos.fault]]\nkind = "bus"\nlimit = {BIG}', "entry[1].chaos.fault[1].limit"),
        (f"params = {{ rounds = [1, {BIG}] }}", "entry[1].params.rounds[2]"),
    ],
)
def test_a_number_that_no_log_can_hold_is_a_mistake(text: str, key: str) -> None:
    (mistake,) = wrong(f"{HEAD}{text}\n").mistakes
    assert mistake.key == key
    assert mistake.sentence.endswith("; allowed is a number of 64 bits")


def test_the_largest_seed_is_none() -> None:
    assert read_plan("here.toml", f"{HEAD}seed = {BIG - 1}\n").entries[0].seed == BIG - 1

from __future__ import annotations

from typing import Any

import pytest

from emu.record.finding import Expectation, Finding, Verdict, as_expectation

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN

deadlock = Finding(
    "deadlock",
    "T1 waits for right, T2 waits for left",
    objects=("left", "right"),
    functions=("worker",),
    threads=("T1", "T2"),
)


def test_a_signature_is_kind_objects_and_functions() -> None:
    assert deadlock.signature == "deadlock [left, right] in worker"


def test_a_signature_of_nothing_but_a_kind_is_the_kind() -> None:
    assert Finding("panic", "panic: index out of range").signature == "panic"


def test_a_signature_knows_neither_threads_nor_the_sentence() -> None:
    other = Finding("deadlock", "another day", ("left", "right"), ("worker",), ("T8", "T9"))

    assert other.signature == deadlock.signature


def test_a_signature_does_not_say_which_of_several_of_one_name() -> None:
    one = Finding("deadlock", "", ("mu", "mu~3"))
    assert one.signature == Finding("deadlock", "", ("mu~2", "mu")).signature == "deadlock [mu]"


def test_a_signature_has_names_as_the_program_numbers_them() -> None:
    assert Finding("deadlock", "", ("fork#1", "fork#2")).signature == "deadlock [fork#1, fork#2]"


DEADLOCK = deadlock.signature


@pytest.mark.parametrize(
    ("wanted", "seen", "verdict"),
    [
        # what must turn up
        ("deadlock", {"deadlock": (DEADLOCK,)}, MET),
        ("deadlock", {"deadlock": (DEADLOCK,), "ok": ()}, MET),
        ("deadlock", {"ok": ()}, NOT_MET),
        ("deadlock", {"deadlock": (DEADLOCK,), "unknown": ()}, MET),
        ("deadlock", {"ok": (), "unknown": ()}, NOT_MET),
        ({"some": ["deadlock", "ok"]}, {"deadlock": (DEADLOCK,)}, NOT_MET),
        ({"some": ["deadlock *left*"]}, {"deadlock": (DEADLOCK,)}, MET),
        ({"some": ["deadlock [left*"]}, {"deadlock": (DEADLOCK,)}, MET),
        ({"some": ["deadlock [funclock*"]}, {"deadlock": (DEADLOCK,)}, NOT_MET),
        # what alone may turn up
        (None, {"ok": ()}, MET),
        (None, {"ok": (), "deadlock": (DEADLOCK,)}, NOT_MET),
        ("ok", {"exit 2": ()}, NOT_MET),
        ({"only": ["exit 2"]}, {"exit 2": ()}, MET),
        ({"only": ["exit 2"]}, {"exit 2": (), "exit 3": ()}, NOT_MET),
        ({"only": ["deadlock [left*"]}, {"deadlock": (DEADLOCK, "deadlock [other]")}, NOT_MET),
        # both
        ({"some": ["exit 3"], "only": ["ok"]}, {"ok": (), "exit 3": ()}, MET),
        ({"some": ["exit 3"], "only": ["ok"]}, {"ok": ()}, NOT_MET),
        # a run that met a limit says nothing
        (None, {"ok": (), "unknown": ()}, UNKNOWN),
        (None, {"unknown": ()}, UNKNOWN),
        ("deadlock", {"unknown": ()}, UNKNOWN),
        ({"only": ["ok"]}, {"deadlock": (DEADLOCK,), "unknown": ()}, NOT_MET),
        # nothing was run
        (None, {}, UNKNOWN),
        ("deadlock", {}, UNKNOWN),
    ],
)
def test_the_table_of_verdicts(
    wanted: str | dict[str, Any] | None, seen: dict[str, tuple[str, ...]], verdict: Verdict
) -> None:
    assert as_expectation(wanted).verdict(seen) is verdict


@pytest.mark.parametrize(("verdict", "met"), [(MET, True), (NOT_MET, False), (UNKNOWN, None)])
def test_a_verdict_in_json_is_true_false_or_null(verdict: Verdict, met: bool | None) -> None:
    assert verdict.as_json is met


def test_what_must_turn_up_may_turn_up() -> None:
    assert Expectation(some=("exit 3",), only=("ok",)).allows("exit 3")


def test_what_is_missing_is_named() -> None:
    expectation = Expectation(some=("deadlock", "exit 3"))

    assert expectation.missing({"exit 3": ()}) == ("deadlock",)

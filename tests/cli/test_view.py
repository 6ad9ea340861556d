"""The picture of a campaign."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from emu.campaign.overview import Newest, Overview, Standing
from emu.campaign.pulse import Pulse, WorkerPulse
from emu.cli.view import View, chosen, line, met
from emu.cli.words import clock, span
from emu.record.finding import Verdict


def entry(name: str, verdict: Verdict = Verdict.UNKNOWN, **changes: object) -> Standing:
    values = {
        "plan": "p",
        "name": name,
        "runs": 120,
        "budget": 300,
        "steps": 9_000,
        "emulated": 10**9,
        "seconds": 2.0,
        "outcomes": {"ok": 100, "deadlock": 20},
        "verdict": verdict,
        "so_far": verdict,
        "over": "",
        "reason": "",
        "workers": 0,
        "behaviours": 4,
        "chance": 0.0123,
        "findings": 1,
        "troubles": 0,
        "left": 75.0,
    }
    return Standing(**{**values, **changes})  # type: ignore[arg-type]


def worker(name: str, **changes: object) -> WorkerPulse:
    values = {
        "name": name,
        "pid": 4_711,
        "busy": "running",
        "entry": 0,
        "seconds": 1.5,
        "silent": 0.2,
        "runs": 10,
        "wanted": 64,
        "steps": 99,
        "lost": 0,
    }
    return WorkerPulse(**{**values, **changes})  # type: ignore[arg-type]


def campaign(*entries: Standing, workers: int = 2) -> Overview:
    crew = tuple(worker(f"w{n}") for n in range(1, workers + 1))
    newest = Newest(1_000.0, 7, "deadlock [a, b] in f", "p", entries[0].name, 8, False, False)
    pulse = Pulse(1_000.0, 50.0, 900.0, crew)
    return Overview(("p",), "runs/p/0001", "12", 1_000.0, 61.0, pulse, entries, (newest,), 75.0)


def drawn(seen: Overview, width: int, height: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, legacy_windows=False)
    with console.capture() as captured:
        console.print(View(seen))
    return captured.get().splitlines()


MANY = [entry(f"entry {n}") for n in range(127)]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 50), (60, 18), (132, 43)])
def test_many_entries_fit_into_the_terminal(width: int, height: int) -> None:
    lines = drawn(campaign(*MANY), width, height)
    assert len(lines) < height
    assert max(map(len, lines)) <= width


def test_many_workers_fit_too() -> None:
    lines = drawn(campaign(*MANY, workers=64), 80, 24)
    assert len(lines) < 24
    assert any(one.startswith("and 61 more workers") for one in lines)


def test_the_rest_is_counted() -> None:
    lines = drawn(campaign(*MANY), 80, 24)
    shown = sum(" entry " in one and "/300" in one for one in lines)
    assert any(one.strip() == f"and {127 - shown} more: {127 - shown} not yet met" for one in lines)


def test_those_at_work_are_shown_and_the_most_urgent_first() -> None:
    busy = entry("busy", Verdict.MET, workers=1)
    shown = chosen([entry("met", Verdict.MET), busy, entry("no", Verdict.NOT_MET), *MANY], 3)
    assert [one.name for one in shown] == ["no", "entry 0", "busy"]


@pytest.mark.parametrize(
    ("standing", "word"),
    [
        (entry("a", Verdict.MET), "yes"),
        (entry("a", Verdict.NOT_MET), "no"),
        (entry("a", so_far=Verdict.MET), "so far"),
        (entry("a", so_far=Verdict.NOT_MET), "not yet"),
        (entry("a", over="set aside"), "unknown"),
    ],
)
def test_an_expectation_is_a_word(standing: Standing, word: str) -> None:
    assert met(standing) == word


def test_an_entry_has_what_there_is_to_know() -> None:
    lines = drawn(campaign(entry("one", workers=1)), 100, 24)
    row = next(text for text in lines if text.startswith("●"))
    assert row.split() == [
        *("●", "one", "120/300", "12.3", "1:15", "not", "yet", "ok", "100,", "deadlock", "20")
    ]


def test_entries_of_one_name_are_told_apart_by_their_plans() -> None:
    text = "\n".join(drawn(campaign(entry("one"), entry("one", plan="q")), 100, 24))
    assert "p: one" in text
    assert "q: one" in text


def test_a_silent_worker_is_pointed_out() -> None:
    seen = campaign(entry("one"))
    quiet = Pulse(1_000.0, workers=(worker("w1", silent=9.0, lost=2),))
    seen = Overview(**{**vars(seen), "pulse": quiet})
    text = "\n".join(drawn(seen, 100, 24))
    assert "silent for 9 s" in text
    assert "lost 2 times" in text


def test_a_line_has_the_most_important() -> None:
    assert line(campaign(entry("one"), entry("two", Verdict.MET, over="met"))) == (
        "1:01  240 runs  50 runs/s  1 of 2 over, 1 met, 1 not yet met  2 findings, "
        "at most 1:15 left"
    )


def test_times_are_spelled_as_clocks_have_them() -> None:
    assert [clock(one) for one in (7, 3_725, 90_061)] == ["0:07", "1:02:05", "1 d 1:01:01"]


def test_spans_have_three_digits() -> None:
    assert [span(one) for one in (0, 0.0153, 75, 5_400)] == ["0 s", "15.3 ms", "1.25 min", "1.5 h"]

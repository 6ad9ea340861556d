"""The page in Chromium, from the disk and without a network: what it shows, and what one can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emu.analysis.report.contents import CoursePoint
from emu.analysis.report.page import page
from emu.analysis.report.scene import scene_of
from emu.record.finding import OUTCOMES
from emu.record.history import History
from tests.analysis.histories import event, history, inversion
from tests.analysis.report.pages import contents, entry, found
from tests.browser import Opened, opened


def handled() -> History:
    """A thread is sent a signal, whose handler takes a lock; another waits for that."""
    return history(
        [
            event("thread.spawn", 0, "main", "T2", 2, child="T2"),
            event("lock.acquire", 1, "main", "log", 3, waited=0),
            event("signal.send", 2, "", signal="SIGUSR1", target="main", fate="pending"),
            event("signal.deliver", 3, "main", line=4, signal="SIGUSR1"),
            event("signal.enter", 3, "main", line=4, depth=1, signal="SIGUSR1"),
            event("fault", 4, "main", line=9, depth=1, signal="SIGSEGV"),
            event("lock.acquire", 4, "main", "table", 9, depth=1, waited=0),
            event("lock.release", 6, "main", "table", 9, depth=1),
            event("signal.return", 7, "main", line=4, depth=1, signal="SIGUSR1"),
            event("lock.wait", 8, "T2", "log", 12, held_by="main"),
            event("lock.release", 9, "main", "log", 5),
            event("lock.acquire", 11, "T2", "log", 12, waited=3_000, contended=True),
        ]
    )


COURSE = tuple(CoursePoint(n, (n - n // 5, n // 5), n // 2) for n in range(1, 65))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report") / "report.html"
    findings = (
        found(inversion()),
        found(inversion(), number=2, scene=scene_of(handled())),
    )
    ran = entry(runs=64, outcomes={"ok": 52, "deadlock": 12}, course=COURSE)
    made.write_bytes(page(contents(findings=findings, entries=(ran,))))
    return made


@pytest.fixture
def here(browser: Any, path: Path) -> Iterator[Opened]:
    with opened(browser, path) as made:
        yield made


def stage(here: Opened, number: int = 1) -> Any:
    here.page.locator(f"#finding-{number} figure").scroll_into_view_if_needed()
    here.page.locator(f"#finding-{number} .stage svg.body").wait_for()
    return here.page.locator(f"#finding-{number} .stage")


def labels(here: Opened, selector: str, number: int = 1) -> list[str]:
    found = stage(here, number).locator(selector).all()
    return [one.get_attribute("aria-label") for one in found]


def window(here: Opened) -> list[float]:
    text = here.page.locator("#finding-1 figure").get_attribute("data-window")
    return [float(x) for x in text.split()]


def test_it_asks_for_nothing_and_complains_of_nothing(here: Opened) -> None:
    here.page.mouse.wheel(0, 20_000)
    here.page.wait_for_timeout(200)
    assert here.requests == [here.url]
    assert here.complaints == []


def test_the_timeline_has_both_threads_and_both_locks_of_the_seed_deadlock(here: Opened) -> None:
    assert stage(here).locator("text.thread").all_text_contents() == ["T1T1", "T2T2"]
    assert labels(here, ".bar") == [
        "T1 holds left, from step 2, to the end of the run, at inversion.py:10",
        "T2 holds right, from step 4, to the end of the run, at inversion.py:10",
        "T2 waits for left, from step 6, to the end of the run, at inversion.py:11",
        "T1 waits for right, from step 8, to the end of the run, at inversion.py:11",
    ]


def test_who_waits_for_whom_is_drawn(here: Opened) -> None:
    titles = stage(here).locator("path.cycle title").all_text_contents()
    assert titles == ["T1 waits for right, which T2 holds", "T2 waits for left, which T1 holds"]


def test_a_lock_has_one_colour_held_or_waited_for(here: Opened) -> None:
    held = stage(here).locator('.bar.hold[data-name="left"]').get_attribute("class").split()
    wanted = stage(here).locator('.bar.wait[data-name="left"]').get_attribute("class").split()
    assert {"l0", "l1"} & set(held) == {"l0", "l1"} & set(wanted) != set()


def test_a_handler_lies_under_what_it_interrupts_and_over_what_it_does(here: Opened) -> None:
    def top(selector: str) -> float:
        box = stage(here, 2).locator(selector).bounding_box()
        return float(box["y"])

    handler = top('.bar.handler[data-name="SIGUSR1"]')
    assert top('.bar.hold[data-name="log"][data-thread="main"]') < handler
    assert handler < top('.bar.hold[data-name="table"]')


def test_signals_and_faults_are_marks(here: Opened) -> None:
    marks = {one.split(",")[0] for one in labels(here, ".mark", 2)}
    assert {
        "(outside): send SIGUSR1 to main",
        "main: SIGUSR1 arrives",
        "main: fault SIGSEGV",
        "main: start T2",
    } <= marks


def test_arrows_lead_from_unlock_to_the_waiter_and_from_sending_to_delivery(here: Opened) -> None:
    arrows = stage(here, 2).locator("path.arrow").all()
    kinds = {one.get_attribute("data-kind") for one in arrows}
    assert {"unlock", "signal"} <= kinds


def test_the_wheel_zooms_once_the_timeline_was_clicked(here: Opened) -> None:
    whole = window(here)
    stage(here).scroll_into_view_if_needed()
    box = stage(here).bounding_box()
    here.page.mouse.move(box["x"] + 400, box["y"] + 30)
    here.page.mouse.wheel(0, -100)
    here.page.wait_for_timeout(100)
    assert window(here) == whole, "a reader who scrolls by must not be caught"
    box = stage(here).bounding_box()
    here.page.mouse.click(box["x"] + 400, box["y"] + 30)
    here.page.mouse.wheel(0, -100)
    here.page.wait_for_timeout(100)
    a, b = window(here)
    assert whole[0] <= a < b <= whole[1]
    assert b - a < 0.8 * (whole[1] - whole[0])


def test_keys_zoom_move_and_fit(here: Opened) -> None:
    whole = window(here)
    stage(here).focus()
    here.page.keyboard.press("+")
    near = window(here)
    assert near[1] - near[0] == pytest.approx(0.6 * (whole[1] - whole[0]), rel=0.02)
    here.page.keyboard.press("ArrowRight")
    assert window(here)[0] > near[0]
    here.page.keyboard.press("End")
    assert window(here)[1] == whole[1]
    here.page.keyboard.press("0")
    assert window(here) == whole


def test_dragging_moves_and_dragging_the_ruler_zooms(here: Opened) -> None:
    stage(here).scroll_into_view_if_needed()
    box = stage(here).bounding_box()
    whole = window(here)

    def drag(x0: float, x1: float, y: float) -> None:
        here.page.mouse.move(box["x"] + x0, box["y"] + y)
        here.page.mouse.down()
        here.page.mouse.move(box["x"] + x1, box["y"] + y, steps=4)
        here.page.mouse.up()

    drag(300, 600, 10)
    near = window(here)
    assert near[1] - near[0] < 0.5 * (whole[1] - whole[0])
    drag(600, 500, 50)
    assert window(here)[0] > near[0]


def test_buttons_zoom_and_change_the_axis(here: Opened) -> None:
    figure = here.page.locator("#finding-1 figure")
    whole = window(here)
    figure.get_by_role("button", name="Zoom in").click()
    assert window(here) != whole
    figure.get_by_role("button", name="Show all of it").click()
    assert window(here) == whole
    figure.get_by_role("button", name="Time").click()
    assert window(here)[1] > 1_000
    assert figure.locator(".ruler .unit").text_content() == "time"


def test_search_finds_by_lock_thread_and_place(here: Opened) -> None:
    field = here.page.locator("#finding-1 input[type=search]")
    stage(here).focus()
    here.page.keyboard.press("/")
    here.page.keyboard.type("t2 left")
    assert stage(here).locator(".match").count() == 1
    assert stage(here).locator(".dim").count() == 3
    assert here.page.locator("#finding-1 .count").text_content() == "1 found"
    field.fill("inversion.py:11")
    here.page.keyboard.press("Enter")
    assert here.page.locator("#finding-1 .count").text_content() == "1 of 2"
    assert "T2 waits for left" in here.page.locator("#finding-1 .panel").inner_text()
    here.page.keyboard.press("Enter")
    assert "T1 waits for right" in here.page.locator("#finding-1 .panel").inner_text()
    field.fill("nowhere")
    assert here.page.locator("#finding-1 .count").text_content() == "nothing found"


def test_a_click_keeps_what_is_known_of_a_bar(here: Opened) -> None:
    stage(here).locator('.bar.wait[data-name="left"]').click()
    text = here.page.locator("#finding-1 .panel").inner_text()
    for said in ("T2 waits for left", "step 6, 6 µs, event 3", "held by", "T1", "inversion.py:11"):
        assert said in text


def test_hovering_shows_it_in_a_tip(here: Opened) -> None:
    stage(here).locator('.bar.hold[data-name="right"]').hover()
    assert "T2 holds right" in here.page.locator("#tip").inner_text()


def test_everything_is_in_a_table_too(here: Opened) -> None:
    here.page.locator("#finding-1 .as-table summary").click()
    rows = here.page.locator("#finding-1 .as-table tbody tr").all_inner_texts()
    assert rows[2].split("\t") == ["6", "6 µs", "T2", "waits for left", "end", "inversion.py:11"]


def test_colours_follow_the_system_and_the_button(browser: Any, path: Path) -> None:
    with opened(browser, path, color_scheme="dark") as here:
        assert brightness(here) < 150
        here.page.locator("#theme").click()
        assert brightness(here) > 600


def brightness(here: Opened) -> int:
    colour = here.page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(int, colour[4:-1].split(",")))


APART = [
    *("ok", "unknown", "deadlock", "stalled", "leak", "assertion", "panic", "crash"),
    *("exit 1", "exit 2", "exit 3", "killed SIGSEGV", "killed SIGABRT", "killed SIGTERM", "else"),
]
"""Outcomes that must be told apart."""


def colour(here: Opened, outcome: str) -> str:
    """The colour of an outcome, wherever on the page it is."""
    script = """outcome => {
        const made = document.createElement("i");
        made.dataset.outcome = outcome;
        document.querySelector(".card").append(made);
        const { backgroundColor, fill } = getComputedStyle(made);
        return backgroundColor === fill ? fill : `${backgroundColor}, not ${fill}`;
    }"""
    made: str = here.page.evaluate(script, outcome)
    return made


def test_the_kinds_of_outcomes_that_are_told_apart_are_all_there_are() -> None:
    kinds = {name.partition(" ")[0] for name in OUTCOMES}
    assert {name.partition(" ")[0] for name in APART} == kinds | {"else"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_outcome_has_a_colour_of_its_own(browser: Any, path: Path, scheme: str) -> None:
    with opened(browser, path, color_scheme=scheme) as here:
        found = [colour(here, name) for name in APART]
        assert all(one.startswith("rgb(") and "not" not in one for one in found)
        assert len(set(found)) == len(APART)
        for name, like in [("exit 42", "exit 2"), ("killed SIGKILL", "killed SIGTERM")]:
            assert colour(here, name) == colour(here, like)


def test_a_course_a_bar_and_a_word_of_one_outcome_have_one_colour(here: Opened) -> None:
    seen = here.page.locator('[data-outcome="deadlock"]').evaluate_all(
        "all => all.map(it => [it.tagName.toLowerCase(), getComputedStyle(it).fill])"
    )
    assert {name for name, _ in seen} == {"path", "span", "i"}
    assert {fill for _, fill in seen} == {colour(here, "deadlock")}


def test_the_replay_command_is_copied(browser: Any, path: Path) -> None:
    with opened(browser, path) as here:
        here.context.grant_permissions(["clipboard-read", "clipboard-write"])
        here.page.locator("#finding-1 .copy").first.click()
        here.page.locator("#finding-1 .copy", has_text="Copied").wait_for()
        text = here.page.evaluate("navigator.clipboard.readText()")
        assert text == "emu replay inversion:lock_order_inversion emu1:2t1#a72e"


def test_on_paper_the_timeline_is_whole_and_as_wide_as_the_sheet(here: Opened) -> None:
    stage(here).focus()
    here.page.keyboard.press("+")
    here.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    here.page.emulate_media(media="print")
    assert stage(here).locator(".bar").count() == 4
    drawn, sheet = stage(here).locator("svg.body").bounding_box(), stage(here).bounding_box()
    assert drawn["width"] == pytest.approx(sheet["width"], abs=3)
    assert not here.page.locator("nav.side").is_visible()


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_nothing_is_wider_than_the_window(browser: Any, path: Path, width: int) -> None:
    with opened(browser, path, viewport={"width": width, "height": 800}) as here:
        assert here.page.evaluate("document.documentElement.scrollWidth") == width


def test_outcomes_and_behaviours_answer_the_pointer(here: Opened) -> None:
    chart = here.page.locator(".course svg").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    here.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    text = here.page.locator("#tip").inner_text()
    assert text.startswith("runs ")
    assert "behaviours" in text

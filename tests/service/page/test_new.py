"""A new campaign: plans, mistakes at their lines, options."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.page import canned
from tests.service.page.conftest import Open
from tests.service.page.fake import Fake, problem

WRONG = canned.SMOKE.replace("runs = 300", "runs = 0")


def own(visit: Open, text: str) -> Any:
    page = visit("#/new").page
    page.get_by_label("Your own plan").check()
    page.get_by_label("The plan, in TOML").fill(text)
    return page


def test_a_shipped_plan_is_shown_and_started(visit: Open, fake: Fake) -> None:
    page = visit("#/new").page
    page.locator(".shipped pre", has_text='name = "smoke"').wait_for()
    page.get_by_label("long").check()
    page.locator(".shipped pre", has_text='name = "long"').wait_for()
    page.get_by_label("Runs of each entry").fill("50")
    page.get_by_label("Seconds for each entry").fill("2.5")
    page.get_by_label("Seed").fill("7")
    page.get_by_label("Workers").fill("2")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="long running").wait_for()
    (asked,) = fake.calls("POST", "/api/campaigns")
    assert asked.body == {"shipped": "long", "runs": 50, "seconds": 2.5, "seed": 7, "workers": 2}


def test_a_shipped_plan_can_be_changed(visit: Open) -> None:
    page = visit("#/new").page
    page.get_by_role("button", name="Change it").click()
    assert page.get_by_label("The plan, in TOML").input_value() == canned.SMOKE
    page.get_by_text("No mistakes: smoke, 2 entries.").wait_for()


def test_a_plan_is_checked_as_it_is_typed(visit: Open, fake: Fake) -> None:
    page = own(visit, WRONG)
    page.get_by_text("2 mistakes:").wait_for()
    assert page.locator(".numbers .wrong").all_inner_texts() == ["7", "14"]
    field = page.get_by_label("The plan, in TOML")
    assert field.get_attribute("aria-invalid") == "true"
    field.fill(canned.SMOKE)
    page.get_by_text("No mistakes: smoke, 2 entries.").wait_for()
    assert page.locator(".mistakes li, .numbers .wrong").count() == 0


def test_fast_typing_is_checked_once(visit: Open, fake: Fake) -> None:
    page = own(visit, "")
    page.get_by_label("The plan, in TOML").press_sequentially('name = "typed"')
    page.get_by_text("No mistakes: typed, 0 entries.").wait_for()
    assert len(fake.calls("POST", "/api/plans/check")) < 4


def test_a_mistake_leads_to_its_line_by_the_keyboard(visit: Open) -> None:
    page = own(visit, WRONG)
    page.get_by_role("button", name="line 14").focus()
    page.keyboard.press("Enter")
    chosen = "it => it.value.slice(it.selectionStart, it.selectionEnd)"
    field = page.get_by_label("The plan, in TOML")
    assert field.evaluate("it => it === document.activeElement")
    assert field.evaluate(chosen) == "runs = 0"
    assert field.evaluate("it => it.value.slice(0, it.selectionStart).split('\\n').length") == 14


def test_numbers_of_lines_follow_a_long_plan(visit: Open) -> None:
    page = own(visit, "\n".join(f"# {line}" for line in range(1, 301)) + "\nruns = 0")
    page.get_by_role("button", name="line 301").click()
    number = page.locator(".numbers .wrong").bounding_box()
    mark = page.locator(".marks i").bounding_box()
    field = page.get_by_label("The plan, in TOML").bounding_box()
    assert number["y"] == pytest.approx(mark["y"], abs=1)
    assert field["y"] < mark["y"] < field["y"] + field["height"]


def test_what_the_service_says_no_to_is_said(visit: Open, fake: Fake) -> None:
    page = visit("#/new").page
    page.locator(".shipped pre", has_text='name = "smoke"').wait_for()
    fake.refusal = problem(429, "4 campaigns are at work; no more are allowed")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("alert").get_by_text("4 campaigns are at work").wait_for()


def test_a_second_try_has_the_same_key(visit: Open, fake: Fake) -> None:
    page = visit("#/new").page
    page.locator(".shipped pre", has_text='name = "smoke"').wait_for()
    fake.refusal = problem(507, "the disk is full")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("the disk is full").first.wait_for()
    fake.refusal = None
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="smoke running").wait_for()
    keys = [one.headers["idempotency-key"] for one in fake.calls("POST", "/api/campaigns")]
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_an_option_that_makes_no_sense_is_not_sent(visit: Open, fake: Fake) -> None:
    page = visit("#/new").page
    page.locator(".shipped pre", has_text='name = "smoke"').wait_for()
    page.get_by_label("Workers").fill("0")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("alert").get_by_text("Workers: ").wait_for()
    assert fake.calls("POST", "/api/campaigns") == []

"""The page in Chromium: each view shows its facts, asks nobody else, and complains of nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser import Opened
from tests.service.page import canned
from tests.service.page.conftest import Open
from tests.service.page.fake import Fake

CAMPAIGN = "#/campaigns/smoke-0001"
FINDING = f"{CAMPAIGN}/findings/1"
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def text(here: Opened, selector: str) -> str:
    here.page.locator(selector).first.wait_for()
    return re.sub(r"\s+", " ", here.page.locator(selector).first.inner_text())


DRAWN = {
    "": ".newest li",
    CAMPAIGN: ".rates svg",
    FINDING: ".stage svg.body",
    "#/new": ".shipped pre",
    "#/nowhere": "h1",
    "#/campaigns/%": "h1",
}
"""What is drawn last of each view."""


def walk(here: Opened) -> Iterator[str]:
    """Through all views, each when it is drawn."""
    for address, last in DRAWN.items():
        here.page.goto(here.url + address)
        here.page.locator("html[data-live=open]").wait_for()
        here.page.locator(last).first.wait_for()
        yield address


def test_it_asks_nobody_but_its_service_and_complains_of_nothing(visit: Open, url: str) -> None:
    here = visit()
    assert list(walk(here)) == list(DRAWN)
    assert {urlsplit(one).netloc for one in here.requests} == {urlsplit(url).netloc}
    assert here.complaints == []


def test_home_shows_how_each_campaign_gets_on(visit: Open) -> None:
    card = text(visit(), ".campaign")
    for said in ("smoke running", "smoke-0001", "62 %, 7.5 s left at most", "420 runs", "34 a sec"):
        assert said in card
    for said in ("1 of 2 entries met", "2 findings", "ok 300", "deadlock 100", "exit 2 20"):
        assert said in card


def test_home_names_the_newest_findings_and_leads_to_them(visit: Open) -> None:
    here = visit()
    here.page.locator(".newest a", has_text=canned.SIGNATURE).click()
    here.page.get_by_role("heading", name="lock_order_inversion deadlocks").wait_for()


def test_a_new_user_is_told_what_to_do_and_can_do_it(visit: Open, fake: Fake) -> None:
    fake.campaigns.clear()
    here = visit()
    assert "Nothing has run here yet" in text(here, ".welcome")
    here.page.get_by_role("button", name="Start smoke").click()
    here.page.wait_for_url(re.compile(CAMPAIGN))
    here.page.get_by_role("heading", name="smoke running").wait_for()
    (asked,) = fake.calls("POST", "/api/campaigns")
    assert asked.body == {"shipped": "smoke"}
    assert len(asked.headers["idempotency-key"]) == 32


def test_news_changes_the_page_without_being_asked_for(visit: Open, fake: Fake) -> None:
    here = visit()
    here.page.locator(".campaign").wait_for()
    fake.tell("smoke-0001", runs=500, state="done", met=True)
    fake.tell("long-0002", created=canned.BEGAN - 5)
    here.page.get_by_text("500").first.wait_for()
    here.page.get_by_role("heading", name="smoke done met").wait_for()
    here.page.get_by_role("link", name="long", exact=True).wait_for()
    fake.forget("long-0002")
    here.page.get_by_role("link", name="long", exact=True).wait_for(state="detached")


def test_a_campaign_has_its_entries_with_outcomes_and_verdicts(visit: Open) -> None:
    here = visit(CAMPAIGN)
    here.page.locator("table[aria-label=Entries] tbody tr").nth(1).wait_for()
    rows = here.page.locator("table[aria-label=Entries] tbody tr").all_inner_texts()
    first, second = (re.sub(r"\s+", " ", one) for one in rows)
    assert (
        first
        == "as it was ok 110 deadlock 100 210 of 300 1 met so far, 1 worker at it expects deadlock"
    )
    assert second.endswith("not met expects deadlock exit 2 [throw] is not expected")


def fills(here: Opened, outcome: str) -> set[str]:
    found = here.page.locator(f'i[data-outcome="{outcome}"]')
    found.first.wait_for()
    return set(found.evaluate_all("all => all.map(it => getComputedStyle(it).backgroundColor)"))


def test_an_outcome_has_one_colour_whatever_came_before(visit: Open, fake: Fake) -> None:
    late = {"exit 2": 9, "panic": 8, "leak": 2, "deadlock": 1}
    fake.campaigns["late-0002"] = canned.brief("late-0002", created=canned.BEGAN + 9, outcomes=late)
    home, campaign = visit(), visit(CAMPAIGN)
    for outcome in ("deadlock", "exit 2"):
        assert len(fills(home, outcome)) == 1
        assert fills(campaign, outcome) == fills(home, outcome)
    assert fills(home, "deadlock") != fills(home, "exit 2")


def test_a_campaign_has_its_runs_a_second_over_all_its_time(visit: Open) -> None:
    here = visit(CAMPAIGN)
    chart = here.page.locator(".rates svg")
    chart.wait_for()
    here.page.wait_for_function(
        "document.querySelector('.rates svg').getAttribute('aria-label').includes('35 at most')"
    )
    assert "over 12 s" in chart.get_attribute("aria-label")


def test_findings_come_a_page_at_a_time(visit: Open, fake: Fake) -> None:
    fake.many = 60
    fake.campaigns["smoke-0001"]["findings"] = 60
    here = visit(CAMPAIGN)
    pager = here.page.get_by_role("group", name="Pages of findings")
    pager.get_by_text("1 to 25 of 60").wait_for()
    pager.get_by_role("button", name="Later").click()
    pager.get_by_text("26 to 50 of 60").wait_for()
    pager.get_by_role("button", name="Later").click()
    pager.get_by_text("51 to 60 of 60").wait_for()
    assert pager.get_by_role("button", name="Later").get_attribute("aria-disabled") == "true"
    pager.get_by_role("button", name="Earlier").click()
    pager.get_by_text("26 to 50 of 60").wait_for()
    assert here.page.locator("table[aria-label=Findings] tbody tr").count() == 25


def test_a_campaign_is_paused_resumed_stopped_and_deleted(visit: Open, fake: Fake) -> None:
    here = visit(CAMPAIGN)
    button = here.page.get_by_role("button")
    button.filter(has_text="Pause").click()
    button.filter(has_text="Resume").click()
    button.filter(has_text="Stop").click()
    here.page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    button.filter(has_text="Delete").click()
    here.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert "smoke-0001" in fake.campaigns
    button.filter(has_text="Delete").click()
    here.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    here.page.get_by_role("heading", name="Nothing has run here yet").wait_for()
    acts = [one.path.rpartition("/")[2] for one in fake.asked if one.method in ("POST", "DELETE")]
    assert acts == ["pause", "resume", "stop", "smoke-0001"]


def test_what_cannot_be_done_is_said(visit: Open, fake: Fake) -> None:
    fake.campaigns["smoke-0001"]["state"] = "failed"
    here = visit(CAMPAIGN)
    here.page.get_by_role("button", name="Resume").click()
    here.page.get_by_text("smoke-0001 has failed; it cannot be running").wait_for()


def test_a_campaign_shows_its_plan(visit: Open) -> None:
    here = visit(CAMPAIGN)
    here.page.get_by_text("The plan", exact=True).click()
    here.page.locator(".plan pre", has_text="Two threads, two locks.").wait_for()


def test_a_campaign_that_is_deleted_meanwhile_is_said_to_be(visit: Open, fake: Fake) -> None:
    here = visit(CAMPAIGN)
    here.page.locator("html[data-live=open]").wait_for()
    here.page.locator(".rates svg").wait_for()
    fake.forget("smoke-0001")
    here.page.get_by_text("This campaign was deleted.").wait_for()


def test_a_campaign_too_old_for_the_stream_is_shown_all_the_same(visit: Open, fake: Fake) -> None:
    fake.old.add("smoke-0001")
    here = visit(CAMPAIGN)
    here.page.locator("html[data-live=open]").wait_for()
    here.page.locator(".rates svg").wait_for()
    here.page.get_by_role("heading", name="smoke running").wait_for()
    assert here.page.get_by_text("This campaign was deleted.").count() == 0


def test_what_is_not_there_is_said(visit: Open) -> None:
    here = visit("#/campaigns/other-0007")
    assert "there is no campaign other-0007" in text(here, ".failed")


def test_a_finding_has_its_message_and_its_files(visit: Open) -> None:
    here = visit(FINDING)
    assert "T1 waits for right at inversion.py:11" in text(here, "pre.message")
    assert "seed 18446744073709551615" in text(here, "dl.facts")
    links = here.page.locator(".files a").all()
    assert [one.get_attribute("href").rpartition("/")[2] for one in links] == [
        "report",
        "log",
        "trace",
        "tape",
        "file",
        "message",
    ]


def test_a_finding_has_the_timeline_of_the_report(visit: Open) -> None:
    here = visit(FINDING)
    here.page.locator(".stage svg.body").wait_for()
    bars = [one.get_attribute("aria-label") for one in here.page.locator(".stage .bar").all()]
    assert "T2 waits for left, from step 6, to the end of the run, at inversion.py:11" in bars
    hatch = here.page.locator(".bar.wait rect").first.evaluate("it => getComputedStyle(it).fill")
    assert "#hatch-l" in hatch
    here.page.locator(".stage").focus()
    whole = here.page.locator("figure").get_attribute("data-window")
    here.page.keyboard.press("+")
    assert here.page.locator("figure").get_attribute("data-window") != whole
    here.page.keyboard.press("/")
    here.page.keyboard.type("t2 left")
    here.page.get_by_text("1 found", exact=True).wait_for()


def test_a_finding_without_a_log_says_so(visit: Open) -> None:
    here = visit(f"{CAMPAIGN}/findings/2")
    here.page.get_by_text("No timeline: it has no log").wait_for()


@pytest.mark.parametrize("secure", [True, False])
def test_the_replay_line_is_copied(visit: Open, url: str, *, secure: bool) -> None:
    here = visit(FINDING)
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    here.page.locator(".copy").wait_for()
    if not secure:
        here.page.evaluate(
            "window.reading = navigator.clipboard.readText.bind(navigator.clipboard);"
            "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
        )
    here.page.locator(".copy").click()
    here.page.locator(".copy", has_text="Copied").wait_for()
    reading = "navigator.clipboard.readText()" if secure else "reading()"
    assert here.page.evaluate(reading) == f"emu replay {url}api/campaigns/smoke-0001/findings/1"


def test_the_way_back_is_from_where_the_page_is(visit: Open, url: str) -> None:
    said = text(visit(FINDING), "pre.message")
    assert f"replay emu replay {url}api/campaigns/smoke-0001/findings/1 " in said
    assert said.endswith(f"log {url}api/campaigns/smoke-0001/findings/1/log")


def test_what_programs_say_stays_text(visit: Open, fake: Fake) -> None:
    fake.campaigns["smoke-0001"] |= {"name": EVIL, "why": EVIL, "outcomes": {EVIL: 3}}
    fake.newest = [canned.newest(1, signature=EVIL, entry=EVIL)]
    here = visit()
    assert EVIL in text(here, ".newest code")
    here.page.locator(".campaign a", has_text=EVIL).click()
    here.page.get_by_role("heading", name=EVIL).wait_for()
    assert here.page.locator("main img, main script").count() == 0
    assert here.complaints == []


@pytest.mark.parametrize("width", [390, 1024])
def test_nothing_is_wider_than_the_window(visit: Open, width: int) -> None:
    here = visit(viewport={"width": width, "height": 800})
    for address in walk(here):
        assert here.page.evaluate("document.documentElement.scrollWidth") == width, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system(visit: Open, scheme: Any) -> None:
    here = visit(color_scheme=scheme)
    colour = here.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, colour[4:-1].split(","))) < 150) == (scheme == "dark")


def test_who_wants_no_motion_gets_none(visit: Open) -> None:
    here = visit(reduced_motion="reduce")
    pill = here.page.locator(".pill.busy").first
    pill.wait_for()
    assert pill.evaluate("it => getComputedStyle(it, '::before').animationName") == "none"

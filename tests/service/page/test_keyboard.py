"""Everything is done with keys alone, and one sees where one is."""

from __future__ import annotations

from tests.browser import Opened
from tests.service.page import canned
from tests.service.page.conftest import Open
from tests.service.page.fake import Fake

FOCUSED = """() => {
  const it = document.activeElement;
  return it.getAttribute("aria-label") || it.textContent.trim() || it.tagName;
}"""

HEARD = "async (id) => (await import('/static/live.js')).live.campaigns.has(id)"


def focused(here: Opened) -> str:
    return str(here.page.evaluate(FOCUSED))


def tab_to(here: Opened, name: str) -> None:
    """Press Tab until what is called so has the focus; what has it is seen to have it."""
    for _ in range(60):
        here.page.keyboard.press("Tab")
        seen = "getComputedStyle(document.activeElement).outlineStyle"
        assert here.page.evaluate(seen) != "none", focused(here)
        if focused(here) == name:
            return
    raise AssertionError(f"no Tab leads to {name!r}")


def test_from_home_to_a_replay_line(visit: Open, fake: Fake, url: str) -> None:
    here = visit()
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    here.page.locator(".newest li").wait_for()
    tab_to(here, "smoke")
    here.page.keyboard.press("Enter")
    here.page.locator("table[aria-label=Findings] tbody tr").first.wait_for()
    assert here.page.evaluate("document.activeElement.id") == "main"
    tab_to(here, canned.SIGNATURE)
    here.page.keyboard.press("Enter")
    here.page.locator(".stage svg.body").wait_for()
    tab_to(here, "Copy the replay line")
    here.page.keyboard.press("Enter")
    here.page.locator(".copy", has_text="Copied").wait_for()
    line = f"emu replay {url}api/campaigns/smoke-0001/findings/1"
    assert here.page.evaluate("navigator.clipboard.readText()") == line
    assert focused(here) == "Copy the replay line"


def test_the_first_key_skips_to_the_contents(visit: Open) -> None:
    here = visit("#/new")
    here.page.locator("h1").wait_for()
    here.page.keyboard.press("Tab")
    assert focused(here) == "Skip to the contents"
    here.page.keyboard.press("Enter")
    assert here.page.evaluate("document.activeElement.id") == "main"
    assert here.page.url.endswith("#/new")


def test_a_question_is_answered_with_no_and_gives_the_focus_back(visit: Open, fake: Fake) -> None:
    here = visit("#/campaigns/smoke-0001")
    here.page.get_by_role("button", name="Stop").focus()
    here.page.keyboard.press("Enter")
    assert focused(here) == "Cancel"
    here.page.keyboard.press("Escape")
    here.page.get_by_role("dialog").wait_for(state="detached")
    assert focused(here) == "Stop"
    assert fake.calls("POST", "/api/campaigns/smoke-0001/stop") == []


def test_a_button_that_goes_hands_the_focus_on(visit: Open, fake: Fake) -> None:
    here = visit("#/campaigns/smoke-0001")
    here.page.get_by_role("button", name="Pause").focus()
    here.page.keyboard.press("Enter")
    here.page.get_by_role("button", name="Resume").wait_for()
    assert focused(here) == "Resume"


def test_news_of_before_takes_no_button_back(visit: Open, fake: Fake) -> None:
    here = visit("#/campaigns/smoke-0001")
    here.page.get_by_role("button", name="Pause").focus()
    here.page.keyboard.press("Enter")
    here.page.get_by_role("button", name="Resume").wait_for()
    fake.repeat("smoke-0001", state="running")
    fake.tell("other-0009")
    here.page.wait_for_function(HEARD, arg="other-0009")
    here.page.evaluate("new Promise(requestAnimationFrame)")
    assert focused(here) == "Resume"


def test_news_leaves_the_focus_where_it_is(visit: Open, fake: Fake) -> None:
    here = visit()
    here.page.locator(".campaign a").focus()
    fake.tell("other-0009", created=canned.BEGAN + 100)
    fake.tell("smoke-0001", runs=123_456)
    here.page.locator(".campaign", has_text="123,456").wait_for()
    assert here.page.locator(".campaign").count() == 2
    assert focused(here) == "smoke"

"""The token: asked for, kept by the tab, shown in a header, and in no address."""

from __future__ import annotations

import pytest

from tests.service.page.conftest import Open
from tests.service.page.fake import Fake

TOKEN = "correct-horse"


@pytest.fixture
def fake(fake: Fake) -> Fake:
    fake.token = TOKEN
    return fake


def test_it_is_asked_for_until_it_is_right(visit: Open, fake: Fake) -> None:
    here = visit()
    field = here.page.get_by_label("Token", exact=True)
    field.fill("battery-staple")
    here.page.keyboard.press("Enter")
    here.page.get_by_text("The service does not take this token.").wait_for()
    field.fill(TOKEN)
    here.page.get_by_role("button", name="Use it").click()
    here.page.locator("html[data-live=open] .campaign").wait_for()
    assert here.page.get_by_role("dialog").count() == 0


def test_who_has_none_now_can_give_it_later(visit: Open) -> None:
    here = visit("#/campaigns/smoke-0001")
    here.page.get_by_role("button", name="Not now").click()
    here.page.locator(".failed", has_text="the token is wrong").wait_for()
    here.page.get_by_role("button", name="Enter the token").click()
    here.page.get_by_label("Token", exact=True).fill(TOKEN)
    here.page.keyboard.press("Enter")
    here.page.get_by_role("heading", name="smoke running").wait_for()


def test_it_is_taken_from_the_address_and_out_of_it(visit: Open, fake: Fake) -> None:
    here = visit(f"#token={TOKEN}")
    here.page.locator("html[data-live=open] .campaign").wait_for()
    assert TOKEN not in here.page.url
    here.page.reload()
    here.page.locator("html[data-live=open] .campaign").wait_for()
    assert [one for one in fake.asked if TOKEN in one.query or TOKEN in one.path] == []
    assert fake.calls("GET", "/api/events")[-1].headers["authorization"] == f"Bearer {TOKEN}"


def test_another_tab_need_not_ask_again(visit: Open) -> None:
    here = visit(f"#token={TOKEN}")
    here.page.locator("html[data-live=open] .campaign").wait_for()
    other = here.context.new_page()
    other.goto(here.url.partition("#")[0])
    other.locator("html[data-live=open] .campaign").wait_for()
    other.goto(other.url + "#/campaigns/smoke-0001")
    other.get_by_role("heading", name="smoke running").wait_for()


def test_files_are_fetched_with_it(visit: Open, fake: Fake) -> None:
    here = visit(f"#token={TOKEN}")
    here.page.goto(here.page.url.partition("#")[0] + "#/campaigns/smoke-0001/findings/1")
    with here.page.expect_download() as download:
        here.page.locator(".files a", has_text="Trace").click()
    assert download.value.suggested_filename == "smoke-0001-1.trace.json"
    assert download.value.path().read_text() == "trace of smoke-0001, 1"


def test_the_replay_line_says_that_it_needs_it(visit: Open, fake: Fake) -> None:
    here = visit(f"#token={TOKEN}")
    here.page.locator("html[data-live=open] .campaign").wait_for()
    here.page.goto(f"{here.page.url.partition('#')[0]}#/campaigns/smoke-0001/findings/1")
    here.page.locator(".command").wait_for()
    here.page.get_by_text("It needs the token: in EMU_TOKEN, or in a file").wait_for()

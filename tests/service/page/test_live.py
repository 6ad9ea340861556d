"""One stream of news for all tabs, which is taken up again when it ends."""

from __future__ import annotations

from typing import Any

from tests.browser import opened
from tests.service.page import canned
from tests.service.page.conftest import PATIENCE, Open
from tests.service.page.fake import Fake, problem
from tests.service.page.serving import free_port, served

WITHOUT_WORKERS = "delete globalThis.SharedWorker"


def test_eight_tabs_have_one_stream_and_none_blocks_another(visit: Open, fake: Fake) -> None:
    here = visit()
    tabs = [here.page, *(here.context.new_page() for _ in range(7))]
    for tab in tabs[1:]:
        tab.goto(here.url)
    for tab in tabs:
        tab.locator(".campaign").wait_for()
    assert fake.streams == 1
    fake.tell("smoke-0001", runs=77_777)
    for tab in tabs:
        tab.bring_to_front()
        tab.locator(".campaign", has_text="77,777").wait_for()
    for tab in tabs:
        tab.goto(here.url + "#/campaigns/smoke-0001/findings/1")
        tab.locator("pre.message").wait_for()


def test_the_last_tab_takes_the_stream_with_it(visit: Open, fake: Fake) -> None:
    here = visit()
    other = here.context.new_page()
    other.goto(here.url)
    other.locator(".campaign").wait_for()
    here.page.close()
    fake.tell("smoke-0001", runs=88_888)
    other.locator(".campaign", has_text="88,888").wait_for()
    other.goto("about:blank")
    for _ in range(100):
        if not fake.streams:
            break
        other.wait_for_timeout(50)
    assert fake.streams == 0


def test_a_stream_that_ended_is_taken_up_again(visit: Open, fake: Fake) -> None:
    here = visit()
    here.page.locator("html[data-live=open] .campaign").wait_for()
    fake.hang_up()
    here.page.locator("html[data-live=down]").wait_for()
    here.page.locator("html[data-live=open]").wait_for()
    fake.tell("smoke-0001", runs=99_999)
    here.page.locator(".campaign", has_text="99,999").wait_for()


def test_a_service_that_is_down_is_said_to_be_until_it_is_back(browser: Any) -> None:
    fake, port = Fake({"smoke-0001": canned.brief("smoke-0001")}), free_port()
    with served(fake, port) as url:
        here = opened(browser, url)
        made = here.__enter__()
        made.context.set_default_timeout(PATIENCE)
        made.page.locator(".campaign").wait_for()
    made.page.locator("#notice", has_text="What is shown may be out of date").wait_for()
    made.page.locator("#notice", has_text="The service does not answer").wait_for()
    assert made.page.locator(".campaign").is_visible()
    del fake.campaigns["smoke-0001"]
    fake.campaigns["long-0002"] = canned.brief("long-0002")
    with served(fake, port):
        made.page.get_by_role("button", name="Try now").click()
        made.page.get_by_role("link", name="long", exact=True).wait_for()
        made.page.get_by_role("link", name="smoke", exact=True).wait_for(state="detached")
        assert made.page.locator("#notice").is_hidden()
        here.__exit__(None, None, None)


def test_what_the_service_refuses_is_said(visit: Open, fake: Fake) -> None:
    fake.refusal = problem(429, "there are 200 watchers; more are not allowed")
    here = visit()
    here.page.locator("#notice", has_text="there are 200 watchers").wait_for()


def test_without_a_shared_worker_a_tab_listens_while_it_is_seen(visit: Open, fake: Fake) -> None:
    here = visit("#/new")
    here.context.add_init_script(WITHOUT_WORKERS)
    here.page.goto("about:blank")
    here.page.goto(here.url)
    here.page.locator("html[data-live=open]").wait_for()
    fake.tell("long-0002")
    here.page.goto(here.url.partition("#")[0] + "#/")
    here.page.get_by_role("link", name="long", exact=True).wait_for()
    assert fake.streams == 1
    here.page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden'});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    for _ in range(100):
        if not fake.streams:
            break
        here.page.wait_for_timeout(50)
    assert fake.streams == 0


def test_news_is_read_aloud_calmly(visit: Open, fake: Fake) -> None:
    here = visit("#/campaigns/smoke-0001")
    here.page.locator(".newest li").wait_for()
    fake.newest = [canned.newest(2), canned.newest(1)]
    fake.tell("smoke-0001", findings=3)
    here.page.locator("#news", has_text="1 new finding: exit 2 [throw: number 2]").wait_for(
        state="attached"
    )
    assert here.page.locator(".newest li").count() == 2

"""axe in a real browser, at both sizes, in the states that a visitor meets."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Widget
from tests.support.process import FrontDesk

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("size", [DESKTOP, PHONE])]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def assert_no_violations(page: Page) -> None:
    results = Axe().run(page, options={"runOnly": RULES})
    assert results.response["passes"], "axe has not looked at anything"
    assert results.violations_count == 0, results.generate_report()


def test_closed(
    new_page: Callable[..., Page], shared_front_desk: FrontDesk, size: tuple[int, int]
) -> None:
    widget = Widget(new_page(size))
    widget.page.goto(shared_front_desk.url)
    expect(widget.launcher).to_be_visible()
    assert_no_violations(widget.page)


def test_open_with_an_answer(
    new_page: Callable[..., Page], shared_front_desk: FrontDesk, size: tuple[int, int]
) -> None:
    widget = Widget(new_page(size)).opened(shared_front_desk.url)
    widget.say("What are the side effects?")
    expect(widget.log.locator(".sources").first).to_be_visible()
    assert_no_violations(widget.page)


def test_in_a_crisis(
    new_page: Callable[..., Page], shared_front_desk: FrontDesk, size: tuple[int, int]
) -> None:
    widget = Widget(new_page(size)).opened(shared_front_desk.url)
    widget.say("I want to kill myself")
    expect(widget.log.locator(".crisis")).to_be_visible()
    assert_no_violations(widget.page)


def test_offline(
    new_page: Callable[..., Page], shared_front_desk: FrontDesk, size: tuple[int, int]
) -> None:
    widget = Widget(new_page(size)).opened(shared_front_desk.url)
    widget.page.route("**/v1/**", lambda route: route.abort())
    widget.say("Are you there?")
    expect(widget.log.get_by_text("Not sent yet")).to_be_visible()
    assert_no_violations(widget.page)


def test_the_crisis_protocol_page(
    new_page: Callable[..., Page], shared_front_desk: FrontDesk, size: tuple[int, int]
) -> None:
    page = new_page(size)
    page.goto(f"{shared_front_desk.url}/crisis-protocol")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert_no_violations(page)

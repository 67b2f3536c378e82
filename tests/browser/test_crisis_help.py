"""The crisis resources: there from first paint, without a server, and until staff end a crisis."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from ruamel.yaml import YAML

from frontdesk.paths import PROJECT_ROOT
from tests.browser.conftest import DESKTOP, PHONE, Watched, Widget, reply_with
from tests.support.process import FrontDesk

pytestmark = pytest.mark.browser

CRISIS = "I want to kill myself"
OUTAGE = "**/v1/**"


def hotlines() -> dict[str, dict[str, Any]]:
    with (PROJECT_ROOT / "data/crisis/hotlines.yml").open(encoding="utf-8") as file:
        return {line["id"]: line for line in YAML(typ="safe").load(file)}


def text_link(line: dict[str, Any], language: str) -> str:
    text_to = line["text_to"]
    word = text_to.get("body", {}).get(language)
    return f"sms:{text_to['number']}" + (f"?&body={word}" if word else "")


def tel(number: str) -> str:
    digits = number.replace("-", "")
    return f"tel:+{digits}" if len(digits) == 11 else f"tel:{digits}"


def hrefs(page: Page, within: str) -> list[str]:
    links: list[str] = page.locator(within).evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    )
    return links


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_panel_shows_the_numbers_of_the_hotlines_file(
    widget: Widget,
    shared_front_desk: FrontDesk,
    other_site: Callable[..., str],
    language: str,
) -> None:
    widget.page.route(OUTAGE, lambda route: route.abort())
    widget.open(other_site(shared_front_desk.url, f'data-language="{language}"'))
    lifeline, emergency = hotlines()["lifeline"], hotlines()["emergency"]
    expect(widget.panel).to_be_visible()
    assert hrefs(widget.page, "front-desk-chat .help-panel a") == [
        tel(lifeline["call"]),
        text_link(lifeline, language),
        lifeline["chat_url"][language],
        tel(emergency["call"]),
    ]


def test_every_hotline_that_the_server_may_name_becomes_a_link(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    lines = hotlines().values()
    expected = []
    words = []
    for line in lines:
        words.append(f"Call **{line['call']}**.")
        expected.append(tel(line["call"]))
        if "text_to" in line:
            number = line["text_to"]["number"]
            for language, word in line["text_to"].get("body", {"en": ""}).items():
                joint = "al" if language == "es" else "to"
                words.append(f"Text {word} {joint} {number}." if word else f"Text {number}.")
                # Of 988 alone, a link calls; the panel is there for texting.
                expected.append(text_link(line, language) if word or len(number) > 3 else "tel:988")
        for url in sorted(set(line.get("chat_url", {}).values())):
            words.append(f"Chat at {url}.")
            expected.append(url)
    message = {"seq": 50, "from": "bot", "kind": "crisis", "text": "\n".join(words)}
    widget.opened(shared_front_desk.url)
    widget.page.route("**/messages", reply_with("crisis", message))
    widget.say("hello")
    expect(widget.log.locator(".crisis .text")).to_be_visible()
    assert hrefs(widget.page, "front-desk-chat .log .crisis .text a") == expected


def test_numbers_that_are_no_phone_numbers_stay_text(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    text = "It costs $988, or 1,988, or 911.50, for 450 people, 988% sure, at example.org/988."
    widget.opened(shared_front_desk.url)
    answer = {"seq": 50, "from": "bot", "kind": "answer", "text": text}
    widget.page.route("**/messages", reply_with("bot", answer))
    widget.say("hello")
    expect(widget.lines("bot").last).to_have_text(text)
    assert hrefs(widget.page, "front-desk-chat .log .line:last-of-type .text a") == []


def test_a_number_to_call_is_on_the_page_before_anything_is_opened(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.page.goto(shared_front_desk.url)
    button = widget.page.get_by_role("button", name="In crisis? Call or text 988")
    expect(button).to_be_visible()
    button.click()
    expect(widget.panel.get_by_role("link", name="Call 988")).to_be_focused()


def test_the_numbers_are_there_when_the_server_never_answers(
    phone: Widget, shared_front_desk: FrontDesk
) -> None:
    phone.page.route(OUTAGE, lambda route: route.abort())
    phone.open(shared_front_desk.url)
    for name in ("Call 988", "Text 988", "988 chat", "Call 911"):
        expect(phone.panel.get_by_role("link", name=name)).to_be_in_viewport()
    expect(phone.trouble).to_be_visible()


def test_without_javascript_the_page_names_the_numbers(
    new_page: Callable[..., Page], shared_front_desk: FrontDesk
) -> None:
    page = new_page(PHONE, java_script_enabled=False)
    page.goto(shared_front_desk.url)
    notice = page.locator("main .notice")
    expect(notice).to_be_visible()
    links = notice.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [
        "tel:911",
        "tel:988",
        "sms:988",
        "https://988lifeline.org/chat",
    ]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_crisis_opens_the_panel_and_a_reload_keeps_it_and_the_text(
    new_page: Callable[..., Page], shared_front_desk: FrontDesk, size: tuple[int, int]
) -> None:
    widget = Widget(new_page(size)).opened(shared_front_desk.url)
    expect(widget.panel).to_be_hidden()
    widget.say(CRISIS)
    for _ in range(2):
        expect(widget.log.locator(".crisis .text")).to_contain_text("988")
        expect(widget.lines("visitor")).to_have_text([CRISIS])
        expect(widget.panel.get_by_role("link", name="Call 988")).to_be_in_viewport()
        expect(widget.toggle).to_be_hidden()  # nothing here closes the panel
        widget.page.reload()


def test_the_panel_of_a_crisis_is_back_after_a_reload_without_a_server(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url).say(CRISIS)
    expect(widget.panel).to_be_visible()
    widget.page.route(OUTAGE, lambda route: route.abort())
    widget.page.reload()
    expect(widget.panel).to_be_in_viewport()
    expect(widget.toggle).to_be_hidden()


def test_the_numbers_stay_when_the_chat_is_ended_in_a_crisis(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url).say(CRISIS)
    expect(widget.log.locator(".crisis")).to_be_visible()
    widget.page.get_by_role("button", name="End chat").click()
    widget.page.get_by_role("button", name="End and clear").click()
    expect(widget.log.get_by_text("The chat has ended")).to_be_visible()
    expect(widget.log.locator(".crisis")).to_have_count(0)
    expect(widget.panel).to_be_visible()


def test_a_slow_answer_neither_holds_up_a_crisis_nor_closes_its_panel(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    slow: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if "cost" in (route.request.post_data or ""):
            slow.append(route)
        else:
            route.continue_()

    widget.opened(shared_front_desk.url)
    widget.page.route("**/messages", hold_the_first)
    widget.say("What does it cost?")
    widget.say(CRISIS)
    expect(widget.log.locator(".crisis")).to_be_visible()
    late = {"seq": 2, "from": "bot", "kind": "answer", "text": "A late answer."}
    reply_with("bot", late)(slow[0])
    expect(widget.log.get_by_text("A late answer.")).to_be_visible()
    expect(widget.toggle).to_be_hidden()
    texts = widget.log.locator(".line .text").all_inner_texts()
    assert texts.index("A late answer.") == texts.index("What does it cost?") + 1


def test_only_the_servers_word_that_staff_ended_it_lets_the_panel_close(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url).say(CRISIS)
    expect(widget.toggle).to_be_hidden()
    body = 'event: mode\ndata: {"mode": "bot"}\n\n'
    widget.page.route(
        "**/events", lambda route: route.fulfill(content_type="text/event-stream", body=body)
    )
    widget.page.route(
        re.compile(r"/messages\?after=0$"),
        lambda route: route.fulfill(
            content_type="application/json", body=json.dumps({"mode": "crisis", "messages": []})
        ),
    )
    widget.page.reload()
    expect(widget.toggle).to_be_visible()


def test_a_message_that_could_not_be_stored_yet_is_shown_once(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    spoken = {"from": "bot", "kind": "crisis", "text": "Call or text **988** now."}
    event = f"id: 3\nevent: message\ndata: {json.dumps({**spoken, 'seq': 3})}\n\n"
    staff = {"seq": 4, "from": "staff", "kind": "staff", "text": "Dr. Example here."}
    event += f"id: 4\nevent: message\ndata: {json.dumps(staff)}\n\n"
    streams: list[Route] = []
    widget.page.route("**/events", lambda route: streams.append(route))
    widget.page.route("**/messages", reply_with("crisis", {**spoken, "seq": 0}))
    widget.opened(shared_front_desk.url).say(CRISIS)
    expect(widget.log.locator(".crisis")).to_be_visible()
    streams[0].fulfill(content_type="text/event-stream", body=event)
    expect(widget.lines("staff")).to_have_text(["Dr. Example here."])
    expect(widget.log.locator(".crisis")).to_have_count(1)


def test_the_public_protocol_names_only_numbers_of_the_hotlines_file(
    widget: Widget, shared_front_desk: FrontDesk, watched: Watched
) -> None:
    page = widget.page
    page.goto(f"{shared_front_desk.url}/crisis-protocol")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    known = {tel(line["call"]) for line in hotlines().values()}
    for line in hotlines().values():
        if "text_to" in line:
            known.add(f"sms:{line['text_to']['number']}")
        known.update(line.get("chat_url", {}).values())
    named = {href for href in hrefs(page, "a") if not href.startswith("/")}
    assert {"tel:988", "tel:911", "sms:988"} <= named <= known
    assert watched.hosts == {f"127.0.0.1:{shared_front_desk.port}"}

"""Asking and answering, keyboard and phone, lost connections, sessions."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Watched, Widget, reply_with
from tests.support.fake_rasa import FakeRasa
from tests.support.process import FrontDesk

pytestmark = pytest.mark.browser

QUESTION = "What are the side effects?"

BLOCK_STORAGE = """
Object.defineProperty(window, "sessionStorage", {
  get() { throw new DOMException("blocked", "SecurityError"); },
});
"""


def stored_texts(front_desk: FrontDesk, session: dict[str, Any]) -> list[str]:
    """What the server has of this visitor."""
    response = httpx.get(
        f"{front_desk.url}/v1/conversations/{session['id']}/messages",
        headers={"Authorization": f"Bearer {session['token']}"},
    )
    return [one["text"] for one in response.json()["messages"] if one["from"] == "visitor"]


def client_id_of(route: Route) -> str:
    return str(json.loads(route.request.post_data or "{}")["client_id"])


def end_on_the_server(front_desk: FrontDesk, session: dict[str, Any]) -> None:
    httpx.delete(
        f"{front_desk.url}/v1/conversations/{session['id']}",
        headers={"Authorization": f"Bearer {session['token']}"},
    ).raise_for_status()


# ------------------------------------------------------------------ asking


def test_a_question_is_answered_with_its_source(
    widget: Widget, shared_front_desk: FrontDesk, watched: Watched
) -> None:
    widget.opened(shared_front_desk.url).say(QUESTION)
    sources = widget.log.locator(".line.bot").last.locator(".sources")
    expect(sources).to_contain_text("checked on")
    expect(sources.locator("a").first).to_have_attribute("href", re.compile("^https://"))
    expect(sources.locator("a").first).to_have_attribute("rel", "noopener noreferrer")
    expect(widget.lines("visitor")).to_have_text([QUESTION])
    expect(widget.input).to_have_value("")
    # Nothing was asked of anyone but the clinic's own server.
    assert watched.hosts == {f"127.0.0.1:{shared_front_desk.port}"}


def test_a_button_sends_its_text_and_stays_readable(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.page.route(
        "**/messages",
        reply_with(
            "bot",
            {
                "seq": 50,
                "from": "bot",
                "kind": "clarify",
                "text": "Which one?",
                "buttons": [{"label": "The spray", "text": "I mean the nasal spray"}],
            },
        ),
    )
    widget.opened(shared_front_desk.url).say("hello")
    button = widget.log.get_by_role("button", name="The spray")
    button.click()
    expect(widget.lines("visitor").last).to_have_text("I mean the nasal spray")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    expect(widget.lines("visitor")).to_have_count(2)


def test_markup_in_texts_is_shown_as_text(widget: Widget, shared_front_desk: FrontDesk) -> None:
    markup = '<img src="x" onerror="document.title=1">'
    answer = {
        "seq": 50,
        "from": "bot",
        "kind": "answer",
        "text": markup,
        "buttons": [{"label": markup, "text": "more"}],
        "sources": [{"title": markup, "url": "javascript:alert(1)", "checked_on": "2026-11-22"}],
    }
    widget.opened(shared_front_desk.url)
    widget.page.route("**/messages", reply_with("bot", answer))
    widget.say(markup)
    line = widget.log.locator(".line.bot").last
    expect(line.locator(".text")).to_have_text(markup)
    expect(line.locator(".sources")).to_contain_text(markup)
    expect(line.locator("a")).to_have_count(0)
    expect(widget.lines("visitor")).to_have_text([markup])
    expect(widget.page.locator("front-desk-chat img")).to_have_count(0)


def test_the_counter_warns_and_a_refused_message_goes_back_into_the_box(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url)
    long = "How long does it last? " * 200
    widget.input.fill(long[:3700])
    expect(widget.page.get_by_text("characters left")).to_be_visible()
    widget.input.fill(long)
    expect(widget.page.get_by_text("Too long by")).to_be_visible()
    widget.input.press("Enter")
    expect(widget.lines("system").last).to_contain_text("under 4,000 characters")
    expect(widget.input).to_have_value(long.strip())
    expect(widget.panel).to_be_visible()


def test_a_crisis_is_seen_in_a_message_that_is_too_long(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url).say("I want to kill myself. " + "I am so tired. " * 400)
    expect(widget.log.locator(".crisis .text")).to_contain_text("988")


def test_staff_are_heard_through_the_event_stream_once(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    message = {"seq": 70, "at": "", "from": "staff", "kind": "staff", "text": "Hello, I am Ana."}
    body = f"id: 70\nevent: message\ndata: {json.dumps(message)}\n\n"
    widget.page.route(
        "**/events", lambda route: route.fulfill(content_type="text/event-stream", body=body)
    )
    widget.opened(shared_front_desk.url)
    expect(widget.lines("staff")).to_have_text(["Hello, I am Ana."])
    expect(widget.page.locator("front-desk-chat [aria-live=polite]")).to_contain_text(
        "Clinic staff: Hello, I am Ana."
    )
    with widget.page.expect_request("**/events") as again:
        pass  # the stream has ended, so it is asked for again, from where it ended
    assert again.value.headers["last-event-id"] == "70"
    assert again.value.headers["authorization"].startswith("Bearer ")
    expect(widget.lines("staff")).to_have_count(1)


# ------------------------------------------------------------------ keyboard and phone


def test_the_keyboard_alone_is_enough(widget: Widget, shared_front_desk: FrontDesk) -> None:
    page = widget.page
    page.goto(shared_front_desk.url)
    focused = "() => document.activeElement?.shadowRoot?.activeElement?.textContent ?? ''"
    expect(widget.launcher).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if "Chat with us" in page.evaluate(focused):
            break
    page.keyboard.press("Enter")
    expect(widget.input).to_be_focused()
    page.keyboard.type("first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type(QUESTION)
    expect(widget.lines("visitor")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(widget.log.locator(".sources").first).to_be_visible()
    expect(widget.lines("visitor")).to_have_text([f"first line\n{QUESTION}"])
    expect(widget.input).to_be_focused()  # an answer does not move the focus
    page.keyboard.press("Escape")
    expect(widget.dialog).to_be_hidden()
    expect(widget.launcher).to_be_focused()


def test_on_a_phone_the_chat_fills_the_screen_and_nothing_scrolls_sideways(
    phone: Widget, shared_front_desk: FrontDesk
) -> None:
    phone.page.goto(shared_front_desk.url)
    expect(phone.launcher).to_be_visible()
    wide = "() => document.documentElement.scrollWidth - window.innerWidth"
    assert phone.page.evaluate(wide) <= 0
    phone.launcher.click()
    phone.say(f"{QUESTION} {'w' * 200}")
    expect(phone.log.locator(".sources").first).to_be_visible()
    phone.say("I want to kill myself")
    expect(phone.log.locator(".crisis")).to_be_visible()
    assert phone.page.evaluate(wide) <= 0
    box = phone.dialog.bounding_box()
    assert box == {"x": 0, "y": 0, "width": PHONE[0], "height": PHONE[1]}
    too_wide = phone.page.locator("front-desk-chat dialog *").evaluate_all(
        "all => all.filter((one) => one.checkVisibility() && one.clientWidth > 2 && "
        "one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.tagName)"
    )
    assert too_wide == []


def test_targets_are_44_pixels_high_and_wide(phone: Widget, shared_front_desk: FrontDesk) -> None:
    phone.page.goto(shared_front_desk.url)
    expect(phone.launcher).to_be_visible()
    targets = phone.page.locator("front-desk-chat").locator("button, textarea, .help-panel a")
    measure = (
        "all => all.filter((one) => one.checkVisibility()).map((one) => "
        "[one.textContent, one.getBoundingClientRect().width, one.getBoundingClientRect().height])"
    )
    sizes = targets.evaluate_all(measure)
    phone.opened(shared_front_desk.url)
    phone.toggle.click()
    sizes += targets.evaluate_all(measure)
    assert len(sizes) >= 10
    assert [one for one in sizes if min(one[1:]) < 44] == []


def test_on_a_phone_the_focus_stays_in_the_open_chat(
    phone: Widget, shared_front_desk: FrontDesk
) -> None:
    phone.opened(shared_front_desk.url)
    behind = "() => document.activeElement.closest('main, header, footer') !== null"
    for _ in range(25):
        phone.page.keyboard.press("Tab")
        assert not phone.page.evaluate(behind)
    phone.page.keyboard.press("Escape")
    expect(phone.dialog).to_be_hidden()
    expect(phone.launcher).to_be_focused()


# ------------------------------------------------------------------ lost connections


def test_a_message_written_while_the_server_is_down_is_kept_and_sent_once(
    widget: Widget, front_desk: FrontDesk
) -> None:
    widget.opened(front_desk.url).say("hello")
    expect(widget.lines("bot")).to_have_count(2)
    front_desk.stop()
    expect(widget.trouble).to_be_visible()  # also before anything is sent
    expect(widget.panel.get_by_role("link", name="Call 988")).to_be_visible()
    widget.say(QUESTION)
    expect(widget.log.get_by_text("Not sent yet")).to_be_visible()
    front_desk.start()
    expect(widget.log.locator(".sources").first).to_be_visible(timeout=60_000)
    expect(widget.log.get_by_text("Not sent yet")).to_be_hidden()
    expect(widget.trouble).to_be_hidden()
    expect(widget.panel).to_be_hidden()
    assert stored_texts(front_desk, widget.session()) == ["hello", QUESTION]


def test_a_message_written_while_the_server_is_down_survives_a_reload_of_the_page(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url)
    widget.page.route("**/v1/**", lambda route: route.abort())
    widget.say(QUESTION)
    expect(widget.log.get_by_text("Not sent yet")).to_be_visible()
    widget.page.reload()
    expect(widget.lines("visitor")).to_have_text([QUESTION])
    expect(widget.log.get_by_text("Not sent yet")).to_be_visible()
    widget.page.unroute("**/v1/**")
    widget.page.get_by_role("button", name="Try again").click()
    expect(widget.log.locator(".sources").first).to_be_visible()
    assert stored_texts(shared_front_desk, widget.session()) == [QUESTION]


@pytest.mark.parametrize("reload", [False, True])
def test_an_answer_that_got_lost_comes_with_the_second_try_and_is_shown_once(
    widget: Widget, shared_front_desk: FrontDesk, reload: bool
) -> None:
    sent: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        sent.append(client_id_of(route))
        if len(sent) == 1:
            route.fetch()  # the server has it
            route.abort()  # and the visitor never hears
        else:
            route.continue_()

    widget.page.route("**/events", lambda route: route.abort())
    widget.opened(shared_front_desk.url)
    widget.page.route("**/messages", lose_the_first_answer)
    widget.say(QUESTION)
    expect(widget.log.get_by_text("Not sent yet")).to_be_visible()
    if reload:
        widget.page.reload()
    expect(widget.log.locator(".sources")).to_have_count(1)
    expect(widget.log.locator(".pending, .unsent")).to_have_count(0)
    expect(widget.lines("visitor")).to_have_text([QUESTION])
    expect(widget.lines("bot")).to_have_count(2)
    assert len(set(sent)) == 1
    assert stored_texts(shared_front_desk, widget.session()) == [QUESTION]


def test_too_many_messages_wait_as_long_as_the_server_asks(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    sent: list[str] = []

    def refuse_the_first(route: Route) -> None:
        sent.append(client_id_of(route))
        if len(sent) == 1:
            error = {"error": {"code": "rate_limited", "message": "Too many."}}
            route.fulfill(status=429, headers={"Retry-After": "1"}, json=error)
        else:
            route.continue_()

    widget.opened(shared_front_desk.url)
    widget.page.route("**/messages", refuse_the_first)
    widget.say(QUESTION)
    expect(widget.page.get_by_text("That was a lot at once").first).to_be_visible()
    expect(widget.panel).to_be_visible()
    expect(widget.log.locator(".sources").first).to_be_visible()
    assert len(sent) == 2
    assert len(set(sent)) == 1


def test_a_page_that_is_no_front_desk_counts_as_not_sent(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url)
    portal = "<html>Please log in to the hotel network</html>"
    widget.page.route("**/messages", lambda route: route.fulfill(status=200, body=portal))
    widget.say(QUESTION)
    expect(widget.log.get_by_text("Not sent yet")).to_be_visible()
    expect(widget.panel).to_be_visible()


# ------------------------------------------------------------------ sessions


def test_a_reload_brings_the_conversation_back(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url).say(QUESTION)
    expect(widget.log.locator(".sources").first).to_be_visible()
    before = widget.log.locator(".line .text").all_inner_texts()
    conversation = widget.session()["id"]
    widget.page.reload()
    expect(widget.log.locator(".sources").first).to_be_visible()
    assert widget.log.locator(".line .text").all_inner_texts() == before
    assert widget.session()["id"] == conversation


def test_no_conversation_is_made_before_the_chat_is_opened(
    widget: Widget, shared_front_desk: FrontDesk, watched: Watched
) -> None:
    widget.page.goto(shared_front_desk.url)
    expect(widget.launcher).to_be_visible()
    assert [url for url in watched.requests if "/v1/" in url] == []
    with widget.page.expect_request("**/v1/conversations"):
        widget.launcher.click()


def test_blocked_storage_does_not_keep_anyone_from_chatting(
    new_page: Callable[..., Page], shared_front_desk: FrontDesk
) -> None:
    page = new_page()
    page.add_init_script(BLOCK_STORAGE)
    widget = Widget(page).opened(shared_front_desk.url)
    widget.say(QUESTION)
    expect(widget.log.locator(".sources").first).to_be_visible()
    widget.say("I want to kill myself")
    expect(widget.panel).to_be_visible()


def test_a_restored_chat_that_the_server_forgot_starts_anew_quietly(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url)
    old = widget.session()
    widget.page.goto("about:blank")
    end_on_the_server(shared_front_desk, old)
    widget.page.goto(shared_front_desk.url)
    expect(widget.lines("bot")).to_have_count(1)
    expect(widget.lines("system")).to_have_count(0)
    expect(widget.trouble).to_be_hidden()
    assert widget.session()["id"] != old["id"]


def test_a_message_to_a_chat_that_has_ended_goes_into_a_new_one(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url)
    old = widget.session()
    end_on_the_server(shared_front_desk, old)
    expect(widget.lines("system")).to_contain_text(["This chat is closed"])
    widget.say(QUESTION)
    expect(widget.log.locator(".sources").first).to_be_visible()
    assert stored_texts(shared_front_desk, widget.session()) == [QUESTION]
    assert widget.session()["id"] != old["id"]


def test_end_chat_asks_then_deletes_and_clears(
    widget: Widget, shared_front_desk: FrontDesk
) -> None:
    widget.opened(shared_front_desk.url).say(QUESTION)
    expect(widget.log.locator(".sources").first).to_be_visible()
    session = widget.session()
    widget.page.get_by_role("button", name="End chat").click()
    widget.page.get_by_role("button", name="Keep chatting").click()
    expect(widget.lines("visitor")).to_have_count(1)
    widget.page.get_by_role("button", name="End chat").click()
    with widget.page.expect_response("**/v1/conversations/*") as deleted:
        widget.page.get_by_role("button", name="End and clear").click()
    assert deleted.value.request.method == "DELETE"
    expect(widget.lines("visitor")).to_have_count(0)
    response = httpx.get(
        f"{shared_front_desk.url}/v1/conversations/{session['id']}/messages",
        headers={"Authorization": f"Bearer {session['token']}"},
    )
    assert response.status_code == 404
    assert QUESTION not in json.dumps(widget.session())


# ------------------------------------------------------------------ other sites, other language


def test_it_works_on_another_site_with_a_strict_policy(
    widget: Widget,
    shared_front_desk: FrontDesk,
    other_site: Callable[..., str],
    watched: Watched,
) -> None:
    site = other_site(shared_front_desk.url, 'data-clinic="River Clinic"')
    widget.opened(site).say(QUESTION)
    expect(widget.log.locator(".sources").first).to_be_visible()
    expect(widget.page.get_by_role("heading", name="River Clinic")).to_be_visible()
    # Styled: the policy of the other site forbids <style>, not style sheets made in scripts.
    assert widget.dialog.bounding_box()["width"] == 400  # type: ignore[index]
    assert f"127.0.0.1:{shared_front_desk.port}" in watched.hosts
    assert len(watched.hosts) == 2


def test_it_speaks_spanish_where_the_page_says_so(
    widget: Widget, shared_front_desk: FrontDesk, other_site: Callable[..., str]
) -> None:
    with widget.page.expect_request("**/v1/conversations") as opened:
        widget.open(other_site(shared_front_desk.url, 'data-language="es"'))
    assert opened.value.post_data_json == {"language": "es"}
    expect(widget.page.get_by_role("button", name="Ayuda en crisis")).to_be_visible()
    expect(widget.page.get_by_label("Tu pregunta")).to_be_visible()


def test_rasa_in_trouble_is_said_in_words(
    widget: Widget, front_desk: FrontDesk, fake_rasa: FakeRasa
) -> None:
    fake_rasa.behaviour = "error"
    widget.opened(front_desk.url).say(QUESTION)
    expect(widget.lines("bot")).to_have_count(2)
    expect(widget.lines("bot").last).not_to_have_text("")

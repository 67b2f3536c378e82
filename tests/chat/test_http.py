import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import openapi_spec_validator
import pytest
from sanic import Sanic

from frontdesk.app import create_app
from frontdesk.chat import openapi
from frontdesk.content.answers import load_answers
from frontdesk.content.clinic import load_clinic
from frontdesk.settings import load_settings
from tests.support.fake_rasa import FakeRasa
from tests.support.process import FrontDesk, Visitor


@pytest.fixture
def visitor(shared_front_desk: FrontDesk) -> Visitor:
    return Visitor(shared_front_desk.url)


def error_of(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    code: str = body["error"]["code"]
    return code


def test_a_conversation_opens_with_the_disclosure(visitor: Visitor) -> None:
    assert visitor.opened["mode"] == "bot"
    [greeting] = visitor.opened["messages"]
    assert greeting["from"] == "bot"
    assert greeting["kind"] == "greeting"
    assert "automated assistant" in greeting["text"]
    assert greeting["seq"] == 1


def test_a_question_gets_its_curated_answer_with_sources(visitor: Visitor) -> None:
    outcome = visitor.say("how much does it cost?")
    assert outcome["mode"] == "bot"
    [answer] = outcome["messages"]
    assert (answer["kind"], answer["topic"]) == ("answer", "cost")
    assert "$450" in answer["text"]
    assert all(source["url"].startswith("http") for source in answer["sources"])
    assert all(set(button) == {"label", "text"} for button in answer["buttons"])


def test_a_visitor_is_answered_in_the_language_they_write(visitor: Visitor) -> None:
    def label_of_next(text: str) -> str:
        return str(visitor.say(text)["messages"][0]["buttons"][0]["label"])

    answers = load_answers(load_clinic())
    english, spanish = (answers[one][answers[one]["cost"].next[0]].label for one in ("en", "es"))
    assert label_of_next("cuánto cuesta? cost") == spanish
    assert (
        label_of_next("pricelist?") == spanish
    )  # one that could be either is answered in the last
    assert label_of_next("sorry, what does it cost") == english


def test_the_same_client_id_again_returns_the_same_answer_and_does_nothing_twice(
    visitor: Visitor, shared_rasa: FakeRasa
) -> None:
    first = visitor.say("side effects?", "one-id")
    asked = len(shared_rasa.asked)
    assert visitor.say("side effects?", "one-id") == first
    assert len(shared_rasa.asked) == asked
    assert len(visitor.transcript()["messages"]) == 3


def test_the_same_client_id_at_the_same_time_is_one_message(visitor: Visitor) -> None:
    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(lambda _: visitor.say("cost", "raced"), range(5)))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert len(visitor.transcript()["messages"]) == 3


def test_the_transcript_can_be_read_from_any_point(visitor: Visitor) -> None:
    visitor.say("cost")
    assert [one["seq"] for one in visitor.transcript()["messages"]] == [1, 2, 3]
    assert [one["from"] for one in visitor.transcript(after=1)["messages"]] == ["visitor", "bot"]
    assert visitor.transcript(after=3)["messages"] == []


def test_a_wrong_token_looks_like_an_unknown_conversation(
    visitor: Visitor, shared_front_desk: FrontDesk
) -> None:
    body = {"client_id": "a", "text": "hello"}
    stranger = {"Authorization": "Bearer something-else"}
    calls = [
        ("POST", "/messages", body),
        ("GET", "/messages", None),
        ("GET", "/events", None),
        ("POST", "/messages/1/feedback", {"helpful": True}),
        ("POST", "/contact", {"phone": "214-555-0100"}),
        ("DELETE", "", None),
    ]
    for method, path, payload in calls:
        answers = [
            httpx.request(
                method, f"{shared_front_desk.url}/v1/conversations/{name}{path}",
                json=payload, headers=headers,
            )
            for name, headers in (
                (visitor.id, stranger), (visitor.id, {}), ("unknown", stranger), ("unknown", {}),
            )
        ]  # fmt: skip
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.text for answer in answers}) == 1, (method, path)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "bad_request"),
        (b"{", 400, "bad_json"),
        (b"[]", 400, "bad_json"),
        (b'"text"', 400, "bad_json"),
        (b'{"client_id": "a", "text": "\xff\xfe"}', 400, "bad_json"),
        (b'{"client_id": "a", "text": "\\ud800"}', 400, "bad_json"),
        (b'{"client_id": "a"}', 422, "bad_request"),
        (b'{"text": "hello"}', 422, "bad_request"),
        (b'{"client_id": "a", "text": 5}', 422, "bad_request"),
        (b'{"client_id": "a", "text": null}', 422, "bad_request"),
        (b'{"client_id": "a", "text": ["x"]}', 422, "bad_request"),
        (b'{"client_id": "a", "text": "x", "mode": "staff"}', 422, "bad_request"),
        (b'{"client_id": "a b", "text": "x"}', 422, "bad_request"),
        (b'{"client_id": "", "text": "x"}', 422, "bad_request"),
        (b'{"client_id": "a", "text": ""}', 422, "empty_message"),
        (b'{"client_id": "a", "text": " \\n\\t "}', 422, "empty_message"),
        (json.dumps({"client_id": "a", "text": "word " * 900}).encode(), 422, "message_too_long"),
        (b"x" * 70_000, 413, "body_too_large"),
    ],
)
def test_bad_messages_get_a_clear_refusal(
    visitor: Visitor, body: bytes, status: int, code: str
) -> None:
    response = visitor.http.post(f"{visitor.path}/messages", content=body)
    assert error_of(response, status) == code
    assert len(visitor.transcript()["messages"]) == 1


def test_a_refusal_names_the_field_and_never_quotes_the_value(visitor: Visitor) -> None:
    response = visitor.http.post(
        f"{visitor.path}/messages", json={"client_id": "a", "text": {"marker-zebra": 1}}
    )
    assert "text" in response.json()["error"]["message"]
    assert "marker-zebra" not in response.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_wrong_method_is_told_so(visitor: Visitor, method: str) -> None:
    response = visitor.http.request(method, f"{visitor.path}/messages")
    assert error_of(response, 405) == "method_not_allowed"


def test_an_unknown_address_is_told_so(shared_front_desk: FrontDesk) -> None:
    assert error_of(httpx.get(f"{shared_front_desk.url}/nothing/here"), 404) == "not_found"


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30, "²"])
def test_a_bad_starting_point_is_refused(visitor: Visitor, after: str) -> None:
    response = visitor.http.get(f"{visitor.path}/messages", params={"after": after})
    assert error_of(response, 422) == "bad_request"


@pytest.mark.parametrize(
    "text", ["/restart", "/cost", '/greet{"x": 1}', "/crisis{", "/session_start"]
)
def test_slash_text_is_stored_as_it_was_written(visitor: Visitor, text: str) -> None:
    visitor.say(text)
    assert visitor.transcript(after=1)["messages"][0]["text"] == text


def test_a_nul_character_costs_nobody_their_message(visitor: Visitor) -> None:
    assert visitor.say("i want to kill myself\x00")["mode"] == "crisis"


def test_feedback_is_kept_for_an_answer_and_for_nothing_else(visitor: Visitor) -> None:
    answer = visitor.say("cost")["messages"][0]
    path = f"{visitor.path}/messages/{answer['seq']}/feedback"
    assert visitor.http.post(path, json={"helpful": True}).json()["mode"] == "bot"
    assert visitor.http.post(path, json={"helpful": False, "comment": "short"}).is_success
    own = f"{visitor.path}/messages/{answer['seq'] - 1}/feedback"
    assert error_of(visitor.http.post(own, json={"helpful": True}), 404) == "not_found"
    assert error_of(visitor.http.post(path, json={"helpful": "yes"}), 422) == "bad_request"


def test_a_comment_in_crisis_is_dealt_with_like_a_message(visitor: Visitor) -> None:
    answer = visitor.say("cost")["messages"][0]
    path = f"{visitor.path}/messages/{answer['seq']}/feedback"
    comment = {"helpful": False, "comment": "does not matter, i want to kill myself"}
    outcome = visitor.http.post(path, json=comment).json()
    assert outcome["mode"] == "crisis"
    assert "988" in outcome["messages"][0]["text"]


def test_a_phone_number_is_checked_and_may_be_written_in_any_way(visitor: Visitor) -> None:
    path = f"{visitor.path}/contact"
    for phone in ("(214) 555-0100", "+34 912 345 678", "2145550100"):
        assert visitor.http.post(path, json={"phone": phone, "name": "A"}).is_success, phone
    for phone in ("123", "not a number", "", None, 5):
        response = visitor.http.post(path, json={"phone": phone})
        assert error_of(response, 422) == "bad_request"
    assert error_of(visitor.http.post(path, json={}), 422) == "bad_request"


def test_a_contact_note_in_crisis_is_dealt_with_like_a_message(visitor: Visitor) -> None:
    body = {"phone": "214-555-0100", "best_time": "never, i am going to kill myself tonight"}
    assert visitor.http.post(f"{visitor.path}/contact", json=body).json()["mode"] == "crisis"


def test_an_ended_chat_is_forgotten(visitor: Visitor) -> None:
    visitor.say("cost")
    response = visitor.http.delete(visitor.path)
    assert response.json() == {"mode": "closed", "forgotten": True}
    assert error_of(visitor.http.get(f"{visitor.path}/messages"), 404) == "not_found"
    assert error_of(visitor.post("hello"), 404) == "not_found"


def test_an_ended_chat_with_a_case_stays_with_staff(
    visitor: Visitor, shared_front_desk: FrontDesk
) -> None:
    visitor.say("i want to kill myself")
    response = visitor.http.delete(visitor.path)
    assert response.json() == {"mode": "closed", "forgotten": False}
    assert error_of(visitor.http.get(f"{visitor.path}/messages"), 404) == "not_found"
    cases = shared_front_desk.command("cases").stdout
    assert visitor.id in cases


def read_events(visitor: Visitor, count: int, **headers: str) -> list[tuple[str, str, dict]]:
    events = []
    with visitor.http.stream("GET", f"{visitor.path}/events", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in response.iter_lines():
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                data = json.loads(fields["data"])
                events.append((fields["event"], fields.get("id", ""), data))
                fields = {}
                if len(events) == count:
                    return events
    return events


def test_events_tell_messages_and_modes_and_resume_where_they_stopped(visitor: Visitor) -> None:
    visitor.say("cost")
    events = read_events(visitor, 4)
    assert [(kind, id) for kind, id, _ in events] == [
        ("message", "1"), ("message", "2"), ("message", "3"), ("mode", ""),
    ]  # fmt: skip
    resumed = read_events(visitor, 2, **{"Last-Event-ID": "2"})
    assert [(kind, id) for kind, id, _ in resumed] == [("message", "3"), ("mode", "")]


def test_events_come_while_listening(visitor: Visitor) -> None:
    with ThreadPoolExecutor(1) as pool:
        listening = pool.submit(read_events, visitor, 5)
        while not listening.running():
            pass
        visitor.say("i want to kill myself")
        events = listening.result(timeout=30)
    assert ("mode", "", {"mode": "crisis"}) in events


def test_a_browser_on_another_site_may_embed_the_widget(shared_front_desk: FrontDesk) -> None:
    asked = httpx.options(
        f"{shared_front_desk.url}/v1/conversations",
        headers={"Origin": "https://clinic.example", "Access-Control-Request-Method": "POST"},
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "https://clinic.example"
    assert "Authorization" in asked.headers["access-control-allow-headers"]


def test_the_openapi_document_is_valid_and_names_every_route(
    shared_front_desk: FrontDesk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    published = httpx.get(f"{shared_front_desk.url}/openapi.json").json()
    openapi_spec_validator.validate(published)
    Sanic.test_mode = True
    app = create_app(load_settings(var=tmp_path_factory.mktemp("var")), name=f"t{uuid.uuid4().hex}")
    routes = set()
    for route in app.router.routes:
        path = "/" + route.path.replace(":str>", "}").replace(":int>", "}").replace("<", "{")
        if path.startswith("/v1/"):
            routes |= {(method.lower(), path.rstrip("/")) for method in route.methods}
    documented = {
        (method, path)
        for path, methods in openapi.document()["paths"].items()
        for method in methods
    }
    assert documented == routes


def test_pages_are_served_with_a_strict_policy(shared_front_desk: FrontDesk) -> None:
    for path in ("/", "/crisis-protocol"):
        page = httpx.get(shared_front_desk.url + path)
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "988" in page.text
    script = httpx.get(f"{shared_front_desk.url}/widget.js")
    assert script.headers["content-type"].startswith("text/javascript")

import json
import threading
import uuid

import httpx
import pytest

from tests.support.fake_rasa import FakeRasa
from tests.support.process import FrontDesk, Visitor, eventually

CRISIS = "i want to kill myself"


def open_cases(front: FrontDesk) -> dict[str, dict]:
    lines = front.command("cases").stdout.splitlines()
    return {case["conversation"]: case for case in map(json.loads, lines)}


def test_a_crisis_gets_the_hotlines_and_a_case_without_rasa(front_desk: FrontDesk) -> None:
    front_desk_without_rasa = front_desk
    visitor = Visitor(front_desk_without_rasa.url)
    outcome = visitor.say(CRISIS)
    assert outcome["mode"] == "crisis"
    [reply] = outcome["messages"]
    assert (reply["kind"], reply["topic"]) == ("crisis", "emergency_crisis")
    assert "988" in reply["text"]
    assert "911" in reply["text"]
    assert "buttons" not in reply
    case = open_cases(front_desk)[visitor.id]
    assert case["severity"] == "high"
    assert case["categories"] == ["suicide"]
    assert case["state"] == "open"
    assert case["alerts"] == 1
    assert CRISIS not in json.dumps(case)


@pytest.mark.parametrize(
    "text",
    [
        "how much does a session cost, i will kill myself",
        "/greet i want to kill myself",
        '/greet{"note": "I want to kill myself"}',
        "/restart i want to kill myself",
        "I WANT TO KILL MYSELF!!!",
        "quiero matarme",
    ],
)
def test_in_a_crisis_nothing_else_is_said_and_rasa_is_not_asked(
    shared_front_desk: FrontDesk, shared_rasa: FakeRasa, text: str
) -> None:
    asked = len(shared_rasa.asked)
    outcome = Visitor(shared_front_desk.url).say(text)
    assert outcome["mode"] == "crisis"
    assert [message["kind"] for message in outcome["messages"]] == ["crisis"]
    assert len(shared_rasa.asked) == asked


def test_a_crisis_stays_whatever_the_visitor_does(shared_front_desk: FrontDesk) -> None:
    visitor = Visitor(shared_front_desk.url)
    visitor.say(CRISIS)
    for text in ("/restart", "I'm fine now", "never mind", "hello", "how much does it cost?"):
        assert visitor.say(text)["mode"] == "crisis", text
    assert visitor.transcript()["mode"] == "crisis"


def test_in_crisis_mode_a_question_is_answered_after_a_reminder(
    shared_front_desk: FrontDesk,
) -> None:
    visitor = Visitor(shared_front_desk.url)
    visitor.say(CRISIS)
    reminder, answer = visitor.say("how much does it cost?")["messages"]
    assert "988" in reminder["text"]
    assert (reminder["kind"], answer["topic"]) == ("notice", "cost")


def test_a_second_crisis_message_gets_other_words_and_the_same_numbers(
    shared_front_desk: FrontDesk,
) -> None:
    visitor = Visitor(shared_front_desk.url)
    first = visitor.say(CRISIS)["messages"][0]["text"]
    again = visitor.say("i am going to end my life")["messages"][0]["text"]
    assert first != again
    assert "988" in again
    assert "911" in again


def test_a_mention_gets_the_note_first_and_then_its_answer(
    front_desk: FrontDesk,
) -> None:
    visitor = Visitor(front_desk.url)
    outcome = visitor.say("does ketamine help with suicidal thoughts? what are the side effects")
    assert outcome["mode"] == "bot"
    note, answer = outcome["messages"]
    assert (note["kind"], answer["topic"]) == ("notice", "side_effects")
    assert "988" in note["text"]
    case = open_cases(front_desk)[visitor.id]
    assert (case["severity"], case["alerts"]) == ("review", 0)


def test_one_case_a_conversation_whose_severity_only_rises(front_desk: FrontDesk) -> None:
    visitor = Visitor(front_desk.url)
    visitor.say("i had suicidal thoughts years ago")
    visitor.say(CRISIS)
    visitor.say("i have taken a whole bottle of pills and i want to die")
    visitor.say("i had suicidal thoughts years ago")
    cases = front_desk.command("cases").stdout.splitlines()
    assert len(cases) == 1
    case = json.loads(cases[0])
    assert case["severity"] == "imminent"
    assert case["alerts"] == 2


def test_a_retry_of_a_crisis_message_changes_nothing(front_desk: FrontDesk) -> None:
    visitor = Visitor(front_desk.url)
    first = visitor.say(CRISIS, "same")
    assert visitor.say(CRISIS, "same") == first
    assert open_cases(front_desk)[visitor.id]["alerts"] == 1
    assert len(visitor.transcript()["messages"]) == 3


def test_a_message_that_is_too_long_is_refused_unless_it_is_a_crisis(
    shared_front_desk: FrontDesk,
) -> None:
    visitor = Visitor(shared_front_desk.url)
    assert visitor.post("ketamine costs " * 400).status_code == 422
    long_story = "and then the bills came and " * 300 + CRISIS
    assert visitor.say(long_story)["mode"] == "crisis"
    assert visitor.transcript(after=1)["messages"][0]["text"] == long_story


def test_no_rate_limit_stands_before_a_crisis(tmp_path, fake_rasa: FakeRasa) -> None:
    front = FrontDesk(tmp_path / "var", fake_rasa.url, FRONTDESK_MESSAGE_LIMIT="2/hour").start()
    try:
        visitor = Visitor(front.url)
        visitor.say("cost")
        visitor.say("cost")
        refused = visitor.post("cost")
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "rate_limited"
        assert int(refused.headers["retry-after"]) > 0
        for _ in range(3):
            assert visitor.say(CRISIS)["mode"] == "crisis"
        assert visitor.say("i had suicidal thoughts years ago")["messages"]
    finally:
        front.stop()


def test_an_answer_that_comes_after_the_crisis_text_is_withheld(
    front_desk: FrontDesk, fake_rasa: FakeRasa
) -> None:
    fake_rasa.delay = 2
    visitor = Visitor(front_desk.url)
    slow: dict[str, object] = {}
    asking = threading.Thread(target=lambda: slow.update(visitor.say("how much does it cost")))
    asking.start()
    eventually(lambda: fake_rasa.asked)
    other_tab = httpx.post(
        f"{front_desk.url}{visitor.path}/messages",
        json={"client_id": uuid.uuid4().hex, "text": CRISIS},
        headers={"Authorization": f"Bearer {visitor.token}"},
    )
    assert other_tab.json()["mode"] == "crisis"
    asking.join()
    assert slow == {"mode": "crisis", "messages": []}
    kinds = [message.get("kind") for message in visitor.transcript()["messages"]]
    assert kinds == ["greeting", None, None, "crisis"]


def test_a_crisis_does_not_wait_for_a_question_that_rasa_is_slow_on(
    front_desk: FrontDesk, fake_rasa: FakeRasa
) -> None:
    fake_rasa.delay = 3
    visitor = Visitor(front_desk.url)
    asking = threading.Thread(target=visitor.say, args=("cost",))
    asking.start()
    eventually(lambda: fake_rasa.asked)
    visitor.say(CRISIS)
    assert asking.is_alive(), "the crisis was answered only after the question"
    asking.join()


def test_what_only_rasas_screen_sees_is_a_crisis_too(
    front_desk: FrontDesk, fake_rasa: FakeRasa
) -> None:
    visitor = Visitor(front_desk.url)
    outcome = visitor.say("second net")
    assert outcome["mode"] == "crisis"
    assert "988" in outcome["messages"][0]["text"]
    assert open_cases(front_desk)[visitor.id]["severity"] == "high"
    assert "frontdesk_second_net_total 1.0" in httpx.get(f"{front_desk.url}/metrics").text


def test_what_only_rasas_classifier_suspects_gets_the_note_and_is_read_by_staff(
    front_desk: FrontDesk,
) -> None:
    visitor = Visitor(front_desk.url)
    outcome = visitor.say("only the classifier")
    note, fallback = outcome["messages"]
    assert outcome["mode"] == "bot"
    assert "988" in note["text"]
    assert fallback["topic"] == "fallback"
    assert open_cases(front_desk)[visitor.id]["severity"] == "review"


def test_the_screening_is_kept_with_its_version_and_without_a_copy_of_the_words(
    front_desk: FrontDesk,
) -> None:
    import sqlite3

    Visitor(front_desk.url).say(CRISIS)
    database = sqlite3.connect(front_desk.var / "frontdesk.db")
    [(route, screening)] = database.execute(
        "SELECT route, screening FROM messages WHERE sender = 'visitor'"
    ).fetchall()
    record = json.loads(screening)
    assert route == record["route"] == "crisis"
    assert record["version"]
    assert record["evidence"]
    assert all(set(one) == {"start", "end", "why"} for one in record["evidence"])

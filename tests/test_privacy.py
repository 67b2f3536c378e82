"""S9: what visitors write is in the database and in their replies, and nowhere else."""

import uuid

import httpx
import pytest

from tests.chat.test_storage_faults import nobody_can_write
from tests.support.fake_rasa import FakeRasa
from tests.support.process import FrontDesk, Visitor, eventually

MARKER = "zebrafink"


@pytest.fixture
def talkative(tmp_path, fake_rasa: FakeRasa):
    front = FrontDesk(
        tmp_path / "var",
        fake_rasa.url,
        FRONTDESK_LOG_LEVEL="DEBUG",
        FRONTDESK_STORAGE_DEADLINE="0.3",
        FRONTDESK_RASA_DEADLINE="1",
    ).start()
    yield front
    front.stop()


def test_no_log_line_and_no_metric_holds_what_a_visitor_wrote(
    talkative: FrontDesk, fake_rasa: FakeRasa
) -> None:
    visitor = Visitor(talkative.url)
    visitor.say(f"how much does it cost {MARKER}")
    visitor.say(f"i want to kill myself {MARKER}")
    visitor.say(f"i had suicidal thoughts years ago {MARKER}")
    for behaviour in ("garbage", "error", "slow", "nothing", "unknown_answer"):
        fake_rasa.behaviour = behaviour
        visitor.say(f"{behaviour} {MARKER}")
    fake_rasa.behaviour = "ok"
    answer = visitor.say("cost")["messages"][-1]["seq"]
    feedback = f"{visitor.path}/messages/{answer}/feedback"
    visitor.http.post(feedback, json={"helpful": False, "comment": MARKER})
    details = {"phone": "214-555-0100", "name": MARKER, "best_time": MARKER}
    visitor.http.post(f"{visitor.path}/contact", json=details)
    for body in (
        {"client_id": "x", "text": {"a": MARKER}},
        {"client_id": MARKER + "!", "text": MARKER},
        {"client_id": "x", "text": MARKER, MARKER: MARKER},
        {"client_id": "x", "text": f"how much is it, {MARKER}? " * 200},
    ):
        assert visitor.http.post(f"{visitor.path}/messages", json=body).is_error
    with nobody_can_write(talkative):
        visitor.say(f"i want to kill myself {MARKER} again")
        visitor.post(f"not stored {MARKER}")
        assert httpx.post(f"{talkative.url}/v1/conversations", json={}).is_success
    eventually(lambda: httpx.get(f"{talkative.url}/healthz").json()["status"] == "ok")
    fake_rasa.stop()
    visitor.post(f"nobody answers {MARKER}", uuid.uuid4().hex)
    metrics = httpx.get(f"{talkative.url}/metrics").text
    cases = talkative.command("cases", "--all")
    for place in (talkative.log(), metrics, cases.stdout, cases.stderr):
        assert MARKER not in place
    assert visitor.token not in talkative.log()
    assert "214555" not in talkative.log()
    assert MARKER in str(visitor.transcript()), "the marker never got anywhere"

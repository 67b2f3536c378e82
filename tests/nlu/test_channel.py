"""Our channel, asked over HTTP in a really started Rasa."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nlu.rasa_process import (
    RASA,
    SECRET,
    Actions,
    Server,
    get,
    run_to_file,
    running,
    wait_until,
)
from tests.support.process import free_port

pytestmark = pytest.mark.rasa

MARKER = "Zebrafinch Quillwort"  # what must not be found in a log


@pytest.fixture
def broken(actions: Actions) -> Iterator[Actions]:
    """The action server, to be broken in one test."""
    yield actions
    actions.mode = "works"


def test_it_answers_with_the_key_of_the_answer(server: Server) -> None:
    status, body = server.say("a", "how much does a visit cost")
    assert status == 200
    (said,) = body["said"]
    assert said["answer"] == "cost"
    assert said["topics"] == []
    assert said["text"]
    assert body["intent"]["name"] == "cost"
    assert 0.4 < body["intent"]["confidence"] <= 1
    assert body["model"] == "trained.tar.gz"


def test_its_health_tells_the_model_to_anyone(server: Server) -> None:
    assert get(server.url) == {"status": "ok", "model": "trained.tar.gz"}


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", SECRET, f"Basic {SECRET}", "Bearer \xe9"]
)
def test_a_stranger_is_turned_away(server: Server, authorization: str | None) -> None:
    status, body = server.post({"conversation": "b", "text": "hi"}, authorization)
    assert (status, body) == (401, {"error": {"code": "unauthorized"}})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        {},
        {"conversation": "c"},
        {"text": "hi"},
        {"conversation": "", "text": "hi"},
        {"conversation": 3, "text": "hi"},
        {"conversation": "c", "text": None},
        {"conversation": "c", "text": {"a": 1}},
        {"conversation": "c", "text": ""},
        {"conversation": "c", "text": " \n "},
        {"conversation": "c", "text": "hi", "language": 3},
        {"conversation": "c", "text": "x" * 10_001},
    ],
)
def test_a_request_that_is_not_one_is_refused(server: Server, body: Any) -> None:
    assert server.post(body) == (422, {"error": {"code": "bad_request"}})


def test_slashes_alone_are_something_that_was_not_understood(server: Server) -> None:
    status, body = server.post({"conversation": "slashes", "text": " // "})
    assert status == 200
    assert [one["answer"] for one in body["said"]] == ["fallback"]


def test_a_visitor_cannot_give_commands(server: Server) -> None:
    _, body = server.say("d", " //greet")
    assert body["intent"]["confidence"] < 1
    _, body = server.say("d", "/restart")
    assert body["intent"]["name"] != "restart"
    _, body = server.say("d", '/cost{"a":"b"} hey good morning')
    assert body["intent"]["confidence"] < 1


@pytest.mark.parametrize(
    "text",
    [
        "i want to kill myself",
        "how much does it cost, i will kill myself",
        '/greet{"note":"I want to kill myself"}',
        "/restart i want to kill myself",
    ],
)
def test_a_crisis_gets_the_crisis_text_and_nothing_else(server: Server, text: str) -> None:
    assert server.answers("e", text) == ["emergency_crisis"]


def test_a_conversation_goes_on_after_a_crisis(server: Server) -> None:
    assert server.answers("f", "i want to kill myself") == ["emergency_crisis"]
    assert server.answers("f", "is this covered under Medicare") == ["insurance"]


def test_two_conversations_do_not_mix(server: Server) -> None:
    assert server.answers("g", "you're not answering what I asked") == ["not_helpful"]
    assert server.answers("h", "yeah sure") == ["affirm_deny"]
    assert server.answers("g", "no i dont want that") == ["handoff_declined"]


def test_an_action_names_its_answer(server: Server) -> None:
    (handoff,) = server.answers("i", "let me speak with an actual person")
    assert handoff in {"talk_human", "talk_human_closed"}
    assert server.answers("i", "qwx zzk vvvb") in (["fallback"], ["clarify"])


def test_an_action_that_fails_is_told_and_leaves_no_text_in_the_log(
    server: Server, broken: Actions
) -> None:
    broken.mode = "fails"
    failed = server.say("j", f"qwx zzk vvvb {MARKER}")
    assert failed == (502, {"error": {"code": "nothing_said"}})
    assert server.answers("j", "how much does a visit cost") == ["cost"]
    assert MARKER not in server.log.read_text("utf-8")


def test_a_conversation_works_without_the_action_server(server: Server, broken: Actions) -> None:
    broken.mode = "gone"
    assert server.answers("k", "how much does a visit cost") == ["cost"]
    assert server.answers("k", "you're not answering what I asked") == ["not_helpful"]
    assert server.answers("k", f"i want to kill myself {MARKER}") == ["emergency_crisis"]
    assert server.say("k", f"talk to a person {MARKER}")[0] == 502
    assert server.answers("k", "thanks, appreciate that") == ["thanks"]
    broken.mode = "works"
    assert len(server.answers("k", "let me speak with an actual person")) == 1
    assert MARKER not in server.log.read_text("utf-8")


def test_a_policy_that_fails_is_told_and_leaves_no_text_in_the_log(server: Server) -> None:
    told = server.say("l", f"break the policy, {MARKER}")
    assert told == (500, {"error": {"code": "failed", "type": "ZeroDivisionError"}})
    log = server.log.read_text("utf-8")
    assert "ZeroDivisionError" in log
    assert MARKER not in log
    assert server.answers("l", "how much does a visit cost") == ["cost"]


def test_a_screen_that_fails_is_taken_for_a_crisis(server: Server) -> None:
    assert server.answers("m", f"break the screen, {MARKER}") == ["emergency_crisis"]
    log = server.log.read_text("utf-8")
    assert "screening.py" in log
    assert MARKER not in log


def test_what_rasa_warns_about_leaves_no_text_in_the_log(server: Server) -> None:
    server.say("n", f'greet{{"{MARKER}"}} {{{MARKER}')
    server.post(json.dumps({"conversation": MARKER, "text": [MARKER]}).encode())
    server.post(f'{{"text": "{MARKER}'.encode())
    server.post({"conversation": "n", "text": MARKER}, authorization=f"Bearer {MARKER}")
    assert MARKER not in server.log.read_text("utf-8")


def test_rasa_itself_has_no_other_door(server: Server) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    for path in ("/webhooks/rest/", "/status", "/conversations/a/tracker", "/model", "/version"):
        assert get(origin + path) is None


def test_with_a_model_that_cannot_be_read_it_says_so(folder: Path) -> None:
    garbage = folder / "garbage.tar.gz"
    garbage.write_bytes(b"not an archive")
    server = Server(free_port(), folder / "no_model.log")
    with running(
        server.log, RASA, "run", "--interface", "127.0.0.1", "--port", str(server.port),
        "--model", garbage, FRONTDESK_RASA_SECRET=SECRET,
    ) as process:  # fmt: skip
        wait_until(lambda: get(server.url), process, server.log)
        assert get(server.url) == {"status": "no_model", "model": None}
        assert server.say("a", "hi") == (503, {"error": {"code": "no_model"}})


def test_without_a_secret_it_does_not_start(folder: Path, model: Path) -> None:
    log = folder / "no_secret.log"
    code = run_to_file(
        log, RASA, "run", "--interface", "127.0.0.1", "--port", str(free_port()), "--model", model
    )
    assert code != 0
    assert "Set FRONTDESK_RASA_SECRET" in log.read_text("utf-8")

import json
import os

import pytest

from tests.support.fake_rasa import FakeRasa
from tests.support.process import FrontDesk, Visitor


def lines(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def test_screen_answers_line_by_line_in_order(shared_front_desk: FrontDesk) -> None:
    asked = [
        {"id": 1, "text": "how much is it?"},
        {"id": "b", "text": "i want to kill myself"},
        {"text": "i had suicidal thoughts years ago", "history": ["hello"]},
        {"id": 4, "text": "Quiero matarme."},
    ]
    given = "\n".join(json.dumps(one) for one in asked)
    done = shared_front_desk.command("screen", given=given)
    assert done.returncode == 0, done.stderr
    told = lines(done.stdout)
    assert [one["id"] for one in told] == [1, "b", None, 4]
    assert [one["route"] for one in told] == ["none", "crisis", "note", "crisis"]
    assert [one["language"] for one in told][1:] == ["en", "en", "es"]
    assert told[1]["severity"] == "high"
    assert told[1]["category"] == "suicide"
    for one, entry in zip(told, asked, strict=True):
        for evidence in one["evidence"]:
            assert set(evidence) == {"start", "end", "text", "why"}
            assert entry["text"][evidence["start"] : evidence["end"]] == evidence["text"]


@pytest.mark.parametrize(
    "bad", ["{", "[]", '{"id": 1}', '{"text": 5}', '{"text": "x", "history": "y"}', "\x00"]
)
def test_screen_names_a_bad_line_and_serves_the_others(
    shared_front_desk: FrontDesk, bad: str
) -> None:
    good = json.dumps({"id": 1, "text": "i want to kill myself"})
    done = shared_front_desk.command("screen", given=f"{bad}\n{good}\n")
    assert done.returncode == 1
    assert "line 1:" in done.stderr
    assert [one["route"] for one in lines(done.stdout)] == ["crisis"]


def test_ask_tells_what_a_visitor_would_have_been_told(shared_front_desk: FrontDesk) -> None:
    asked = [
        {"id": "a", "text": "how much does it cost?"},
        {"id": "b", "text": "i want to kill myself"},
        {"id": "c", "text": "side effects?", "context": ["i want to kill myself"]},
    ]
    given = "\n".join(json.dumps(one) for one in asked)
    done = shared_front_desk.command("ask", "--url", shared_front_desk.url, given=given)
    assert done.returncode == 0, done.stderr
    cost, crisis, after = lines(done.stdout)
    assert (cost["id"], cost["topics"], cost["mode"]) == ("a", ["cost"], "bot")
    assert (crisis["topics"], crisis["mode"]) == (["emergency_crisis"], "crisis")
    assert (after["topics"], after["mode"]) == (["side_effects"], "crisis")
    assert all(message["text"] for message in cost["messages"])


def test_ask_says_so_when_nobody_answers(shared_front_desk: FrontDesk) -> None:
    done = shared_front_desk.command(
        "ask", "--url", "http://127.0.0.1:9", given='{"text": "hello"}'
    )
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert done.stdout == ""


def test_status_is_one_object_with_every_part(
    shared_front_desk: FrontDesk, shared_rasa: FakeRasa
) -> None:
    done = shared_front_desk.command("status")
    assert done.returncode == 0, done.stderr
    [status] = lines(done.stdout)
    assert status["front"]["status"] == "ok"
    assert status["rasa"]["status"] == "ok"
    assert status["release"] == "fake"
    assert status["actions"]["status"] == "down"
    assert status["database"]["status"] == "ok"


def test_status_also_works_when_nothing_runs(tmp_path) -> None:
    front = FrontDesk(tmp_path / "var", "http://127.0.0.1:9")
    [status] = lines(front.command("status").stdout)
    assert {status[part]["status"] for part in ("front", "rasa", "actions", "database")} == {"down"}


def test_cases_says_so_when_there_is_no_database(tmp_path) -> None:
    front = FrontDesk(tmp_path / "var", "http://127.0.0.1:9")
    done = front.command("cases")
    assert done.returncode == 1
    assert "Start Front Desk once" in done.stderr


def test_cases_lists_resolved_ones_only_when_asked(shared_front_desk: FrontDesk) -> None:
    visitor = Visitor(shared_front_desk.url)
    visitor.say("i want to kill myself")
    for options in ((), ("--all",)):
        done = shared_front_desk.command("cases", *options)
        assert done.returncode == 0, done.stderr
        [case] = [one for one in lines(done.stdout) if one["conversation"] == visitor.id]
        assert set(case) == {
            "code", "conversation", "severity", "categories", "state", "opened_at",
            "acknowledged_at", "owner", "alerts",
        }  # fmt: skip


def test_content_check_passes_on_what_we_ship(shared_front_desk: FrontDesk) -> None:
    done = shared_front_desk.command("content", "check")
    assert done.returncode == 0, done.stderr
    assert "wait for a clinician's approval" in done.stdout


def test_a_wrong_setting_stops_the_start_and_is_named(tmp_path) -> None:
    front = FrontDesk(tmp_path / "var", "http://127.0.0.1:9", FRONTDESK_RASA_DEADLINE="soon")
    done = front.command("serve")
    assert done.returncode == os.EX_CONFIG
    assert "rasa_deadline" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_setting_in_the_file_stops_the_start(tmp_path) -> None:
    config = tmp_path / "frontdesk.toml"
    config.write_text("prot = 8001\n", encoding="utf-8")
    front = FrontDesk(tmp_path / "var", "http://127.0.0.1:9", FRONTDESK_CONFIG=str(config))
    done = front.command("serve")
    assert done.returncode == os.EX_CONFIG
    assert "prot" in done.stderr


def test_help_and_a_wrong_command_explain_themselves(shared_front_desk: FrontDesk) -> None:
    assert "screen" in shared_front_desk.command("--help").stdout
    wrong = shared_front_desk.command("dance")
    assert wrong.returncode == 2
    assert "invalid choice" in wrong.stderr

"""The whole product, started as a clinic starts it, with its trained model."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from frontdesk.paths import PROJECT_ROOT
from tests.support.process import Visitor, eventually, free_port

pytestmark = pytest.mark.rasa


class Stack:
    """``frontdesk run`` on ports of its own."""

    def __init__(self, var: Path) -> None:
        self.ports = {name: free_port() for name in ("front", "rasa", "actions")}
        self.url = f"http://127.0.0.1:{self.ports['front']}"
        self.var = var
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("FRONTDESK")},
            "FRONTDESK_VAR": str(var),
            "FRONTDESK_CONFIG": str(var / "none.toml"),
            "FRONTDESK_PORT": str(self.ports["front"]),
            "FRONTDESK_RASA_URL": f"http://127.0.0.1:{self.ports['rasa']}",
            "FRONTDESK_ACTIONS_URL": f"http://127.0.0.1:{self.ports['actions']}",
        }
        self.output = var / "run.out"
        var.mkdir(parents=True)
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "frontdesk", "run"],
                cwd=PROJECT_ROOT,
                env=self.environment,
                stdout=out,
                stderr=out,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, words: str, seconds: float) -> None:
        def check() -> bool:
            assert self.process.poll() is None, self.said()
            return words in self.said()

        eventually(check, seconds)

    def kill_the_listener_on(self, part: str) -> None:
        """kill -9 whatever serves the part's port."""
        listening = "0A"
        sockets = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()]
        inodes = [
            fields[9]
            for fields in sockets[1:]
            if fields[1].endswith(f":{self.ports[part]:04X}") and fields[3] == listening
        ]
        assert inodes, f"nobody listens for {part}"
        for handle in Path("/proc").glob("[0-9]*/fd/*"):
            try:
                found = handle.readlink()
            except OSError:
                continue
            if str(found) == f"socket:[{inodes[0]}]":
                os.kill(int(handle.parts[2]), signal.SIGKILL)
                return
        raise AssertionError(f"no process holds the port of {part}")


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, rasa_environment_python: Path
) -> Iterator[Stack]:
    started = Stack(tmp_path_factory.mktemp("stack") / "var")
    started.wait_for("Front Desk is up", 90)
    yield started
    started.process.send_signal(signal.SIGINT)
    assert started.process.wait(timeout=60) == 0
    assert "Stopped." in started.said()
    for part in started.ports.values():
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{part}/")


def test_a_crisis_is_answered_before_rasa_is_there(stack: Stack) -> None:
    assert "Ready:" not in stack.said(), "Rasa was quicker than this test; it shows nothing"
    visitor = Visitor(stack.url)
    assert visitor.say("i want to kill myself")["mode"] == "crisis"
    [reply] = Visitor(stack.url).say("how much does it cost?")["messages"]
    assert reply["topic"] == "answers_not_ready"


def test_it_gets_ready_and_says_its_address_in_plain_lines(stack: Stack) -> None:
    stack.wait_for("Ready:", 500)
    lines = stack.said().splitlines()
    assert stack.url in lines[-1]
    assert all(re.match(r"\[ *\d+ s\] \S", line) for line in lines)
    assert httpx.get(f"{stack.url}/readyz").status_code == 200


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("what is it like during a session?", "session_experience"),
        ("How much does it cost?", "cost"),
        ("what are the side effects", "side_effects"),
        ("are you a bot?", "bot_identity"),
    ],
)
def test_questions_get_their_curated_answers(stack: Stack, question: str, topic: str) -> None:
    stack.wait_for("Ready:", 500)
    [answer] = Visitor(stack.url).say(question)["messages"]
    assert answer["topic"] == topic


def test_a_request_for_a_person_is_answered_by_the_action_server(stack: Stack) -> None:
    stack.wait_for("Ready:", 500)
    [reply] = Visitor(stack.url).say("can I talk to a real person please")["messages"]
    assert reply["kind"] == "handoff"
    assert "214-555-0123" in reply["text"]


def test_a_conversation_remembers_what_it_asked(stack: Stack) -> None:
    stack.wait_for("Ready:", 500)
    visitor = Visitor(stack.url)
    [question] = visitor.say("that didn't help")["messages"]
    assert question["topic"] == "not_helpful"
    [reply] = visitor.say("yes")["messages"]
    assert reply["kind"] == "handoff"


def test_slash_text_is_text_for_rasa_too(stack: Stack) -> None:
    stack.wait_for("Ready:", 500)
    visitor = Visitor(stack.url)
    visitor.say("that didn't help")
    for text in ("/restart", '/greet{"a": 1}', "/session_start", "/cost"):
        assert visitor.say(text)["messages"], text


def test_no_log_of_the_stack_holds_what_a_visitor_wrote(stack: Stack) -> None:
    stack.wait_for("Ready:", 500)
    visitor = Visitor(stack.url)
    for text in ("zebrafink cost", "can i talk to a person zebrafink", "zebrafink zebrafink"):
        visitor.say(text)
    for log in (stack.var / "log").glob("*.log"):
        assert "zebrafink" not in log.read_text(encoding="utf-8", errors="replace"), log.name


def test_status_and_ask_work_beside_the_service(stack: Stack) -> None:
    stack.wait_for("Ready:", 500)

    def run(*arguments: str, given: str = "") -> str:
        return subprocess.run(
            [sys.executable, "-m", "frontdesk", *arguments],
            cwd=PROJECT_ROOT, env=stack.environment, input=given,
            capture_output=True, text=True, check=True, timeout=60,
        ).stdout  # fmt: skip

    status = json.loads(run("status"))
    assert status["release"].endswith(".tar.gz")
    assert {status[part]["status"] for part in ("front", "rasa", "actions", "database")} == {"ok"}
    told = json.loads(run("ask", "--url", stack.url, given='{"id": 1, "text": "cost?"}'))
    assert told["topics"] == ["cost"]


def test_a_part_that_dies_is_started_again_and_a_crisis_never_waits_for_it(stack: Stack) -> None:
    stack.wait_for("Ready:", 500)
    for part, name in (("rasa", "Rasa"), ("actions", "The action server")):
        stack.kill_the_listener_on(part)
        assert Visitor(stack.url).say("i want to kill myself")["mode"] == "crisis"
        stack.wait_for(f"{name} stopped (exit code -9). Starting it again", 30)
    stack.kill_the_listener_on("front")
    stack.wait_for("Front Desk stopped (exit code -9)", 30)

    def all_back() -> bool:
        try:
            return httpx.get(f"{stack.url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    eventually(all_back, 120)
    assert Visitor(stack.url).say("cost")["messages"][0]["topic"] == "cost"


def test_a_second_start_says_what_is_in_its_way(stack: Stack) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "frontdesk", "run"],
        cwd=PROJECT_ROOT, env=stack.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert "is taken" in second.stderr

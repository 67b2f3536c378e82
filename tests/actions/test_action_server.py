"""The action server as a process: on this machine only, and discreet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from frontdesk.paths import PROJECT_ROOT
from tests.support.process import eventually, free_port

MARKER = "Zebrafinch Quillwort"


class ActionServer:
    """``python -m actions`` on a free port."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def listens(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2).is_success
        except httpx.HTTPError:
            return False

    def call(self, action: str, **message: Any) -> httpx.Response:
        call = {
            "next_action": action,
            "sender_id": "a",
            "version": "3.6.21",
            "domain": {},
            "tracker": {
                "sender_id": "a",
                "slots": {},
                "latest_message": {"text": MARKER, **message},
                "events": [],
                "paused": False,
                "followup_action": None,
                "active_loop": {},
                "latest_action_name": "action_listen",
            },
        }
        return httpx.post(f"{self.url}/webhook", json=call, timeout=10)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActionServer]:
    server = ActionServer(tmp_path_factory.mktemp("actions") / "log")
    with server.log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "actions", "--port", str(server.port)],
            cwd=PROJECT_ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            eventually(server.listens, 60)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_it_has_our_three_actions(server: ActionServer) -> None:
    named = {one["name"] for one in httpx.get(f"{server.url}/actions").json()}
    assert named == {"action_clarify", "action_handoff", "action_session_start"}


def test_it_answers_rasa(server: ActionServer) -> None:
    ranking = [{"name": "cost", "confidence": 0.3}]
    (message,) = server.call("action_clarify", intent_ranking=ranking).json()["responses"]
    assert message["custom"] == {"answer": "clarify", "topics": ["cost"]}


def test_it_listens_on_this_machine_only(server: ActionServer) -> None:
    table = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    assert [one for one in listening if one.endswith(f":{server.port:04X}")] == [
        f"0100007F:{server.port:04X}"
    ]


def test_a_failure_repeats_nothing_in_answer_or_log(server: ActionServer) -> None:
    failed = server.call("action_clarify", intent_ranking=[{"name": MARKER, "confidence": MARKER}])
    assert failed.status_code == 500
    assert MARKER not in failed.text
    unknown = server.call("no_such_action")
    assert unknown.status_code == 404
    garbage = httpx.post(f"{server.url}/webhook", content=f'{{"text": "{MARKER}')
    assert garbage.status_code >= 400
    assert server.call("action_handoff").status_code == 200
    log = server.log.read_text("utf-8")
    assert "ValueError" in log
    assert MARKER not in log
    assert json.dumps(MARKER) not in log


def test_it_serves_another_port_and_address_on_request() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "actions", "--help"],
        cwd=PROJECT_ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "127.0.0.1" in told
    assert "5055" in told

"""Really started Rasa commands, and an action server that can be broken."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from frontdesk.paths import PROJECT_ROOT

RASA = PROJECT_ROOT / ".venv-rasa/bin/rasa"
RASA_PYTHON = PROJECT_ROOT / ".venv-rasa/bin/python"
PYTHON = PROJECT_ROOT / ".venv/bin/python"
SECRET = "a secret for tests"
START_LIMIT = 180  # seconds until we give up on a process that does not start
STEP_LIMIT = 900


def environment(**more: str) -> dict[str, str]:
    """As the supervisor starts Rasa: without the secret, unless it is given in ``more``."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FRONTDESK_")}
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "LOG_LEVEL": "WARNING", "PYTHONWARNINGS": "ignore"}
    return {**kept, **quiet, "PYTHONPATH": str(PROJECT_ROOT), **more}


def run_to_file(log: Path, *command: str | Path, **more: str) -> int:
    """Run a command from the project's root with its output in ``log``; its exit code."""
    with log.open("wb") as output:
        return subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env=environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=STEP_LIMIT,
            check=False,
        ).returncode


@contextmanager
def running(log: Path, *command: str | Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its output in ``log`` and its standard input open."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=PROJECT_ROOT,
            env=environment(**more),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_until(happens: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + START_LIMIT
    while not happens():
        alive = process.poll() is None and time.monotonic() < give_up
        assert alive, log.read_text("utf-8", errors="replace")[-4000:]
        time.sleep(0.3)


def get(url: str) -> Any:
    """The JSON at ``url``, or None where nobody listens."""
    try:
        with urllib.request.urlopen(url) as answer:
            return json.load(answer)
    except (urllib.error.URLError, ConnectionError):
        return None


@dataclass
class Server:
    """A Rasa server and how to talk to it."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhooks/frontdesk/"

    def post(self, body: Any, authorization: str | None = f"Bearer {SECRET}") -> tuple[int, Any]:
        headers = {"Authorization": authorization} if authorization is not None else {}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "message", data, headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def say(self, conversation: str, text: str) -> tuple[int, Any]:
        return self.post({"conversation": conversation, "text": text, "language": "en"})

    def answers(self, conversation: str, text: str) -> list[str]:
        """The keys of what was said."""
        status, body = self.say(conversation, text)
        assert status == 200, body
        return [one["answer"] for one in body["said"]]


class Actions(ThreadingHTTPServer):
    """Stands between Rasa and the real action server: passes calls on, or breaks them.

    ``mode``: "works"; "fails" answers an error that repeats the whole request; "gone" hangs up.
    """

    mode = "works"

    def __init__(self, behind: int) -> None:
        super().__init__(("127.0.0.1", 0), _ActionsHandler)
        self.behind = behind


class _ActionsHandler(BaseHTTPRequestHandler):
    server: Actions

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.server.mode == "gone":
            self.close_connection = True
            return
        status, answer = 500, body
        if self.server.mode == "works":
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.server.behind}/webhook",
                body,
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request) as passed_on:
                status, answer = passed_on.status, passed_on.read()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: Any) -> None:
        """Nothing: the tests look at Rasa's log."""

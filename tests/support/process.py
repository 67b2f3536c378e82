"""A really started Front Desk."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

from frontdesk.paths import PROJECT_ROOT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(check: Any, seconds: float = 15) -> Any:
    """The first true value of ``check``; fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still {value!r} after {seconds} s")
        time.sleep(0.05)


class FrontDesk:
    """``frontdesk serve`` on a free port with its own var folder."""

    def __init__(self, var: Path, rasa_url: str, **environment: str) -> None:
        self.var = var
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = var / "front.log"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("FRONTDESK")},
            "FRONTDESK_PORT": str(self.port),
            "FRONTDESK_VAR": str(var),
            "FRONTDESK_RASA_URL": rasa_url,
            "FRONTDESK_RASA_SECRET": "test-secret",
            "FRONTDESK_ACTIONS_URL": "http://127.0.0.1:9",
            "FRONTDESK_CONFIG": str(var / "none.toml"),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "FrontDesk":
        self.var.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "frontdesk", "serve"],
                cwd=PROJECT_ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        try:
            eventually(self._answers, 60)
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=30)
            self._process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")

    def command(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run another ``frontdesk`` command beside the service."""
        return subprocess.run(
            [sys.executable, "-m", "frontdesk", *arguments],
            cwd=PROJECT_ROOT,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"Front Desk ended:\n{self.log()}")
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).is_success
        except httpx.HTTPError:
            return False


class Visitor:
    """One conversation over HTTP."""

    def __init__(self, url: str, language: str = "en") -> None:
        self.http = httpx.Client(base_url=url, timeout=30)
        opened = self.http.post("/v1/conversations", json={"language": language})
        assert opened.status_code == 201, opened.text
        self.opened: dict[str, Any] = opened.json()
        self.id: str = self.opened["conversation"]
        self.token: str = self.opened["token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    @property
    def path(self) -> str:
        return f"/v1/conversations/{self.id}"

    def post(self, text: Any, client_id: str | None = None) -> httpx.Response:
        body = {"client_id": client_id or uuid.uuid4().hex, "text": text}
        return self.http.post(f"{self.path}/messages", json=body)

    def say(self, text: str, client_id: str | None = None) -> dict[str, Any]:
        response = self.post(text, client_id)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def transcript(self, after: int = 0) -> dict[str, Any]:
        response = self.http.get(f"{self.path}/messages", params={"after": after})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

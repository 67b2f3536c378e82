"""How the process starts, stops and tells visitors apart."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from frontdesk.paths import PROJECT_ROOT
from tests.support.fake_rasa import FakeRasa
from tests.support.process import FrontDesk, Visitor, eventually, free_port


def test_a_question_under_way_is_answered_before_the_process_stops(
    front_desk: FrontDesk, fake_rasa: FakeRasa
) -> None:
    fake_rasa.delay = 1.5
    visitor = Visitor(front_desk.url)
    outcome: dict[str, object] = {}
    asking = threading.Thread(target=lambda: outcome.update(visitor.say("cost")))
    asking.start()
    eventually(lambda: fake_rasa.asked)
    front_desk.stop()
    asking.join()
    assert outcome["messages"][0]["topic"] == "cost"


def test_a_browser_that_follows_does_not_hold_up_the_stop(front_desk: FrontDesk) -> None:
    visitor = Visitor(front_desk.url)
    lines: list[str] = []

    def follow() -> None:
        with visitor.http.stream("GET", f"{visitor.path}/events", timeout=60) as response:
            lines.extend(response.iter_lines())

    following = threading.Thread(target=follow)
    following.start()
    eventually(lambda: "/events" in front_desk.log())
    front_desk.stop()
    following.join(timeout=5)
    assert not following.is_alive()
    assert "event: mode" in lines


def test_behind_a_proxy_every_address_has_a_limit_of_its_own(
    tmp_path: Path, fake_rasa: FakeRasa
) -> None:
    front = FrontDesk(
        tmp_path / "var",
        fake_rasa.url,
        FRONTDESK_PROXIES="1",
        FRONTDESK_ADDRESS_LIMIT="2/hour",
    ).start()
    try:

        def arrive(address: str) -> int:
            return httpx.post(
                f"{front.url}/v1/conversations", headers={"X-Forwarded-For": address}
            ).status_code

        assert [arrive("203.0.113.1") for _ in range(3)] == [201, 201, 429]
        assert arrive("203.0.113.2") == 201
    finally:
        front.stop()


@pytest.fixture
def copied_project(tmp_path: Path) -> Path:
    """A project whose content may be broken."""
    for part in ("frontdesk", "data", "web"):
        shutil.copytree(
            PROJECT_ROOT / part,
            tmp_path / part,
            ignore=shutil.ignore_patterns("__pycache__", "nlu/*.yml"),
        )
    return tmp_path


@pytest.mark.parametrize(
    ("path", "old", "new", "where"),
    [
        ("data/clinic.yml", "timezone: America/Chicago", "timezone: [", "clinic.yml:"),
        ("data/clinic.yml", "demo: true", "demo: perhaps", "clinic.yml:4: demo"),
        ("data/answers/en/talk.yml", "{clinic_phone}", "{phone_of_clinic}", "talk.yml:"),
        ("data/crisis/patterns/suicide.en.yml", "severity: high", "severity: big", ".yml:"),
        ("data/crisis/texts/en.yml", "    first: |", "    frist: |", "texts/en.yml:"),
    ],
)
def test_a_broken_content_file_stops_the_start_with_file_line_and_remedy(
    copied_project: Path, path: str, old: str, new: str, where: str
) -> None:
    file = copied_project / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "frontdesk", "serve"],
        cwd=copied_project,
        env={**os.environ, "PYTHONPATH": str(copied_project), "FRONTDESK_PORT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == os.EX_CONFIG
    assert where in done.stderr
    assert "What to do:" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_whole_product_stops_for_a_broken_content_file_and_says_why(
    copied_project: Path, rasa_environment_python: Path
) -> None:
    (copied_project / ".venv-rasa").symlink_to(rasa_environment_python.parents[1])
    clinic = copied_project / "data" / "clinic.yml"
    text = clinic.read_text(encoding="utf-8")
    clinic.write_text(text.replace("demo: true", "demo: perhaps"), encoding="utf-8")
    ports = {"FRONTDESK_PORT": str(free_port())}
    for name in ("RASA", "ACTIONS"):
        ports[f"FRONTDESK_{name}_URL"] = f"http://127.0.0.1:{free_port()}"
    done = subprocess.run(
        [sys.executable, "-m", "frontdesk", "run"],
        cwd=copied_project,
        env={**os.environ, "PYTHONPATH": str(copied_project), **ports},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == os.EX_CONFIG
    assert "clinic.yml:4: demo" in done.stdout
    assert "What to do:" in done.stdout


def test_health_tells_the_parts_apart(front_desk: FrontDesk, fake_rasa: FakeRasa) -> None:
    def ready() -> dict[str, str]:
        parts = httpx.get(f"{front_desk.url}/readyz").json()["parts"]
        return {name: part["status"] for name, part in parts.items()}

    assert ready() == {"screen": "ok", "storage": "ok", "rasa": "ok", "actions": "down"}
    fake_rasa.behaviour = "no_model"
    assert ready()["rasa"] == "no_model"
    fake_rasa.stop()
    assert ready()["rasa"] == "down"
    alerts = httpx.get(f"{front_desk.url}/health/alerts")
    assert alerts.status_code == 503
    assert alerts.json()["pending"] == 0
    Visitor(front_desk.url).say("i want to kill myself")
    assert httpx.get(f"{front_desk.url}/health/alerts").json()["pending"] == 1

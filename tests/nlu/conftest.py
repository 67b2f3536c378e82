"""One trained model and one Rasa server for all tests in this folder: each takes its time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontdesk.paths import PROJECT_ROOT
from tests.nlu.rasa_process import (
    PYTHON,
    RASA,
    RASA_PYTHON,
    SECRET,
    Actions,
    Server,
    get,
    run_to_file,
    running,
    wait_until,
)
from tests.support.process import free_port


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rasa")


@pytest.fixture(scope="session")
def model(folder: Path, rasa_environment_python: Path) -> Path:
    """The model of this project as it stands."""
    log = folder / "train.log"
    code = run_to_file(
        log, RASA, "train", "--skip-validation", "--out", folder / "models",
        "--fixed-model-name", "trained",
    )  # fmt: skip
    assert code == 0, log.read_text("utf-8")[-4000:]
    return folder / "models/trained.tar.gz"


@pytest.fixture(scope="session")
def actions(folder: Path) -> Iterator[Actions]:
    port = free_port()
    log = folder / "actions.log"
    with running(log, PYTHON, "-m", "actions", "--port", str(port)) as process:
        wait_until(lambda: get(f"http://127.0.0.1:{port}/health"), process, log)
        stand_in = Actions(behind=port)
        threading.Thread(target=stand_in.serve_forever, daemon=True).start()
        yield stand_in
        stand_in.shutdown()


@pytest.fixture(scope="session")
def endpoints(folder: Path, actions: Actions) -> Path:
    """endpoints.yml with the address of the stand-in, for commands without our channel."""
    path = folder / "endpoints.yml"
    written = (PROJECT_ROOT / "endpoints.yml").read_text("utf-8")
    assert "127.0.0.1:5055" in written
    path.write_text(written.replace(":5055", f":{actions.server_port}"), "utf-8")
    return path


@pytest.fixture(scope="session")
def server(folder: Path, model: Path, actions: Actions) -> Iterator[Server]:
    """Rasa, with faults that texts can set off (rasa_with_faults.py)."""
    server = Server(free_port(), folder / "run.log")
    with running(
        server.log, RASA_PYTHON, Path(__file__).with_name("rasa_with_faults.py"), "run",
        "--interface", "127.0.0.1", "--port", str(server.port), "--model", model,
        FRONTDESK_RASA_SECRET=SECRET,
        FRONTDESK_ACTIONS_URL=f"http://127.0.0.1:{actions.server_port}/",
    ) as process:  # fmt: skip
        wait_until(lambda: get(server.url), process, server.log)
        yield server

"""Fixtures for all tests. A service that is missing skips its tests, and fails them in CI."""

import asyncio
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from frontdesk.supervisor import RASA
from tests.support.fake_rasa import FakeRasa
from tests.support.process import FrontDesk

POSTGRES = os.environ.get("FRONTDESK_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/postgres")
REDIS = os.environ.get("FRONTDESK_TEST_REDIS", "redis://127.0.0.1:6379/15")


def missing(service: str) -> None:
    """Skip, or fail where FRONTDESK_TEST_REQUIRE says that every service must be there."""
    if os.environ.get("FRONTDESK_TEST_REQUIRE") == "all":
        pytest.fail(f"{service} is required here and does not answer")
    pytest.skip(f"{service} does not answer")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("Chromium")
    assert path is not None
    return path


@pytest.fixture(scope="session")
def rasa_environment_python() -> Path:
    """The Python of Rasa's environment."""
    python = RASA.parent / "python"
    if not python.exists():
        missing("Rasa's environment")
    return python


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis database for tests."""
    try:
        redis.from_url(REDIS, socket_connect_timeout=2).ping()
    except redis.RedisError:
        missing("Redis")
    return REDIS


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    name = f"frontdesk_{uuid.uuid4().hex[:12]}"

    async def execute(statement: str) -> None:
        connection = await asyncpg.connect(POSTGRES, timeout=3)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    try:
        asyncio.run(execute(f'CREATE DATABASE "{name}"'))
    except (OSError, TimeoutError, asyncpg.PostgresError):
        missing("PostgreSQL")
    yield POSTGRES.rsplit("/", 1)[0] + f"/{name}"
    asyncio.run(execute(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def fake_rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    yield fake
    fake.stop()


@pytest.fixture
def front_desk(tmp_path: Path, fake_rasa: FakeRasa) -> Iterator[FrontDesk]:
    """A Front Desk of one's own, with a Rasa that can misbehave."""
    front = FrontDesk(tmp_path / "var", fake_rasa.url).start()
    yield front
    front.stop()


@pytest.fixture(scope="session")
def shared_rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    yield fake
    fake.stop()


@pytest.fixture(scope="session")
def shared_front_desk(
    tmp_path_factory: pytest.TempPathFactory, shared_rasa: FakeRasa
) -> Iterator[FrontDesk]:
    """One Front Desk for all tests that only talk to it."""
    front = FrontDesk(tmp_path_factory.mktemp("shared") / "var", shared_rasa.url).start()
    yield front
    front.stop()

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import StatementError

from frontdesk.settings import load_settings
from frontdesk.storage.database import Database
from frontdesk.storage.migrate import migrate
from frontdesk.storage.tables import Base, Conversation


def address(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    return load_settings(var=tmp_path, database_url=url).database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return address(request.param, request, tmp_path)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    await migrate(opened)
    yield opened
    await opened.close()


async def test_the_migrations_make_the_tables_that_the_code_uses(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await migrate(database)


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    noon_in_dallas = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=-6)))
    async with database.writing() as session:
        session.add(
            Conversation(
                id="a", token_hash="", mode="bot", language="en",
                created_at=noon_in_dallas, last_seq=0,
            )
        )  # fmt: skip
    async with database.reading() as session:
        [stored] = (await session.scalars(select(Conversation.created_at))).all()
    assert stored == noon_in_dallas
    assert stored.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"):
        async with database.writing() as session:
            session.add(
                Conversation(
                    id="a", token_hash="", mode="bot", language="en",
                    created_at=datetime(2026, 1, 1), last_seq=0,
                )
            )  # fmt: skip


async def test_an_exception_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.writing() as session:
            session.add(
                Conversation(
                    id="a", token_hash="", mode="bot", language="en",
                    created_at=datetime.now(UTC), last_seq=0,
                )
            )  # fmt: skip
            await session.flush()
            raise ZeroDivisionError
    async with database.reading() as session:
        assert (await session.scalars(select(Conversation.id))).all() == []


async def test_sqlite_survives_a_power_cut_and_checks_references(tmp_path: Path) -> None:
    database = Database(load_settings(var=tmp_path).database)
    async with database.reading() as session:
        values = {
            name: (await session.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    await database.close()
    full = 2
    assert values == {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1}

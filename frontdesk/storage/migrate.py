"""Bring the database to the current tables, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from frontdesk.paths import PROJECT_ROOT
from frontdesk.storage.database import Database

# Any constant will do: processes that start together take turns on it.
_ADVISORY_LOCK = 988_911


async def migrate(database: Database) -> None:
    """Run the migrations that are missing, in one transaction. Safe to call from many processes."""
    if database.is_sqlite and database.url.database:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = database.engine.execution_options(writes=True)
    async with engine.begin() as connection:
        if not database.is_sqlite:
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK}
            )
        await connection.run_sync(_upgrade)


def config() -> Config:
    """Alembic's configuration; ours needs no ini file."""
    configuration = Config()
    configuration.set_main_option(
        "script_location", str(PROJECT_ROOT / "frontdesk" / "storage" / "migrations")
    )
    return configuration


def _upgrade(connection: Connection) -> None:
    configuration = config()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")

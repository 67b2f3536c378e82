"""Keeps an eye on the database: sets it up, tries it, and brings the journal home (S3)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial

import structlog

from frontdesk import metrics
from frontdesk.chat import backlog
from frontdesk.chat.desk import Desk
from frontdesk.storage.database import Database
from frontdesk.storage.migrate import migrate
from frontdesk.storage.tables import StorageCheck

log = structlog.get_logger(__name__)

PERIOD = 2.0  # seconds between two looks


async def watch_storage(desk: Desk, first_look: asyncio.Event) -> None:
    """Look after the database until cancelled; ``first_look`` is set after the first look."""
    migrated = False
    while True:
        migrated = await look_once(desk, migrated=migrated)
        first_look.set()
        await asyncio.sleep(PERIOD)


async def look_once(desk: Desk, *, migrated: bool) -> bool:
    """Set up or try the database, then replay the journal. True once the tables are there."""
    try:
        if not migrated:
            await migrate(desk.database)
            migrated = True
            log.info("database_ready", kind=desk.database.url.get_backend_name())
        await desk.in_time(_write_something(desk.database))
        replayed = await desk.journal.replay(partial(backlog.apply, desk))
        if replayed:
            log.warning("journal_replayed", records=replayed)
    except Exception as error:
        if desk.storage_problem is None or not migrated:
            log.exception("storage_not_writable")
        desk.storage_problem = f"the database cannot be written ({type(error).__qualname__})"
        metrics.storage_up.set(0)
        return migrated
    if desk.storage_problem is not None:
        log.info("storage_writable")
    desk.storage_problem = None
    metrics.storage_up.set(1)
    return migrated


async def _write_something(database: Database) -> None:
    async with database.writing() as session:
        await session.merge(StorageCheck(id=1, at=datetime.now(UTC)))

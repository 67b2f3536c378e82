"""One database, SQLite or PostgreSQL, and the two ways into it: reading and writing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

# What a database does when it is gone, full, locked, read-only or not set up.
StorageFailure = (SQLAlchemyError, OSError, TimeoutError)


class Database:
    """Sessions on one database. ``url`` names an asynchronous driver (settings.database)."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {}
        if self.is_sqlite:
            # Readers beside one writer; more connections would only queue for the lock.
            options = {"pool_size": 5, "max_overflow": 5, "pool_timeout": 5}
        else:
            options = {
                "pool_size": 10,
                "pool_timeout": 5,
                "pool_pre_ping": True,
                "connect_args": {"timeout": 3},
            }
        self.engine = create_async_engine(url, **options)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _set_up_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_on_sqlite)
        immediate = self.engine.execution_options(writes=True)
        self._read = async_sessionmaker(self.engine, expire_on_commit=False)
        self._write = async_sessionmaker(immediate, expire_on_commit=False)
        # SQLite has one writer. Waiting here is fair and instant; waiting inside SQLite polls.
        self._one_writer = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads."""
        async with self._read() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction: committed at the end, rolled back on an exception."""
        async with AsyncExitStack() as stack:
            if self._one_writer is not None:
                await stack.enter_async_context(self._one_writer)
            session = await stack.enter_async_context(self._write.begin())
            yield session

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _set_up_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: _begin_on_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a commit survives a power cut (S3)
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()


def _begin_on_sqlite(connection: Any) -> None:
    # A writer takes the lock at once; one that began as a reader could not upgrade under load.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

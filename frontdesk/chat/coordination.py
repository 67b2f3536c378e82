"""What several front processes share: who may ask Rasa now, and that something was said.

In one process this is memory; with ``REDIS_URL`` it is Redis. Nothing here is on the crisis
path, and where Redis fails the process goes on alone.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Protocol

import redis.asyncio as redis
import structlog
from redis.exceptions import LockError, RedisError

log = structlog.get_logger(__name__)


class Coordination(Protocol):
    """One lock and one signal a conversation."""

    def turn(self, conversation_id: str) -> AbstractAsyncContextManager[None]:
        """Hold the conversation's turn: Rasa gets one of its messages at a time."""

    async def announce(self, conversation_id: str) -> None:
        """Say that the conversation has something new."""

    def listen(self, conversation_id: str) -> AbstractAsyncContextManager[asyncio.Event]:
        """An event that is set whenever the conversation has something new."""

    async def close(self) -> None:
        """Let go of connections."""


class InProcess:
    """Coordination within one process."""

    def __init__(self) -> None:
        self._turns: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._listeners: dict[str, set[asyncio.Event]] = {}

    @asynccontextmanager
    async def turn(self, conversation_id: str) -> AsyncIterator[None]:
        """Hold the conversation's turn."""
        lock = self._turns.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            yield

    async def announce(self, conversation_id: str) -> None:
        """Wake the listeners of this process."""
        for listener in self._listeners.get(conversation_id, ()):
            listener.set()

    @asynccontextmanager
    async def listen(self, conversation_id: str) -> AsyncIterator[asyncio.Event]:
        """Listen until the context ends."""
        listener = asyncio.Event()
        listeners = self._listeners.setdefault(conversation_id, set())
        listeners.add(listener)
        try:
            yield listener
        finally:
            listeners.discard(listener)
            if not listeners:
                self._listeners.pop(conversation_id, None)

    async def close(self) -> None:
        """Nothing to let go of."""


class ThroughRedis:
    """Coordination between processes. ``turn_seconds`` bounds a turn whose process has died."""

    _CHANNEL = "frontdesk:news"

    def __init__(self, url: str, turn_seconds: float) -> None:
        self._redis = redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        # A subscriber waits for minutes; its own connection must not time out.
        self._subscriber = redis.from_url(url, socket_connect_timeout=2)
        self._turn_seconds = turn_seconds
        self._local = InProcess()
        self._relay: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn(self, conversation_id: str) -> AsyncIterator[None]:
        """Hold the conversation's turn in this process, and among processes if Redis answers."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._local.turn(conversation_id))
            lock = self._redis.lock(
                f"frontdesk:turn:{conversation_id}",
                timeout=self._turn_seconds,
                blocking_timeout=self._turn_seconds,
                sleep=0.02,
            )
            held = False
            try:
                held = await lock.acquire()
            except RedisError:
                log.exception("redis_turn_failed")
            try:
                yield
            finally:
                if held:
                    # A turn that took too long has expired by itself.
                    with suppress(LockError, RedisError):
                        await lock.release()

    async def announce(self, conversation_id: str) -> None:
        """Wake the listeners of this process at once and of the others through Redis."""
        await self._local.announce(conversation_id)
        try:
            await self._redis.publish(self._CHANNEL, conversation_id)
        except RedisError:
            log.exception("redis_announce_failed")

    @asynccontextmanager
    async def listen(self, conversation_id: str) -> AsyncIterator[asyncio.Event]:
        """Listen until the context ends."""
        if self._relay is None:
            self._relay = asyncio.create_task(self._pass_on(), name="redis-relay")
        async with self._local.listen(conversation_id) as event:
            yield event

    async def close(self) -> None:
        """Close the connections."""
        if self._relay is not None:
            self._relay.cancel()
            with suppress(asyncio.CancelledError):
                await self._relay
        await self._redis.aclose()
        await self._subscriber.aclose()

    async def _pass_on(self) -> None:
        """Wake this process's listeners for what other processes announce. Never ends."""
        while True:
            try:
                async with self._subscriber.pubsub() as pubsub:
                    await pubsub.subscribe(self._CHANNEL)
                    async for news in pubsub.listen():
                        if news["type"] == "message":
                            await self._local.announce(news["data"].decode())
            except (RedisError, OSError):
                log.exception("redis_relay_failed")
                await asyncio.sleep(1)


def coordination(redis_url: str, turn_seconds: float) -> Coordination:
    """The coordination that the settings ask for."""
    return ThroughRedis(redis_url, turn_seconds) if redis_url else InProcess()

"""Rate limits. They never stand between the screen and a person in danger (S1)."""

from __future__ import annotations

import time

import structlog
from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter

from frontdesk import metrics
from frontdesk.chat.errors import ApiError

log = structlog.get_logger(__name__)


class RateLimits:
    """Limits a conversation and an address, in this process or, with Redis, among all."""

    def __init__(self, message_limit: str, address_limit: str, redis_url: str) -> None:
        storage: Storage = MemoryStorage()
        if redis_url:
            storage = RedisStorage(f"async+{redis_url}", implementation="redispy")
        self._limiter = MovingWindowRateLimiter(storage)
        self._items = {
            "conversation": parse_many(message_limit),
            "address": parse_many(address_limit),
        }

    async def check(self, limit: str, key: str) -> None:
        """Count one request. Raises ApiError 429 with the seconds to wait."""
        for item in self._items[limit]:
            if not await self._hit(item, limit, key):
                metrics.rate_limited.labels(limit).inc()
                raise ApiError(
                    429,
                    "rate_limited",
                    "Too many messages in a short time. Please wait a moment and try again.",
                    retry_after=await self._wait(item, limit, key),
                )

    async def _hit(self, item: RateLimitItem, limit: str, key: str) -> bool:
        try:
            return await self._limiter.hit(item, limit, key)
        except Exception:
            log.exception("rate_limit_failed", limit=limit)
            return True

    async def _wait(self, item: RateLimitItem, limit: str, key: str) -> int:
        window = await self._limiter.get_window_stats(item, limit, key)
        return max(1, round(window.reset_time - time.time()))

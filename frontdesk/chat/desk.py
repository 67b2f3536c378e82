"""The parts that a visitor's message passes, made once at start-up."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from frontdesk.chat.coordination import Coordination, coordination
from frontdesk.chat.limits import RateLimits
from frontdesk.chat.rasa_client import RasaClient
from frontdesk.chat.replies import Speaker
from frontdesk.content.answers import load_answers
from frontdesk.content.clinic import load_clinic
from frontdesk.content.files import ContentError
from frontdesk.paths import DATA
from frontdesk.safety import CrisisTexts, Screen
from frontdesk.settings import Settings
from frontdesk.storage.database import Database
from frontdesk.storage.journal import Journal

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


@dataclass
class Desk:
    """Everything that answering needs. ``journalled`` holds id and token hash of conversations
    that only the journal knows so far; ``storage_problem`` is None while the database can be
    written; ``stopping`` ends what would otherwise go on for ever.
    """

    settings: Settings
    database: Database
    journal: Journal
    screen: Screen
    speaker: Speaker
    rasa: RasaClient
    coordination: Coordination
    limits: RateLimits
    journalled: dict[str, str] = field(default_factory=dict)
    storage_problem: str | None = "not checked yet"
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _running: set[asyncio.Task[Any]] = field(default_factory=set)

    async def in_time(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result of storage work, or TimeoutError after the storage deadline.

        The work itself goes on: a commit on its way is neither torn nor repeated, because
        whatever stands in for it is applied only where it is missing.
        """
        task = self.in_background(work)
        done, _ = await asyncio.wait({task}, timeout=self.settings.storage_deadline)
        if not done:
            raise TimeoutError("storage deadline")
        return task.result()

    def in_background(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Run ``work`` to its end even if nobody waits for it, and log how it failed."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.debug("background_work_failed", error=type(error).__qualname__)

    async def close(self) -> None:
        """Finish what is under way and let go of all connections."""
        if self._running:
            await asyncio.wait(self._running, timeout=self.settings.storage_deadline)
        await self.rasa.close()
        await self.coordination.close()
        await self.database.close()


def set_up(settings: Settings) -> Desk:
    """Load all content and make the parts. Raises ContentError; contacts nobody."""
    clinic = load_clinic()
    screen = Screen.load()
    if silent := screen.silent_patterns():
        # A screen that misses what it was written for must not stand in front of visitors.
        raise ContentError(
            DATA / "crisis" / "patterns",
            None,
            f"these patterns miss their own first example: {', '.join(silent)}",
            "correct them; `frontdesk content check` tries all examples",
        )
    desk = Desk(
        settings=settings,
        database=Database(settings.database),
        journal=Journal(settings.var / "journal"),
        screen=screen,
        speaker=Speaker(clinic, load_answers(clinic), CrisisTexts.load()),
        rasa=RasaClient(settings.rasa_url, settings.secret_for_rasa(), settings.rasa_deadline),
        coordination=coordination(settings.redis_url, turn_seconds=settings.rasa_deadline + 4),
        limits=RateLimits(settings.message_limit, settings.address_limit, settings.redis_url),
    )
    # All that was loaded stays. To look through it for garbage would hold up a message for 5 ms.
    gc.collect()
    gc.freeze()
    return desk

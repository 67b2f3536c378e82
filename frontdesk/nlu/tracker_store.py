"""Rasa's memory of conversations, bounded."""

from __future__ import annotations

from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class LatestConversations(InMemoryTrackerStore):
    """Keeps the ``most`` conversations that were last active, in memory.

    Rasa's own store never forgets, so its process would grow for as long as it runs. What Rasa
    forgets is only its place in a story: transcript and case are in Front Desk's database.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        most: int = 1000,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.most = most

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Save the conversation as the most recent; forget the oldest beyond ``most``."""
        self.store.pop(tracker.sender_id, None)
        await super().save(tracker)
        while len(self.store) > self.most:
            del self.store[next(iter(self.store))]

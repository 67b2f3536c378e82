"""When a visitor wants a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.content import Content, load_content


def _now() -> datetime:
    return datetime.now(timezone.utc)


class ActionHandoff(Action):
    """Says how to reach staff, which depends on whether the clinic is open."""

    def __init__(self, content: Content | None = None, now: Callable[[], datetime] = _now) -> None:
        self._content = content or load_content()
        self._now = now

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_handoff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Say ``talk_human`` in opening hours and ``talk_human_closed`` outside."""
        is_open = self._content.clinic.is_open(self._now())
        self._content.say(dispatcher, "talk_human" if is_open else "talk_human_closed")
        return []

"""When a conversation begins, or begins anew after a long silence."""

from __future__ import annotations

from rasa_sdk.events import ActionExecuted, EventType, SessionStarted
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.content import Content, load_content

METADATA_SLOT = "session_started_metadata"  # where Rasa puts what the channel sent along


class ActionSessionStart(Action):
    """Says that this is an automated assistant, unless Front Desk has said so already."""

    def __init__(self, content: Content | None = None) -> None:
        self._content = content or load_content()

    def name(self) -> str:
        """The name that Rasa gives to this moment."""
        return "action_session_start"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Start the session, keep the slots, and wait for the visitor."""
        slots = [one for one in tracker.events if one["event"] == "slot"]
        metadata = tracker.get_slot(METADATA_SLOT) or {}
        if not metadata.get("disclosed"):
            self._content.say(dispatcher, "disclosure")
        return [SessionStarted(), *_latest(slots), ActionExecuted("action_listen")]


def _latest(slots: list[EventType]) -> list[EventType]:
    """The last setting of each slot."""
    return list({one["name"]: one for one in slots}.values())

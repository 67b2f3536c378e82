"""The words of the HTTP contract: modes, senders, kinds, and what a message is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NewType

ConversationId = NewType("ConversationId", str)


class Mode(StrEnum):
    """Who speaks to the visitor."""

    BOT = "bot"
    CRISIS = "crisis"
    STAFF = "staff"
    CLOSED = "closed"


class IllegalTransitionError(Exception):
    """Somebody tried to move a conversation in a way that the table below does not allow."""


# S6: nothing but a member of staff leads out of crisis, and no path leads back from closed.
_TRANSITIONS = {
    Mode.BOT: {Mode.BOT, Mode.CRISIS, Mode.CLOSED},
    Mode.CRISIS: {Mode.CRISIS, Mode.CLOSED},
    Mode.STAFF: {Mode.STAFF, Mode.CLOSED},
    Mode.CLOSED: {Mode.CLOSED},
}


def moved(mode: Mode, to: Mode) -> Mode:
    """The mode after a move. Raises IllegalTransitionError."""
    if to not in _TRANSITIONS[mode]:
        raise IllegalTransitionError(f"a conversation cannot go from {mode} to {to}")
    return to


class Sender(StrEnum):
    """Who wrote a message."""

    VISITOR = "visitor"
    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"


class MessageKind(StrEnum):
    """What a message is, for the widget and for reports."""

    GREETING = "greeting"
    ANSWER = "answer"
    CLARIFY = "clarify"
    CRISIS = "crisis"
    HANDOFF = "handoff"
    BOUNDARY = "boundary"
    FALLBACK = "fallback"
    SMALLTALK = "smalltalk"
    STAFF = "staff"
    NOTICE = "notice"


@dataclass(frozen=True)
class Reply:
    """Something to say to a visitor that has no place in the transcript yet."""

    kind: MessageKind
    text: str
    topic: str | None = None
    buttons: list[dict[str, str]] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)

    def as_spoken(self, seq: int = 0, at: datetime | None = None) -> dict[str, Any]:
        """The contract's message. ``seq`` 0 says that it is not in the transcript yet."""
        message: dict[str, Any] = {
            "seq": seq,
            "at": (at or datetime.now(UTC)).isoformat(),
            "from": Sender.BOT,
            "kind": self.kind,
            "text": self.text,
        }
        if self.topic:
            message["topic"] = self.topic
        if self.buttons:
            message["buttons"] = self.buttons
        if self.sources:
            message["sources"] = self.sources
        return message

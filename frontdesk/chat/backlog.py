"""What the journal keeps of a conversation, and how it gets into the database afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from frontdesk.chat import transcript
from frontdesk.chat.desk import Desk
from frontdesk.chat.messages import ConversationId, MessageKind, Reply
from frontdesk.chat.transcript import Opened
from frontdesk.safety import Evidence, Kind, Route, Screening, Severity
from frontdesk.storage.journal import Record, RejectedRecordError
from frontdesk.storage.tables import Conversation

if TYPE_CHECKING:
    from frontdesk.chat.intake import Incoming


def conversation_record(opened: Opened, replies: Sequence[Reply]) -> Record:
    """A conversation that was opened while the database could not be written."""
    return {
        "kind": "conversation",
        "at": datetime.now(UTC).isoformat(),
        "conversation": opened.id,
        "token_hash": transcript.hashed(opened.token),
        "language": opened.language,
        "replies": [asdict(reply) for reply in replies],
    }


def message_record(incoming: Incoming, screening: Screening, replies: Sequence[Reply]) -> Record:
    """A message, what the screen said of it and what was said to the visitor."""
    return {
        "kind": "message",
        "at": datetime.now(UTC).isoformat(),
        "conversation": incoming.conversation_id,
        "token_hash": incoming.token_hash,
        "client_id": incoming.client_id,
        "text": incoming.text,
        "screening": screening.as_dict(),
        "replies": [asdict(reply) for reply in replies],
    }


async def apply(desk: Desk, record: Record) -> None:
    """Write one record into the database, unless it is there already.

    Raises RejectedRecordError where the conversation does not exist or the token is not its own:
    such a message was answered while we could not check who wrote it.
    """
    at = datetime.fromisoformat(record["at"])
    replies = [_reply(one) for one in record["replies"]]
    conversation_id = ConversationId(record["conversation"])
    async with desk.database.writing() as session:
        if record["kind"] == "conversation":
            if await session.get(Conversation, conversation_id) is None:
                opened = Opened(conversation_id, "", record["language"])
                await transcript.add_conversation(
                    session, opened, record["token_hash"], replies, at
                )
        else:
            if await transcript.find(session, conversation_id, record["token_hash"]) is None:
                raise RejectedRecordError(record["kind"])
            await transcript.accept(
                session,
                conversation_id,
                record["client_id"],
                record["text"],
                _screening(record["screening"]),
                replies,
                at,
            )
    if record["kind"] == "conversation":
        desk.journalled.pop(conversation_id, None)
    await desk.coordination.announce(conversation_id)


def _reply(record: dict[str, Any]) -> Reply:
    return Reply(**{**record, "kind": MessageKind(record["kind"])})


def _screening(record: dict[str, Any]) -> Screening:
    return Screening(
        route=Route(record["route"]),
        severity=Severity(record["severity"]) if record["severity"] else None,
        kinds=tuple(Kind(one) for one in record["categories"]),
        language=record["language"],
        evidence=tuple(Evidence(**one) for one in record["evidence"]),
        version=record["version"],
    )

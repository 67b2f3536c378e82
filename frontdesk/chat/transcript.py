"""Conversations and their messages in the database. Every function runs in its caller's session."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk.chat.messages import ConversationId, Mode, Reply, Sender, moved
from frontdesk.escalation import cases
from frontdesk.safety import Route, Screening
from frontdesk.storage.tables import Case, Contact, Conversation, Feedback, Message

HISTORY_LENGTH = 20  # visitor texts that the screen sees besides the new one


@dataclass(frozen=True)
class Opened:
    """A new conversation. The token is told once and kept only as a hash."""

    id: ConversationId
    token: str
    language: str


@dataclass(frozen=True)
class Accepted:
    """A visitor's message that is safely stored.

    ``answered`` says that an earlier request with the same client_id was dealt with already;
    ``messages`` are what was said to it.
    """

    seq: int
    mode: Mode
    answered: bool
    messages: list[dict[str, Any]]


def new_conversation(language: str) -> Opened:
    """Identifiers of 128 and 256 random bits: nobody guesses one, and neither says when."""
    return Opened(ConversationId(secrets.token_urlsafe(16)), secrets.token_urlsafe(32), language)


def hashed(token: str) -> str:
    """What we keep of a token. It has 256 random bits, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


async def add_conversation(
    session: AsyncSession, opened: Opened, token_hash: str, replies: Sequence[Reply], at: datetime
) -> list[dict[str, Any]]:
    """Store a new conversation with its first messages, and return these."""
    conversation = Conversation(
        id=opened.id,
        token_hash=token_hash,
        mode=Mode.BOT,
        language=opened.language,
        created_at=at,
        last_seq=0,
    )
    session.add(conversation)
    await session.flush()
    return await add_replies(session, conversation, replies, None, at)


async def find(session: AsyncSession, conversation_id: str, token_hash: str) -> Conversation | None:
    """The conversation, or None where it does not exist, is closed or the token is not its own."""
    conversation = await session.get(Conversation, conversation_id)
    known = conversation.token_hash if conversation else hashed("")
    same = hmac.compare_digest(known, token_hash)
    if conversation is None or not same or conversation.mode == Mode.CLOSED:
        return None
    return conversation


async def visitor_texts(session: AsyncSession, conversation_id: str, client_id: str) -> list[str]:
    """What the visitor wrote before the message ``client_id``, oldest first."""
    rows = await session.scalars(
        select(Message.text)
        .where(
            Message.conversation_id == conversation_id,
            Message.sender == Sender.VISITOR,
            Message.client_id != client_id,
        )
        .order_by(Message.seq.desc())
        .limit(HISTORY_LENGTH)
    )
    return list(reversed(rows.all()))


async def staff_asked(session: AsyncSession, conversation_id: str, client_id: str) -> str | None:
    """What staff said last, if the message ``client_id`` answers it: nothing was said since."""
    newest = await session.scalar(
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            # NULL, for what staff and the bot say, is distinct from every client_id.
            Message.client_id.is_distinct_from(client_id),
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return newest.text if newest is not None and newest.sender == Sender.STAFF else None


async def accept(
    session: AsyncSession,
    conversation_id: str,
    client_id: str,
    text: str,
    screening: Screening,
    replies: Sequence[Reply],
    at: datetime,
) -> Accepted:
    """Store a visitor's message, its case and, in a crisis, the reply: all or nothing (S3).

    ``replies`` are what is said at once; where there are none, the message waits for an answer.
    The same ``client_id`` again changes nothing.
    """
    conversation = await _hold(session, conversation_id)
    known = await session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id, Message.client_id == client_id
        )
    )
    if known is not None:
        return Accepted(
            known.seq,
            Mode(conversation.mode),
            known.answered_at is not None,
            await replies_to(session, conversation_id, known.seq),
        )
    seq = conversation.last_seq = conversation.last_seq + 1
    if screening.route is Route.CRISIS:
        conversation.mode = _in_crisis(Mode(conversation.mode))
    message = Message(
        conversation_id=conversation_id,
        seq=seq,
        at=at,
        sender=Sender.VISITOR,
        text=text,
        client_id=client_id,
        route=screening.route.value,
        screening=_for_the_record(screening),
    )
    session.add(message)
    if screening.route is not Route.NONE:
        await cases.open_or_raise(session, conversation_id, screening, seq, at)
    spoken: list[dict[str, Any]] = []
    if replies or conversation.mode == Mode.STAFF:
        message.answered_at = at
        spoken = await add_replies(session, conversation, replies, seq, at)
    return Accepted(seq, Mode(conversation.mode), message.answered_at is not None, spoken)


async def answer(
    session: AsyncSession, conversation_id: str, seq: int, replies: Sequence[Reply], at: datetime
) -> Accepted:
    """Store the answer to message ``seq``, unless it has one or a crisis came in between.

    A price or a "did you mean" must not follow the crisis text that the visitor just got (S2).
    """
    conversation = await _hold(session, conversation_id)
    message = await session.get_one(Message, (conversation_id, seq))
    mode = Mode(conversation.mode)
    if message.answered_at is not None:
        spoken = await replies_to(session, conversation_id, seq)
        return Accepted(seq, mode, True, spoken)
    message.answered_at = at
    if await _crisis_since(session, conversation_id, seq):
        return Accepted(seq, mode, True, [])
    spoken = await add_replies(session, conversation, replies, seq, at)
    return Accepted(seq, mode, True, spoken)


async def escalate(
    session: AsyncSession,
    conversation_id: str,
    seq: int,
    screening: Screening,
    replies: Sequence[Reply],
    at: datetime,
) -> Accepted:
    """Judge the stored message ``seq`` anew: Rasa saw what our screen did not (S10)."""
    conversation = await _hold(session, conversation_id)
    message = await session.get_one(Message, (conversation_id, seq))
    message.route, message.screening = screening.route.value, _for_the_record(screening)
    message.answered_at = at
    if screening.route is Route.CRISIS:
        conversation.mode = _in_crisis(Mode(conversation.mode))
    await cases.open_or_raise(session, conversation_id, screening, seq, at)
    spoken = await add_replies(session, conversation, replies, seq, at)
    return Accepted(seq, Mode(conversation.mode), True, spoken)


async def add_replies(
    session: AsyncSession,
    conversation: Conversation,
    replies: Sequence[Reply],
    in_reply_to: int | None,
    at: datetime,
) -> list[dict[str, Any]]:
    """Append what the bot says, and return it as the contract's messages."""
    spoken = []
    for reply in replies:
        conversation.last_seq += 1
        session.add(
            Message(
                conversation_id=conversation.id,
                seq=conversation.last_seq,
                at=at,
                sender=Sender.BOT,
                kind=reply.kind,
                topic=reply.topic,
                text=reply.text,
                buttons=reply.buttons or None,
                sources=reply.sources or None,
                in_reply_to=in_reply_to,
            )
        )
        spoken.append(reply.as_spoken(conversation.last_seq, at))
    return spoken


async def had_crisis(session: AsyncSession, conversation_id: str) -> bool:
    """Whether the visitor has had the crisis text already: the next one varies its words."""
    return await _crisis_since(session, conversation_id, 0)


async def outcome_of(session: AsyncSession, conversation_id: str, seq: int) -> Accepted | None:
    """What became of the visitor's message ``seq``, or None while it waits for an answer."""
    message = await session.get(Message, (conversation_id, seq))
    if message is None or message.answered_at is None:
        return None
    conversation = await session.get_one(Conversation, conversation_id)
    spoken = await replies_to(session, conversation_id, seq)
    return Accepted(seq, Mode(conversation.mode), True, spoken)


async def replies_to(session: AsyncSession, conversation_id: str, seq: int) -> list[dict[str, Any]]:
    """What was said in answer to message ``seq``."""
    rows = await session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.in_reply_to == seq)
        .order_by(Message.seq)
    )
    return [as_spoken(row) for row in rows]


async def messages_after(
    session: AsyncSession, conversation_id: str, seq: int
) -> list[dict[str, Any]]:
    """The transcript from there."""
    rows = await session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.seq > seq)
        .order_by(Message.seq)
    )
    return [as_spoken(row) for row in rows]


async def is_reply(session: AsyncSession, conversation_id: str, seq: int) -> bool:
    """Whether ``seq`` is something that was said to the visitor."""
    sender = await session.scalar(
        select(Message.sender).where(Message.conversation_id == conversation_id, Message.seq == seq)
    )
    return sender is not None and sender != Sender.VISITOR


async def forget(session: AsyncSession, conversation_id: str, at: datetime) -> bool:
    """End a conversation and forget what may be forgotten. True where all of it was forgotten.

    Where staff have a case, the transcript stays: it is theirs to look after and to resolve (S6).
    Otherwise nothing stays.
    """
    conversation = await _hold(session, conversation_id)
    has_case = await session.scalar(
        select(Case.id).where(Case.conversation_id == conversation_id).limit(1)
    )
    if has_case is None:
        for table in (Feedback, Contact, Message):
            await session.execute(delete(table).where(table.conversation_id == conversation_id))
        await session.delete(conversation)
        return True
    conversation.mode = moved(Mode(conversation.mode), Mode.CLOSED)
    conversation.closed_at = at
    return False


def as_spoken(row: Message) -> dict[str, Any]:
    """The contract's message for a stored one."""
    message: dict[str, Any] = {
        "seq": row.seq,
        "at": row.at.astimezone(UTC).isoformat(),
        "from": row.sender,
        "text": row.text,
    }
    for name in ("kind", "topic", "buttons", "sources"):
        value = getattr(row, name)
        if value:
            message[name] = value
    return message


async def _hold(session: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation's row, locked until the transaction ends: one writer a conversation."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_seq=Conversation.last_seq)
    )
    return await session.get_one(Conversation, conversation_id, populate_existing=True)


async def _crisis_since(session: AsyncSession, conversation_id: str, seq: int) -> bool:
    found = await session.scalar(
        select(Message.seq)
        .where(
            Message.conversation_id == conversation_id,
            Message.seq > seq,
            Message.route == Route.CRISIS.value,
        )
        .limit(1)
    )
    return found is not None


def _in_crisis(mode: Mode) -> Mode:
    # Staff who have taken the chat keep it; the case tells them.
    return mode if mode is Mode.STAFF else moved(mode, Mode.CRISIS)


def _for_the_record(screening: Screening) -> dict[str, Any]:
    record = screening.as_dict()
    # The quoted text stands in the message itself; one place for it to be forgotten from.
    record["evidence"] = [
        {key: one[key] for key in ("start", "end", "why")} for one in record["evidence"]
    ]
    return record

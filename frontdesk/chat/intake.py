"""The path of a visitor's message: look up, screen, store, reply. Read it top to bottom.

The screen comes before everything that can refuse or fail (S1). What it fires on is stored with
its case before the reply leaves, in the database or else in the journal (S3), and is answered
without Rasa, the action server or the network (S4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import NoResultFound

from frontdesk import metrics
from frontdesk.chat import answering, backlog, transcript
from frontdesk.chat.desk import Desk
from frontdesk.chat.errors import ApiError, not_found, storage_unavailable
from frontdesk.chat.messages import Mode, Reply
from frontdesk.chat.transcript import Accepted
from frontdesk.safety import Route, Screening
from frontdesk.safety.language import spoken_in
from frontdesk.storage.database import StorageFailure

log = structlog.get_logger(__name__)

MAX_CHARACTERS = 4000
LONG = 600  # characters: to judge that many takes the screen 5 ms or more


@dataclass(frozen=True)
class Incoming:
    """A visitor's message as it came. ``address`` is empty where no limit applies to it."""

    conversation_id: str
    token_hash: str
    client_id: str
    text: str
    address: str


@dataclass(frozen=True)
class Outcome:
    """What the visitor gets."""

    mode: Mode
    messages: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """The contract's body."""
        return {"mode": self.mode, "messages": self.messages}


@dataclass(frozen=True)
class Known:
    """What is known of a conversation when its message arrives.

    ``stored`` is False where the database could not tell: then nothing but a crisis is served.
    """

    stored: bool
    mode: Mode = Mode.BOT
    language: str = "en"
    history: Sequence[str] = ()
    asked: str | None = None
    crisis_before: bool = False


async def receive(desk: Desk, incoming: Incoming) -> Outcome:
    """Deal with one message of a visitor. Raises ApiError."""
    known = await _look_up(desk, incoming)
    screening = await _screen(desk, incoming.text, known)
    metrics.screen_failures.set(desk.screen.failures)
    with metrics.message_seconds.labels(screening.route.value).time():
        if screening.route is Route.NONE:
            await _check_limits(desk, incoming)
        outcome = await _store_and_reply(desk, incoming, known, screening)
    metrics.messages.labels(screening.route.value).inc()
    return outcome


async def _screen(desk: Desk, text: str, known: Known) -> Screening:
    if len(text) <= LONG:
        return desk.screen.judge(text, known.history, known.asked)
    # Reading it takes a while, in which the messages of others must not wait.
    return await asyncio.to_thread(desk.screen.judge, text, known.history, known.asked)


async def _look_up(desk: Desk, incoming: Incoming) -> Known:
    """Who is writing, and what they wrote before. Raises ApiError for strangers."""
    if desk.journalled.get(incoming.conversation_id) == incoming.token_hash:
        return Known(stored=False)
    try:
        return await desk.in_time(_read_conversation(desk, incoming))
    except StorageFailure:
        # We cannot know whose message this is. If it is a crisis, that must not matter.
        log.exception("conversation_not_readable")
        return Known(stored=False)


async def _read_conversation(desk: Desk, incoming: Incoming) -> Known:
    async with desk.database.reading() as session:
        conversation = await transcript.find(session, incoming.conversation_id, incoming.token_hash)
        if conversation is None:
            raise not_found()
        return Known(
            stored=True,
            mode=Mode(conversation.mode),
            language=conversation.language,
            history=await transcript.visitor_texts(session, conversation.id, incoming.client_id),
            asked=await transcript.staff_asked(session, conversation.id, incoming.client_id),
            crisis_before=await transcript.had_crisis(session, conversation.id),
        )


async def _check_limits(desk: Desk, incoming: Incoming) -> None:
    if len(incoming.text) > MAX_CHARACTERS:
        raise ApiError(
            422,
            "message_too_long",
            f"Please keep a message under {MAX_CHARACTERS:,} characters. "
            f"This one has {len(incoming.text):,}.",
        )
    await desk.limits.check("conversation", incoming.conversation_id)
    if incoming.address:
        await desk.limits.check("address", incoming.address)


async def _store_and_reply(
    desk: Desk, incoming: Incoming, known: Known, screening: Screening
) -> Outcome:
    replies = []
    if screening.route is Route.CRISIS:
        replies = desk.speaker.crisis(screening, screening.language, again=known.crisis_before)
    try:
        if not known.stored:
            raise TimeoutError("the conversation could not be read")
        accepted = await desk.in_time(_store(desk, incoming, screening, replies))
    except NoResultFound:
        raise not_found() from None  # the visitor ended the chat in this very moment
    except Exception as error:
        if screening.route is Route.NONE:
            if isinstance(error, StorageFailure):
                log.exception("message_not_stored")
                metrics.storage_failures.inc()
                raise storage_unavailable() from error
            raise
        return await _journal(desk, incoming, known, screening, replies)
    desk.in_background(desk.coordination.announce(incoming.conversation_id))
    if not accepted.answered:
        accepted = await answering.answer(
            desk,
            incoming.conversation_id,
            accepted,
            incoming.text,
            _language(incoming.text, known),
            screening,
        )
    return Outcome(accepted.mode, accepted.messages)


def _language(text: str, known: Known) -> str:
    """What the visitor writes in now, or wrote in last, or chose for the page."""
    told = (spoken_in(one) for one in (text, *reversed(known.history)))
    return next((language for language in told if language), known.language)


async def _store(
    desk: Desk, incoming: Incoming, screening: Screening, replies: Sequence[Reply]
) -> Accepted:
    async with desk.database.writing() as session:
        return await transcript.accept(
            session,
            incoming.conversation_id,
            incoming.client_id,
            incoming.text,
            screening,
            replies,
            datetime.now(UTC),
        )


async def _journal(
    desk: Desk,
    incoming: Incoming,
    known: Known,
    screening: Screening,
    replies: Sequence[Reply],
) -> Outcome:
    """The database failed on a message that must not be lost: keep it here, and answer (S3)."""
    log.exception("message_goes_to_the_journal", route=screening.route.value)
    metrics.storage_failures.inc()
    if not replies:  # route note: the hotlines, and the truth about the answer
        replies = [
            desk.speaker.note(screening, screening.language),
            desk.speaker.answer("trouble", screening.language),
        ]
    try:
        await desk.journal.append(backlog.message_record(incoming, screening, replies))
    except OSError:
        # Nothing can be kept. The words that may save a life still go out.
        log.exception("journal_not_writable")
        desk.storage_problem = "neither the database nor the journal can be written"
        metrics.storage_up.set(0)
    mode = Mode.CRISIS if screening.route is Route.CRISIS else known.mode
    return Outcome(mode, [reply.as_spoken() for reply in replies])

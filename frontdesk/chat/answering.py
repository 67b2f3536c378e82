"""Answer a stored message that is not a crisis: ask Rasa, find the words, store them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import NoResultFound

from frontdesk import metrics
from frontdesk.chat import transcript
from frontdesk.chat.desk import Desk
from frontdesk.chat.errors import not_found
from frontdesk.chat.messages import Mode, Reply
from frontdesk.chat.rasa_client import RasaError, Said
from frontdesk.chat.replies import UnknownAnswerError
from frontdesk.chat.transcript import Accepted
from frontdesk.safety import Kind, Route, Screening, Severity
from frontdesk.storage.database import StorageFailure

log = structlog.get_logger(__name__)


async def answer(
    desk: Desk,
    conversation_id: str,
    accepted: Accepted,
    text: str,
    language: str,
    screening: Screening,
) -> Accepted:
    """What is said to the message that was ``accepted``. Raises ApiError.

    Rasa gets one message of a conversation at a time; a repeated request waits here for the
    first one and returns what that one was told.
    """
    async with AsyncExitStack() as turn:
        try:
            async with asyncio.timeout(desk.settings.rasa_deadline):
                await turn.enter_async_context(desk.coordination.turn(conversation_id))
            if done := await _answered_meanwhile(desk, conversation_id, accepted):
                return done
            rasa_turn = await desk.rasa.ask(conversation_id, text, language)
        except TimeoutError:
            replies = _apology(desk, RasaError("busy"), language)
        except RasaError as error:
            replies = _apology(desk, error, language)
        else:
            if rasa_turn.is_crisis:
                return await _second_net(
                    desk, conversation_id, accepted, screening, sure=rasa_turn.screened
                )
            replies = _words(desk, rasa_turn.said, language)
        lead = _lead(desk, accepted.mode, screening, language)
        return await _store_answer(desk, conversation_id, accepted, [*lead, *replies])


def _words(desk: Desk, said: list[Said], language: str) -> list[Reply]:
    try:
        replies = desk.speaker.from_rasa(said, language)
    except UnknownAnswerError:
        return _apology(desk, RasaError("unknown_answer"), language)
    return replies or _apology(desk, RasaError("nothing_said"), language)


def _apology(desk: Desk, error: RasaError, language: str) -> list[Reply]:
    log.warning("rasa_did_not_answer", reason=error.reason)
    metrics.rasa_failures.labels(error.reason).inc()
    key = "answers_not_ready" if error.reason == "not_ready" else "trouble"
    return [desk.speaker.answer(key, language)]


def _lead(desk: Desk, mode: Mode, screening: Screening, language: str) -> list[Reply]:
    """What comes before the answer: the hotlines, where the message or the chat calls for them."""
    if screening.route is Route.NOTE:
        return [desk.speaker.note(screening, screening.language)]
    if mode is Mode.CRISIS:
        return [desk.speaker.reminder(language)]
    return []


async def _answered_meanwhile(
    desk: Desk, conversation_id: str, accepted: Accepted
) -> Accepted | None:
    try:
        async with desk.database.reading() as session:
            return await transcript.outcome_of(session, conversation_id, accepted.seq)
    except StorageFailure:
        log.exception("outcome_not_readable")
        return None  # asking Rasa twice is harmless; the answer is stored once


async def _store_answer(
    desk: Desk, conversation_id: str, accepted: Accepted, replies: Sequence[Reply]
) -> Accepted:
    async def store() -> Accepted:
        async with desk.database.writing() as session:
            return await transcript.answer(
                session, conversation_id, accepted.seq, replies, datetime.now(UTC)
            )

    try:
        stored = await desk.in_time(store())
    except NoResultFound:
        raise not_found() from None
    except StorageFailure:
        # The question is stored. The visitor need not wait for the rest.
        log.exception("answer_not_stored")
        metrics.storage_failures.inc()
        spoken = [reply.as_spoken() for reply in replies]
        return Accepted(accepted.seq, accepted.mode, True, spoken)
    desk.in_background(desk.coordination.announce(conversation_id))
    return stored


async def _second_net(
    desk: Desk, conversation_id: str, accepted: Accepted, first: Screening, *, sure: bool
) -> Accepted:
    """Rasa saw a crisis where our screen did not (S10).

    ``sure``: our screen fired there (with other patterns than here, say): it is a crisis.
    Otherwise only Rasa's classifier thinks so. That alone cries wolf too often for the hard route,
    and too seldom to be ignored: the hotlines come first, and staff get it to read.
    """
    metrics.second_net.inc()
    log.warning("second_net", screen_version=first.version, sure=sure)
    screening = Screening(
        route=Route.CRISIS if sure else Route.NOTE,
        severity=Severity.HIGH if sure else Severity.REVIEW,
        kinds=first.kinds or (Kind.SUICIDE,),
        language=first.language,
        evidence=first.evidence,
        version=f"{first.version}+rasa",
    )
    if sure:
        replies = desk.speaker.crisis(screening, screening.language, again=False)
        mode = Mode.CRISIS
    else:
        note = desk.speaker.note(screening, screening.language)
        replies = [note, desk.speaker.answer("fallback", screening.language)]
        mode = accepted.mode

    async def store() -> Accepted:
        async with desk.database.writing() as session:
            return await transcript.escalate(
                session, conversation_id, accepted.seq, screening, replies, datetime.now(UTC)
            )

    try:
        stored = await desk.in_time(store())
    except StorageFailure:
        # The message is stored, so that staff can find it; the text goes out in any case.
        log.exception("second_net_not_stored")
        metrics.storage_failures.inc()
        return Accepted(accepted.seq, mode, True, [one.as_spoken() for one in replies])
    desk.in_background(desk.coordination.announce(conversation_id))
    return stored

"""The visitors' HTTP contract, ``/v1``: each handler checks its input and calls one function."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import structlog
from sanic import Blueprint, HTTPResponse, Request, json
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk.chat import backlog, contract, events, transcript
from frontdesk.chat.desk import Desk
from frontdesk.chat.errors import ApiError, not_found, storage_unavailable
from frontdesk.chat.intake import Incoming, Outcome, receive
from frontdesk.chat.messages import Mode
from frontdesk.safety import Route
from frontdesk.storage.database import StorageFailure
from frontdesk.storage.tables import Contact, Conversation, Feedback

log = structlog.get_logger(__name__)

visitors = Blueprint("visitors", url_prefix="/v1/conversations")

# Text that a visitor leaves elsewhere than in the chat is a message all the same when the screen
# fires on it. "~" cannot stand in a client's own ids.
_ASIDE = "~{what}-{number}"


@visitors.post("/", strict_slashes=False)
async def open_conversation(request: Request) -> HTTPResponse:
    """Open a conversation. The first message says that this is an automated assistant."""
    desk = desk_of(request)
    body = contract.parse(contract.NewConversation, request.body)
    if address := address_of(request):
        await desk.limits.check("address", address)
    opened = transcript.new_conversation(body.language)
    token_hash = transcript.hashed(opened.token)
    greeting = desk.speaker.greeting(body.language)

    async def store() -> list[dict[str, object]]:
        async with desk.database.writing() as session:
            return await transcript.add_conversation(
                session, opened, token_hash, greeting, datetime.now(UTC)
            )

    try:
        messages = await desk.in_time(store())
    except StorageFailure:
        # Somebody in danger may be about to write. Take them in; the journal remembers.
        log.exception("conversation_goes_to_the_journal")
        try:
            await desk.journal.append(backlog.conversation_record(opened, greeting))
        except OSError as error:
            log.exception("journal_not_writable")
            raise storage_unavailable() from error
        desk.journalled[opened.id] = token_hash
        messages = [reply.as_spoken() for reply in greeting]
    return json(
        {
            "conversation": opened.id,
            "token": opened.token,
            "mode": Mode.BOT,
            "messages": messages,
        },
        status=201,
    )


@visitors.post("/<conversation_id:str>/messages")
async def send_message(request: Request, conversation_id: str) -> HTTPResponse:
    """Say something, and get all that is said in answer."""
    body = contract.parse(contract.NewMessage, request.body)
    if not body.text.strip():
        raise ApiError(422, "empty_message", "Please write a message first.")
    outcome = await _receive(request, conversation_id, body.client_id, body.text)
    return json(outcome.as_dict())


@visitors.get("/<conversation_id:str>/messages")
async def read_messages(request: Request, conversation_id: str) -> HTTPResponse:
    """The transcript after ``after``."""
    after = _whole_number(request.args.get("after", "0"))
    desk = desk_of(request)
    async with desk.database.reading() as session:
        conversation = await _own(session, request, conversation_id)
        messages = await transcript.messages_after(session, conversation_id, after)
        return json({"mode": conversation.mode, "messages": messages})


@visitors.get("/<conversation_id:str>/events")
async def follow(request: Request, conversation_id: str) -> None:
    """Server-sent events: messages after ``Last-Event-ID``, and the mode when it changes."""
    desk = desk_of(request)
    after = _whole_number(request.headers.get("last-event-id") or request.args.get("after", "0"))
    async with desk.database.reading() as session:
        await _own(session, request, conversation_id)
    response = await request.respond(
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    stream = events.stream(desk, conversation_id, token_hash_of(request), after)
    async for chunk in stream:
        await response.send(chunk)
    await response.eof()


@visitors.post("/<conversation_id:str>/messages/<seq:int>/feedback")
async def give_feedback(request: Request, conversation_id: str, seq: int) -> HTTPResponse:
    """Thumbs for one answer. A comment is screened like a message."""
    body = contract.parse(contract.NewFeedback, request.body)
    outcome = await _aside(request, conversation_id, f"feedback-{seq}", body.comment)
    desk = desk_of(request)
    async with desk.database.writing() as session:
        conversation = await _own(session, request, conversation_id)
        if not await transcript.is_reply(session, conversation_id, seq):
            raise ApiError(404, "not_found", "There is no such answer in this conversation.")
        await session.merge(
            Feedback(
                conversation_id=conversation.id,
                seq=seq,
                at=datetime.now(UTC),
                helpful=body.helpful,
                comment=body.comment,
            )
        )
        outcome = outcome or Outcome(Mode(conversation.mode), [])
    return json(outcome.as_dict())


@visitors.post("/<conversation_id:str>/contact")
async def leave_contact(request: Request, conversation_id: str) -> HTTPResponse:
    """Leave call-back details. What is written in them is screened like a message."""
    body = contract.parse(contract.NewContact, request.body)
    written = " ".join(part for part in (body.name, body.best_time) if part)
    outcome = await _aside(request, conversation_id, "contact", written)
    desk = desk_of(request)
    async with desk.database.writing() as session:
        conversation = await _own(session, request, conversation_id)
        await session.merge(
            Contact(
                conversation_id=conversation.id,
                at=datetime.now(UTC),
                name=body.name,
                phone=body.phone,
                best_time=body.best_time,
            )
        )
        outcome = outcome or Outcome(Mode(conversation.mode), [])
    return json(outcome.as_dict())


@visitors.delete("/<conversation_id:str>")
async def end_conversation(request: Request, conversation_id: str) -> HTTPResponse:
    """End the chat and forget what may be forgotten."""
    desk = desk_of(request)
    async with desk.database.writing() as session:
        await _own(session, request, conversation_id)
        forgotten = await transcript.forget(session, conversation_id, datetime.now(UTC))
    desk.in_background(desk.coordination.announce(conversation_id))
    return json({"mode": Mode.CLOSED, "forgotten": forgotten})


def desk_of(request: Request) -> Desk:
    """The parts, made at start-up."""
    desk: Desk = request.app.ctx.desk
    return desk


def token_hash_of(request: Request) -> str:
    """The hash of the bearer token; of nothing where there is none."""
    return transcript.hashed(request.token or "")


def address_of(request: Request) -> str:
    """The visitor's address for rate limits, or "" where none applies.

    Requests from this machine itself are a proxy nobody told us of, or our own tools: limiting
    them together would shut out every visitor at once.
    """
    if desk_of(request).settings.proxies:
        return request.remote_addr or request.ip
    try:
        return "" if ipaddress.ip_address(request.ip).is_loopback else request.ip
    except ValueError:
        return request.ip


async def _receive(request: Request, conversation_id: str, client_id: str, text: str) -> Outcome:
    return await receive(
        desk_of(request),
        Incoming(conversation_id, token_hash_of(request), client_id, text, address_of(request)),
    )


async def _aside(
    request: Request, conversation_id: str, what: str, text: str | None
) -> Outcome | None:
    """Screen text that is not a chat message, and deal with it as one where the screen fires."""
    desk = desk_of(request)
    if not text or desk.screen.judge(text).route is Route.NONE:
        return None
    # The same words again are the same message; other words are another.
    client_id = _ASIDE.format(what=what, number=transcript.hashed(text)[:16])
    return await _receive(request, conversation_id, client_id, text)


async def _own(session: AsyncSession, request: Request, conversation_id: str) -> Conversation:
    conversation = await transcript.find(session, conversation_id, token_hash_of(request))
    if conversation is None:
        raise not_found()
    return conversation


def _whole_number(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise ApiError(422, "bad_request", "after: give the seq of a message, 0 or more.")
    return int(written)

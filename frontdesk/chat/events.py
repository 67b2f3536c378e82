"""Server-sent events: what is new in a conversation, as it comes.

The transcript is the truth; an announcement only says that it is worth a look. A lost
announcement costs at most the time between two heartbeats.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from frontdesk.chat import transcript
from frontdesk.chat.desk import Desk
from frontdesk.chat.messages import Mode

HEARTBEAT = 15.0  # seconds; proxies cut connections that are silent for longer than a minute


async def stream(
    desk: Desk, conversation_id: str, token_hash: str, after: int
) -> AsyncIterator[str]:
    """Events for messages with a seq above ``after`` and for every change of mode.

    Ends when the conversation is closed or forgotten, and when the server shuts down.
    """
    told_mode = ""
    async with desk.coordination.listen(conversation_id) as news:
        while True:
            news.clear()
            async with desk.database.reading() as session:
                conversation = await transcript.find(session, conversation_id, token_hash)
                messages = await transcript.messages_after(session, conversation_id, after)
            for message in messages:
                after = message["seq"]
                yield f"id: {after}\nevent: message\ndata: {json.dumps(message)}\n\n"
            mode = conversation.mode if conversation else Mode.CLOSED.value
            if mode != told_mode:
                told_mode = mode
                yield f"event: mode\ndata: {json.dumps({'mode': mode})}\n\n"
            if conversation is None or desk.stopping.is_set():
                return
            if not await _first_of(news, desk.stopping):
                yield ": still here\n\n"


async def _first_of(*events: asyncio.Event) -> bool:
    """Wait until one of ``events`` is set; False where none was before the next heartbeat."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waits, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for wait in waits:
            wait.cancel()

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from frontdesk.chat import transcript
from frontdesk.chat.messages import Sender
from frontdesk.settings import load_settings
from frontdesk.storage.database import Database
from frontdesk.storage.migrate import migrate
from frontdesk.storage.tables import Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(load_settings(var=tmp_path).database)
    await migrate(opened)
    yield opened
    await opened.close()


async def test_what_staff_asked_is_known_while_nobody_has_said_anything_since(
    database: Database,
) -> None:
    opened = transcript.new_conversation("en")
    async with database.writing() as session:
        await transcript.add_conversation(session, opened, "", [], NOW)
    asked = []
    said = [
        (Sender.VISITOR, "hi", "a"),
        (Sender.STAFF, "are you safe?", None),
        (Sender.VISITOR, "no", "b"),
    ]
    for seq, (sender, text, client_id) in enumerate(said, start=1):
        async with database.writing() as session:
            session.add(
                Message(
                    conversation_id=opened.id, seq=seq, at=NOW, sender=sender, text=text,
                    client_id=client_id,
                )
            )  # fmt: skip
        async with database.reading() as session:
            asked.append(await transcript.staff_asked(session, opened.id, "b"))
    assert asked == [None, "are you safe?", "are you safe?"]
    async with database.reading() as session:
        assert await transcript.staff_asked(session, opened.id, "c") is None

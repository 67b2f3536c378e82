"""``frontdesk cases``: the cases, without message text."""

from __future__ import annotations

from frontdesk.commands import jsonl
from frontdesk.escalation.cases import list_cases
from frontdesk.settings import Settings
from frontdesk.storage.database import Database


async def show_cases(settings: Settings, *, everything: bool) -> int:
    """Write the open (or all) cases, most severe first, a line each."""
    database = Database(settings.database)
    try:
        async with database.reading() as session:
            async for case in list_cases(session, everything=everything):
                jsonl.write(case)
    finally:
        await database.close()
    return 0

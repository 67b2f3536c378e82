"""``frontdesk status``: every part's state and the live release, as one JSON object."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from sqlalchemy import select

from frontdesk import health
from frontdesk.chat.rasa_client import RasaClient
from frontdesk.commands import jsonl
from frontdesk.escalation import cases
from frontdesk.settings import Settings
from frontdesk.storage.database import Database, StorageFailure


async def show_status(settings: Settings) -> int:
    """Ask every part itself, so that the answer is true also while Front Desk is down."""
    rasa = RasaClient(settings.rasa_url, settings.secret_for_rasa(), settings.rasa_deadline)
    try:
        front, rasa_part, actions, database = await asyncio.gather(
            _front(settings),
            health.rasa_state(rasa),
            health.actions_state(settings.actions_url),
            _database(settings),
        )
    finally:
        await rasa.close()
    jsonl.write(
        {
            "front": front,
            "rasa": rasa_part,
            "actions": actions,
            "database": database,
            "release": rasa_part["model"],
        }
    )
    return 0


async def _front(settings: Settings) -> dict[str, Any]:
    url = f"http://{settings.host}:{settings.port}"
    try:
        async with httpx.AsyncClient(timeout=3, trust_env=False) as http:
            body: dict[str, Any] = (await http.get(f"{url}/healthz")).json()
        return {"url": url, **body}
    except (httpx.HTTPError, ValueError):
        return {"url": url, "status": "down"}


async def _database(settings: Settings) -> dict[str, Any]:
    database = Database(settings.database)
    try:
        async with database.reading() as session:
            await session.execute(select(1))
            return {
                "status": "ok",
                "kind": database.url.get_backend_name(),
                "pending_alerts": await cases.pending_alerts(session),
            }
    except StorageFailure as error:
        return {"status": "down", "reason": type(error).__qualname__}
    finally:
        await database.close()

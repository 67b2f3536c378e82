"""The state of every part, for the health endpoints and the command line."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from frontdesk.chat.desk import Desk
from frontdesk.chat.rasa_client import RasaClient, RasaError
from frontdesk.escalation import cases


def liveness(desk: Desk) -> dict[str, Any]:
    """``status`` is ok or degraded.

    A degraded process still answers a crisis, so it must not be restarted or taken out of
    service for it: the HTTP status stays 200, and ``problems`` says what is wrong.
    """
    waiting = desk.journal.waiting()
    problems = []
    if desk.storage_problem is not None:
        problems.append(desk.storage_problem)
    if waiting:
        problems.append(f"{waiting} records in the journal wait for the database")
    if desk.screen.failures:
        problems.append(f"the screen failed on {desk.screen.failures} messages since start-up")
    return {
        "status": "degraded" if problems else "ok",
        "problems": problems,
        "storage": "ok" if desk.storage_problem is None else "failing",
        "journal": waiting,
    }


async def readiness(desk: Desk) -> tuple[bool, dict[str, Any]]:
    """Whether every part can do its work, and each part's state."""
    rasa, actions = await asyncio.gather(
        rasa_state(desk.rasa), actions_state(desk.settings.actions_url)
    )
    storage = {"status": "ok" if desk.storage_problem is None else "failing"}
    parts = {"screen": {"status": "ok"}, "storage": storage, "rasa": rasa, "actions": actions}
    ready = all(part["status"] == "ok" for part in parts.values())
    return ready, {"ready": ready, "parts": parts}


async def alerts(desk: Desk) -> tuple[bool, dict[str, Any]]:
    """Whether alerts go out. In this release nothing sends them: staff look at the cases."""
    async with desk.database.reading() as session:
        pending = await cases.pending_alerts(session)
    return False, {
        "status": "failing",
        "problem": "no channel sends alerts; staff must look at the cases (frontdesk cases)",
        "pending": pending,
    }


async def rasa_state(rasa: RasaClient) -> dict[str, Any]:
    """``ok``, ``no_model`` or ``down``, and the live model."""
    try:
        return await rasa.status()
    except RasaError as error:
        return {"status": "down", "model": None, "reason": error.reason}


async def actions_state(url: str) -> dict[str, Any]:
    """``ok`` or ``down``."""
    try:
        async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
            response = await http.get(f"{url}/health")
        return {"status": "ok" if response.is_success else "down"}
    except httpx.HTTPError:
        return {"status": "down"}

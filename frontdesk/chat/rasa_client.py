"""Ask Rasa, through our own channel, one message at a time and with a deadline.

Rasa decides which answer fits; the words come from ``data/answers``. See frontdesk/nlu/channel.py
for the other end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

CRISIS_ANSWER = "emergency_crisis"


class Said(BaseModel):
    """One thing that Rasa said: the key of an answer, and the topics that it offers."""

    model_config = ConfigDict(extra="ignore")

    answer: str | None = None
    topics: list[str] = []
    text: str = ""


class Turn(BaseModel):
    """What Rasa made of one message; ``screened`` where our screen fired inside Rasa."""

    model_config = ConfigDict(extra="ignore")

    said: list[Said]
    screened: bool = False

    @property
    def is_crisis(self) -> bool:
        """Whether Rasa chose the crisis answer, for whatever reason."""
        return any(one.answer == CRISIS_ANSWER for one in self.said)


class RasaError(Exception):
    """Rasa did not answer. ``reason`` is from a fixed list, fit for logs and metrics."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass
class RasaClient:
    """Talks to the channel at ``url``. ``deadline`` is in seconds, for the whole exchange."""

    url: str
    secret: str
    deadline: float

    def __post_init__(self) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{self.url}/webhooks/frontdesk",
            headers={"Authorization": f"Bearer {self.secret}"},
            # The deadline below is the only clock.
            timeout=None,
            # The environment's proxies are for the internet, not for the process next door.
            trust_env=False,
        )
        self._has_answered = False

    async def ask(self, conversation_id: str, text: str, language: str) -> Turn:
        """What Rasa makes of ``text``. Raises RasaError."""
        body = {"conversation": conversation_id, "text": text, "language": language}
        try:
            async with asyncio.timeout(self.deadline):
                response = await self._http.post("/message", json=body)
        except TimeoutError:
            raise RasaError("slow") from None
        except httpx.HTTPError as error:
            raise RasaError("unreachable" if self._has_answered else "not_ready") from error
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise RasaError("not_ready")
        if response.status_code != httpx.codes.OK:
            raise RasaError(f"status_{response.status_code}")
        try:
            turn = Turn.model_validate_json(response.content)
        except ValidationError:
            # Not chained: the error would quote what Rasa sent.
            raise RasaError("garbage") from None
        if not turn.said:
            raise RasaError("nothing_said")
        self._has_answered = True
        return turn

    async def status(self) -> dict[str, Any]:
        """``{status, model}`` from the channel. Raises RasaError."""
        try:
            async with asyncio.timeout(2):
                response = await self._http.get("/")
            body = response.json()
            return {"status": str(body["status"]), "model": body["model"]}
        except (TimeoutError, httpx.HTTPError) as error:
            raise RasaError("unreachable") from error
        except (ValueError, KeyError, TypeError) as error:
            raise RasaError("garbage") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

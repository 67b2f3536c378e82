"""How Front Desk talks to Rasa: one message at a time, and failures are said, not hidden.

Rasa's own channels answer a failure with an empty success and log the visitor's text. This one
answers with the curated answer's key beside its text, or with an error that names its kind::

    POST /webhooks/frontdesk/message   {"conversation": "...", "text": "...", "language": "en"}
    200 {"said": [{"answer": "cost", "topics": [], "text": "..."}],
         "intent": {"name": "cost", "confidence": 0.93}, "screened": false,
         "model": "20260101.tar.gz"}
    401 unauthorized, 422 bad_request, 500 failed, 502 nothing_said, 503 no_model:
        {"error": {"code": "failed", "type": "TimeoutError"}}
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.constants import UTTER_PREFIX
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from frontdesk.nlu import private_logs
from frontdesk.nlu.screening import is_crisis

SECRET = "FRONTDESK_RASA_SECRET"
SECRET_FILE = "FRONTDESK_RASA_SECRET_FILE"
ACTIONS_URL = "FRONTDESK_ACTIONS_URL"
LONGEST_TEXT = 10_000  # characters; a longer text would hold up all other visitors
# What an action server says by itself at the start of a conversation. Front Desk has said it.
DISCLOSED = {"disclosed": True}

logger = logging.getLogger(__name__)


class FrontDeskChannel(InputChannel):
    """The only way into this Rasa server."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @classmethod
    def name(cls) -> str:
        """Also the last part of the address: /webhooks/frontdesk."""
        return "frontdesk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> FrontDeskChannel:
        """The channel with the secret from the environment. Raises RasaException without one."""
        return cls(secret_from(os.environ))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The two addresses of the channel."""
        private_logs.install()
        blueprint = Blueprint(self.name())

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            model = _model(request)
            return json_response({"status": "ok" if model else "no_model", "model": model})

        @blueprint.post("/message")
        async def message(request: Request) -> HTTPResponse:
            with private_logs.handling_a_message():
                return await self._answer(request, on_new_message)

        async def take_actions_url(app: Any, loop: Any) -> None:
            # Rasa's endpoints.yml can name a variable but no default, so the default stands
            # there and the variable is taken here.
            url = os.environ.get(ACTIONS_URL)
            if url and app.ctx.agent.action_endpoint:
                app.ctx.agent.action_endpoint.url = url.rstrip("/") + "/webhook"

        blueprint.after_server_start(take_actions_url)
        return blueprint

    async def _answer(
        self, request: Request, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> HTTPResponse:
        """One turn. A caller that hangs up cancels it; Rasa saves a turn whole or not at all."""
        if not self._is_authorized(request):
            return _error(401, "unauthorized")
        asked = read_asked(request.body)
        if asked is None:
            return _error(422, "bad_request")
        model = _model(request)
        if model is None:
            return _error(503, "no_model")
        collected = Collected()
        try:
            await on_new_message(
                UserMessage(
                    asked.text,
                    collected,
                    asked.conversation,
                    input_channel=self.name(),
                    metadata={**DISCLOSED, "language": asked.language},
                )
            )
            tracker = await request.app.ctx.agent.tracker_store.retrieve(asked.conversation)
        except Exception as error:
            logger.exception("A message failed.")
            return _error(500, "failed", _root_of(error))
        if not collected.said:
            return _error(502, "nothing_said")
        understood = tracker.latest_message.intent
        intent = {key: understood.get(key) for key in ("name", "confidence")}
        return json_response(
            {
                "said": collected.said,
                "intent": intent,
                # Whether a crisis answer comes from the screen or from the classifier alone.
                "screened": is_crisis(asked.text),
                "model": model,
            }
        )

    def _is_authorized(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = token.encode(errors="surrogateescape")
        return scheme.lower() == "bearer" and hmac.compare_digest(given, self._secret)


class Collected(OutputChannel):
    """Keeps what the bot says, with the key of the answer that it is."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """Rasa asks for it when it chooses among responses."""
        return FrontDeskChannel.name()

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one message. A custom action names its answer in its JSON message."""
        text = message.get("text")
        if not text:
            return
        custom = message.get("custom") or {}
        answer = custom.get("answer")
        action = message.get("utter_action") or ""
        if answer is None and action.startswith(UTTER_PREFIX):
            answer = action[len(UTTER_PREFIX) :]
        self.said.append({"answer": answer, "topics": custom.get("topics", []), "text": text})


@dataclass(frozen=True)
class Asked:
    """What Front Desk sent: the visitor's text without slashes in front."""

    conversation: str
    text: str
    language: str


def read_asked(body: bytes) -> Asked | None:
    """The request, or None where it is not one.

    Rasa takes a text that begins with a slash as a command ("/restart", "/greet{...}"), which
    a visitor must not be able to give; so the slashes go.
    """
    try:
        fields = json.loads(body)
        conversation, text = fields["conversation"], fields["text"]
        language = fields.get("language", "en")
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if not all(isinstance(one, str) for one in (conversation, text, language)):
        return None
    # A text of nothing but slashes keeps its place: the bot says that it did not understand.
    text = re.sub(r"^[\s/]+", "", text) or ("?" if text.strip() else "")
    if not conversation or not text or len(text) > LONGEST_TEXT:
        return None
    return Asked(conversation, text, language)


def secret_from(environment: Mapping[str, str]) -> str:
    """The secret that Front Desk shows. Raises RasaException where there is none."""
    path = environment.get(SECRET_FILE)
    try:
        secret = Path(path).read_text("utf-8") if path else environment.get(SECRET, "")
    except (OSError, UnicodeDecodeError) as error:
        raise RasaException(
            f"{SECRET_FILE} names {path}, which cannot be read ({type(error).__name__})."
        ) from None
    if not secret.strip():
        raise RasaException(
            f"Rasa does not start without a secret that it shares with Front Desk. Set {SECRET}, "
            f"or {SECRET_FILE} to the file that holds it. `frontdesk run` does this for you."
        )
    return secret.strip()


def _model(request: Request) -> str | None:
    """The file name of the loaded model's archive."""
    agent = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        return None
    return str(agent.processor.model_filename)


def _root_of(error: BaseException) -> str:
    """The type of the exception that began it; Rasa wraps what its components raise."""
    return private_logs.chain_of(error).rpartition(" < ")[2]


def _error(status: int, code: str, type_name: str | None = None) -> HTTPResponse:
    error = {"code": code} if type_name is None else {"code": code, "type": type_name}
    return json_response({"error": error}, status=status)

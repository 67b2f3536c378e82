"""``frontdesk ask``: what visitors would have been told, each in a fresh conversation."""

from __future__ import annotations

import sys
import time
import uuid
from typing import Any

import httpx

from frontdesk.commands import jsonl


class AskError(Exception):
    """Front Desk could not be asked."""


def ask(url: str, language: str) -> int:
    """Read ``{id?, text, context?}`` a line, write ``{id, messages, topics, mode}`` a line."""
    bad = jsonl.BadLines()
    with httpx.Client(base_url=url.rstrip("/"), timeout=60, trust_env=False) as http:
        for entry in jsonl.read(sys.stdin.buffer, "context", bad):
            told = _ask(http, entry["text"], entry["context"], language)
            jsonl.write({"id": entry["id"], **told})
    return 1 if bad.count else 0


def _ask(http: httpx.Client, text: str, context: list[str], language: str) -> dict[str, Any]:
    opened = _post(http, "/v1/conversations", {"language": language}, {})
    headers = {"Authorization": f"Bearer {opened['token']}"}
    path = f"/v1/conversations/{opened['conversation']}/messages"
    outcome: dict[str, Any] = {}
    for line in (*context, text):
        outcome = _post(http, path, {"client_id": uuid.uuid4().hex, "text": line}, headers)
    topics = [message["topic"] for message in outcome["messages"] if message.get("topic")]
    return {"messages": outcome["messages"], "topics": topics, "mode": outcome["mode"]}


def _post(
    http: httpx.Client, path: str, body: dict[str, Any], headers: dict[str, str]
) -> dict[str, Any]:
    while True:
        try:
            response = http.post(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise AskError(f"{http.base_url} does not answer ({type(error).__name__})") from error
        if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
            break
        time.sleep(float(response.headers.get("Retry-After", "1")))
    answer: dict[str, Any] = response.json()
    if "error" in answer:
        raise AskError(f"{response.status_code} {answer['error']['message']}")
    return answer

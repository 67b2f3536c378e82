"""The contract as an OpenAPI document, built from the same models that check the input."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from frontdesk import __version__
from frontdesk.chat import contract
from frontdesk.chat.errors import CODES

_CONVERSATION = "/v1/conversations/{conversation_id}"

# method, path -> summary, body, status, result
_OPERATIONS: dict[tuple[str, str], tuple[str, type | None, int, type | None]] = {
    ("post", "/v1/conversations"): (
        "Open a conversation", contract.NewConversation, 201, contract.ConversationOut,
    ),
    ("post", f"{_CONVERSATION}/messages"): (
        "Say something", contract.NewMessage, 200, contract.OutcomeOut,
    ),
    ("get", f"{_CONVERSATION}/messages"): (
        "Read the transcript", None, 200, contract.OutcomeOut,
    ),
    ("get", f"{_CONVERSATION}/events"): (
        "Follow the conversation as server-sent events", None, 200, None,
    ),
    ("post", f"{_CONVERSATION}/messages/{{seq}}/feedback"): (
        "Say whether an answer helped", contract.NewFeedback, 200, contract.OutcomeOut,
    ),
    ("post", f"{_CONVERSATION}/contact"): (
        "Leave call-back details", contract.NewContact, 200, contract.OutcomeOut,
    ),
    ("delete", _CONVERSATION): (
        "End the chat and forget what may be forgotten", None, 200, contract.ForgottenOut,
    ),
}  # fmt: skip


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document that ``/openapi.json`` serves."""
    models = {
        model
        for _, body, _, result in _OPERATIONS.values()
        for model in (body, result)
        if model is not None
    } | {contract.ErrorOut}
    _, schemas = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda one: one.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, Any] = {}
    for (method, path), (summary, body, status, result) in _OPERATIONS.items():
        paths.setdefault(path, {})[method] = _operation(path, summary, body, status, result)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Front Desk",
            "version": __version__,
            "description": "The chat on a clinic's website. Errors: "
            + " ".join(f"{code}: {meaning}" for code, meaning in CODES.items()),
        },
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(
    path: str, summary: str, body: type | None, status: int, result: type | None
) -> dict[str, Any]:
    ok: dict[str, Any] = {"description": summary}
    if result is not None:
        ok["content"] = _json(result)
    elif path.endswith("/events"):
        ok["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            str(status): ok,
            "default": {"description": "An error", "content": _json(contract.ErrorOut)},
        },
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    if path != "/v1/conversations":
        operation["security"] = [{"token": []}]
    operation["parameters"] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
        for name, kind in (("conversation_id", "string"), ("seq", "integer"))
        if f"{{{name}}}" in path
    ]
    if body is None and path.endswith("/messages"):
        operation["parameters"].append(
            {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0}}
        )
    if path.endswith("/events"):
        operation["parameters"].append(
            {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer"}}
        )
    return operation


def _json(model: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}

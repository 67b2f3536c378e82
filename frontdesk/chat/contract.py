"""The bodies of the HTTP contract, as models: for checking what comes in and for /openapi.json."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import phonenumbers
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from frontdesk.chat.errors import ApiError
from frontdesk.chat.messages import MessageKind, Mode, Sender


def _storable(value: object) -> object:
    # PostgreSQL cannot store the character NUL. It must not cost anybody their message.
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_storable)]
ShortText = Annotated[str, BeforeValidator(_storable), StringConstraints(max_length=200)]


def _callable_number(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        number = phonenumbers.parse(value, "US")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValueError("this does not look like a phone number; include the area code")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewConversation(_Body):
    """Open a conversation."""

    language: Literal["en", "es"] = "en"


class NewMessage(_Body):
    """Something a visitor wrote. The same ``client_id`` again is the same message."""

    client_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    text: Text


class NewFeedback(_Body):
    """Whether a message helped."""

    helpful: bool
    comment: Text | None = None


class NewContact(_Body):
    """Optional call-back details. The phone is kept in international form."""

    phone: Annotated[str, BeforeValidator(_callable_number)]
    name: ShortText | None = None
    best_time: ShortText | None = None


class Button(BaseModel):
    """A suggestion. A tap sends ``text`` as the visitor's message."""

    label: str
    text: str


class SourceOut(BaseModel):
    """Where a fact in an answer comes from."""

    title: str
    url: str
    checked_on: str


class MessageOut(BaseModel):
    """One line of the transcript. ``seq`` 0: said, but not in the transcript yet."""

    seq: int
    at: str
    sender: Sender = Field(alias="from")
    kind: MessageKind | None = None
    topic: str | None = None
    text: str
    buttons: list[Button] = []
    sources: list[SourceOut] = []


class ConversationOut(BaseModel):
    """A new conversation and its first messages."""

    conversation: str
    token: str
    mode: Mode
    messages: list[MessageOut]


class OutcomeOut(BaseModel):
    """All that was said in answer, and who speaks now."""

    mode: Mode
    messages: list[MessageOut]


class ForgottenOut(BaseModel):
    """Whether nothing is kept. Where staff have a case, the transcript stays with it."""

    mode: Mode
    forgotten: bool


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str
    message: str


class ErrorOut(BaseModel):
    """Every error looks like this."""

    error: ErrorBody


Model = TypeVar("Model", bound=_Body)


def parse(model: type[Model], body: bytes) -> Model:
    """The body as ``model``. Raises ApiError that names what is wrong, never the value."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        if problems[0]["type"] == "json_invalid" or not problems[0]["loc"]:
            raise ApiError(400, "bad_json", "Send a JSON object in UTF-8 as the body.") from None
        told = "; ".join(f"{_place(one['loc'])}: {one['msg']}" for one in problems)
        raise ApiError(422, "bad_request", told) from None


def _place(where: tuple[int | str, ...]) -> str:
    # The name of an unknown field is the client's own text: cut what a log might see of it.
    return ".".join(str(step)[:40] for step in where)

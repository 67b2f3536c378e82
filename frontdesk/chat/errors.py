"""What a client is told when a request cannot be served: ``{error: {code, message}}``."""

from __future__ import annotations

# Every code that a client may meet, and what it means. docs/http.md lists the same.
CODES = {
    "bad_json": "The body is not a JSON object in UTF-8.",
    "bad_request": "A field is missing, unknown or of the wrong type.",
    "empty_message": "The message has no text.",
    "message_too_long": "The message has more than 4,000 characters.",
    "not_found": "There is nothing here, or the token does not fit.",
    "method_not_allowed": "The address exists, but not for this method.",
    "body_too_large": "The body is larger than 32 KB.",
    "rate_limited": "Too many requests; Retry-After says when to try again.",
    "storage_unavailable": "The message cannot be stored now; send it again.",
    "internal": "Something failed inside Front Desk.",
}


class ApiError(Exception):
    """An error with an HTTP status. ``retry_after`` is in seconds."""

    def __init__(
        self, status: int, code: str, message: str, retry_after: int | None = None
    ) -> None:
        if code not in CODES:
            raise ValueError(f"undocumented error code {code!r}")
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after
        super().__init__(code)


def not_found() -> ApiError:
    """Unknown conversation and wrong token look the same."""
    return ApiError(404, "not_found", "There is no such conversation.")


def storage_unavailable() -> ApiError:
    """The message was not accepted; the client keeps it and tries again."""
    return ApiError(
        503,
        "storage_unavailable",
        "We cannot take messages at the moment. Please try again in a minute. "
        "In danger? Call 911. For a crisis or thoughts of suicide, call or text 988.",
        retry_after=5,
    )

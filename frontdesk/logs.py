"""Structured logs, one JSON object a line. No log line holds a visitor's text (S9).

Exceptions are logged by type and place only: database drivers and validators like to quote the
values that they choke on, and those values are what people wrote to us.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def configure_logging(level: str) -> None:
    """Send structlog and the standard library's logging through one JSON renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These say what they send, to whom and with which parameters.
    for noisy in ("httpx", "httpcore", "sqlalchemy.engine", "aiosqlite", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _exception_without_values(
    logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an exception by its type and the places it passed."""
    info = event.pop("exc_info", None)
    if not info:
        return event
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1]
    if error is not None:
        event["error"] = type(error).__qualname__
        cause = error.__cause__ or error.__context__
        if cause is not None:
            event["cause"] = type(cause).__qualname__
        event["at"] = [
            f"{frame.filename.rsplit('/', 2)[-2]}/{frame.filename.rsplit('/', 1)[-1]}"
            f":{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-6:]
            if "/" in frame.filename
        ]
    # The standard library's formatter would print the traceback with its message again.
    record = event.get("_record")
    if record is not None:
        record.exc_info = None
        record.exc_text = None
    return event

"""Keeps visitors' words out of the log of a Rasa process.

Rasa logs what a visitor wrote in many places: warnings, tracebacks, every failure. We cannot
know all of them, so we do not look for the text. While a visitor's message is handled, a log
record says where it comes from and which exceptions are about, and nothing else. Before and
after, when Rasa starts, loads a model or stops, logs are as usual.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

_handling: ContextVar[bool] = ContextVar("handling a visitor's message", default=False)


@contextlib.contextmanager
def handling_a_message() -> Iterator[None]:
    """In this block, and in all that it awaits or starts, log records carry no message."""
    token = _handling.set(True)
    try:
        yield
    finally:
        _handling.reset(token)


def handle_messages_from_now_on() -> None:
    """The same for the rest of the current task, for a server that does nothing else in it."""
    _handling.set(True)


def install() -> None:
    """Let all log records of this process pass here. Warnings become log records, too."""
    logging.captureWarnings(True)
    make = logging.getLogRecordFactory()
    if getattr(make, "withholds_text", False):
        return

    def make_private(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        return _without_text(record) if _handling.get() else record

    make_private.withholds_text = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_private)


def chain_of(error: BaseException | None) -> str:
    """The types of an exception and of what it came from: 'RasaException < TimeoutError'."""
    types: list[str] = []
    while error is not None and len(types) < 10:
        types.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    return " < ".join(types)


def _without_text(record: logging.LogRecord) -> logging.LogRecord:
    error = record.exc_info[1] if record.exc_info else sys.exc_info()[1]
    where = f"{record.name} ({record.filename}:{record.lineno})"
    record.msg = f"{record.levelname} in {where} while a message was handled"
    if error is not None:
        record.msg += f": {chain_of(error)}"
    record.args = ()
    record.exc_info = record.exc_text = record.stack_info = None
    return record

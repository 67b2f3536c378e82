"""While a visitor's message is handled, a log says where and what kind, never the words."""

from __future__ import annotations

import asyncio
import logging
import warnings

import pytest

from frontdesk.nlu import private_logs

WORDS = "i lost my job"


@pytest.fixture(autouse=True)
def installed() -> object:
    """As in a Rasa process, and undone for the tests that follow."""
    factory, show = logging.getLogRecordFactory(), warnings.showwarning
    private_logs.install()
    yield
    logging.setLogRecordFactory(factory)
    logging.captureWarnings(False)
    warnings.showwarning = show


def fail() -> None:
    try:
        raise KeyError(WORDS)
    except KeyError as error:
        raise RuntimeError(f"could not read {WORDS}") from error


def test_a_failure_is_logged_by_place_and_kind(caplog: pytest.LogCaptureFixture) -> None:
    with private_logs.handling_a_message():
        try:
            fail()
        except RuntimeError:
            logging.getLogger("rasa.core").exception("failed at %s", WORDS, extra={"text": 1})
    assert WORDS not in caplog.text
    assert "rasa.core (test_private_logs.py:" in caplog.text
    assert "RuntimeError < KeyError" in caplog.text


def test_a_warning_is_logged_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    with private_logs.handling_a_message():
        warnings.warn(f"cannot parse {WORDS}", stacklevel=1)
    assert "py.warnings" in caplog.text
    assert WORDS not in caplog.text


def test_outside_a_message_the_log_is_as_usual(caplog: pytest.LogCaptureFixture) -> None:
    with private_logs.handling_a_message():
        pass
    logging.getLogger("rasa.core").error("no model at %s", "models/x")
    assert "no model at models/x" in caplog.text


async def test_a_task_that_a_message_starts_counts_as_handling_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def later() -> None:
        await asyncio.sleep(0)
        logging.getLogger("rasa.core").error(WORDS)

    with private_logs.handling_a_message():
        started = asyncio.create_task(later())
    await started
    assert "rasa.core" in caplog.text
    assert WORDS not in caplog.text


async def test_two_messages_at_a_time_do_not_open_each_others_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first_ended = asyncio.Event()

    async def first() -> None:
        with private_logs.handling_a_message():
            await asyncio.sleep(0)
        first_ended.set()

    async def second() -> None:
        with private_logs.handling_a_message():
            await first_ended.wait()
            logging.getLogger("rasa.core").error(WORDS)

    await asyncio.gather(second(), first())
    assert WORDS not in caplog.text


def test_installing_twice_is_installing_once() -> None:
    factory = logging.getLogRecordFactory()
    private_logs.install()
    assert logging.getLogRecordFactory() is factory

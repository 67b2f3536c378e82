"""The crisis screen, as the components of Rasa use it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence

from frontdesk.safety import Route, Screen

CRISIS_INTENT = "emergency_crisis"
CRISIS_RESPONSE = "utter_emergency_crisis"

logger = logging.getLogger(__name__)


@functools.lru_cache(maxsize=1)
def load_screen() -> Screen:
    """The screen, loaded once a process. Raises what Screen.load raises: no screen, no bot."""
    return Screen.load()


def is_crisis(text: str, history: Sequence[str] = ()) -> bool:
    """Whether ``text`` must be answered with the crisis text; ``history`` holds earlier texts.

    The screen keeps what it found, so asking twice in a turn costs nothing. When a part of it
    fails the answer is yes: here no staff read along, and a visitor who sees the hotlines for
    nothing is better off than one in danger who sees a price.
    """
    try:
        screen = load_screen()
        failures = screen.failures
        route = screen.judge(text, history).route
        return route is Route.CRISIS or screen.failures > failures
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not hide a crisis
        logger.error("The crisis screen failed (%s): routed as a crisis.", type(error).__name__)
        return True

"""The crisis screen and the fixed texts it answers with. Start reading in ``screen.py``."""

from frontdesk.safety.screen import Screen
from frontdesk.safety.screening import Evidence, Kind, Route, Screening, Severity
from frontdesk.safety.texts import CrisisTexts, Resource

__all__ = [
    "CrisisTexts",
    "Evidence",
    "Kind",
    "Resource",
    "Route",
    "Screen",
    "Screening",
    "Severity",
]

from __future__ import annotations

from frontdesk.safety.examples import Example
from frontdesk.safety.screening import Kind, Severity


def example(text: str, kind: Kind | None = None, language: str = "en") -> Example:
    severity = Severity.HIGH if kind else None
    return Example(text, severity, kind, "everyday", language, "family")

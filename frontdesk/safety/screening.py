"""What the screen says about one message: route, severity, kinds, and the words that show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Route(str, Enum):
    """Where a message goes: answered as usual, with a short hotline note, or to crisis help."""

    NONE = "none"
    NOTE = "note"
    CRISIS = "crisis"

    @property
    def rank(self) -> int:
        """0 for none, 2 for crisis: routes are compared by it."""
        return list(Route).index(self)


class Severity(str, Enum):
    """How urgently staff must look. ``REVIEW`` goes with the route note, the others with crisis."""

    REVIEW = "review"
    HIGH = "high"
    IMMINENT = "imminent"

    @property
    def rank(self) -> int:
        """0 for review, 2 for imminent: severities are compared by it."""
        return list(Severity).index(self)

    @property
    def route(self) -> Route:
        """The route that a sign of this severity asks for."""
        return Route.NOTE if self is Severity.REVIEW else Route.CRISIS


class Kind(str, Enum):
    """What a crisis is about. In this order when two kinds are equally severe."""

    MEDICAL_EMERGENCY = "medical_emergency"
    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    HARM_TO_OTHERS = "harm_to_others"
    ABUSE = "abuse"
    THIRD_PARTY = "third_party"

    @property
    def rank(self) -> int:
        """0 for the kind that leads the reply when severities are equal."""
        return list(Kind).index(self)


@dataclass(frozen=True)
class Evidence:
    """A place in the text as it was given: ``text[start:end]``. ``why`` is "PATTERN_ID: words"."""

    start: int
    end: int
    text: str
    why: str


@dataclass(frozen=True)
class Screening:
    """The judgement on one message.

    ``kinds`` has the strongest first and is empty for route none; ``language`` ("en" or "es") is
    that of the evidence, or of the text where there is none; ``version`` names the pattern data.
    """

    route: Route
    severity: Severity | None
    kinds: tuple[Kind, ...]
    language: str
    evidence: tuple[Evidence, ...]
    version: str

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON. ``category`` is the strongest kind, or None."""
        return {
            "route": self.route.value,
            "severity": self.severity.value if self.severity else None,
            "category": self.kinds[0].value if self.kinds else None,
            "categories": [kind.value for kind in self.kinds],
            "language": self.language,
            "evidence": [
                {"start": one.start, "end": one.end, "text": one.text, "why": one.why}
                for one in self.evidence
            ],
            "version": self.version,
        }

"""The crisis screen. Every visitor message passes here before anything else sees it.

    text -> readings without disguises -> patterns found -> the strongest decides

No sign of danger is ever weighed against the rest of a message: one pattern that holds is
enough, whatever else is said around it. When something in here breaks, the message goes to
people (route note) rather than nowhere.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from pathlib import Path

from frontdesk.paths import DATA
from frontdesk.safety.language import language_of
from frontdesk.safety.patterns import Found, Library, load_library
from frontdesk.safety.screening import Evidence, Kind, Route, Screening, Severity

__all__ = ["Evidence", "Kind", "Route", "Screen", "Screening", "Severity"]

MOST_EVIDENCE = 20

log = logging.getLogger("frontdesk.safety")


class Screen:
    """Judges messages. ``failures`` counts how often a part of it broke (see ``judge``)."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.version = library.version
        self.failures = 0
        # A conversation's earlier messages come back with every new one.
        self._find = functools.lru_cache(maxsize=2048)(self._find_anew)

    @classmethod
    def load(cls, folder: Path = DATA / "crisis") -> Screen:
        """The screen with the patterns in ``folder``. Raises files.ContentError."""
        return cls(load_library(folder))

    def silent_patterns(self) -> list[str]:
        """A self-test: the ids of patterns that miss their own first example.

        It also makes all that is made on first use, so that no visitor waits for it.
        """
        return self._library.silent()

    def judge(self, text: str, history: Sequence[str] = ()) -> Screening:
        """The judgement on ``text``, said after the visitor's earlier texts (oldest first).

        Never raises. If a part fails, the route is note at least, ``failures`` goes up and the
        log names the type of the error, never the text.
        """
        broken = False
        found: Sequence[Found] = ()
        disclosed = False
        try:
            found = self._find(text)
        except Exception as error:  # noqa: BLE001 - see the docstring
            broken = self._failed("patterns", error)
        if any(one.pattern.after for one in found):
            try:
                disclosed = any(self._discloses(earlier) for earlier in history)
            except Exception as error:  # noqa: BLE001
                broken = self._failed("history", error)
                disclosed = True
        counting = [one for one in found if disclosed or not one.pattern.after]
        try:
            return self._screening(text, counting, broken)
        except Exception as error:  # noqa: BLE001
            self._failed("language", error)
            return self._screening("", counting, broken=True)

    def _find_anew(self, text: str) -> tuple[Found, ...]:
        return tuple(self._library.find(text))

    def _discloses(self, earlier: str) -> bool:
        return any(not one.pattern.after for one in self._find(earlier))

    def _screening(self, text: str, found: Sequence[Found], broken: bool) -> Screening:
        spoken = language_of(text)
        found = sorted(found, key=lambda one: _strongest_first(one, spoken))
        severity = found[0].pattern.severity if found else None
        if broken and severity is None:
            severity = Severity.REVIEW
        route = severity.route if severity else Route.NONE
        # In a crisis only the signs of danger say what it is about; a mention beside it does not.
        telling = [one for one in found if one.pattern.severity.route is route]
        kinds = tuple(dict.fromkeys(one.pattern.kind for one in telling))
        return Screening(
            route=route,
            severity=severity,
            kinds=kinds or ((Kind.SUICIDE,) if broken else ()),
            language=telling[0].pattern.language if telling else spoken,
            evidence=tuple(
                Evidence(
                    one.start,
                    one.end,
                    text[one.start : one.end],
                    f"{one.pattern.id}: {one.pattern.means}",
                )
                for one in found[:MOST_EVIDENCE]
            ),
            version=self.version,
        )

    def _failed(self, part: str, error: Exception) -> bool:
        self.failures += 1
        log.error("the %s part of the crisis screen failed: %s", part, type(error).__name__)
        return True


def _strongest_first(found: Found, spoken: str) -> tuple[int, int, bool, int, int, str]:
    pattern = found.pattern
    return (
        -pattern.severity.rank,
        pattern.kind.rank,
        pattern.language != spoken,  # some words are the same in both languages
        found.start,
        -found.end,
        pattern.id,
    )

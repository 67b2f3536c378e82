"""The crisis screen. Every visitor message passes here before anything else sees it.

    text -> readings without disguises -> patterns found -> a crisis?  -> the strongest decides
                                       -> classifier, where no pattern says crisis
                                       -> the conversation so far

No sign of danger is ever weighed against the rest of a message: one layer that fires is enough,
whatever else is said around it. When something in here breaks, the message goes to people
(route note) rather than nowhere.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from frontdesk.paths import DATA
from frontdesk.safety.classifier import Classifier, Opinion
from frontdesk.safety.language import language_of
from frontdesk.safety.patterns import Found, Library, load_library
from frontdesk.safety.screening import Evidence, Kind, Route, Screening, Severity
from frontdesk.safety.sentences import clauses

__all__ = ["Evidence", "Kind", "Route", "Screen", "Screening", "Severity"]

MOST_EVIDENCE = 20
CLASSIFIER = "classifier"  # as the source of a sign
IMMINENT_FROM = 0.5  # the classifier's probability that a crisis is an imminent one

# Distress that comes back is more than distress: the third such message of the last six.
REPEATED_WITHIN, REPEATED_FROM = 6, 3

log = logging.getLogger("frontdesk.safety")


@dataclass(frozen=True)
class Sign:
    """One thing that shows a danger or a mention, in ``text[start:end]``, found by any layer.

    ``source`` names the pattern or the classifier. ``after``: it counts only after a disclosure.
    ``discloses``: it makes such a thing count in later messages. ``distress``: see REPEATED_FROM.
    """

    source: str
    means: str
    kind: Kind
    severity: Severity
    language: str
    start: int
    end: int
    after: str | None = None
    discloses: bool = False
    distress: bool = False


class Screen:
    """Judges messages. ``failures`` counts how often a part of it broke (see ``judge``)."""

    def __init__(self, library: Library, classifier: Classifier) -> None:
        self._library, self._classifier = library, classifier
        self.version = f"{library.version}+{classifier.version}"
        self.limits = classifier.limits
        self.failures = 0
        # A conversation's earlier messages come back with every new one.
        self._readings = functools.lru_cache(maxsize=64)(library.normaliser.readings)
        self._pattern_signs = functools.lru_cache(maxsize=2048)(self._read_patterns)
        self._classifier_signs = functools.lru_cache(maxsize=2048)(self._read_classifier)

    @classmethod
    def load(cls, folder: Path = DATA / "crisis") -> Screen:
        """The screen with what is in ``folder``. Raises files.ContentError."""
        return cls(load_library(folder), Classifier.load(folder / "classifier"))

    def silent_patterns(self) -> list[str]:
        """A self-test: the ids of patterns that miss their own first example.

        It also makes all that is made on first use, so that no visitor waits for it.
        """
        return self._library.silent()

    def judge(self, text: str, history: Sequence[str] = (), asked: str | None = None) -> Screening:
        """The judgement on ``text``, said after the visitor's earlier texts (oldest first).

        ``asked`` is what staff said last, if the visitor answers it: "no" to "are you safe?".
        Never raises. If a part fails, the route is note at least, ``failures`` goes up and the
        log names the type of the error, never the text.
        """
        failures = self.failures
        try:
            signs = self._counting(self._signs(text), history, asked)
        except Exception as error:  # noqa: BLE001 - see the docstring
            self._failed("conversation", error)
            signs = self._signs(text)
        try:
            return self._screening(text, signs, broken=self.failures > failures)
        except Exception as error:  # noqa: BLE001
            self._failed("language", error)
            return self._screening("", signs, broken=True)

    def measured(self, text: str) -> tuple[bool, float, float]:
        """For choosing limits and for reports: do patterns say crisis, and what the classifier
        says, asked or not: the probability of a crisis, and of a crisis or mention."""
        by_pattern = any(
            one.severity.route is Route.CRISIS and not one.after
            for one in self._pattern_signs(text)
        )
        opinion = self._opinion(text)
        return by_pattern, opinion.crisis if opinion else 0.0, opinion.note if opinion else 0.0

    def words(self, text: str) -> list[str]:
        """The words of ``text`` as the screen reads them: small, without disguises and mistakes."""
        return [word.text for word in self._readings(text)[-1]]

    # --- the layers

    def _signs(self, text: str) -> list[Sign]:
        """What both layers find in one text. The classifier is asked where it can add something:
        not beside a crisis, and not about a message that words.yml lists as ordinary alone."""
        signs = self._layer("patterns", self._pattern_signs, text)
        if any(one.severity.route is Route.CRISIS and not one.after for one in signs):
            return signs
        return signs + self._layer("classifier", self._classifier_signs, text)

    def _layer(self, name: str, read: Callable[[str], Sequence[Sign]], text: str) -> list[Sign]:
        try:
            return list(read(text))
        except Exception as error:  # noqa: BLE001 - the other layer must still be heard
            self._failed(name, error)
            return []

    def _read_patterns(self, text: str) -> tuple[Sign, ...]:
        found = self._library.find_in(text, self._readings(text))
        return tuple(_sign(one) for one in found)

    def _opinion(self, text: str) -> Opinion | None:
        words = self._readings(text)[-1]
        cut = clauses(text, words, self._library.openers)
        return self._classifier.judge([word.text for word in words], cut)

    def _read_classifier(self, text: str) -> tuple[Sign, ...]:
        if " ".join(word.text for word in self._readings(text)[-1]) in self._library.ordinary_alone:
            return ()
        opinion = self._opinion(text)
        if opinion is None:
            return ()
        severity = None
        if opinion.crisis >= self.limits.crisis:
            imminent = opinion.imminent >= IMMINENT_FROM
            severity = Severity.IMMINENT if imminent else Severity.HIGH
        elif opinion.note >= self.limits.note:
            severity = Severity.REVIEW
        if severity is None:
            return ()
        told = self._readings(text)[-1][slice(*opinion.span)]
        return (
            Sign(
                source=CLASSIFIER,
                means=_in_words(opinion, severity),
                kind=opinion.kind,
                severity=severity,
                language=language_of(text),
                start=min(word.start for word in told),
                end=max(word.end for word in told),
                discloses=opinion.distress or severity.route is Route.CRISIS,
                distress=opinion.distress and severity is Severity.REVIEW,
            ),
        )

    # --- the conversation

    def _counting(
        self, signs: Sequence[Sign], history: Sequence[str], asked: str | None
    ) -> list[Sign]:
        """The signs that count at this point of the conversation, and one that it adds."""
        disclosed = any(one.after == "disclosure" for one in signs) and self._disclosed(history)
        counting = [
            one
            for one in signs
            if not one.after
            or (one.after == "disclosure" and disclosed)
            or (one.after == "question" and asked and self._library.was_asked(one.source, asked))
        ]
        distress = next((one for one in signs if one.distress), None)
        if distress and self._repeats(history):
            counting.append(
                dataclasses.replace(
                    distress,
                    source="conversation.distress",
                    means=f"severe distress in {REPEATED_FROM} messages or more",
                    severity=Severity.HIGH,
                )
            )
        return counting

    def _disclosed(self, history: Sequence[str]) -> bool:
        """Whether an earlier text told of a danger or of distress. True if that cannot be read."""
        failures = self.failures
        told = any(one.discloses for earlier in history for one in self._signs(earlier))
        return told or self.failures > failures

    def _repeats(self, history: Sequence[str]) -> bool:
        earlier = [self._signs(text) for text in history[1 - REPEATED_WITHIN :]]
        heavy = sum(
            any(one.distress or one.severity.route is Route.CRISIS for one in signs)
            for signs in earlier
        )
        return heavy + 1 >= REPEATED_FROM

    # --- the judgement

    def _screening(self, text: str, signs: Sequence[Sign], broken: bool) -> Screening:
        spoken = language_of(text)
        signs = sorted(signs, key=lambda one: _strongest_first(one, spoken))
        severity = signs[0].severity if signs else None
        if broken and severity is None:
            severity = Severity.REVIEW
        route = severity.route if severity else Route.NONE
        # In a crisis only the signs of danger say what it is about; a mention beside it does not.
        telling = [one for one in signs if one.severity.route is route]
        kinds = tuple(dict.fromkeys(one.kind for one in telling))
        return Screening(
            route=route,
            severity=severity,
            kinds=kinds or ((Kind.SUICIDE,) if broken else ()),
            language=telling[0].language if telling else spoken,
            evidence=tuple(
                Evidence(
                    one.start, one.end, text[one.start : one.end], f"{one.source}: {one.means}"
                )
                for one in signs[:MOST_EVIDENCE]
            ),
            version=self.version,
        )

    def _failed(self, part: str, error: Exception) -> None:
        self.failures += 1
        log.error("the %s part of the crisis screen failed: %s", part, type(error).__name__)


def _sign(found: Found) -> Sign:
    pattern = found.pattern
    return Sign(
        source=pattern.id,
        means=pattern.means,
        kind=pattern.kind,
        severity=pattern.severity,
        language=pattern.language,
        start=found.start,
        end=found.end,
        after=pattern.after,
        discloses=not pattern.after,
        distress=pattern.distress,
    )


def _in_words(opinion: Opinion, severity: Severity) -> str:
    what = opinion.kind.value.replace("_", " ")
    if severity is not Severity.REVIEW:
        return f"reads like {what} ({opinion.crisis:.0%})"
    if opinion.distress:
        return f"reads like severe distress ({opinion.note:.0%})"
    return f"reads like a mention of {what} ({opinion.note:.0%})"


def _strongest_first(one: Sign, spoken: str) -> tuple[int, int, bool, int, int, str]:
    return (
        -one.severity.rank,
        one.kind.rank,
        one.language != spoken,  # some words are the same in both languages
        one.start,
        -one.end,
        one.source,
    )

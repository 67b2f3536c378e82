"""The curated answers, from ``data/answers/LANGUAGE/*.yml``: one entry a topic and language."""

from __future__ import annotations

import string
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from frontdesk.content import files
from frontdesk.content.clinic import ALWAYS_SET, Clinic
from frontdesk.paths import DATA

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Source:
    """Where a fact comes from."""

    title: str
    url: str


@dataclass(frozen=True)
class Variation:
    """A text that replaces the answer when the clinic has set all facts in ``needs``."""

    needs: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Answer:
    """The curated answer to one topic in one language.

    ``kind`` is the kind of message that it becomes (answer, smalltalk, boundary ...);
    ``approved_by`` is empty until a clinician of the clinic has signed.
    """

    topic: str
    language: str
    label: str
    kind: str
    text: str
    variations: tuple[Variation, ...]
    next: tuple[str, ...]
    sources: tuple[Source, ...]
    checked_on: date
    review_by: date
    approved_by: str
    path: Path

    def render(self, clinic: Clinic) -> str:
        """The text for this clinic: the first variation whose facts are set, or the plain text."""
        facts = clinic.placeholders(self.language)
        for variation in self.variations:
            if all(name in facts for name in variation.needs):
                return variation.text.format_map(facts)
        return self.text.format_map(facts)


Answers = Mapping[str, Mapping[str, Answer]]
"""language -> topic -> answer"""


def load_answers(clinic: Clinic, folder: Path = DATA / "answers") -> Answers:
    """All answers by language and topic. Raises files.ContentError.

    Checks what would fail in front of a visitor: placeholders that the clinic's file does not
    define, topics that do not exist, a topic that is answered twice.
    """
    answers: dict[str, dict[str, Answer]] = {}
    for path in sorted(folder.glob("*/*.yaml")):
        raise files.ContentError(
            path, None, "the file would not be read", "let its name end in .yml"
        )
    for path in sorted(folder.glob("*/*.yml")):
        language = path.parent.name
        of_language = answers.setdefault(language, {})
        for topic, entry in files.load(path, "answers").items():
            if topic in of_language:
                raise files.error_at(
                    path,
                    [topic],
                    f"{topic}: already answered in {of_language[topic].path}",
                    "keep one of the two",
                )
            of_language[topic] = _answer(path, topic, language, entry)
            _check_placeholders(of_language[topic], clinic)
    if not answers.get(DEFAULT_LANGUAGE):
        raise files.ContentError(
            folder / DEFAULT_LANGUAGE, None, "there are no answers", "restore them"
        )
    for of_language in answers.values():
        for answer in of_language.values():
            _check_next(answer, of_language.keys() | answers[DEFAULT_LANGUAGE].keys())
    return answers


def find(answers: Answers, topic: str, language: str) -> Answer | None:
    """The answer in ``language``, or in English where that language has none yet."""
    return answers.get(language, {}).get(topic) or answers[DEFAULT_LANGUAGE].get(topic)


def placeholders_in(text: str) -> set[str]:
    """The names in ``{...}``. Raises ValueError where braces do not match or hold more."""
    names = set()
    for _, name, specification, conversion in string.Formatter().parse(text):
        if specification or conversion:
            raise ValueError(
                f"only a name may stand in braces, not {{{name}!...}} or {{{name}:...}}"
            )
        if name is not None:
            names.add(name)
    return names


def _answer(path: Path, topic: str, language: str, entry: dict[str, Any]) -> Answer:
    def day(key: str) -> date:
        try:
            return date.fromisoformat(entry[key])
        except ValueError:
            raise files.error_at(
                path, [topic, key], f"{topic}.{key}: no such day", "write it as YYYY-MM-DD"
            ) from None

    return Answer(
        topic=topic,
        language=language,
        label=entry["label"],
        kind=entry.get("kind", "answer"),
        text=entry["text"].strip(),
        variations=tuple(
            Variation(tuple(one["needs"]), one["text"].strip())
            for one in entry.get("variations", ())
        ),
        next=tuple(entry.get("next", ())),
        sources=tuple(Source(**one) for one in entry.get("sources", ())),
        checked_on=day("checked_on"),
        review_by=day("review_by"),
        approved_by=entry["approved_by"],
        path=path,
    )


def _check_placeholders(answer: Answer, clinic: Clinic) -> None:
    def check(text: str, allowed: frozenset[str], where: list[str | int]) -> None:
        try:
            unknown = placeholders_in(text) - allowed
        except ValueError as error:
            raise files.error_at(
                answer.path, where, f"{answer.topic}: {error}", "check the braces { }"
            ) from None
        if unknown:
            raise files.error_at(
                answer.path,
                where,
                f"{answer.topic}: {{{', '.join(sorted(unknown))}}} may be unset here",
                "use names from the facts in data/clinic.yml, and list them under needs "
                "in a variation",
            )

    check(answer.text, ALWAYS_SET, [answer.topic, "text"])
    for index, variation in enumerate(answer.variations):
        where: list[str | int] = [answer.topic, "variations", index]
        for name in variation.needs:
            if name not in clinic.known_facts:
                raise files.error_at(
                    answer.path,
                    where,
                    f"{answer.topic}: data/clinic.yml has no fact {name!r}",
                    "add it there (empty is fine) or correct the name",
                )
        check(variation.text, ALWAYS_SET | frozenset(variation.needs), where)


def _check_next(answer: Answer, topics: Set[str]) -> None:
    for index, topic in enumerate(answer.next):
        if topic not in topics:
            raise files.error_at(
                answer.path,
                [answer.topic, "next", index],
                f"{answer.topic}: next topic {topic!r} has no answer",
                "correct the name or take it out",
            )

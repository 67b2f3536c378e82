"""What must hold for every answer before a visitor reads it, beyond being readable at all.

``load_answers`` refuses what would break in front of a visitor; this module reports what would
be wrong to say. There is no list of exceptions: a sentence that trips a rule is written anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from frontdesk.content import files
from frontdesk.content.answers import DEFAULT_LANGUAGE, Answer, Answers, placeholders_in
from frontdesk.content.clinic import Clinic
from frontdesk.paths import DATA

MOST_WORDS = 90
# We promise grade 8; see reading_grade for why the measure gets less.
HIGHEST_GRADE = 7.5

_WORD = re.compile(r"\w[\w$,'’.-]*\w|\w")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")

# Amounts of a medicine. A bare "mg" is enough: no answer has a use for it.
_DOSE = re.compile(
    r"\b\d[\d.,]*\s*(?:µg|ug|mcg|g|ml|cc|milligrams?|micrograms?|grams?|miligramos?|gramos?"
    r"|lozenges?|troches?|tablets?|pills?|sprays?|devices?|pastillas?|tabletas?)\b"
    r"|\bm[ck]?g\b|\b\d[\d.,]*mg\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """Something that an editor has to put right, and where."""

    path: Path
    topic: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.topic}: {self.problem}"


@dataclass(frozen=True)
class BannedPhrase:
    """Words that no answer may use, the pattern that finds them, and why."""

    phrase: str
    pattern: re.Pattern[str]
    why: str


def load_banned_phrases(
    path: Path = DATA / "answers" / "banned_phrases.yml",
) -> tuple[BannedPhrase, ...]:
    """The phrases that no answer may use. Raises files.ContentError."""
    return tuple(
        BannedPhrase(entry["phrase"], _pattern(entry["phrase"]), entry["why"])
        for entry in files.load(path, "banned_phrases")
    )


def check(
    answers: Answers,
    clinic: Clinic,
    today: date,
    topics: Iterable[str] = (),
    *,
    banned: Iterable[BannedPhrase] | None = None,
    reading: bool = True,
) -> list[Finding]:
    """All that is wrong with the answers, ordered by file and topic.

    ``topics`` are the topics that need an answer. ``banned`` defaults to the shipped list.
    ``reading`` measures the reading grade of English texts, which needs readability (see
    ``reading_grade``); without it all other rules are checked.
    """
    phrases = load_banned_phrases() if banned is None else tuple(banned)
    findings = [*_missing(answers, topics), *_without_twin(answers)]
    for of_language in answers.values():
        findings += _same_label(of_language.values())
        for answer in of_language.values():
            findings += _of_answer(answer, clinic, today, phrases)
            if reading and answer.language == DEFAULT_LANGUAGE:
                findings += _hard_to_read(answer, clinic)
    return sorted(findings, key=lambda finding: (str(finding.path), finding.topic))


def reading_grade(text: str) -> float:
    """The US school grade (Flesch-Kincaid) that reading ``text`` takes.

    The end of a line ends a sentence, as it does for a reader. Held against textstat with a
    pronouncing dictionary on our own answers, this measure reads 0.9 grades lower on average,
    so HIGHEST_GRADE asks for less than the 8 that we promise.
    Raises RuntimeError where readability, a development dependency, is missing.
    """
    try:
        import readability  # type: ignore[import-untyped]
    except ImportError as error:
        raise RuntimeError(
            "the reading grade needs the package readability: "
            "install requirements/dev.txt, or check without the reading grade"
        ) from error
    sentences = [
        " ".join(_WORD.findall(sentence))
        for line in text.split("\n")
        for sentence in _SENTENCE_END.split(line)
    ]
    told = "\n".join(sentence for sentence in sentences if sentence)
    return float(readability.getmeasures(told, lang="en")["readability grades"]["Kincaid"])


def _missing(answers: Answers, topics: Iterable[str]) -> Iterator[Finding]:
    for topic in topics:
        if topic not in answers[DEFAULT_LANGUAGE]:
            yield Finding(_folder(answers, DEFAULT_LANGUAGE), topic, "the topic has no answer")


def _without_twin(answers: Answers) -> Iterator[Finding]:
    everywhere = {topic: answer for group in answers.values() for topic, answer in group.items()}
    for language, of_language in answers.items():
        for topic in everywhere.keys() - of_language.keys():
            yield Finding(
                everywhere[topic].path,
                topic,
                f"the answer has no twin in the language {language!r}",
            )


def _folder(answers: Answers, language: str) -> Path:
    return next(iter(answers[language].values())).path.parent


def _same_label(of_language: Iterable[Answer]) -> Iterator[Finding]:
    by_label: dict[str, list[Answer]] = defaultdict(list)
    for answer in of_language:
        by_label[_folded(answer.label)].append(answer)
    for first, *others in by_label.values():
        for other in others:
            yield Finding(
                other.path, other.topic, f"label {other.label!r} is also that of {first.topic}"
            )


def _of_answer(
    answer: Answer, clinic: Clinic, today: date, phrases: Iterable[BannedPhrase]
) -> Iterator[Finding]:
    def finding(problem: str) -> Finding:
        return Finding(answer.path, answer.topic, problem)

    if answer.kind == "answer" and not answer.sources:
        yield finding("an answer needs at least one source")
    if answer.review_by < today:
        yield finding(f"the review was due on {answer.review_by}: check it against its sources")
    if answer.checked_on > today:
        yield finding(f"checked_on {answer.checked_on} is in the future")
    if "{" in answer.label or "}" in answer.label:
        yield finding("the label has braces, but a label stands as it is written")
    for problem in _never_used(answer):
        yield finding(problem)
    for where, text in _texts(answer, clinic):
        words = len(text.split())
        if words > MOST_WORDS:
            yield finding(f"{where} has {words} words; at most {MOST_WORDS}")
    for where, text in [("the label", answer.label), *_texts(answer, clinic)]:
        folded = _folded(text)
        for banned in phrases:
            if banned.pattern.search(folded):
                yield finding(f"{where} says {banned.phrase!r}: {banned.why}")
        if dose := _DOSE.search(text):
            yield finding(f"{where} names an amount ({dose[0]}): the prescriber sets the dose")


def _hard_to_read(answer: Answer, clinic: Clinic) -> Iterator[Finding]:
    for where, text in _texts(answer, clinic):
        grade = reading_grade(text)
        if grade > HIGHEST_GRADE:
            yield Finding(
                answer.path,
                answer.topic,
                f"{where} has reading grade {grade:.1f}; at most {HIGHEST_GRADE:.1f}: "
                "shorter sentences and shorter words",
            )


def _never_used(answer: Answer) -> Iterator[str]:
    """Variations behind one that needs less: ``Answer.render`` never gets to them."""
    for index, variation in enumerate(answer.variations):
        if any(set(earlier.needs) <= set(variation.needs) for earlier in answer.variations[:index]):
            yield f"{_nth(index)} is never used: put it before the one that needs less"


def _texts(answer: Answer, clinic: Clinic) -> Iterator[tuple[str, str]]:
    """Each text as a visitor of this clinic would read it."""
    yield "the text", _as_read(answer.text, answer, clinic)
    for index, variation in enumerate(answer.variations):
        yield _nth(index), _as_read(variation.text, answer, clinic)


def _nth(index: int) -> str:
    return f"variation {index + 1}"


def _as_read(text: str, answer: Answer, clinic: Clinic) -> str:
    """With the clinic's facts; a fact that is not set is stood in for by its own name."""
    names = placeholders_in(text)
    stand_ins = {name: name.replace("_", " ") for name in names}
    return text.format_map({**stand_ins, **clinic.placeholders(answer.language)})


def _pattern(phrase: str) -> re.Pattern[str]:
    words = re.escape(_folded(phrase.removesuffix("*")))
    return re.compile(rf"(?<!\w){words}" + ("" if phrase.endswith("*") else r"(?!\w)"))


def _folded(text: str) -> str:
    """Lower case, plain apostrophes and hyphens, single spaces: as people would compare them."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‑", "-")
    return " ".join(plain.casefold().replace("\u2010", "-").split())

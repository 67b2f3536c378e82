"""The examples: well-formed, apart from each other, frozen where they must be."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from frontdesk.content.files import ContentError
from frontdesk.safety import Kind, Route, Severity, examples
from frontdesk.safety.checker import check
from frontdesk.safety.examples import Example

# The frozen part. Whoever changes it makes the figures of earlier versions incomparable: say so in
# the change log, and never change it to make a figure look better.
FROZEN = "260dee20f5f8d3df8cec033e63d6198b0df578e3dada9f22ee8990933e8867bc"


def of(part: str, language: str, route: Route | None = None) -> list[Example]:
    return [
        one
        for one in examples.load(part)
        if one.language == language and route in (None, one.route)
    ]


def test_every_pattern_catches_its_examples_and_no_example_is_there_twice() -> None:
    assert check() == []


def test_the_checker_names_a_pattern_that_fails_its_examples(folder: Path) -> None:
    (folder / "patterns" / "a.yml").write_text(
        "- id: suicide.a\n  language: en\n  kind: suicide\n  severity: high\n  means: m\n"
        "  phrases: [die]\n  catches: [die, dying, die now]\n  misses: [do not die]\n",
        encoding="utf-8",
    )
    assert check(folder) == [
        "suicide.a must catch 'dying', and does not",
        "suicide.a must not catch 'do not die', and does",
    ]


def test_the_checker_reports_a_broken_file_instead_of_raising(folder: Path) -> None:
    (problem,) = check(folder)
    assert "no patterns" in problem


def test_the_checker_names_a_family_in_two_parts_and_a_repeated_message(folder: Path) -> None:
    (folder / "patterns" / "a.yml").write_text(
        "- id: suicide.a\n  language: en\n  kind: suicide\n  severity: high\n  means: m\n"
        "  phrases: [die]\n  catches: [die, die now, die soon]\n",
        encoding="utf-8",
    )
    for part in ("train", "test"):
        (folder / "examples" / part / "en").mkdir(parents=True)
        (folder / "examples" / part / "en" / "a.txt").write_text(
            "== one | none | - | faq\nhow much\n", encoding="utf-8"
        )
    assert check(folder) == [
        "family one is in train and in test",
        "test, family one: 'how much' is there twice",
    ]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("how much\n", 1, "without a family"),
        ("\n== one | none | faq\nhow much\n", 2, "four parts"),
        ("== one | huge | suicide | plan\n", 1, "huge"),
        ("== one | high | sadness | plan\n", 1, "sadness"),
        ("== one | high | suicide | faq\n", 1, "no style 'faq'"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = tmp_path / "x.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=problem) as error:
        examples.load_file(path, "en")
    assert error.value.line == line


def test_a_family_gives_its_messages_what_its_heading_says(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("== a | imminent | abuse | plan\nhe is coming\n\n== b | none | - | faq\nhi\n")
    assert examples.load_file(path, "en") == [
        Example("he is coming", Severity.IMMINENT, Kind.ABUSE, "plan", "en", "a"),
        Example("hi", None, None, "faq", "en", "b"),
    ]


def test_there_are_examples_enough_of_every_kind_and_language() -> None:
    assert len(of("train", "en", Route.CRISIS)) >= 3000
    assert len(of("train", "en", Route.NONE)) >= 5000
    assert len(of("train", "es", Route.CRISIS)) >= 1000
    assert len(of("train", "es", Route.NONE)) >= 1500
    for part in examples.PARTS:
        for language in examples.LANGUAGES:
            kinds = Counter(one.kind for one in of(part, language, Route.CRISIS))
            assert set(kinds) == set(Kind), (part, language)
            styles = {one.style for one in of(part, language)}
            assert {style for of_route in examples.STYLES.values() for style in of_route} <= styles


def test_the_frozen_part_is_as_it_was() -> None:
    digest = hashlib.sha256()
    for path in sorted((examples.FOLDER / "test").rglob("*.txt")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    assert digest.hexdigest() == FROZEN


def grams(text: str) -> frozenset[str]:
    plain = f" {re.sub(r'[^a-z0-9áéíóúñ]+', ' ', text.lower()).strip()} "
    return frozenset(plain[i : i + 4] for i in range(len(plain) - 3))


def test_no_message_of_the_frozen_part_has_a_sibling_among_those_learnt_from() -> None:
    """Nearly the same words: 70 % of all four-letter pieces of both in common."""
    frozen = [(one.text, grams(one.text)) for one in examples.load("test")]
    having: dict[str, list[int]] = {}
    for number, (_, pieces) in enumerate(frozen):
        for piece in pieces:
            having.setdefault(piece, []).append(number)
    siblings = set()
    for learnt in {grams(one.text) for one in examples.load("train")}:
        # Two sets with 70 % in common share one of any 31 % of the pieces of either.
        rarest = sorted(learnt, key=lambda piece: len(having.get(piece, ())))
        for number in {
            n for piece in rarest[: len(learnt) // 3 + 1] for n in having.get(piece, ())
        }:
            text, pieces = frozen[number]
            if len(pieces & learnt) >= 0.7 * len(pieces | learnt):
                siblings.add(text)
    assert {text for text in siblings if len(text) > 3} == set()

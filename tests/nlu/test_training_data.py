"""The NLU examples: enough of them, each under one intent, and none that is also a test phrase."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from frontdesk.paths import DATA

FEWEST_EXAMPLES = {"en": 40, "es": 20}
FEWEST_TEST_PHRASES = 4
PHRASES = {
    "en": Path(__file__).with_name("test_phrases.yml"),
    "es": Path(__file__).with_name("test_phrases_es.yml"),
}

Examples = dict[str, dict[str, list[str]]]
"""language -> intent -> examples"""


def _yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def _key(text: str) -> str:
    return text.strip().casefold()


@pytest.fixture(scope="module")
def blocks() -> list[tuple[str, str, list[str]]]:
    """Every intent block: its language, the intent's name, its examples."""
    return [
        (
            path.parent.name,
            block["intent"],
            [line.removeprefix("- ") for line in block["examples"].splitlines() if line.strip()],
        )
        for path in sorted((DATA / "nlu").glob("*/*.yml"))
        for block in _yaml(path)["nlu"]
    ]


@pytest.fixture(scope="module")
def examples(blocks: list[tuple[str, str, list[str]]]) -> Examples:
    found: Examples = {}
    for language, intent, lines in blocks:
        found.setdefault(language, {})[intent] = lines
    return found


@pytest.fixture(scope="module")
def phrases() -> Examples:
    return {language: dict(_yaml(path)) for language, path in PHRASES.items()}


def test_every_file_is_in_rasas_format() -> None:
    for path in (DATA / "nlu").glob("*/*.yml"):
        content = _yaml(path)
        assert set(content) == {"version", "nlu"}, path
        assert content["version"] == "3.1", path
        for block in content["nlu"]:
            assert set(block) == {"intent", "examples"}, f"{path}: {block}"
            for line in block["examples"].splitlines():
                assert line.startswith("- "), f"{path}: {line!r} does not start with '- '"


def test_an_intent_stands_in_one_place(blocks: list[tuple[str, str, list[str]]]) -> None:
    places = [(language, intent) for language, intent, _ in blocks]
    assert sorted(places) == sorted(set(places))


def test_every_intent_has_enough_examples_in_every_language(examples: Examples) -> None:
    few = {
        (language, intent): len(lines)
        for language, of_language in examples.items()
        for intent, lines in of_language.items()
        if len(lines) < FEWEST_EXAMPLES[language]
    }
    assert few == {}


def test_no_example_stands_twice(blocks: list[tuple[str, str, list[str]]]) -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for language, intent, lines in blocks:
        for line in lines:
            where[_key(line)].append(f"{language} {intent}")
    assert {text: places for text, places in where.items() if len(places) > 1} == {}


def test_no_example_is_read_as_markup_or_a_command(
    blocks: list[tuple[str, str, list[str]]],
) -> None:
    """Rasa takes ``[text](entity)`` and ``[text]{...}`` for entities and ``/`` for a payload."""
    for _, intent, lines in blocks:
        for line in lines:
            assert not line.startswith("/"), f"{intent}: {line}"
            assert "[" not in line, f"{intent}: {line}"


@pytest.mark.parametrize("language", PHRASES)
def test_training_and_test_phrases_have_the_same_intents(
    examples: Examples, phrases: Examples, language: str
) -> None:
    assert set(phrases[language]) == set(examples["en"])
    assert set(examples[language]) == set(examples["en"])


@pytest.mark.parametrize("language", PHRASES)
def test_every_intent_has_enough_test_phrases(phrases: Examples, language: str) -> None:
    few = {
        intent: len(lines)
        for intent, lines in phrases[language].items()
        if len(lines) < FEWEST_TEST_PHRASES
    }
    assert few == {}


def test_no_test_phrase_occurs_in_training(
    blocks: list[tuple[str, str, list[str]]], phrases: Examples
) -> None:
    trained = {_key(line) for _, _, lines in blocks for line in lines}
    assert [
        line
        for of_language in phrases.values()
        for lines in of_language.values()
        for line in lines
        if _key(line) in trained
    ] == []


@pytest.mark.parametrize("language", PHRASES)
def test_no_test_phrase_stands_twice(phrases: Examples, language: str) -> None:
    keys = [_key(line) for lines in phrases[language].values() for line in lines]
    assert sorted(keys) == sorted(set(keys))

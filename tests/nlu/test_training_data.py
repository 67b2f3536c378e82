"""The NLU examples: enough of them, each under one intent, and none that is also a test phrase."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from frontdesk.paths import DATA

FEWEST_EXAMPLES = 20
FEWEST_TEST_PHRASES = 4
PHRASES = Path(__file__).with_name("test_phrases.yml")


def _yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def _key(text: str) -> str:
    return text.strip().casefold()


@pytest.fixture(scope="module")
def blocks() -> list[tuple[Path, str, list[str]]]:
    """Every intent block: its file, the intent's name, its examples."""
    return [
        (
            path,
            block["intent"],
            [line.removeprefix("- ") for line in block["examples"].splitlines() if line.strip()],
        )
        for path in sorted((DATA / "nlu").glob("*.yml"))
        for block in _yaml(path)["nlu"]
    ]


@pytest.fixture(scope="module")
def examples(blocks: list[tuple[Path, str, list[str]]]) -> dict[str, list[str]]:
    return {intent: lines for _, intent, lines in blocks}


@pytest.fixture(scope="module")
def phrases() -> dict[str, list[str]]:
    return dict(_yaml(PHRASES))


def test_every_file_is_in_rasas_format() -> None:
    for path in (DATA / "nlu").glob("*.yml"):
        content = _yaml(path)
        assert set(content) == {"version", "nlu"}, path
        assert content["version"] == "3.1", path
        for block in content["nlu"]:
            assert set(block) == {"intent", "examples"}, f"{path}: {block}"
            for line in block["examples"].splitlines():
                assert line.startswith("- "), f"{path}: {line!r} does not start with '- '"


def test_an_intent_stands_in_one_place(blocks: list[tuple[Path, str, list[str]]]) -> None:
    intents = [intent for _, intent, _ in blocks]
    assert sorted(intents) == sorted(set(intents))


def test_every_intent_has_enough_examples(examples: dict[str, list[str]]) -> None:
    few = {intent: len(lines) for intent, lines in examples.items() if len(lines) < FEWEST_EXAMPLES}
    assert few == {}


def test_no_example_stands_twice(examples: dict[str, list[str]]) -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for intent, lines in examples.items():
        for line in lines:
            where[_key(line)].append(intent)
    assert {text: intents for text, intents in where.items() if len(intents) > 1} == {}


def test_no_example_is_read_as_markup_or_a_command(examples: dict[str, list[str]]) -> None:
    """Rasa takes ``[text](entity)`` and ``[text]{...}`` for entities and ``/`` for a payload."""
    for intent, lines in examples.items():
        for line in lines:
            assert not line.startswith("/"), f"{intent}: {line}"
            assert "[" not in line, f"{intent}: {line}"


def test_training_and_test_phrases_have_the_same_intents(
    examples: dict[str, list[str]], phrases: dict[str, list[str]]
) -> None:
    assert set(phrases) == set(examples)


def test_every_intent_has_enough_test_phrases(phrases: dict[str, list[str]]) -> None:
    few = {
        intent: len(lines) for intent, lines in phrases.items() if len(lines) < FEWEST_TEST_PHRASES
    }
    assert few == {}


def test_no_test_phrase_occurs_in_training(
    examples: dict[str, list[str]], phrases: dict[str, list[str]]
) -> None:
    trained = {_key(line) for lines in examples.values() for line in lines}
    assert [line for lines in phrases.values() for line in lines if _key(line) in trained] == []


def test_no_test_phrase_stands_twice(phrases: dict[str, list[str]]) -> None:
    keys = [_key(line) for lines in phrases.values() for line in lines]
    assert sorted(keys) == sorted(set(keys))

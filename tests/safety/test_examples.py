"""The pattern files against their own examples, and the whole against the development set."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from frontdesk.content.files import ContentError
from frontdesk.paths import DATA
from frontdesk.safety import Kind, Route, Screen
from frontdesk.safety.checker import check, load_examples

DEV = DATA / "crisis" / "examples" / "dev.jsonl"


def test_every_pattern_catches_its_examples_and_misses_its_near_misses() -> None:
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


def test_a_broken_example_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    good = {"text": "hi", "route": "none", "language": "en"}
    path.write_text(json.dumps(good) + "\n" + json.dumps({**good, "route": "maybe"}) + "\n")
    with pytest.raises(ContentError) as error:
        load_examples(path)
    assert error.value.line == 2


def test_the_development_set_is_large_and_has_every_kind_and_language() -> None:
    examples = load_examples(DEV)
    routes = Counter(one.route for one in examples)
    assert routes[Route.CRISIS] >= 350
    assert routes[Route.NOTE] >= 80
    assert routes[Route.NONE] >= 270
    assert {one.kind for one in examples if one.kind} == set(Kind)
    assert Counter(one.language for one in examples)["es"] >= 100
    assert len({one.text for one in examples}) == len(examples)


@pytest.mark.parametrize(("route", "floor"), [("crisis", 0.99), ("note", 0.97), ("none", 0.99)])
def test_the_development_set_is_judged_as_labelled(
    screen: Screen, route: str, floor: float
) -> None:
    """The patterns were written with this set in view: it guards against going back, and says
    little about messages that nobody has written yet (see data/crisis/README.md)."""
    examples = [one for one in load_examples(DEV) if one.route.value == route]
    wrong = [one.text for one in examples if screen.judge(one.text).route is not one.route]
    assert 1 - len(wrong) / len(examples) >= floor, wrong


def test_no_ordinary_message_of_the_development_set_is_a_crisis(screen: Screen) -> None:
    ordinary = [one.text for one in load_examples(DEV) if one.route is Route.NONE]
    assert [text for text in ordinary if screen.judge(text).route is Route.CRISIS] == []


def test_the_kind_of_a_crisis_is_found(screen: Screen) -> None:
    labelled = [one for one in load_examples(DEV) if one.kind and one.route is Route.CRISIS]
    wrong = [one.text for one in labelled if one.kind not in screen.judge(one.text).kinds]
    assert len(wrong) / len(labelled) <= 0.01, wrong


def test_the_language_of_a_message_is_found(screen: Screen) -> None:
    examples = load_examples(DEV)
    wrong = [one.text for one in examples if screen.judge(one.text).language != one.language]
    assert len(wrong) / len(examples) <= 0.01, wrong

from __future__ import annotations

from pathlib import Path

import pytest

from frontdesk.content.files import ContentError
from frontdesk.safety import Kind, Route, Screen, Severity
from frontdesk.safety.patterns import load_library
from tests.safety.conftest import patterns_only

GOOD = """
- id: suicide.test
  language: en
  kind: suicide
  severity: high
  means: says so
  phrases: ["want to die"]
  unless: ["want to die laughing"]
  catches: ["i want to die", "want to die", "we want to die"]
"""


def write(folder: Path, text: str) -> None:
    (folder / "patterns" / "suicide.en.yml").write_text(text, encoding="utf-8")


def test_an_exception_cancels_only_the_match_that_it_overlaps(folder: Path) -> None:
    write(folder, GOOD)
    screen = patterns_only(folder)
    assert screen.judge("i want to die laughing").route is Route.NONE
    text = "i want to die laughing. no, really, i want to die"
    both = screen.judge(text)
    assert both.route is Route.CRISIS
    assert [one.start for one in both.evidence] == [text.rindex("want")]


def test_evidence_names_the_pattern_and_says_what_it_means(folder: Path) -> None:
    write(folder, GOOD)
    judged = patterns_only(folder).judge("So: I WANT to d1e!")
    assert judged.severity is Severity.HIGH
    assert judged.kinds == (Kind.SUICIDE,)
    assert [(one.text, one.why) for one in judged.evidence] == [
        ("WANT to d1e", "suicide.test: says so")
    ]


def test_the_version_names_the_data(folder: Path) -> None:
    write(folder, GOOD)
    first, same = load_library(folder).version, load_library(folder).version
    write(folder, GOOD.replace("says so", "says it"))
    assert first == same
    assert first.startswith("patterns-")
    assert len(first) == len("patterns-1a2b3c4d")
    assert load_library(folder).version != first


@pytest.mark.parametrize(
    ("wrong", "line", "problem"),
    [
        (GOOD.replace('["want to die"]', '["want (to die"]'), 7, "character 6: '(' is never"),
        (GOOD.replace('["want to die"]', '["want to di%e"]'), 7, "character 11: '%' cannot"),
        (GOOD.replace('["want to die"]', '["want to @dei"]'), 7, "no list 'dei'"),
        (GOOD.replace("severity: high", "severity: huge"), 5, "severity: 'huge'"),
        (GOOD.replace("kind: suicide", "kind: sadness"), 4, "kind: 'sadness'"),
        (GOOD.replace('"want to die", "we', '"we'), 9, "too short"),
        (GOOD + GOOD, 11, "another pattern has this id"),
        ("- id: [", 1, "not valid YAML"),
    ],
)
def test_a_broken_pattern_file_says_where_and_what_to_do(
    folder: Path, wrong: str, line: int, problem: str
) -> None:
    write(folder, wrong)
    with pytest.raises(ContentError) as error:
        patterns_only(folder)
    assert problem in str(error.value)
    assert error.value.line == line
    assert error.value.path.name == "suicide.en.yml"
    assert error.value.remedy


def test_a_broken_word_list_names_the_list(folder: Path) -> None:
    write(folder, GOOD)
    words = folder / "words.yml"
    text = words.read_text(encoding="utf-8")
    words.write_text(text.replace("they: [he, she, they]", 'they: [he, "(she"]'), encoding="utf-8")
    with pytest.raises(ContentError, match=r"they: .*never closed") as error:
        patterns_only(folder)
    assert error.value.path == words
    assert text.splitlines()[(error.value.line or 0) - 1].strip().startswith("they:")


def test_a_folder_without_patterns_is_refused(folder: Path) -> None:
    with pytest.raises(ContentError, match="no patterns"):
        patterns_only(folder)


def test_the_self_test_names_a_pattern_that_misses_its_first_example(folder: Path) -> None:
    write(folder, GOOD)
    assert patterns_only(folder).silent_patterns() == []
    write(folder, GOOD.replace('catches: ["i want to die"', 'catches: ["nothing of the kind"'))
    assert patterns_only(folder).silent_patterns() == ["suicide.test"]


def test_every_pattern_that_we_ship_finds_its_first_example(screen: Screen) -> None:
    assert screen.silent_patterns() == []

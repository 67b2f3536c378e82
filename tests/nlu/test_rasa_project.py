"""The Rasa project as a whole: every topic is complete, it trains, and it says what it must."""

from __future__ import annotations

import tarfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from frontdesk.content.answers import DEFAULT_LANGUAGE, Answer, load_answers
from frontdesk.content.clinic import load_clinic
from frontdesk.paths import DATA, PROJECT_ROOT
from frontdesk.safety import CrisisTexts, Kind, Severity
from tests.nlu.rasa_process import RASA, run_to_file, running, wait_until
from tests.support.process import free_port

FEWEST_EXAMPLES = 8
# Intents whose answer does not bear their name.
WITHOUT_OWN_ANSWER = {"affirm", "deny", "emergency_crisis"}


def read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def blocks(folder: Path, key: str) -> list[dict[str, Any]]:
    return [block for path in sorted(folder.rglob("*.yml")) for block in read(path)[key]]


@pytest.fixture(scope="module")
def intents() -> set[str]:
    return set(read(PROJECT_ROOT / "domain.yml")["intents"])


@pytest.fixture(scope="module")
def rules() -> dict[str, str]:
    """What each intent leads to, from the rules of one question and one answer."""
    found = {}
    for rule in blocks(DATA / "rules", "rules"):
        first, *rest = rule["steps"]
        if "intent" in first:
            assert first["intent"] not in found, f"two rules for {first['intent']}"
            found[first["intent"]] = rest[0]["action"]
    return found


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    return dict(load_answers(load_clinic())[DEFAULT_LANGUAGE])


@pytest.fixture(scope="module")
def responses(model: Path) -> dict[str, list[dict[str, str]]]:
    """The responses in the trained model, as the importer made them."""
    with tarfile.open(model) as archive:
        member = next(one for one in archive.getnames() if one.endswith("/domain.yml"))
        file = archive.extractfile(member)
        assert file is not None
        return dict(YAML(typ="safe", pure=True).load(file.read().decode("utf-8"))["responses"])


def test_every_intent_has_examples_and_every_example_an_intent(intents: set[str]) -> None:
    examples: dict[str, list[str]] = defaultdict(list)
    for block in blocks(DATA / "nlu", "nlu"):
        examples[block["intent"]] += [one for one in block["examples"].splitlines() if one.strip()]
    assert set(examples) == intents
    assert {name for name, lines in examples.items() if len(lines) < FEWEST_EXAMPLES} == set()


def test_every_intent_has_a_rule(intents: set[str], rules: dict[str, str]) -> None:
    assert set(rules) - {"nlu_fallback"} == intents


def test_a_topic_is_answered_by_its_own_answer(
    intents: set[str], rules: dict[str, str], answers: dict[str, Answer]
) -> None:
    others = {
        "emergency_crisis": "utter_emergency_crisis",
        "talk_human": "action_handoff",
        "nlu_fallback": "action_clarify",
        "affirm": "utter_affirm_deny",
        "deny": "utter_affirm_deny",
    }
    for intent, action in rules.items():
        assert action == others.get(intent, f"utter_{intent}")
    assert intents - set(answers) == WITHOUT_OWN_ANSWER


def test_every_topic_with_facts_is_an_intent(intents: set[str], answers: dict[str, Answer]) -> None:
    assert {topic for topic, one in answers.items() if one.kind == "answer"} <= intents


def test_every_intent_has_a_test_phrase_and_every_topic_a_test_story(intents: set[str]) -> None:
    assert set(read(Path(__file__).with_name("test_phrases.yml"))) == intents
    told = {
        step["intent"]
        for story in blocks(PROJECT_ROOT / "tests/stories", "stories")
        for step in story["steps"]
        if "intent" in step
    }
    assert intents <= told


def test_the_stories_ask_in_words_that_were_not_trained() -> None:
    trained = {
        line.removeprefix("- ").strip().casefold()
        for block in blocks(DATA / "nlu", "nlu")
        for line in block["examples"].splitlines()
    }
    asked = {
        step["user"].strip().casefold()
        for story in read(PROJECT_ROOT / "tests/stories/test_topics.yml")["stories"]
        for step in story["steps"]
        if "user" in step
    }
    assert asked & trained == set()


def test_no_two_answers_share_a_label(answers: dict[str, Answer], intents: set[str]) -> None:
    # A button sends its label as text; the importer makes it an example of that topic.
    labels = [one.label.casefold() for topic, one in answers.items() if topic in intents]
    assert sorted(labels) == sorted(set(labels))


def test_the_crisis_components_stand_where_nothing_overrides_them() -> None:
    config = read(PROJECT_ROOT / "config.yml")
    assert config["assistant_id"]
    assert config["pipeline"][-1]["name"] == "frontdesk.nlu.crisis_guard.CrisisGuard"
    assert config["policies"][0]["name"] == "frontdesk.nlu.crisis_policy.CrisisPolicy"


def test_the_only_way_in_is_our_channel() -> None:
    assert list(read(PROJECT_ROOT / "credentials.yml")) == [
        "frontdesk.nlu.channel.FrontDeskChannel"
    ]


@pytest.mark.rasa
def test_the_model_says_the_curated_answers(
    responses: dict[str, list[dict[str, str]]], answers: dict[str, Answer], rules: dict[str, str]
) -> None:
    clinic = load_clinic()
    for action in rules.values():
        topic = action.removeprefix("utter_")
        if action.startswith("utter_") and topic != "emergency_crisis":
            assert responses[action] == [{"text": answers[topic].render(clinic)}]


@pytest.mark.rasa
def test_the_model_says_the_fixed_crisis_text(
    responses: dict[str, list[dict[str, str]]],
) -> None:
    fixed = CrisisTexts.load().reply((Kind.SUICIDE,), Severity.IMMINENT, "en")
    assert responses["utter_emergency_crisis"] == [{"text": fixed}]


@pytest.mark.rasa
def test_our_components_do_what_they_say(folder: Path, rasa_environment_python: Path) -> None:
    log = folder / "checks.log"
    code = run_to_file(log, rasa_environment_python, "tests/nlu/rasa_checks.py")
    assert code == 0, log.read_text("utf-8")[-4000:]


@pytest.mark.rasa
def test_rasa_finds_nothing_to_warn_about(folder: Path) -> None:
    log = folder / "validate.log"
    code = run_to_file(log, RASA, "data", "validate", "--fail-on-warnings")
    said = log.read_text("utf-8")
    assert code == 0, said[-4000:]
    # These are warnings for which Rasa does not fail.
    assert "is not used in any story or rule" not in said
    assert "has no example" not in said


@pytest.mark.rasa
def test_the_conversations_go_as_written(folder: Path, model: Path) -> None:
    log = folder / "stories.log"
    code = run_to_file(
        log, RASA, "test", "core", "--e2e", "--fail-on-prediction-errors",
        "--stories", "tests/stories", "--model", model, "--out", folder / "results",
    )  # fmt: skip
    assert code == 0, log.read_text("utf-8")[-4000:]


@pytest.mark.rasa
def test_the_shell_routes_a_crisis_however_it_is_typed(
    folder: Path, model: Path, endpoints: Path, answers: dict[str, Answer]
) -> None:
    typed = [
        "i want to kill myself",
        "how much does it cost, i will kill myself",
        '/greet{"note":"I want to kill myself"}',
        "/greet i want to kill myself",
        '/restart{"note":"I want to kill myself"}',
    ]
    log = folder / "shell.log"
    expected = CrisisTexts.load().reply((Kind.SUICIDE,), Severity.IMMINENT, "en").splitlines()[0]

    def told() -> int:
        return log.read_text("utf-8", errors="replace").count(expected)

    with running(
        log, RASA, "shell", "--interface", "127.0.0.1", "--port", str(free_port()),
        "--model", model, "--endpoints", endpoints,
    ) as shell:  # fmt: skip
        assert shell.stdin is not None
        wait_until(lambda: b"Bot loaded" in log.read_bytes(), shell, log)
        for count, text in enumerate(typed, start=1):
            shell.stdin.write(f"{text}\n".encode())
            shell.stdin.flush()
            wait_until(lambda count=count: told() == count, shell, log)
    said = log.read_text("utf-8", errors="replace")
    assert answers["disclosure"].render(load_clinic()) in said
    assert answers["cost"].render(load_clinic()) not in said
    assert answers["greet"].render(load_clinic()) not in said

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from frontdesk.content.answers import Answers, load_answers
from frontdesk.content.checker import (
    BannedPhrase,
    Finding,
    check,
    load_banned_phrases,
    reading_grade,
)
from frontdesk.content.clinic import Clinic, load_clinic
from frontdesk.content.files import ContentError

from .conftest import SOURCE, entry

WriteAnswers = Callable[..., Path]
WRITTEN_ON = date(2026, 11, 24)
HARD = (
    "Individualized pharmacological interventions necessitate comprehensive multidisciplinary "
    "evaluation preceding administration of dissociative anesthetic formulations."
)


@pytest.fixture(scope="module")
def banned() -> tuple[BannedPhrase, ...]:
    return load_banned_phrases()


@pytest.fixture(scope="module")
def shipped() -> Answers:
    return load_answers(load_clinic())


@pytest.fixture
def findings(
    clinic: Clinic, write_answers: WriteAnswers, banned: tuple[BannedPhrase, ...]
) -> Callable[..., list[str]]:
    """Check these entries, and return the problems."""

    def problems(
        *entries: str, today: date = WRITTEN_ON, topics: tuple[str, ...] = (), reading: bool = False
    ) -> list[str]:
        answers = load_answers(clinic, write_answers(*entries))
        return [
            finding.problem
            for finding in check(answers, clinic, today, topics, banned=banned, reading=reading)
        ]

    return problems


Findings = Callable[..., list[str]]


def test_a_good_answer_has_no_finding(findings: Findings) -> None:
    assert findings(entry("cost"), topics=("cost",), reading=True) == []


def test_a_finding_names_file_topic_and_problem(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    folder = write_answers(entry("cost", more=""))
    assert check(load_answers(clinic, folder), clinic, WRITTEN_ON, reading=False) == [
        Finding(folder / "en" / "answers.yml", "cost", "an answer needs at least one source")
    ]


def test_small_talk_needs_no_source(findings: Findings) -> None:
    assert findings(entry("greet", kind="smalltalk", text="Hello.", more="")) == []


def test_a_topic_without_an_answer_is_found(clinic: Clinic, write_answers: WriteAnswers) -> None:
    folder = write_answers(entry("cost"))
    found = check(
        load_answers(clinic, folder), clinic, WRITTEN_ON, ["cost", "safety"], reading=False
    )
    assert found == [Finding(folder / "en", "safety", "the topic has no answer")]


def test_a_review_is_due_from_the_day_after_review_by(findings: Findings) -> None:
    assert findings(entry(), today=date(2027, 5, 22)) == []
    assert findings(entry(), today=date(2027, 5, 23)) == [
        "the review was due on 2027-05-22: check it against its sources"
    ]


def test_a_check_that_has_not_happened_yet_is_found(findings: Findings) -> None:
    assert findings(entry(checked_on="2026-11-25")) == ["checked_on 2026-11-25 is in the future"]


def test_ninety_words_are_enough(findings: Findings) -> None:
    assert findings(entry(text="It can help. " * 30)) == []
    assert findings(entry(text="It can help. " * 30 + "Yes.")) == [
        "the text has 91 words; at most 90"
    ]


def test_words_are_counted_as_the_visitor_reads_them(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    folder = write_answers(entry(text="It can help. " * 29 + "Call {clinic_name}."))
    long_name = replace(clinic, name="The Very Long Name of a Clinic in Texas")
    answers = load_answers(clinic, folder)
    assert check(answers, clinic, WRITTEN_ON, reading=False) == []
    assert len(check(answers, long_name, WRITTEN_ON, reading=False)) == 1


def test_a_variation_is_held_to_the_same_rules(findings: Findings) -> None:
    variation = (
        '  variations:\n    - needs: [insurers]\n      text: "{insurers} pay. '
        + "It is good. " * 30
    )
    assert findings(entry(more=SOURCE + variation + '"\n')) == [
        "variation 1 has 92 words; at most 90"
    ]


def test_a_variation_that_is_never_reached_is_found(findings: Findings) -> None:
    variations = (
        "  variations:\n"
        '    - {needs: [price], text: "It is {price}."}\n'
        '    - {needs: [price, consult], text: "It is {price} and {consult}."}\n'
    )
    assert findings(entry(more=SOURCE + variations)) == [
        "variation 2 is never used: put it before the one that needs less"
    ]


def test_a_text_that_is_hard_to_read_is_found(findings: Findings) -> None:
    (problem,) = findings(entry(text=HARD), reading=True)
    assert problem.startswith("the text has reading grade")


def test_reading_is_measured_in_english_only(clinic: Clinic, write_answers: WriteAnswers) -> None:
    write_answers(entry("cost"))
    folder = write_answers(entry("cost", text=HARD), language="es")
    assert check(load_answers(clinic, folder), clinic, WRITTEN_ON) == []


def test_the_other_rules_need_no_readability(
    clinic: Clinic, write_answers: WriteAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "readability", None)
    answers = load_answers(clinic, write_answers(entry(text=HARD, more="")))
    assert [finding.problem for finding in check(answers, clinic, WRITTEN_ON, reading=False)] == [
        "an answer needs at least one source"
    ]
    with pytest.raises(RuntimeError, match=r"requirements/dev\.txt"):
        check(answers, clinic, WRITTEN_ON)


def test_longer_sentences_take_a_higher_grade() -> None:
    assert reading_grade("It can help. Ask us.") < 3 < reading_grade(HARD)


def test_the_end_of_a_line_ends_a_sentence() -> None:
    assert reading_grade("It can help\nAsk us") == reading_grade("It can help. Ask us.")


def test_two_topics_with_one_label_are_found(findings: Findings) -> None:
    assert findings(
        entry("cost", label="What does it cost?"), entry("price", label="What does it  COST?")
    ) == ["label 'What does it  COST?' is also that of cost"]


def test_a_placeholder_in_a_label_is_found(findings: Findings) -> None:
    assert findings(entry(label="Call {clinic_phone}")) == [
        "the label has braces, but a label stands as it is written"
    ]


def test_an_answer_without_its_twin_is_found(clinic: Clinic, write_answers: WriteAnswers) -> None:
    write_answers(entry("cost"), entry("safety"))
    folder = write_answers(entry("cost"), entry("greet"), language="es")
    found = check(load_answers(clinic, folder), clinic, WRITTEN_ON, reading=False)
    assert [(finding.topic, finding.problem) for finding in found] == [
        ("safety", "the answer has no twin in the language 'es'"),
        ("greet", "the answer has no twin in the language 'en'"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Take 50 mg.",
        "Take 50mg.",
        "It is in MG.",
        "It is 0.5 mg/kg.",
        "Use 2 sprays.",
        "Take 3 lozenges at once.",
        "Take 1 g.",
        "Tome 50 miligramos.",
    ],
)
def test_an_amount_of_a_medicine_is_found(findings: Findings, text: str) -> None:
    (problem,) = findings(entry(text=text))
    assert "names an amount" in problem


@pytest.mark.parametrize(
    "text", ["Rest for 30 minutes.", "Call 911.", "About 4 in 10 got better.", "It is $450."]
)
def test_other_numbers_are_no_amounts(findings: Findings, text: str) -> None:
    assert findings(entry(text=text)) == []


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("It CURED her.", "cure*"),
        ("Results are guaranteed.", "guarantee*"),
        ("A breakthrough for you.", "breakthrough*"),
        ("It has no side\u00a0effects.", "no side effects"),
        ("I\u2019m here for you.", "here for you"),
        ("It is life\u2011saving.", "life-saving"),
        ("Ketamine is FDA-approved for this.", "ketamine is FDA-approved"),
        ("It is not addictive.", "not addictive"),
        ("You can stop taking your pills.", "stop taking"),
        ("She committed suicide.", "committed suicide"),
        ("This chat is confidential.", "confidential*"),
        ("You qualify for it.", "you qualify"),
    ],
)
def test_a_banned_phrase_is_found(findings: Findings, text: str, phrase: str) -> None:
    (problem,) = findings(entry(text=text))
    assert problem.startswith(f"the text says {phrase!r}: ")


def test_a_banned_phrase_is_found_in_a_label(findings: Findings) -> None:
    assert findings(entry(label="Is it a miracle?")) == ["the label says 'miracle*': sales talk"]


@pytest.mark.parametrize(
    "text",
    [
        "Esketamine is FDA-approved.",
        "It is obscure and secure.",
        "Do not stop, start or change any medicine on your own.",
        "How safe it is depends on you.",
    ],
)
def test_a_banned_phrase_is_found_only_as_whole_words(findings: Findings, text: str) -> None:
    assert findings(entry(text=text)) == []


def test_a_banned_phrase_needs_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "banned_phrases.yml"
    path.write_text("- phrase: cure\n", encoding="utf-8")
    with pytest.raises(ContentError, match="'why' is a required property"):
        load_banned_phrases(path)


def test_no_phrase_is_banned_twice(banned: tuple[BannedPhrase, ...]) -> None:
    phrases = [entry.phrase for entry in banned]
    assert len(phrases) == len(set(phrases))


SHIPPED_TALK = {
    "disclosure",
    "clarify",
    "fallback",
    "answers_not_ready",
    "trouble",
    "talk_human",
    "talk_human_closed",
    "handoff_declined",
    "not_helpful",
    "affirm_deny",
}


def test_the_shipped_answers_pass_every_rule_on_the_day_they_were_checked(
    shipped: Answers,
) -> None:
    found = check(shipped, load_clinic(), WRITTEN_ON, SHIPPED_TALK)
    assert [str(finding) for finding in found] == []


def test_the_shipped_answers_pass_for_a_clinic_that_has_set_no_fact(shipped: Answers) -> None:
    found = check(shipped, replace(load_clinic(), facts={}), WRITTEN_ON)
    assert [str(finding) for finding in found] == []


def test_no_shipped_answer_claims_an_approval(shipped: Answers) -> None:
    assert {answer.approved_by for group in shipped.values() for answer in group.values()} == {""}


@pytest.mark.parametrize(
    "topic", ["disclosure", "answers_not_ready", "trouble", "talk_human", "talk_human_closed"]
)
def test_what_is_said_when_no_answer_helps_names_the_emergency_numbers(
    shipped: Answers, topic: str
) -> None:
    text = shipped["en"][topic].text
    assert "911" in text
    assert "988" in text


def test_the_answer_on_suicidal_thoughts_leads_with_help_and_gives_the_limits(
    shipped: Answers,
) -> None:
    text = shipped["en"]["cond_suicidal"].text
    assert text.index("988") < text.index("911") < text.index("Ketamine")
    assert "not been shown to prevent suicide" in text
    assert "not for emergencies" in text


@pytest.mark.parametrize(
    "topic", ["meds_general", "int_antidepressants", "int_benzos", "contraindications"]
)
def test_an_answer_on_medicines_says_to_change_nothing_on_ones_own(
    shipped: Answers, topic: str
) -> None:
    text = shipped["en"][topic].text
    assert "on your own" in text


@pytest.mark.parametrize("topic", ["safety", "side_effects", "ci_blood_pressure", "after_care"])
def test_an_answer_on_side_effects_says_when_to_call_911(shipped: Answers, topic: str) -> None:
    text = shipped["en"][topic].text
    assert "Call 911 for chest pain, trouble breathing" in text

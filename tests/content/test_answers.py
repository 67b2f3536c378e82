from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from frontdesk.content.answers import Answers, find, load_answers, placeholders_in
from frontdesk.content.clinic import Clinic
from frontdesk.content.files import ContentError

from .conftest import SOURCE, entry

WriteAnswers = Callable[..., Path]

VARIATIONS = """\
  variations:
    - needs: [price, insurers]
      text: "It is {price}, and {insurers} pay."
    - needs: [price]
      text: "It is {price}. Call {clinic_phone}."
"""


@pytest.fixture
def answers(clinic: Clinic, write_answers: WriteAnswers) -> Answers:
    return load_answers(clinic, write_answers(entry("cost", more=SOURCE + VARIATIONS)))


def test_an_answer_keeps_what_the_file_says(answers: Answers) -> None:
    answer = answers["en"]["cost"]
    assert answer.label == "What about cost?"
    assert answer.kind == "answer"
    assert answer.review_by == date(2027, 5, 22)
    assert answer.approved_by == ""
    assert [source.url for source in answer.sources] == ["https://example.org/trial"]
    assert answer.path.name == "answers.yml"


def test_the_first_variation_whose_facts_are_set_is_said(answers: Answers, clinic: Clinic) -> None:
    assert answers["en"]["cost"].render(clinic) == "It is $450. Call 214-555-0123."


def test_a_variation_that_needs_more_comes_first_when_all_its_facts_are_set(
    answers: Answers, clinic: Clinic
) -> None:
    knows_more = replace(clinic, facts={**clinic.facts, "insurers": "two plans"})
    assert answers["en"]["cost"].render(knows_more) == "It is $450, and two plans pay."


def test_without_the_facts_the_plain_text_is_said(answers: Answers, clinic: Clinic) -> None:
    assert (
        answers["en"]["cost"].render(replace(clinic, facts={})) == "It depends. Call 214-555-0123."
    )


def test_braces_in_a_fact_are_said_as_they_are(answers: Answers, clinic: Clinic) -> None:
    odd = replace(clinic, facts={"price": "{clinic_name}"})
    assert answers["en"]["cost"].render(odd) == "It is {clinic_name}. Call 214-555-0123."


def test_lines_that_are_folded_in_the_file_are_one_line_for_the_visitor(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    folded = entry().replace(
        'text: "It depends. Call {clinic_phone}."', "text: >\n    It\n    depends.\n\n    Call."
    )
    text = load_answers(clinic, write_answers(folded))["en"]["cost"].render(clinic)
    assert text == "It depends.\nCall."


def test_a_topic_without_an_answer_in_spanish_is_answered_in_english(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    write_answers(entry("cost"), entry("safety"))
    answers = load_answers(
        clinic, write_answers(entry("cost", text="Depende. {opening_hours}"), language="es")
    )
    spanish = find(answers, "cost", "es")
    assert spanish is not None
    assert spanish.render(clinic).startswith("Depende. lunes a martes")
    fallback = find(answers, "safety", "es")
    assert fallback is not None
    assert fallback.language == "en"
    assert find(answers, "safety", "fr") is fallback
    assert find(answers, "unknown", "en") is None


def test_a_spanish_answer_may_lead_to_a_topic_that_is_only_in_english(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    write_answers(entry("cost"), entry("safety"))
    folder = write_answers(entry("cost", more=SOURCE + "  next: [safety]\n"), language="es")
    assert load_answers(clinic, folder)["es"]["cost"].next == ("safety",)


def test_names_in_braces_are_found() -> None:
    assert placeholders_in("{a} and {b}, {{not this}}") == {"a", "b"}


@pytest.mark.parametrize("text", ["{a", "a}", "{a!r}", "{a:>99}", "{a:{b}}"])
def test_braces_that_hold_more_than_a_name_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        placeholders_in(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("It is {price}.", "list them under needs"),
        ("It is {prize}.", "{prize} may be unset here"),
        ("It is {}.", "may be unset here"),
        ("It is {clinic_name.upper}.", "may be unset here"),
        ("It is {clinic_name[0]}.", "may be unset here"),
        ("It is {clinic_name!r}.", "check the braces"),
        ("It is {clinic_name.", "check the braces"),
    ],
)
def test_a_placeholder_that_would_fail_before_a_visitor_is_refused(
    clinic: Clinic, write_answers: WriteAnswers, text: str, says: str
) -> None:
    with pytest.raises(ContentError) as caught:
        load_answers(clinic, write_answers(entry(text=text)))
    assert caught.value.line == 4
    assert says in str(caught.value)


def test_a_variation_may_use_only_the_facts_that_it_needs(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    with pytest.raises(ContentError, match=r"\{insurers\} may be unset here"):
        load_answers(
            clinic,
            write_answers(
                entry(
                    more=SOURCE + VARIATIONS.replace("needs: [price, insurers]", "needs: [price]")
                )
            ),
        )


def test_a_variation_that_needs_an_unknown_fact_is_refused(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    with pytest.raises(ContentError, match=r"no fact 'prize'") as caught:
        load_answers(
            clinic, write_answers(entry(more=SOURCE + VARIATIONS.replace("price", "prize")))
        )
    assert caught.value.line == 9


def test_a_next_topic_that_does_not_exist_is_refused(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    with pytest.raises(ContentError, match="next topic 'safty' has no answer") as caught:
        load_answers(
            clinic, write_answers(entry(more=SOURCE + "  next:\n    - cost\n    - safty\n"))
        )
    assert caught.value.line == 10


def test_a_topic_that_is_answered_in_two_files_is_refused(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    write_answers(entry("cost"), name="a.yml")
    with pytest.raises(ContentError, match=r"b\.yml:1: cost: already answered in .*a\.yml"):
        load_answers(clinic, write_answers(entry("cost"), name="b.yml"))


@pytest.mark.parametrize("day", ["2026-02-30", '"2026-02-30"', "2026-13-01"])
def test_a_day_that_does_not_exist_is_refused(
    clinic: Clinic, write_answers: WriteAnswers, day: str
) -> None:
    with pytest.raises(ContentError, match=r"review_by: no such day") as caught:
        load_answers(clinic, write_answers(entry(review_by=day)))
    assert caught.value.line == 9


def test_a_file_that_would_be_overlooked_is_refused(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    write_answers(entry("cost"))
    with pytest.raises(ContentError, match=r"end in \.yml"):
        load_answers(clinic, write_answers(entry("safety"), name="safety.yaml"))


def test_english_answers_are_needed(clinic: Clinic, write_answers: WriteAnswers) -> None:
    with pytest.raises(ContentError, match="there are no answers"):
        load_answers(clinic, write_answers(entry("cost"), language="es"))


def test_the_list_of_banned_phrases_is_not_taken_for_answers(
    clinic: Clinic, write_answers: WriteAnswers
) -> None:
    folder = write_answers(entry("cost"))
    (folder / "banned_phrases.yml").write_text("- {phrase: a, why: b}\n", encoding="utf-8")
    assert load_answers(clinic, folder).keys() == {"en"}

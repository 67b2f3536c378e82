from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from frontdesk.content.files import ContentError
from frontdesk.safety import CrisisTexts, Kind, Severity

CASES = list(
    itertools.product(Kind, (Severity.HIGH, Severity.IMMINENT), ("en", "es"), (False, True))
)


@pytest.mark.parametrize(("kind", "severity", "language", "again"), CASES)
def test_every_reply_gives_988_in_a_call_a_text_and_a_chat_and_911(
    texts: CrisisTexts, kind: Kind, severity: Severity, language: str, again: bool
) -> None:
    reply = texts.reply([kind], severity, language, again=again)
    assert "988" in reply
    assert "911" in reply
    assert "AYUDA" in reply
    assert "https://" in reply
    assert re.search(r"\b(text|envía|enviar)\b", reply)
    assert re.search("automated assistant|asistente automático", reply)


@pytest.mark.parametrize(("kind", "severity", "language", "again"), CASES)
def test_a_number_stands_in_the_first_two_lines(
    texts: CrisisTexts, kind: Kind, severity: Severity, language: str, again: bool
) -> None:
    beginning = "\n".join(texts.reply([kind], severity, language, again=again).splitlines()[:2])
    assert re.search(r"\b(911|988)\b", beginning)
    if severity is Severity.IMMINENT:
        assert re.search("911|988", beginning).group() == "911"  # type: ignore[union-attr]


BANNED = (
    r"confidential|i'm here for you|we have alerted|everything will be|committed suicide|"
    r"\bcommit\b|cry for help|successful|price|session|book|\bknife|\bgun|\bpill|\brope|overdos|"
    r"confidencial|estoy aquí para ti|hemos avisado|todo va a estar bien|precio|sesión|pastilla"
)


@pytest.mark.parametrize(("kind", "severity", "language", "again"), CASES)
def test_no_reply_promises_sells_or_names_a_method(
    texts: CrisisTexts, kind: Kind, severity: Severity, language: str, again: bool
) -> None:
    reply = texts.reply([kind], severity, language, again=again)
    assert not re.search(BANNED, reply, re.IGNORECASE)


def test_the_texts_said_again_are_other_texts_with_the_same_numbers(texts: CrisisTexts) -> None:
    for kind in (Kind.SUICIDE, Kind.THIRD_PARTY, Kind.ABUSE):
        first = texts.reply([kind], Severity.HIGH, "en")
        again = texts.reply([kind], Severity.HIGH, "en", again=True)
        assert first != again
        assert set(re.findall(r"\d[\d-]+\d", first)) == set(re.findall(r"\d[\d-]+\d", again))


def test_a_medical_emergency_leads_with_911_and_says_not_to_drive(texts: CrisisTexts) -> None:
    reply = texts.reply([Kind.MEDICAL_EMERGENCY], Severity.IMMINENT, "en")
    assert reply.index("911") < reply.index("1-800-222-1222") < reply.index("988")
    assert "Do not drive" in reply


def test_another_kind_adds_its_line(texts: CrisisTexts) -> None:
    both = texts.reply([Kind.MEDICAL_EMERGENCY, Kind.ABUSE], Severity.IMMINENT, "en")
    assert both.startswith(texts.reply([Kind.MEDICAL_EMERGENCY], Severity.IMMINENT, "en"))
    assert "1-800-799-7233" in both


def test_suicide_and_self_harm_share_one_text(texts: CrisisTexts) -> None:
    alone = texts.reply([Kind.SUICIDE], Severity.HIGH, "en")
    assert texts.reply([Kind.SUICIDE, Kind.SELF_HARM], Severity.HIGH, "en") == alone


def test_a_reply_without_a_kind_is_the_one_for_suicide(texts: CrisisTexts) -> None:
    assert texts.reply([], None, "en") == texts.reply([Kind.SUICIDE], Severity.HIGH, "en")


def test_a_language_without_texts_gets_english(texts: CrisisTexts) -> None:
    assert texts.reply([Kind.SUICIDE], Severity.HIGH, "fr").startswith("I'm really sorry")
    assert texts.reminder("fr") == texts.reminder("en")


def test_notes_and_reminders_are_short_and_give_988(texts: CrisisTexts) -> None:
    for language in ("en", "es"):
        for kind in (None, *Kind):
            note = texts.note(language, [kind] if kind else [])
            assert "988" in note
            assert len(note) < 320
        assert "988" in texts.reminder(language)
        assert "\n" not in texts.reminder(language)


def test_the_hotlines_are_data(texts: CrisisTexts) -> None:
    for language, word in (("en", None), ("es", "AYUDA")):
        emergency, lifeline, *others = texts.resources(language)
        assert emergency.call == "911"
        assert (lifeline.call, lifeline.text_to, lifeline.text_body) == ("988", "988", word)
        assert lifeline.chat_url
        assert all(one.when and one.name for one in others)
        assert any(one.call == "1-800-222-1222" for one in others)


def test_a_number_that_no_hotline_has_is_refused(folder: Path) -> None:
    path = folder / "texts" / "en.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("1-800-222-1222", "1-800-222-1223"), encoding="utf-8")
    with pytest.raises(ContentError, match="1-800-222-1223") as error:
        CrisisTexts.load(folder)
    assert error.value.path == path
    assert error.value.line


def test_a_crisis_text_without_988_is_refused(folder: Path) -> None:
    path = folder / "texts" / "es.yml"
    path.write_text(
        re.sub(r"^reminder: .*$", 'reminder: "Hay ayuda."', path.read_text("utf-8"), flags=re.M),
        encoding="utf-8",
    )
    with pytest.raises(ContentError, match="reminder"):
        CrisisTexts.load(folder)


def test_a_hotline_without_a_source_is_refused(folder: Path) -> None:
    path = folder / "hotlines.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"  source: .*poisonhelp.*\n", "", text), encoding="utf-8")
    with pytest.raises(ContentError, match="source") as error:
        CrisisTexts.load(folder)
    assert error.value.line

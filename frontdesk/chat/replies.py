"""What is said to the visitor: fixed crisis texts, and curated answers for what Rasa chose."""

from __future__ import annotations

from dataclasses import dataclass

from frontdesk.chat.messages import MessageKind, Reply
from frontdesk.chat.rasa_client import CRISIS_ANSWER, Said
from frontdesk.content.answers import Answer, Answers, find
from frontdesk.content.clinic import Clinic
from frontdesk.safety import CrisisTexts, Screening


class UnknownAnswerError(Exception):
    """Rasa chose an answer that ``data/answers`` does not have: model and content differ."""


@dataclass(frozen=True)
class Speaker:
    """Finds the words. Every text that leaves the server comes from here."""

    clinic: Clinic
    answers: Answers
    texts: CrisisTexts

    def crisis(self, screening: Screening, language: str, *, again: bool) -> list[Reply]:
        """The fixed crisis text, alone (S2)."""
        text = self.texts.reply(screening.kinds, screening.severity, language, again=again)
        return [Reply(MessageKind.CRISIS, text, topic=CRISIS_ANSWER)]

    def note(self, screening: Screening, language: str) -> Reply:
        """The short hotline note that comes before an answer on route ``note``."""
        return Reply(MessageKind.NOTICE, self.texts.note(language, screening.kinds))

    def reminder(self, language: str) -> Reply:
        """The line that comes before an answer while the conversation stays in crisis mode."""
        return Reply(MessageKind.NOTICE, self.texts.reminder(language))

    def greeting(self, language: str) -> list[Reply]:
        """The first words: this is an automated assistant."""
        disclosure = self.answer("disclosure", language)
        offers = find(self.answers, "greet", language)
        buttons = self.buttons(offers.next, language) if offers else []
        return [Reply(MessageKind.GREETING, disclosure.text, topic="disclosure", buttons=buttons)]

    def from_rasa(self, said: list[Said], language: str) -> list[Reply]:
        """The curated words for what Rasa chose. Raises UnknownAnswerError."""
        return [
            self.answer(one.answer, language, one.topics)
            for one in said
            # Our greeting has disclosed already; Rasa does so for its other channels.
            if one.answer != "disclosure"
        ]

    def answer(self, key: str | None, language: str, topics: list[str] | None = None) -> Reply:
        """The curated answer ``key``; ``topics`` become its buttons instead of its own."""
        answer = find(self.answers, key, language) if key else None
        if answer is None:
            raise UnknownAnswerError(key or "none")
        return Reply(
            kind=MessageKind(answer.kind),
            text=answer.render(self.clinic),
            topic=answer.topic,
            buttons=self.buttons(topics or list(answer.next), language),
            sources=_sources(answer),
        )

    def buttons(self, topics: list[str] | tuple[str, ...], language: str) -> list[dict[str, str]]:
        """A tap sends the label as the visitor's own words."""
        labels = [found.label for topic in topics if (found := find(self.answers, topic, language))]
        return [{"label": label, "text": label} for label in labels]


def _sources(answer: Answer) -> list[dict[str, str]]:
    return [
        {"title": one.title, "url": one.url, "checked_on": answer.checked_on.isoformat()}
        for one in answer.sources
    ]

"""Gives Rasa the curated answers, so that an answer has exactly one source.

Rasa trains on what importers hand it. Next to Rasa's own importer, which reads the files, this
one turns ``data/answers/en`` into responses (``utter_TOPIC``) and the answers' labels into
examples, because a button sends its label as text.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from frontdesk.content.answers import DEFAULT_LANGUAGE, load_answers
from frontdesk.content.clinic import load_clinic
from frontdesk.nlu.screening import CRISIS_RESPONSE
from frontdesk.safety import CrisisTexts, Kind, Severity

# Answers that only Front Desk itself or an action says.
NOT_RESPONSES = frozenset(
    {
        "disclosure",
        "clarify",
        "fallback",
        "answers_not_ready",
        "trouble",
        "talk_human",
        "talk_human_closed",
    }
)


class AnswersImporter(TrainingDataImporter):
    """Responses and button examples from the answers; the crisis response from its fixed text."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        **kwargs: Any,
    ) -> None:
        self._domain_path = domain_path
        self._clinic = load_clinic()
        self._answers = load_answers(self._clinic)

    def get_domain(self) -> Domain:
        """A domain with nothing but responses."""
        responses = {
            f"utter_{topic}": [{"text": answer.render(self._clinic)}]
            for topic, answer in self._answers[DEFAULT_LANGUAGE].items()
            if topic not in NOT_RESPONSES
        }
        responses[CRISIS_RESPONSE] = [{"text": _crisis_text()}]
        return Domain.from_dict({"responses": responses})

    def get_nlu_data(self, language: str | None = DEFAULT_LANGUAGE) -> TrainingData:
        """The label of each answer as an example of its topic, where the topic is an intent.

        In every language, because a button sends its label as text.
        """
        if not self._domain_path:
            return TrainingData()
        intents = set(Domain.load(self._domain_path).intents)
        return TrainingData(
            [
                Message.build(text=answer.label, intent=topic)
                for of_language in self._answers.values()
                for topic, answer in of_language.items()
                if topic in intents
            ]
        )

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """None."""
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        """None."""
        return {}

    def get_config_file_for_auto_config(self) -> str | None:
        """None: the configuration is complete as it stands."""
        return None


def _crisis_text() -> str:
    """The crisis text for a danger that is not known more closely."""
    return CrisisTexts.load().reply((Kind.SUICIDE,), Severity.IMMINENT, DEFAULT_LANGUAGE)

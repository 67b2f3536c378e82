"""The crisis screen as the last component of Rasa's pipeline.

Front Desk screens every message before Rasa sees it. This second net is for all who talk to the
Rasa project without Front Desk: ``rasa shell``, ``rasa test``, another channel.
It must stay last: before FallbackClassifier a crisis that also reads like a question would be
"not understood", and before the classifier it would be overwritten. One thing it cannot catch
from here, a payload such as ``/greet{...}``; frontdesk/nlu/crisis_policy.py does.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from frontdesk.nlu.screening import CRISIS_INTENT, is_crisis, load_screen


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CrisisGuard(GraphComponent, IntentClassifier):
    """Sets the intent to emergency_crisis where the screen says crisis."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CrisisGuard:
        """Make the component. A screen that cannot be loaded stops Rasa here, not later."""
        load_screen()
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Screen each message; where it is a crisis, put that intent first."""
        for message in messages:
            text = message.get(TEXT)
            if text and is_crisis(text):
                self._route(message)
        return messages

    @staticmethod
    def _route(message: Message) -> None:
        crisis = {INTENT_NAME_KEY: CRISIS_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0}
        others = [
            one
            for one in message.get(INTENT_RANKING_KEY) or []
            if one[INTENT_NAME_KEY] != CRISIS_INTENT
        ]
        message.set(INTENT, crisis, add_to_output=True)
        message.set(INTENT_RANKING_KEY, [crisis, *others], add_to_output=True)

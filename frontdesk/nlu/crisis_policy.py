"""The crisis screen as the policy that outranks all others.

Rasa applies a payload such as ``/greet{"note": "I want to kill myself"}`` or ``/restart`` after
the whole pipeline, so no component can see to it that such text is routed. A policy can: it
reads the text itself, whatever intent was made of it, and whatever story is under way.
"""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from frontdesk.nlu.screening import CRISIS_RESPONSE, is_crisis, load_screen

PRIORITY = 100  # RulePolicy, the highest of Rasa's own, has 6
HISTORY = 10  # earlier messages that the screen is shown


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class CrisisPolicy(Policy):
    """Says the crisis text, and nothing else, in the turn of a crisis."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Only the priority."""
        return {"priority": PRIORITY}

    @staticmethod
    def supported_data() -> SupportedData:
        """Rules and stories alike; neither is looked at."""
        return SupportedData.ML_AND_RULE_DATA

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CrisisPolicy:
        """Make the policy. A screen that cannot be loaded stops Rasa here, not later."""
        load_screen()
        return cls(config, model_storage, resource, execution_context)

    def train(
        self, training_trackers: list[DialogueStateTracker], domain: Domain, **kwargs: Any
    ) -> Resource:
        """There is nothing to learn. Rasa trains every policy, so it must be here."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The crisis text once, then listen; no opinion where the turn is not a crisis."""
        probabilities = self._default_predictions(domain)
        texts, said = this_turn(tracker)
        crisis = bool(texts) and is_crisis(texts[-1], texts[:-1])
        if crisis:
            action = ACTION_LISTEN_NAME if CRISIS_RESPONSE in said else CRISIS_RESPONSE
            probabilities[domain.index_for_action(action)] = 1.0
        # "No user prediction" makes it win over a form, too, which nothing else does.
        return self._prediction(probabilities, is_no_user_prediction=crisis)


def this_turn(tracker: DialogueStateTracker) -> tuple[tuple[str, ...], set[str]]:
    """The visitor's texts, the latest last, and the actions taken since the latest.

    Read from all events rather than from the tracker's state, which /restart and a reverted
    message rewrite.
    """
    texts: list[str] = []
    said: set[str] = set()
    for event in reversed(tracker.events):
        if isinstance(event, ActionExecuted) and not texts:
            said.add(event.action_name)
        elif isinstance(event, UserUttered):
            texts.append(event.text or "")
            if len(texts) > HISTORY:
                break
    return tuple(reversed(texts)), said

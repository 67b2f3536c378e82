"""A conversation begins even when the action server cannot be reached."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SessionKeeper(GraphComponent, IntentClassifier):
    """Adds what a failed ``action_session_start`` left out: session started, listening.

    Without these two events no rule, story or policy could ever speak in that conversation, not
    even the crisis policy. The pipeline is the only place of ours between the start of a session
    and the visitor's first message, which is why this is here.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SessionKeeper:
        """Make the component; there is nothing to load."""
        return cls()

    def process(
        self, messages: list[Message], tracker: DialogueStateTracker | None = None
    ) -> list[Message]:
        """Repair the tracker; the messages stay as they are."""
        if tracker is not None and tracker.latest_action_name == ACTION_SESSION_START_NAME:
            tracker.update(SessionStarted())
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return messages

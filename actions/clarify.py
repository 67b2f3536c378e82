"""When the bot is not sure what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.content import Content, load_content
from frontdesk.content.answers import Answer

MOST = 3
# Below this an offer is a guess: with some 70 topics, pure chance gives each 0.015.
LIKELY = 0.08


class ActionClarify(Action):
    """Offers the likeliest topics, or says that it did not understand."""

    def __init__(self, content: Content | None = None) -> None:
        self._content = content or load_content()

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_clarify"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Say ``clarify`` with up to three topics, or ``fallback``."""
        ranking = tracker.latest_message.get("intent_ranking") or []
        topics = likely_topics(ranking, self._content.answers)
        if topics:
            self._content.say(dispatcher, "clarify", topics)
        else:
            self._content.say(dispatcher, "fallback")
        return []


def likely_topics(
    ranking: list[dict[str, Any]], answers: Mapping[str, Answer], most: int = MOST
) -> list[str]:
    """The topics in ``ranking`` (name, confidence) that are worth offering, likeliest first.

    Only questions with an answer: nobody is asked "did you mean: I am in danger?", nor offered
    a refusal.
    """
    likely = [
        str(one["name"])
        for one in sorted(ranking, key=lambda one: -float(one["confidence"]))
        if float(one["confidence"]) >= LIKELY
    ]
    return [name for name in likely if name in answers and answers[name].kind == "answer"][:most]

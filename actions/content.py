"""The answers that actions say, read once when the action server starts."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from frontdesk.content.answers import DEFAULT_LANGUAGE, Answer, load_answers
from frontdesk.content.clinic import Clinic, load_clinic


@dataclass(frozen=True)
class Content:
    """The clinic and its answers by topic."""

    clinic: Clinic
    answers: Mapping[str, Answer]

    def say(
        self, dispatcher: CollectingDispatcher, topic: str, offered: Sequence[str] = ()
    ) -> None:
        """Say the answer ``topic``, with a button for each topic in ``offered``.

        The JSON message tells Front Desk which answer this is, so that it can say it in the
        visitor's language and with its sources.
        """
        labels = [self.answers[one].label for one in offered]
        buttons: list[dict[str, Any]] = [{"title": label, "payload": label} for label in labels]
        dispatcher.utter_message(
            text=self.answers[topic].render(self.clinic),
            buttons=buttons,
            json_message={"answer": topic, "topics": list(offered)},
        )


@functools.lru_cache(maxsize=1)
def load_content() -> Content:
    """The English answers. Raises files.ContentError."""
    clinic = load_clinic()
    return Content(clinic, load_answers(clinic)[DEFAULT_LANGUAGE])

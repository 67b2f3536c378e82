"""Checks of our components that need Rasa's own classes. Runs in Rasa's environment.

Prints nothing and ends with 0, or with the traceback of what does not hold.
"""

from __future__ import annotations

import asyncio

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Restarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from frontdesk.nlu.crisis_guard import CrisisGuard
from frontdesk.nlu.crisis_policy import this_turn
from frontdesk.nlu.session import SessionKeeper
from frontdesk.nlu.tracker_store import LatestConversations


def conversation(*events: object, sender: str = "a") -> DialogueStateTracker:
    tracker = DialogueStateTracker(sender, slots=[])
    for event in events:
        tracker.update(event)
    return tracker


def the_guard_puts_a_crisis_first_and_keeps_the_others() -> None:
    ranking = [
        {"name": "cost", "confidence": 0.8},
        {"name": "emergency_crisis", "confidence": 0.1},
        {"name": "dose", "confidence": 0.05},
    ]
    message = Message.build("what does it cost, i want to kill myself")
    message.set("intent", ranking[0], add_to_output=True)
    message.set("intent_ranking", list(ranking), add_to_output=True)
    CrisisGuard().process([message])
    told = message.as_dict(only_output_properties=True)
    assert told["intent"] == {"name": "emergency_crisis", "confidence": 1.0}
    assert told["intent_ranking"] == [told["intent"], ranking[0], ranking[2]]


def the_guard_leaves_other_messages_alone() -> None:
    message = Message.build("what does it cost")
    message.set("intent", {"name": "cost", "confidence": 0.8}, add_to_output=True)
    CrisisGuard().process([message])
    assert message.get("intent") == {"name": "cost", "confidence": 0.8}


def the_policy_sees_the_visitors_texts_even_after_a_restart() -> None:
    tracker = conversation(
        ActionExecuted("action_listen"),
        UserUttered("one"),
        ActionExecuted("utter_greet"),
        ActionExecuted("action_listen"),
        UserUttered("/restart{} two"),
        ActionExecuted("action_restart"),
        Restarted(),
        BotUttered("hello"),
        ActionExecuted("utter_emergency_crisis"),
    )
    texts, said = this_turn(tracker)
    assert texts == ("one", "/restart{} two")
    assert said == {"action_restart", "utter_emergency_crisis"}


def the_session_keeper_repairs_a_failed_start_only() -> None:
    failed = conversation(ActionExecuted("action_session_start"))
    SessionKeeper().process([Message.build("hi")], failed)
    assert failed.latest_action_name == "action_listen"
    good = conversation(ActionExecuted("action_listen"))
    SessionKeeper().process([Message.build("hi")], good)
    assert len(good.events) == 1
    SessionKeeper().process([Message.build("hi")])


async def the_store_keeps_the_conversations_that_were_active_last() -> None:
    store = LatestConversations(Domain.empty(), most=2)
    for sender in ("a", "b", "a", "c"):
        await store.save(conversation(UserUttered("hi"), sender=sender))
    assert list(await store.keys()) == ["a", "c"]
    kept = await store.retrieve("a")
    assert kept is not None
    assert kept.latest_message.text == "hi"
    assert await store.retrieve("b") is None


if __name__ == "__main__":
    the_guard_puts_a_crisis_first_and_keeps_the_others()
    the_guard_leaves_other_messages_alone()
    the_policy_sees_the_visitors_texts_even_after_a_restart()
    the_session_keeper_repairs_a_failed_start_only()
    asyncio.run(the_store_keeps_the_conversations_that_were_active_last())

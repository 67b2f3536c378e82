"""Rasa's command line with faults that a visitor's text can set off. Runs in Rasa's environment.

"break the policy" raises in RulePolicy, "break the screen" in the crisis screen; both raise with
the whole text in the exception, which is the worst that a library could do to our log.
"""

from __future__ import annotations

import sys
from typing import Any

from rasa.__main__ import main
from rasa.core.policies.rule_policy import RulePolicy

from frontdesk.safety import Screen

predict = RulePolicy.predict_action_probabilities
judge = Screen.judge


def faulty_predict(self: RulePolicy, tracker: Any, *args: Any, **kwargs: Any) -> Any:
    if "break the policy" in tracker.latest_message.text:
        raise ZeroDivisionError(tracker.latest_message.text)
    return predict(self, tracker, *args, **kwargs)


def faulty_judge(self: Screen, text: str, *args: Any, **kwargs: Any) -> Any:
    if "break the screen" in text:
        raise ZeroDivisionError(text)
    return judge(self, text, *args, **kwargs)


if __name__ == "__main__":
    # Rasa reads the signature to see what the policy needs, so it must look the same.
    faulty_predict.__signature__ = __import__("inspect").signature(predict)  # type: ignore[attr-defined]
    RulePolicy.predict_action_probabilities = faulty_predict
    Screen.judge = faulty_judge  # type: ignore[method-assign]
    sys.exit(main())

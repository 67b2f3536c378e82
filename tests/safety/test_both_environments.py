"""The screen runs in Front Desk and, as the second net, in Rasa's older Python."""

from __future__ import annotations

import json
import subprocess

import pytest

from frontdesk.paths import PROJECT_ROOT
from frontdesk.safety import Screen, examples

JUDGE = """
import json, sys
from frontdesk.safety import Screen
screen = Screen.load()
for line in sys.stdin:
    print(json.dumps(screen.judge(*json.loads(line)).as_dict()))
"""


@pytest.mark.rasa
def test_rasas_python_judges_exactly_the_same(screen: Screen) -> None:
    sample = [
        (one.text, ["i want to die"] if number % 2 else [])
        for number, one in enumerate(examples.load("dev"))
        if number % 3 == 0
    ]
    process = subprocess.run(
        [".venv-rasa/bin/python", "-c", JUDGE],
        cwd=PROJECT_ROOT,
        input="".join(json.dumps(one) + "\n" for one in sample),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [json.loads(line) for line in process.stdout.splitlines()]
    assert theirs == [screen.judge(*one).as_dict() for one in sample]


def test_the_order_of_messages_changes_nothing() -> None:
    messages = examples.load("dev")[::5]
    forwards, backwards = Screen.load(), Screen.load()
    first = [forwards.judge(one.text) for one in messages]
    assert first == [backwards.judge(one.text) for one in reversed(messages)][::-1]

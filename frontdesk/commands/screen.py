"""``frontdesk screen``: what the crisis screen says of messages on standard input."""

from __future__ import annotations

import sys

from frontdesk.commands import jsonl
from frontdesk.safety import Screen


def screen() -> int:
    """Read ``{id?, text, history?, asked?}`` a line, write the screening a line, in order."""
    bad = jsonl.BadLines()
    judge = Screen.load().judge
    for entry in jsonl.read(sys.stdin.buffer, "history", bad):
        judged = judge(entry["text"], entry["history"], entry["asked"])
        jsonl.write({"id": entry["id"], **judged.as_dict()})
    return 1 if bad.count else 0

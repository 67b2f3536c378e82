"""JSON lines in and out: bad lines are reported with their number, the others are served."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO


class BadLines:
    """Counts the lines that could not be used, and tells about each on standard error."""

    def __init__(self) -> None:
        self.count = 0

    def report(self, number: int, problem: str) -> None:
        """Say what is wrong with line ``number``, counted from 1."""
        self.count += 1
        print(f"line {number}: {problem}", file=sys.stderr)


def read(stream: BinaryIO, texts_key: str, bad: BadLines) -> Iterator[dict[str, Any]]:
    """The objects in ``stream``, each with a text and a list of texts under ``texts_key``."""
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            bad.report(number, "not a JSON object in UTF-8")
            continue
        if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
            bad.report(number, 'needs {"text": "..."}')
            continue
        earlier = entry.get(texts_key) or []
        if not isinstance(earlier, list) or not all(isinstance(one, str) for one in earlier):
            bad.report(number, f"{texts_key}: needs a list of texts")
            continue
        asked = entry.get("asked")
        if asked is not None and not isinstance(asked, str):
            bad.report(number, "asked: needs a text")
            continue
        yield {"id": entry.get("id"), "text": entry["text"], texts_key: earlier, "asked": asked}


def write(entry: dict[str, Any]) -> None:
    """One line on standard output, at once."""
    print(json.dumps(entry, ensure_ascii=False), flush=True)

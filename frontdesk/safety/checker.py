"""Checks the pattern files against their own examples, and the examples against the screen.

    python -m frontdesk.safety.checker

A pattern that no longer finds what its author wrote it for is an error, however good the whole is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from frontdesk.content import files
from frontdesk.paths import DATA
from frontdesk.safety.patterns import Library, load_library
from frontdesk.safety.screening import Kind, Route
from frontdesk.safety.texts import CrisisTexts

HOW_TO = "write a line as described in data/crisis/README.md, under Examples"


@dataclass(frozen=True)
class Example:
    """A message of ``examples/*.jsonl`` with the judgement that it must get."""

    text: str
    route: Route
    language: str
    kind: Kind | None


def check(folder: Path = DATA / "crisis") -> list[str]:
    """What is wrong with patterns, words, texts, hotlines and examples; empty if nothing is."""
    try:
        library = load_library(folder)
        CrisisTexts.load(folder)
        for path in sorted((folder / "examples").glob("*.jsonl")):
            load_examples(path)
    except files.ContentError as error:
        return [str(error)]
    return _examples_of_patterns(library)


def load_examples(path: Path) -> list[Example]:
    """The messages in one examples file. Raises files.ContentError."""
    examples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            examples.append(
                Example(
                    text=entry["text"],
                    route=Route(entry["route"]),
                    language=entry["language"],
                    kind=Kind(entry["kind"]) if "kind" in entry else None,
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise files.ContentError(
                path, number, f"not an example: {type(error).__name__} {error}", HOW_TO
            ) from None
    return examples


def _examples_of_patterns(library: Library) -> list[str]:
    problems = []
    for pattern in library.patterns:
        for text in pattern.catches:
            if pattern.id not in _found(library, text):
                problems.append(f"{pattern.id} must catch {text!r}, and does not")
        for text in pattern.misses:
            if pattern.id in _found(library, text):
                problems.append(f"{pattern.id} must not catch {text!r}, and does")
    return problems


def _found(library: Library, text: str) -> Sequence[str]:
    return [one.pattern.id for one in library.find(text)]


def main() -> int:
    """Print the problems, one a line; 1 if there are any."""
    problems = check()
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

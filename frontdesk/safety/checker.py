"""Checks the pattern files against their own examples, and the examples for repetitions.

    python -m frontdesk.safety.checker

A pattern that no longer finds what its author wrote it for is an error, however good the whole is.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from frontdesk.content import files
from frontdesk.paths import DATA
from frontdesk.safety import examples
from frontdesk.safety.patterns import Library, load_library
from frontdesk.safety.texts import CrisisTexts


def check(folder: Path = DATA / "crisis") -> list[str]:
    """What is wrong with patterns, words, texts, hotlines and examples; empty if nothing is."""
    try:
        library = load_library(folder)
        CrisisTexts.load(folder)
        repeated = _examples_to_learn_from(folder / "examples")
    except files.ContentError as error:
        return [str(error)]
    return _examples_of_patterns(library) + repeated


def _examples_to_learn_from(folder: Path) -> list[str]:
    """Families that stand in two parts, and messages that stand there twice."""
    problems = []
    family_in: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for part in examples.PARTS:
        for one in examples.load(part, folder):
            if family_in.setdefault(one.family, part) != part:
                problems.append(f"family {one.family} is in {family_in[one.family]} and in {part}")
            if (one.language, one.text) in seen:
                problems.append(f"{part}, family {one.family}: {one.text!r} is there twice")
            seen.add((one.language, one.text))
    return list(dict.fromkeys(problems))


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

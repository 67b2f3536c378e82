"""The example messages of ``data/crisis/examples``: what the classifier learns, and is judged by.

    == burden-on-my-wife | high | suicide | veiled
    she'd be happier if she didn't have to look after me
    ...

A family is one idea in several wordings. A family stands in one part only: train, dev or test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from frontdesk.content import files
from frontdesk.paths import DATA
from frontdesk.safety.screening import Kind, Route, Severity

FOLDER = DATA / "crisis" / "examples"
PARTS = ("train", "dev", "test")
LANGUAGES = ("en", "es")
STYLES = {
    Route.CRISIS: ("explicit", "plan", "veiled", "slang", "disguised", "mixed", "fragment", "long"),
    Route.NOTE: ("mention", "past", "negated", "bereaved", "distress"),
    Route.NONE: (
        *("faq", "small_talk", "idiom", "media", "sad", "help_seeking", "medical", "everyday"),
    ),
}
NOTHING = "-"  # stands where a message has no kind
HOW_TO = "write a family as described in data/crisis/README.md, under Examples"


@dataclass(frozen=True)
class Example:
    """A message with the judgement that it must get. ``severity`` and ``kind``: None for none."""

    text: str
    severity: Severity | None
    kind: Kind | None
    style: str
    language: str
    family: str

    @property
    def route(self) -> Route:
        """The route that the severity asks for."""
        return self.severity.route if self.severity else Route.NONE


def load(part: str, folder: Path = FOLDER) -> list[Example]:
    """All examples of ``part`` ("train", "dev" or "test"). Raises files.ContentError."""
    paths = [(path, path.parent.name) for path in sorted((folder / part).glob("*/*.txt"))]
    return [one for path, language in paths for one in load_file(path, language)]


def load_file(path: Path, language: str) -> list[Example]:
    """The examples in one file. Raises files.ContentError."""
    return list(_read(path, language))


def _read(path: Path, language: str) -> Iterator[Example]:
    about: tuple[str, Severity | None, Kind | None, str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        text = line.strip()
        if text.startswith("=="):
            try:
                about = _heading(text)
            except ValueError as error:
                raise files.ContentError(path, number, str(error), HOW_TO) from None
        elif text:
            if about is None:
                raise files.ContentError(path, number, "a message without a family", HOW_TO)
            family, severity, kind, style = about
            yield Example(text, severity, kind, style, language, family)


def _heading(line: str) -> tuple[str, Severity | None, Kind | None, str]:
    parts = [part.strip() for part in line[2:].split("|")]
    if len(parts) != 4:
        raise ValueError("a family has four parts: == name | severity | kind | style")
    family, severity_name, kind_name, style = parts
    severity = None if severity_name == "none" else Severity(severity_name)
    kind = None if kind_name == NOTHING else Kind(kind_name)
    if style not in STYLES[severity.route if severity else Route.NONE]:
        raise ValueError(f"{severity_name} has no style {style!r}")
    return family, severity, kind, style

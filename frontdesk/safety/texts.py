"""The fixed words for a crisis, from ``data/crisis/texts/`` and ``data/crisis/hotlines.yml``.

Nothing here is generated. A reply is the text for the strongest kind, with a line for each other
kind; which text it is depends on the kinds, the severity, the language and whether the crisis
text was said before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontdesk.content import files
from frontdesk.paths import DATA
from frontdesk.safety.screening import Kind, Severity

LANGUAGES = ("en", "es")
DEFAULT_LANGUAGE = "en"
_NUMBER = re.compile(r"\d[\d-]*\d")


@dataclass(frozen=True)
class Resource:
    """A hotline as data, for the widget and the pages.

    ``call`` and ``text_to`` are numbers to dial; ``text_body`` is the word to send, if any;
    ``when`` says what the line is for. What a line does not offer is None.
    """

    name: str
    call: str | None
    text_to: str | None
    text_body: str | None
    chat_url: str | None
    when: str


class CrisisTexts:
    """The crisis texts of all languages. A language that is not there gets English."""

    def __init__(
        self, texts: Mapping[str, Mapping[str, Any]], hotlines: Sequence[Mapping[str, Any]]
    ) -> None:
        self._texts = texts
        self._hotlines = hotlines

    @classmethod
    def load(cls, folder: Path = DATA / "crisis") -> CrisisTexts:
        """The texts in ``folder``. Raises files.ContentError.

        A number that no hotline has is an error: a mistyped digit must not reach a visitor.
        """
        hotlines = files.load(folder / "hotlines.yml", "crisis_hotlines")
        numbers = {number for line in hotlines for number in _numbers_of(line)}
        texts = {}
        for language in LANGUAGES:
            path = folder / "texts" / f"{language}.yml"
            texts[language] = files.load(path, "crisis_texts")
            for where, text in _leaves(texts[language]):
                unknown = set(_NUMBER.findall(text)) - numbers - {"24"}
                if unknown:
                    raise files.error_at(
                        path,
                        where,
                        f"{'.'.join(where)}: no hotline has the number {min(unknown)}",
                        "correct the number here, or add it to data/crisis/hotlines.yml",
                    )
        return cls(texts, hotlines)

    def reply(
        self,
        screening_kinds: Sequence[Kind],
        severity: Severity | None,
        language: str,
        *,
        again: bool = False,
    ) -> str:
        """The text for a crisis. ``again``: the conversation has had one before."""
        replies = self._in(language)["replies"]
        leading, *others = screening_kinds or (Kind.SUICIDE,)
        texts = replies[leading.value]
        urgent = "imminent_" if severity is Severity.IMMINENT else ""
        main = texts[urgent + ("again" if again else "first")].strip()
        # Suicide and self-harm share a hotline; one line for both is enough.
        lines = dict.fromkeys(replies[kind.value]["also"].strip() for kind in others)
        own = texts["also"].strip()
        return "\n\n".join([main, *(line for line in lines if line != own)])

    def note(self, language: str, kinds: Sequence[Kind] = ()) -> str:
        """The short hotline note that stands before an ordinary answer (route note)."""
        notes = self._in(language)["notes"]
        leading = kinds[0].value if kinds else "other"
        return str(notes.get(leading, notes["other"])).strip()

    def reminder(self, language: str) -> str:
        """One line before an answer, while the conversation stays in crisis mode."""
        return str(self._in(language)["reminder"]).strip()

    def resources(self, language: str) -> list[Resource]:
        """The hotlines, the most general first."""
        own = language if language in self._texts else DEFAULT_LANGUAGE
        return [
            Resource(
                name=line["name"][own],
                call=line.get("call"),
                text_to=line.get("text_to", {}).get("number"),
                text_body=line.get("text_to", {}).get("body", {}).get(own),
                chat_url=line.get("chat_url", {}).get(own),
                when=line["when"][own],
            )
            for line in self._hotlines
        ]

    def _in(self, language: str) -> Mapping[str, Any]:
        return self._texts.get(language, self._texts[DEFAULT_LANGUAGE])


def _numbers_of(line: Mapping[str, Any]) -> set[str]:
    return set(filter(None, [line.get("call"), line.get("text_to", {}).get("number")]))


def _leaves(node: Any, where: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    """Every text in the tree, with the keys that lead to it."""
    if isinstance(node, str):
        return [(where, node)]
    return [leaf for key, value in node.items() for leaf in _leaves(value, (*where, key))]

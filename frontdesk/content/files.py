"""Read a YAML file that people edit, and say file, line and remedy when it is wrong.

Each kind of file has a JSON Schema in ``data/schemas/``. The schema's ``description`` of the
part that is wrong becomes the remedy in the message, so it is written for the person who edits.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.validators import validator_for
from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from frontdesk.paths import DATA


class _DatesAsWritten(RoundTripConstructor):
    """Leaves dates as text: 2026-02-30 is for us to report, with its line and a remedy."""


_DatesAsWritten.add_constructor(
    "tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str
)


class ContentError(Exception):
    """A content file is wrong. The text says which file, which line and what to do."""

    def __init__(self, path: Path, line: int | None, problem: str, remedy: str) -> None:
        self.path, self.line, self.problem, self.remedy = path, line, problem, remedy
        where = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{where}: {problem}\n  What to do: {remedy}")


def load(path: Path, schema: str) -> Any:
    """The content of ``path`` as plain dicts, lists, strings and numbers, checked.

    ``schema`` is the name of a file in ``data/schemas/`` without its ending.
    Dates stay strings. Raises ContentError.
    """
    tree = _read(path)
    content = _plain(tree)
    problems = sorted(_validator(schema).iter_errors(content), key=lambda e: list(e.absolute_path))
    if problems:
        worst = jsonschema.exceptions.best_match(problems) or problems[0]
        where = list(worst.absolute_path)
        line = line_of(tree, [*where, *_unexpected_key(worst)]) or 1
        raise ContentError(path, line, _problem(worst, where), _remedy(worst))
    return content


def error_at(path: Path, where: Sequence[str | int], problem: str, remedy: str) -> ContentError:
    """The error for the place ``where`` (keys and indexes from the top) in the file ``path``."""
    return ContentError(path, line_of(_read(path), where), problem, remedy)


def line_of(tree: Any, where: Sequence[str | int]) -> int | None:
    """The line, counted from 1, on which the deepest known part of ``where`` stands."""
    line: int | None = None
    node = tree
    for step in where:
        position = getattr(node, "lc", None)
        if position is None:
            break
        try:
            line = (position.key(step) if isinstance(step, str) else position.item(step))[0] + 1
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return line


def _read(path: Path) -> Any:
    yaml = YAML(typ="rt")
    yaml.Constructor = _DatesAsWritten
    text = _text(path)
    try:
        tree = yaml.load(text)
    except ReaderError as error:
        raise ContentError(
            path,
            text.count("\n", 0, error.position) + 1,
            f"a character that YAML does not allow: {error.reason}",
            "delete it",
        ) from error
    except MarkedYAMLError as error:
        raise ContentError(
            path,
            error.problem_mark.line + 1 if error.problem_mark else None,
            f"not valid YAML: {error.problem or error.context}",
            "check indentation, quotes and colons on this line and the one before",
        ) from error
    except ValueError as error:  # such as a number after !!int that is none
        raise ContentError(
            path, None, f"not valid YAML: {error}", "write texts in quotes, without !!"
        ) from error
    if tree is None:
        raise ContentError(path, None, "the file is empty", "restore it from version control")
    return tree


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ContentError(
            path, None, "the file is missing", "restore it from version control"
        ) from None
    except OSError as error:
        raise ContentError(
            path, None, f"the file cannot be read: {error.strerror}", "check its permissions"
        ) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ContentError(
            path, line, f"not UTF-8 text (byte {error.start})", "save the file as UTF-8"
        ) from error


def _plain(node: Any) -> Any:
    """Strip the editor's wrappers from what YAML read."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, str):
        return str(node)
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return str(node)


@functools.cache
def _validator(schema: str) -> Any:
    document = json.loads((DATA / "schemas" / f"{schema}.json").read_text(encoding="utf-8"))
    return validator_for(document)(document)


def _problem(error: Any, where: list[str | int]) -> str:
    place = ".".join(str(step) for step in where) or "the file"
    return f"{place}: {error.message}"


def _unexpected_key(error: Any) -> list[str]:
    """The key itself, where an error is about one: jsonschema names only the mapping around it."""
    if error.validator != "additionalProperties" or not isinstance(error.instance, dict):
        return []
    patterns = error.schema.get("patternProperties", {})
    known = error.schema.get("properties", {})
    return [
        key
        for key in error.instance
        if key not in known and not any(re.search(pattern, key) for pattern in patterns)
    ][:1]


def _remedy(error: Any) -> str:
    description = error.schema.get("description") if isinstance(error.schema, dict) else None
    return str(description or "compare with the other entries in this file")

"""A small clinic and small answer files, so that a test states only what it is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from frontdesk.content.clinic import Clinic, load_clinic

CLINIC = """\
name: "Test Clinic"
demo: true
phone: "+12145550123"
timezone: America/Chicago
opening_hours:
  mon: ["09:00-17:00"]
  tue: ["09:00-17:00"]
  wed: ["09:00-12:00", "13:00-17:00"]
  thu: ["09:00-17:00"]
  fri: []
  sat: []
  sun: []
facts:
  price: "$450"
  consult: "$150"
  insurers: ""
"""


@pytest.fixture
def write_clinic(tmp_path: Path) -> Callable[..., Path]:
    """Write the clinic's file, with (old, new) replacements, and return its path."""

    def write(*replacements: tuple[str, str]) -> Path:
        text = CLINIC
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "clinic.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def clinic(write_clinic: Callable[..., Path]) -> Clinic:
    return load_clinic(write_clinic())


ENTRY = """\
{topic}:
  label: "{label}"
  kind: {kind}
  text: "{text}"
{more}  checked_on: {checked_on}
  review_by: {review_by}
  approved_by: ""
"""
SOURCE = """\
  sources:
    - title: "A trial"
      url: "https://example.org/trial"
"""


def entry(topic: str = "cost", *, more: str = SOURCE, **keys: str) -> str:
    """One answer as YAML; ``more`` are whole lines (sources, next, variations)."""
    defaults = {
        "label": f"What about {topic}?",
        "kind": "answer",
        "text": "It depends. Call {clinic_phone}.",
        "checked_on": "2026-11-22",
        "review_by": "2027-05-22",
    }
    return ENTRY.format(topic=topic, more=more, **{**defaults, **keys})


@pytest.fixture
def write_answers(tmp_path: Path) -> Callable[..., Path]:
    """Write answers of one language and return the folder of all languages."""

    def write(*entries: str, language: str = "en", name: str = "answers.yml") -> Path:
        folder = tmp_path / "answers"
        (folder / language).mkdir(parents=True, exist_ok=True)
        (folder / language / name).write_text("\n".join(entries), encoding="utf-8")
        return folder

    return write

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from frontdesk.paths import DATA
from frontdesk.safety import CrisisTexts, Screen
from frontdesk.safety.classifier import Classifier, Limits, Opinion
from frontdesk.safety.patterns import load_library
from frontdesk.safety.sentences import Clause


@pytest.fixture(scope="session")
def screen() -> Screen:
    return Screen.load()


@pytest.fixture(scope="session")
def texts() -> CrisisTexts:
    return CrisisTexts.load()


class NoOpinion(Classifier):
    """A classifier that says nothing, for tests of patterns alone."""

    def __init__(self) -> None:
        self.limits, self.version = Limits(1.0, 1.0), "none"

    def judge(self, words: Sequence[str], clauses: Sequence[Clause]) -> Opinion | None:
        return None


def patterns_only(folder: Path) -> Screen:
    """A screen with the patterns in ``folder`` and no classifier."""
    return Screen(load_library(folder), NoOpinion())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small crisis folder to break: the real words, texts and hotlines, and one pattern file."""
    folder = tmp_path / "crisis"
    (folder / "patterns").mkdir(parents=True)
    shutil.copytree(DATA / "crisis" / "texts", folder / "texts")
    shutil.copy(DATA / "crisis" / "words.yml", folder)
    shutil.copy(DATA / "crisis" / "hotlines.yml", folder)
    (folder / "classifier").mkdir()
    shutil.copy(DATA / "crisis" / "classifier" / "words.txt", folder / "classifier")
    return folder

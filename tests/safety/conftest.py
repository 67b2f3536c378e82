from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from frontdesk.paths import DATA
from frontdesk.safety import CrisisTexts, Screen


@pytest.fixture(scope="session")
def screen() -> Screen:
    return Screen.load()


@pytest.fixture(scope="session")
def texts() -> CrisisTexts:
    return CrisisTexts.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small crisis folder to break: the real words, texts and hotlines, and one pattern file."""
    folder = tmp_path / "crisis"
    (folder / "patterns").mkdir(parents=True)
    shutil.copytree(DATA / "crisis" / "texts", folder / "texts")
    shutil.copy(DATA / "crisis" / "words.yml", folder)
    shutil.copy(DATA / "crisis" / "hotlines.yml", folder)
    return folder

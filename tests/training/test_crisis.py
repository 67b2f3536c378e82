from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from frontdesk.safety.classifier import Classifier, Weights
from frontdesk.training import crisis
from tests.training.conftest import example


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    shapes = {
        name: value.shape for name, value in vars(Classifier.load(crisis.FOLDER)._weights).items()
    }
    some = {name: random.normal(0, 1, shape).astype(np.float32) for name, shape in shapes.items()}
    weights = crisis.rounded(Weights(**some))
    limits = crisis.Limits(0.5, 0.3)
    (tmp_path / "words.txt").write_text("word\n")
    crisis.save(tmp_path, weights, (1.5, -0.5), limits, 40)
    loaded = Classifier.load(tmp_path)
    assert loaded.limits == limits
    for name, value in vars(weights).items():
        assert np.array_equal(value, getattr(loaded._weights, name)), name


def test_calibrated_scores_say_how_often_it_is_a_crisis() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(0, 3, 20_000).astype(np.float32)
    happened = random.random(20_000) < 1 / (1 + np.exp(-(0.5 * scores - 1)))
    slope, shift = crisis.calibrate(scores, happened)
    assert slope == pytest.approx(0.5, abs=0.05)
    assert shift == pytest.approx(-1, abs=0.1)


def test_limits_are_the_lowest_with_no_more_false_alarms_than_allowed() -> None:
    chances = np.linspace(0, 0.9, 1000)
    limit = crisis.choose_limits([(example("x"), False, c, c) for c in chances]).crisis
    assert sum(chances >= limit) <= crisis.FALSE_ALARMS * len(chances)
    assert sum(chances >= limit - 0.01) > crisis.FALSE_ALARMS * len(chances)


def test_the_weights_that_we_ship_learnt_from_the_examples_that_we_ship() -> None:
    about = json.loads((crisis.FOLDER / "about.json").read_text(encoding="utf-8"))
    assert about["trained_on"]["version"] == crisis.data_version(), "run `make train-screen`"

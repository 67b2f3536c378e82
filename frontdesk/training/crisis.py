"""Trains the crisis classifier on the messages in ``data/crisis/examples``.

    make train-screen

Training takes the part "train"; calibration and limits come from "dev"; "test" is not looked at.
The same examples give the same weights.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontdesk.paths import DATA
from frontdesk.safety import encoder, examples
from frontdesk.safety.classifier import Classifier, Limits, Weights, crisis_score
from frontdesk.safety.examples import Example
from frontdesk.safety.patterns import load_library
from frontdesk.safety.screen import Screen
from frontdesk.safety.screening import Route
from frontdesk.safety.vocabulary import Vocabulary
from frontdesk.training.network import train
from frontdesk.training.prepare import mistyped, prepare, read, vocabulary_of

FOLDER = DATA / "crisis" / "classifier"
WORDS = FOLDER / "words.txt"

Array = NDArray[np.float32]

# How many ordinary messages of the part "dev" may be taken for a crisis, and how many plain ones
# get the hotline note: staff who are called for nothing stop coming. Half of "dev" are idioms,
# jokes and sadness; among what visitors write there are far fewer of these.
FALSE_ALARMS = 0.03
FALSE_NOTES = 0.02
PLAIN_STYLES = ("faq", "small_talk", "everyday", "medical")
GRID = np.round(np.arange(0.05, 0.96, 0.01), 2)


def calibrate(scores: Array, crisis: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift of the logistic curve from score to probability (Platt 1999).

    By Newton's method, each step halved until it makes the loss smaller.
    """
    design = np.stack([scores, np.ones_like(scores)], axis=1).astype(np.float64)
    sign = np.where(crisis, 1.0, -1.0)

    def loss(curve: NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, -sign * (design @ curve)).sum())

    curve = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ curve, -30, 30)))
        curvature = design.T @ (design * (chance * (1 - chance))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (crisis - chance))
        while loss(curve + step) > loss(curve) and np.abs(step).max() > 1e-9:
            step /= 2
        curve = curve + step
    return float(curve[0]), float(curve[1])


def choose_limits(judged: Sequence[tuple[Example, bool, float, float]]) -> Limits:
    """The lowest limits, so the highest recall, with no more false alarms and notes than allowed.

    ``judged``: an example, whether the patterns take it for a crisis, and the classifier's
    probabilities of a crisis and of a crisis or mention.
    """
    ordinary = [one for one in judged if one[0].route is Route.NONE]
    plain = [one for one in ordinary if one[0].style in PLAIN_STYLES]
    return Limits(
        crisis=_lowest([1.0 if one[1] else one[2] for one in ordinary], FALSE_ALARMS),
        note=_lowest([one[3] for one in plain], FALSE_NOTES),
    )


def _lowest(chances: Sequence[float], allowed: float) -> float:
    reached = (float(limit) for limit in GRID)
    return next(
        (one for one in reached if sum(c >= one for c in chances) <= allowed * len(chances)),
        float(GRID[-1]),
    )


def data_version() -> str:
    """A name for exactly these examples and words, equal on every system."""
    digest = hashlib.sha256()
    for path in sorted((examples.FOLDER / "train").rglob("*.txt")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def save(
    folder: Path, weights: Weights, calibration: tuple[float, float], limits: Limits, learnt: int
) -> None:
    """Write ``weights.npz`` and ``about.json``, beside ``words.txt``."""
    arrays = {name: value.astype(np.float16) for name, value in vars(weights).items()}
    np.savez_compressed(folder / "weights.npz", **arrays)
    digest = hashlib.sha256((folder / "words.txt").read_bytes())
    for name in sorted(arrays):
        digest.update(arrays[name].tobytes())
    about = {
        "version": f"classifier-{digest.hexdigest()[:8]}",
        "encoder": encoder.NAME,
        "trained_on": {"examples": learnt, "version": data_version()},
        "calibration": dict(zip(("slope", "shift"), calibration, strict=True)),
        "limits": vars(limits),
    }
    (folder / "about.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """Train, calibrate, choose limits, save."""
    learn, check = examples.load("train"), examples.load("dev")
    say(f"Reading {len(learn)} examples to learn from and {len(check)} to set limits with ...")
    as_written = load_library(DATA / "crisis", Vocabulary(())).normaliser
    WORDS.write_text("\n".join(vocabulary_of(read(learn, as_written))) + "\n", encoding="utf-8")
    library = load_library(DATA / "crisis")
    learnt = read(learn, library.normaliser)
    data = prepare(learnt + mistyped(learnt, Vocabulary(WORDS.read_text("utf-8").split())))
    dev = prepare(read(check, library.normaliser))
    say(f"Training on {len(data.examples)} examples, some of them mistyped ...")
    weights = rounded(train(data))
    crisis = np.array([one.route is Route.CRISIS for one in dev.examples])
    calibration = calibrate(crisis_score(dev.scores(weights)), crisis)
    any_limits = Limits(1.0, 1.0)
    save(FOLDER, weights, calibration, any_limits, len(learn))
    screen = Screen(library, Classifier.load(FOLDER))
    limits = choose_limits([(one, *screen.measured(one.text)) for one in check])
    save(FOLDER, weights, calibration, limits, len(learn))
    say(f"Saved in {FOLDER}: limits {vars(limits)}")
    return 0


def rounded(weights: Weights) -> Weights:
    """The weights as they will be saved."""
    return Weights(
        **{
            name: value.astype(np.float16).astype(np.float32)
            for name, value in vars(weights).items()
        }
    )


def say(line: str) -> None:
    """Tell whoever waits."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())

"""Trains the crisis classifier on the messages in ``data/crisis/examples``.

    make train-screen

The same examples give the same weights: every number comes from seeds, and the messages are
taken in the order of their files. Training takes the part "train"; calibration and limits come
from "dev"; "test" is not looked at.
"""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontdesk.paths import DATA
from frontdesk.safety import encoder, examples
from frontdesk.safety.classifier import (
    CLASSES,
    IMMINENT,
    OUTPUTS,
    Classifier,
    Limits,
    Weights,
    crisis_score,
)
from frontdesk.safety.examples import Example
from frontdesk.safety.features import BUCKETS, Features, features
from frontdesk.safety.normalise import Normaliser
from frontdesk.safety.patterns import load_library
from frontdesk.safety.screen import Screen
from frontdesk.safety.screening import Route, Severity

FOLDER = DATA / "crisis" / "classifier"

MODELS = 3  # trained from different seeds and averaged
EPOCHS = 10
BATCH = 128
UNITS = 256
INPUT_SCALE = np.float32(8)  # embeddings have length 1, of 512 small numbers
WORD_SCALE = np.float32(16)
WORD_RATE, NET_RATE = 2e-3, 1e-3  # Adam's step for the words and for the embedding's net
WEIGHT_DECAY = 1e-5
SMOOTHING = 0.04  # labels are not always right
DROPPED_INPUTS, DROPPED_UNITS, DROPPED_WORDS = 0.2, 0.4, 0.5
IMMINENT_SHARE = 0.3  # of the loss
MISTYPED_SHARE, TYPO_RATE = 0.25, 0.4  # of the messages; of the words in them

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Prepared:
    """Examples as the classifier sees them: embeddings (n, dimensions) and the features of each."""

    examples: Sequence[Example]
    embeddings: Array
    features: Sequence[Features]

    @functools.cached_property
    def classes(self) -> NDArray[np.int64]:
        """(n,): the place in CLASSES of each."""
        return np.array([CLASSES.index(class_of(one)) for one in self.examples])

    @functools.cached_property
    def imminent(self) -> Array:
        """(n,): 1 for an imminent crisis, 0 for another, NaN where there is no crisis."""
        of = {Severity.IMMINENT: 1.0, Severity.HIGH: 0.0}
        return np.array(
            [of.get(one.severity, np.nan) if one.severity else np.nan for one in self.examples],
            dtype=np.float32,
        )


def class_of(example: Example) -> str:
    """The name in CLASSES."""
    if example.route is Route.CRISIS and example.kind:
        return example.kind.value
    if example.route is Route.NOTE:
        return "distress" if example.style == "distress" else "mention"
    return "none"


Read = tuple[Example, list[str]]
"""An example and its words."""


def read(messages: Sequence[Example], normaliser: Normaliser) -> list[Read]:
    """The words of each message, without disguises. Those without a word are left out."""
    words = ([word.text for word in normaliser.readings(one.text)[-1]] for one in messages)
    return [(one, found) for one, found in zip(messages, words, strict=True) if found]


def mistyped(messages: Sequence[Read]) -> list[Read]:
    """A share of the messages once more, typed badly: with letters missing, swapped, doubled, or
    figures in their place. So a mistake costs the classifier less."""
    random = np.random.default_rng(1)
    chosen = [one for one in messages if random.random() < MISTYPED_SHARE]
    return [
        (example, [_typo(word, random) if random.random() < TYPO_RATE else word for word in words])
        for example, words in chosen
    ]


def _typo(word: str, random: np.random.Generator) -> str:
    if len(word) < 3:
        return word
    place = int(random.integers(1, len(word) - 1))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    kind = int(random.integers(5))
    if kind == 0:
        return before + after
    if kind == 1:
        return before + after[0] + letter + after[1:]
    if kind == 2:
        return before + letter + letter + after
    return word.translate(_FIGURES) if kind == 3 else before + letter.translate(_FIGURES) + after


_FIGURES = str.maketrans("aeiost", "431057")


def prepare(messages: Sequence[Read]) -> Prepared:
    """Embed and count. Takes about a second for 1,000 messages."""
    words = [found for _, found in messages]
    encode = encoder.load()
    embeddings = [
        encode([" ".join(one) for one in words[first : first + 256]])
        for first in range(0, len(words), 256)
    ]
    of_each = [features(one) for one in words]
    return Prepared([one for one, _ in messages], np.concatenate(embeddings), of_each)


def train(data: Prepared) -> Weights:
    """The mean of MODELS models. Shapes: see ``Weights``."""
    models = [_train_one(data, seed) for seed in range(MODELS)]
    share = np.float32(1 / MODELS)
    return Weights(
        words=sum((one.words for one in models), np.zeros_like(models[0].words)) * share,
        hidden=np.concatenate([one.hidden for one in models], axis=1),
        hidden_bias=np.concatenate([one.hidden_bias for one in models]),
        out=np.concatenate([one.out for one in models]) * share,
        out_bias=sum((one.out_bias for one in models), np.zeros_like(models[0].out_bias)) * share,
    )


def _train_one(data: Prepared, seed: int) -> Weights:
    random = np.random.default_rng(seed)
    inputs = data.embeddings.shape[1]
    words = _Adam(np.zeros((BUCKETS, OUTPUTS), np.float32), WORD_RATE)
    hidden = _Adam(_spread(random, inputs, UNITS), NET_RATE, WEIGHT_DECAY)
    hidden_bias = _Adam(np.zeros(UNITS, np.float32), NET_RATE)
    out = _Adam(_spread(random, UNITS, OUTPUTS), NET_RATE, WEIGHT_DECAY)
    out_bias = _Adam(np.zeros(OUTPUTS, np.float32), NET_RATE)
    for rows, left in _batches(len(data.examples), random):
        scales = np.array([len(data.features[row]) for row in rows], np.float32)
        scales = np.asarray(WORD_SCALE / np.sqrt(scales) / (1 - DROPPED_WORDS), np.float32)
        found = np.concatenate([data.features[row] for row in rows])
        owner = np.repeat(np.arange(len(rows)), [len(data.features[row]) for row in rows])
        seen_words = random.random(len(found), dtype=np.float32) >= DROPPED_WORDS
        found, owner = found[seen_words], owner[seen_words]
        seen = data.embeddings[rows] * INPUT_SCALE
        seen *= _kept(random, seen.shape, DROPPED_INPUTS)
        reached = seen @ hidden.value + hidden_bias.value
        kept = _kept(random, reached.shape, DROPPED_UNITS)
        kept[reached < 0] = 0
        inner = reached * kept
        scores = np.asarray(inner @ out.value + out_bias.value, np.float32)
        scores += _sums(words.value[found], owner, len(rows)) * scales[:, None]
        slope = _slopes(scores, data, rows)
        back = (slope @ out.value.T) * kept
        words.step_at(found, (slope * scales[:, None])[owner], left)
        out.step(np.asarray(inner.T @ slope, np.float32), left)
        out_bias.step(slope.sum(axis=0), left)
        hidden.step(seen.T @ back, left)
        hidden_bias.step(back.sum(axis=0), left)
    return Weights(
        words.value * WORD_SCALE,
        hidden.value * INPUT_SCALE,
        hidden_bias.value,
        out.value,
        out_bias.value,
    )


def _slopes(scores: Array, data: Prepared, rows: NDArray[np.int64]) -> Array:
    """The loss's derivative by the scores: cross-entropy of the classes and of imminence."""
    classes, imminent = data.classes[rows], data.imminent[rows]
    logits = scores[:, :IMMINENT]
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    wanted = np.full_like(logits, SMOOTHING / len(CLASSES))
    wanted[np.arange(len(rows)), classes] += 1 - SMOOTHING
    slopes = np.empty_like(scores)
    slopes[:, :IMMINENT] = odds / odds.sum(axis=1, keepdims=True) - wanted
    chance = 1 / (1 + np.exp(-scores[:, IMMINENT]))
    slopes[:, IMMINENT] = np.nan_to_num(chance - imminent) * IMMINENT_SHARE
    return slopes / np.float32(len(rows))


def _batches(
    examples_: int, random: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], float]]:
    """The rows of each batch, and how much of the step to take: less and less."""
    total, done = EPOCHS * -(-examples_ // BATCH), 0
    for _ in range(EPOCHS):
        order = random.permutation(examples_)
        for first in range(0, examples_, BATCH):
            yield order[first : first + BATCH], max(0.02, 1 - done / total)
            done += 1


def _spread(random: np.random.Generator, inputs: int, units: int) -> Array:
    limit = np.sqrt(6 / (inputs + units))
    return random.uniform(-limit, limit, (inputs, units)).astype(np.float32)


def _kept(random: np.random.Generator, shape: tuple[int, ...], dropped: float) -> Array:
    kept = random.random(shape, dtype=np.float32) >= dropped
    return kept.astype(np.float32) / np.float32(1 - dropped)


def _sums(rows: Array, owner: NDArray[np.int64], owners: int) -> Array:
    """(owners, columns): the sum of the ``rows`` of each owner. Owners are in rising order."""
    sums = np.zeros((owners, rows.shape[1]), np.float32)
    present, starts = np.unique(owner, return_index=True)
    sums[present] = np.add.reduceat(rows, starts, axis=0)
    return sums


class _Adam:
    """An array and Adam's means of its slope (Kingma and Ba 2015, with their constants)."""

    def __init__(self, value: Array, rate: float, decay: float = 0.0) -> None:
        self.value, self._rate, self._decay = value, rate, decay
        self._mean, self._square = np.zeros_like(value), np.zeros_like(value)
        self._steps = 0

    def step(self, slope: Array, left: float) -> None:
        """Take a step down the slope, ``left`` of the full rate."""
        self._move(slice(None), slope + np.float32(self._decay) * self.value, left)

    def step_at(self, rows: NDArray[np.int64], slopes: Array, left: float) -> None:
        """The same, for the rows that were used; a row may be there several times."""
        used, place = np.unique(rows, return_inverse=True)
        order = np.argsort(place, kind="stable")
        self._move(used, _sums(slopes[order], place[order], len(used)), left)

    def _move(self, rows: Any, slope: Array, left: float) -> None:
        self._steps += 1
        mean = 0.9 * self._mean[rows] + 0.1 * slope
        square = 0.999 * self._square[rows] + 0.001 * slope * slope
        self._mean[rows], self._square[rows] = mean, square
        # The first steps would be too small, since the means begin with zero.
        rate = self._rate * left * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
        self.value[rows] -= np.float32(rate) * mean / (np.sqrt(square) + 1e-8)


# --- from a score to a decision

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
    """Write ``weights.npz`` and ``about.json``."""
    folder.mkdir(exist_ok=True)
    arrays = {name: value.astype(np.float16) for name, value in vars(weights).items()}
    np.savez_compressed(folder / "weights.npz", **arrays)
    digest = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays)))
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
    library = load_library(DATA / "crisis")
    learn, check = examples.load("train"), examples.load("dev")
    say(f"Reading {len(learn)} examples to learn from and {len(check)} to set limits with ...")
    learnt = read(learn, library.normaliser)
    data = prepare(learnt + mistyped(learnt))
    dev = prepare(read(check, library.normaliser))
    weights = rounded(train(data))
    crisis = np.array([one.route is Route.CRISIS for one in dev.examples])
    calibration = calibrate(crisis_score(weights.scores(dev.embeddings, dev.features)), crisis)
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

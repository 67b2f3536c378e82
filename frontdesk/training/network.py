"""The network of the crisis classifier, trained with Adam on cross-entropy. Only numpy.

Every number comes from seeds and the examples are taken in their order, so the same examples give
the same weights on the same kind of machine. (Sums of many numbers depend a little on the cores.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from frontdesk.safety.classifier import CLASSES, IMMINENT, OUTPUTS, Weights
from frontdesk.safety.features import BUCKETS
from frontdesk.training.prepare import Prepared

MODELS = 2  # trained from different seeds and averaged
EPOCHS = 5
BATCH = 128
UNITS, SIGNS = 256, 512
INPUT_SCALE = np.float32(8)  # embeddings of wholes have length 1, of 512 small numbers
WORD_SCALE = np.float32(16)
WORD_RATE, NET_RATE = 2e-3, 1e-3  # Adam's step for the words and for the rest
WEIGHT_DECAY = 1e-5
SMOOTHING = 0.04  # labels are not always right
DROPPED_INPUTS, DROPPED_UNITS, DROPPED_SIGNS, DROPPED_WORDS = 0.2, 0.4, 0.5, 0.5
IMMINENT_SHARE = 0.3  # of the loss

Array = NDArray[np.float32]


def train(data: Prepared) -> Weights:
    """The mean of MODELS models. Shapes: see ``Weights``."""
    with threadpool_limits(os.cpu_count(), user_api="blas"):  # type: ignore[no-untyped-call]
        models = [_train_one(data, seed) for seed in range(MODELS)]
    share = np.float32(1 / MODELS)

    def together(name: str, axis: int) -> Array:
        return np.concatenate([getattr(one, name) for one in models], axis)

    return Weights(
        words=np.sum([one.words for one in models], axis=0) * share,
        hidden=together("hidden", 1),
        hidden_bias=together("hidden_bias", 0),
        out=together("out", 0) * share,
        signs=together("signs", 1),
        signs_bias=together("signs_bias", 0),
        signs_out=together("signs_out", 0) * share,
        out_bias=np.sum([one.out_bias for one in models], axis=0) * share,
    )


def _train_one(data: Prepared, seed: int) -> Weights:
    random = np.random.default_rng(seed)
    words = _Adam(np.zeros((BUCKETS, OUTPUTS), np.float32), WORD_RATE)
    whole = _Layers(random, data.wholes.shape[1], UNITS)
    pieces = _Layers(random, data.pieces.shape[1], SIGNS)
    out_bias = _Adam(np.zeros(OUTPUTS, np.float32), NET_RATE)
    for rows, left in _batches(len(data.examples), random):
        encoded = data.at(rows)
        lengths = np.diff(np.append(encoded.starts, len(encoded.pieces)))
        counts = np.array([len(data.features[row]) for row in rows])
        found = np.concatenate([data.features[row] for row in rows])
        owner = np.repeat(np.arange(len(rows)), counts)
        seen_words = random.random(len(found), dtype=np.float32) >= DROPPED_WORDS
        found, owner = found[seen_words], owner[seen_words]
        scales = np.asarray(WORD_SCALE / np.sqrt(counts) / (1 - DROPPED_WORDS), np.float32)

        seen = encoded.wholes * INPUT_SCALE
        seen *= _kept(random, seen.shape, DROPPED_INPUTS)
        units = whole.reached(seen)
        kept_units = _kept(random, units.shape, DROPPED_UNITS)
        # The same numbers are dropped in every piece of a batch: that is much quicker.
        seen_pieces = encoded.pieces * _kept(random, (1, data.pieces.shape[1]), DROPPED_INPUTS)
        signs = pieces.reached(seen_pieces)
        strongest = np.maximum.reduceat(signs, encoded.starts)
        kept_signs = _kept(random, strongest.shape, DROPPED_SIGNS)

        scores = _sums(words.value[found], owner, len(rows)) * scales[:, None] + out_bias.value
        scores += (units * kept_units) @ whole.out.value
        scores += (strongest * kept_signs) @ pieces.out.value
        slope = _slopes(scores, data, rows)

        back = (slope @ whole.out.value.T) * kept_units * (units > 0)
        back_signs = np.repeat((slope @ pieces.out.value.T) * kept_signs, lengths, axis=0)
        back_signs *= (signs == np.repeat(strongest, lengths, axis=0)) & (signs > 0)
        whole.step(seen, back, units * kept_units, slope, left)
        pieces.step(seen_pieces, back_signs, strongest * kept_signs, slope, left)
        words.step_at(found, (slope * scales[:, None])[owner], left)
        out_bias.step(slope.sum(axis=0), left)
    return Weights(
        words=words.value * WORD_SCALE,
        hidden=whole.hidden.value * INPUT_SCALE,
        hidden_bias=whole.bias.value,
        out=whole.out.value,
        signs=pieces.hidden.value,
        signs_bias=pieces.bias.value,
        signs_out=pieces.out.value,
        out_bias=out_bias.value,
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


class _Layers:
    """``inputs`` numbers to ``units``, which are zero at least, to the outputs."""

    def __init__(self, random: np.random.Generator, inputs: int, units: int) -> None:
        self.hidden = _Adam(_spread(random, inputs, units), NET_RATE, WEIGHT_DECAY)
        self.bias = _Adam(np.zeros(units, np.float32), NET_RATE)
        self.out = _Adam(_spread(random, units, OUTPUTS), NET_RATE, WEIGHT_DECAY)

    def reached(self, inputs: Array) -> Array:
        """The units."""
        return np.asarray(np.maximum(inputs @ self.hidden.value + self.bias.value, 0), np.float32)

    def step(self, inputs: Array, back: Array, units: Array, slope: Array, left: float) -> None:
        """Learn from the slopes at the units (``back``) and at the outputs."""
        self.hidden.step(inputs.T @ back, left)
        self.bias.step(back.sum(axis=0), left)
        self.out.step(units.T @ slope, left)

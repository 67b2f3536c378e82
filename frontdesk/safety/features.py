"""What the classifier sees of a text besides its embedding: the words and pieces of words in it.

Each feature is a number below ``BUCKETS``, a hash of the piece. Training and screening use the
same function, so they cannot drift apart.
"""

from __future__ import annotations

import functools
import itertools
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 17
_SHORTEST, _LONGEST = 2, 5  # letters in a piece of a word
_KEPT_WORDS = 16384

Features = NDArray[np.int64]


def features(words: Sequence[str]) -> Features:
    """The distinct features of ``words`` in rising order: pieces of words, words, pairs,
    triples, and pairs with one word left out between them."""
    marked = ["<", *words, ">"]
    phrases = [f"1{word}" for word in words]
    phrases += [f"2{a} {b}" for a, b in itertools.pairwise(marked)]
    phrases += [f"3{a} {b} {c}" for a, b, c in zip(marked, marked[1:], marked[2:], strict=False)]
    phrases += [f"-{a} {b}" for a, b in zip(marked, marked[2:], strict=False)]
    own = np.fromiter(map(_bucket, phrases), dtype=np.int64, count=len(phrases))
    return np.unique(np.concatenate([own, *map(_pieces, words)]))


@functools.lru_cache(maxsize=_KEPT_WORDS)
def _pieces(word: str) -> Features:
    marked = f" {word[:40]} "
    pieces = {
        marked[start : start + length]
        for length in range(_SHORTEST, _LONGEST + 1)
        for start in range(len(marked) - length + 1)
    }
    return np.fromiter(map(_bucket, sorted(pieces)), dtype=np.int64, count=len(pieces))


def _bucket(piece: str) -> int:
    return zlib.crc32(piece.encode()) % BUCKETS

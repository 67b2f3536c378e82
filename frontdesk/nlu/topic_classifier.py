"""Which topic a message asks about: logistic regression over what it means and how it is written.

What a message means is its multilingual sentence embedding, so that an English example helps a
Spanish question. How it is written is its words and pieces of words, which tell close topics apart.
Both are taken from the message as the crisis screen reads it: without typing mistakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from frontdesk.nlu.screening import load_screen
from frontdesk.safety import encoder

RANKING_LENGTH = 10
MEANING_WEIGHT = 2.0  # of the embedding, of length 1, beside the words, of length 1 each
CLOSENESS = 10.0  # how closely it fits the examples (C)
ROUNDS = 60
PIECES, WORDS = (2, 4), (1, 2)
FILE = "topics.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """Ranks the intents of a message."""

    def __init__(
        self,
        storage: ModelStorage,
        resource: Resource,
        featurizers: Sequence[TfidfVectorizer] = (),
        model: LogisticRegression | None = None,
    ) -> None:
        self._storage, self._resource = storage, resource
        self._featurizers, self._model = featurizers, model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        """An untrained one."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        """The one that ``train`` has stored."""
        with model_storage.read_from(resource) as folder:
            featurizers, model = joblib.load(folder / FILE)
        return cls(model_storage, resource, featurizers, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples, and store what was learnt."""
        examples = [one for one in training_data.intent_examples if one.get(TEXT)]
        texts = [read(one.get(TEXT)) for one in examples]
        self._featurizers = [
            TfidfVectorizer(analyzer="char_wb", ngram_range=PIECES, sublinear_tf=True, min_df=2),
            TfidfVectorizer(token_pattern=r"\S+", ngram_range=WORDS, sublinear_tf=True),
        ]
        for featurizer in self._featurizers:
            featurizer.fit(texts)
        self._model = LogisticRegression(C=CLOSENESS, max_iter=ROUNDS)
        self._model.fit(self._features(texts), [one.get(INTENT) for one in examples])
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((self._featurizers, self._model), folder / FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and the ranking of each message with a text; none where it has no word."""
        asked = [(one, read(one.get(TEXT))) for one in messages if one.get(TEXT)]
        for message, words in asked:
            if not words:
                nothing = {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
                message.set(INTENT, nothing, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [], add_to_output=True)
        asked = [(message, words) for message, words in asked if words]
        if not asked or self._model is None:
            return messages
        chances = self._model.predict_proba(self._features([words for _, words in asked]))
        for (message, _), of_message in zip(asked, chances, strict=True):
            best = np.argsort(-of_message, kind="stable")[:RANKING_LENGTH]
            ranking = [
                {
                    INTENT_NAME_KEY: str(self._model.classes_[place]),
                    PREDICTED_CONFIDENCE_KEY: float(of_message[place]),
                }
                for place in best
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        encode = encoder.load()
        wholes = [encode(texts[first : first + 64]).wholes for first in range(0, len(texts), 64)]
        meaning = sparse.csr_matrix(np.concatenate(wholes) * MEANING_WEIGHT)
        written = [featurizer.transform(texts) for featurizer in self._featurizers]
        features: sparse.csr_matrix = sparse.hstack([*written, meaning]).tocsr()
        return features


def read(text: str) -> str:
    """The words of ``text``, small and without typing mistakes, a space between them."""
    return " ".join(load_screen().words(text))

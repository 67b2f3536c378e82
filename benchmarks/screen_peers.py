"""What the screen is compared with: a keyword list as typical bots have it, and TF-IDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from frontdesk.safety.examples import Example
from frontdesk.safety.screening import Route

KEYWORDS = (
    "suicide", "suicidal", "kill myself", "killing myself", "end my life", "want to die",
    "wanna die", "better off dead", "take my own life", "self harm", "self-harm", "hurt myself",
    "cut myself", "overdose", "no reason to live", "end it all", "don't want to live",
    "can't go on", "suicidio", "quiero morir",
)  # fmt: skip


def by_keyword(text: str) -> bool:
    """Whether one of KEYWORDS stands in ``text``."""
    lowered = text.lower()
    return any(keyword in lowered for keyword in KEYWORDS)


def tfidf(train: Sequence[Example]) -> Callable[[Sequence[str]], NDArray[np.float64]]:
    """TF-IDF of words and pairs with logistic regression: texts -> probabilities of a crisis."""
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, strip_accents="unicode"),
        LogisticRegression(C=10, max_iter=200, solver="liblinear", random_state=0),
    )
    model.fit([one.text for one in train], [one.route is Route.CRISIS for one in train])
    return lambda texts: np.asarray(model.predict_proba(list(texts))[:, 1])

"""Selects the estimator by a small search: each candidate is fitted, and evaluated on the validation rows.

The candidates and their order are fixed, and each depends only on the seed. The budget only shortens the
list, between two candidates, so the results of those that were tried are the same at any speed.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from inference import bounded, features
from metrics import Scored
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    from collections.abc import Callable

    from channel import Data
    from numpy.typing import NDArray

#: An average precision that no candidate can improve by much.
_ENOUGH = 0.999
#: A later candidate must be better by this much, since earlier ones are faster to serve.
_GAIN = 0.002
#: Maximum number of rows for a tree of a forest.
_FOREST_ROWS = 50_000


class Candidate(NamedTuple):
    """An estimator to try.

    Attributes:
        name: for the log and the report.
        make: creates it from a seed and a number of rows.
        gaps: whether it accepts missing values.
    """

    name: str
    make: Callable[[int, int], Any]
    gaps: bool = True


@dataclass(frozen=True)
class Tried:
    """A candidate that was fitted.

    Attributes:
        average_precision: on the validation rows.
        seconds: duration of the fit.
    """

    name: str
    average_precision: float
    seconds: float


def _boosting(**settings: Any) -> Callable[[int, int], Any]:
    def make(seed: int, rows: int) -> HistGradientBoostingClassifier:  # noqa: ARG001 (of any number)
        return HistGradientBoostingClassifier(early_stopping=True, tol=1e-5, random_state=seed, **settings)

    return make


def _forest(leaf: int) -> Callable[[int, int], Any]:
    def make(seed: int, rows: int) -> RandomForestClassifier:
        most = _FOREST_ROWS if rows > _FOREST_ROWS else None
        return RandomForestClassifier(min_samples_leaf=leaf, max_samples=most, random_state=seed, n_jobs=-1)

    return make


def _regression(class_weight: str | None) -> Callable[[int, int], Any]:
    def make(seed: int, rows: int) -> Any:  # noqa: ARG001 (it draws nothing)
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, class_weight=class_weight))

    return make


CANDIDATES = (
    Candidate("gradient boosting", _boosting(learning_rate=0.15, max_iter=300, n_iter_no_change=10)),
    Candidate("logistic regression", _regression(None), gaps=False),
    Candidate("logistic regression, classes weighted", _regression("balanced"), gaps=False),
    Candidate("random forest", _forest(1)),
    Candidate("random forest, leaves of 5", _forest(5)),
    Candidate(
        "gradient boosting, classes weighted",
        _boosting(
            learning_rate=0.05,
            max_iter=300,
            max_leaf_nodes=8,
            n_iter_no_change=20,
            scoring="average_precision",
            class_weight="balanced",
        ),
    ),
)


class Chosen(NamedTuple):
    """The result of a search.

    Attributes:
        name: of the candidate.
        estimator: fitted.
        tried: all fitted candidates, in order.
        left: the names of those for which there was no time.
    """

    name: str
    estimator: Any
    tried: list[Tried]
    left: list[str]

    def describe(self) -> dict[str, Any]:
        """For evaluation.json."""
        tried = [asdict(each) for each in self.tried]
        return {"chosen": self.name, "tried": tried, "left": self.left}


def search(train: Data, validation: Data, seed: int, budget: float) -> Chosen:
    """The candidate with the highest average precision on the validation rows.

    Args:
        train: rows to fit.
        validation: rows for early stopping and for the selection.
        seed: of the estimators.
        budget: seconds after which no further candidate is started; the first always is.
    """
    end = time.perf_counter() + budget
    sights = Sights.of(train, validation)
    gaps = bool(np.isnan(train.rows).any() or np.isnan(validation.rows).any())
    candidates = [each for each in CANDIDATES if each.gaps or not gaps]
    chosen = sights.try_out(candidates.pop(0), seed)
    tried = [chosen[0]]
    while candidates and chosen[0].average_precision < _ENOUGH and time.perf_counter() < end:
        found = sights.try_out(candidates.pop(0), seed)
        tried.append(found[0])
        if found[0].average_precision > chosen[0].average_precision + _GAIN:
            chosen = found
    left = [] if chosen[0].average_precision >= _ENOUGH else [each.name for each in candidates]
    return Chosen(chosen[0].name, chosen[1], tried, left)


class Sights(NamedTuple):
    """The features of the training and validation rows."""

    train: NDArray[np.float64]
    train_labels: NDArray[np.int64]
    validation: NDArray[np.float64]
    validation_labels: NDArray[np.int64]

    @classmethod
    def of(cls, train: Data, validation: Data) -> Sights:
        """The features of both."""
        return cls(seen(train), train.labels, seen(validation), validation.labels)

    def try_out(self, candidate: Candidate, seed: int) -> tuple[Tried, Any]:
        """Fits a candidate; returns its average precision on the validation rows."""
        began = time.perf_counter()
        estimator = self._fitted(candidate.make(seed, len(self.train)))
        scores = estimator.predict_proba(self.validation)[:, 1]
        found = Scored.at(0.5, self.validation_labels, scores).figures["average_precision"]
        return Tried(candidate.name, found, time.perf_counter() - began), estimator

    def _fitted(self, estimator: Any) -> Any:
        if isinstance(estimator, HistGradientBoostingClassifier):
            return estimator.fit(
                self.train, self.train_labels, X_val=self.validation, y_val=self.validation_labels
            )
        return estimator.fit(self.train, self.train_labels)


def seen(data: Data) -> NDArray[np.float64]:
    """The features of sequences, as estimators take them."""
    found: NDArray[np.float64] = bounded(features(data.rows, data.shape.channels))
    return found

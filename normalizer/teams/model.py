"""The figures of an agreement weighed: how sure it is that the best club is the right one.

A logistic model, fitted by `python -m bench.fit_names` and kept as data (normalizer/data/name_model.json) with how it
was fitted. One for names whose country is known, one for names that could come from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import exp
from typing import NamedTuple

from normalizer.vocabulary import load_table

_STEEPEST = 30.0


class Model(NamedTuple):
    """Coefficients by figure (agreement.FEATURES), and the sureness from which an answer is given."""

    bias: float
    weights: Mapping[str, float]
    sure: float

    def sureness(self, figures: Mapping[str, float]) -> float:
        """How likely the club is the right one, 0 to 1."""
        total = self.bias + sum([figures[name] * weight for name, weight in self.weights.items()])
        return 1 / (1 + exp(-max(-_STEEPEST, min(_STEEPEST, total))))


class Models(NamedTuple):
    """One for names whose country is known, one for names that could come from anywhere."""

    country: Model
    anywhere: Model


@lru_cache(maxsize=1)
def fitted_models() -> Models:
    """The models of normalizer/data/name_model.json."""
    table = load_table("name_model")
    country, anywhere = (
        Model(table[which]["bias"], table[which]["weights"], table[which]["sure"]) for which in Models._fields
    )
    return Models(country, anywhere)

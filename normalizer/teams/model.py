"""The figures of an agreement weighed: how sure it is that the best club is the right one.

A logistic model, fitted by `python -m bench.fit_names` and kept as data (normalizer/data/name_model.json) with how
it was fitted. One for names whose country is known, one for names that could come from anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import exp
from operator import mul
from typing import NamedTuple

from normalizer.teams.agreement import FEATURES
from normalizer.vocabulary import load_table

_STEEPEST = 30.0


class Model(NamedTuple):
    """Coefficients in the order of FEATURES, and the sureness from which an answer is given."""

    bias: float
    weights: tuple[float, ...]
    sure: float

    def sureness(self, figures: Sequence[float], margin: float) -> float:
        """How likely the club is the right one, 0 to 1. `figures` are those of Evidence."""
        total = self.bias + sum(map(mul, figures, self.weights)) + margin * self.weights[-1]
        return 1 / (1 + exp(-max(-_STEEPEST, min(_STEEPEST, total))))


class Models(NamedTuple):
    """One for names whose country is known, one for names that could come from anywhere."""

    country: Model
    anywhere: Model


@lru_cache(maxsize=1)
def fitted_models() -> Models:
    """The models of normalizer/data/name_model.json. Raises KeyError when a figure has no coefficient there."""
    table = load_table("name_model")
    country, anywhere = (
        Model(table[which]["bias"], tuple(table[which]["weights"][name] for name in FEATURES), table[which]["sure"])
        for which in Models._fields
    )
    return Models(country, anywhere)

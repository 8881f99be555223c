"""The published accuracy of names, guarded by a sample of the labelled spellings where they are at hand.

docs/matching.md has the figures of all of them. A sample swings by about a point and a half: that is the margin.
"""

from __future__ import annotations

import zlib
from types import ModuleType
from typing import Any

import pytest

from bench.matching_data import load_scorer, rows_of, team_rows
from normalizer.evaluate import build

MARGIN = 0.015
EVERY = 4


@pytest.fixture(scope="module")
def score() -> ModuleType:
    scorer = load_scorer()
    if scorer is None:
        pytest.skip("the labelled names are not beside the repository")
    return scorer


def sampled(row: dict[str, str]) -> bool:
    return zlib.crc32(row["alias"].encode()) % EVERY == 0


def accuracy(score: ModuleType, with_country: bool) -> dict[str, Any]:
    figures: dict[str, Any] = score.score_teams(build, team_rows(), with_country, subset=sampled)
    return figures


def test_names_of_a_known_country(score: ModuleType) -> None:
    found = accuracy(score, True)
    assert found["positives"] > 500
    assert found["precision"] >= 0.985 - MARGIN
    assert found["recall"] >= 0.85 - MARGIN


def test_names_of_an_unknown_country(score: ModuleType) -> None:
    found = accuracy(score, False)
    assert found["precision"] >= 0.97 - MARGIN
    assert found["f1"] >= 0.88 - MARGIN


def test_pairs_that_must_not_be_joined(score: ModuleType) -> None:
    joined, _ = score.score_pairs(build, team_rows(), rows_of("hard_negatives_dev.csv"))
    for kind in ("women", "youth", "reserve_or_B"):
        assert joined[kind][0] == 0
    others = [counts for kind, counts in joined.items() if kind not in ("women", "youth", "reserve_or_B")]
    assert sum(bad for bad, _ in others) <= 0.01 * sum(seen for _, seen in others)

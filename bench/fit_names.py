"""Fits the model that says how sure the resolver of names is, and writes normalizer/data/name_model.json.

    python -m bench.fit_names [--write]

The data are the labelled spellings beside the repository (bench.matching says what they are), split by the scorer's
own rule with several seeds. A logistic model per question (country known, country unknown) is fitted to the best
candidate of every name that is no exact spelling. The sureness asked for is the lowest at which names of countries
(or clubs) that the model was not fitted on are answered with the stated precision.
"""

from __future__ import annotations

import argparse
import json
import os
import zlib
from collections import defaultdict
from collections.abc import Sequence
from math import exp
from types import ModuleType
from typing import NamedTuple

from bench.matching_data import load_scorer, team_rows
from normalizer.evaluate import read_catalogue
from normalizer.teams.agreement import FEATURES
from normalizer.teams.model import Model, Models
from normalizer.teams.resolver import TeamNames
from normalizer.vocabulary import DATA

SEEDS = (20261122, 1, 2, 3, 4, 5)
FOLDS = 3
RIDGE = {"country": 20.0, "anywhere": 5.0}
"""How much coefficients are held back: what does best on countries (clubs) left out of the fitting."""
ROUNDS = 12
PRECISION = {"country": 0.9852, "anywhere": 0.9725}
NOTHING = Model(0.0, (0.0,) * len(FEATURES), 1.0)
UNFITTED = Models(NOTHING, NOTHING)
NAMES = ("bias", *FEATURES)


class Case(NamedTuple):
    """A name that was asked: who was proposed, whether that was right, and on what grounds.

    figures None: an exact spelling; empty: nobody was proposed
    group   what folds are made of
    """

    group: str
    wanted: bool
    right: bool
    figures: tuple[float, ...] | None


def cases(score: ModuleType, rows: list[dict[str, str]], seed: int, with_country: bool) -> list[Case]:
    """Every name of one split that the scorer would ask and somebody is proposed for."""
    known, positive, negative = score.split(rows, seed)
    owners = defaultdict(set)
    for row in rows:
        owners[_spelling(score, row, with_country)].add(row["canonical_id"])
    path = score.write_catalogue(known)
    names = read_catalogue(path, UNFITTED)
    os.unlink(path)
    found = []
    for wanted, asked in ((True, positive), (False, negative)):
        for row in asked:
            if len(owners[_spelling(score, row, with_country)]) == 1:
                found.append(_case(names, row, wanted, with_country))
    return found


def _spelling(score: ModuleType, row: dict[str, str], with_country: bool) -> tuple[str, str, str]:
    return row["sport"], row["country"] if with_country else "", score.fold(row["alias"])


def _case(names: TeamNames, row: dict[str, str], wanted: bool, with_country: bool) -> Case:
    group = row["country"] if with_country else row["canonical_id"]
    answer = names.resolve(row["alias"], row["sport"], row["country"] if with_country else "")
    if answer.verdict == "exact":
        return Case(group, wanted, wanted and answer.team_id == row["canonical_id"], None)
    if not answer.candidates or answer.candidates[0].evidence.veto:
        return Case(group, wanted, False, ())
    best = answer.candidates[0]
    return Case(
        group, wanted, wanted and best.team_id == row["canonical_id"], (*best.evidence.figures, best.margin)
    )


def fit(learnt: Sequence[Case], ridge: float) -> list[float]:
    """Ridge logistic regression by Newton's method; coefficients in the order of NAMES."""
    samples = [(vector(case), 1.0 if case.right else 0.0) for case in learnt if case.figures]
    size = len(NAMES)
    weights = [0.0] * size
    for _ in range(ROUNDS):
        gradient = [-ridge * weight for weight in weights]
        curvature = [[ridge if row == column else 0.0 for column in range(size)] for row in range(size)]
        for sparse, target in samples:
            sure = _sureness(weights, sparse)
            error, slope = target - sure, sure * (1 - sure)
            for row, value in sparse:
                gradient[row] += error * value
                line, scaled = curvature[row], slope * value
                for column, other in sparse:
                    line[column] += scaled * other
        step = solve(curvature, gradient)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-4:
            break
    return weights


def vector(case: Case) -> list[tuple[int, float]]:
    """The figures that are not zero, by their place in NAMES."""
    return [(0, 1.0), *((n, value) for n, value in enumerate(case.figures or (), start=1) if value)]


def _sureness(weights: Sequence[float], sparse: Sequence[tuple[int, float]]) -> float:
    total = sum([weights[place] * value for place, value in sparse])
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination with pivots."""
    size = len(right)
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for place in range(size):
        pivot = max(range(place, size), key=lambda row: abs(rows[row][place]))
        rows[place], rows[pivot] = rows[pivot], rows[place]
        for below in range(place + 1, size):
            factor = rows[below][place] / rows[place][place]
            if factor:
                rows[below] = [a - factor * b for a, b in zip(rows[below], rows[place], strict=True)]
    found = [0.0] * size
    for place in reversed(range(size)):
        rest = sum(rows[place][column] * found[column] for column in range(place + 1, size))
        found[place] = (rows[place][size] - rest) / rows[place][place]
    return found


def out_of_fold(every: Sequence[Case], ridge: float) -> list[tuple[float, Case]]:
    """Each case with the sureness of a model that was not fitted on its group."""
    judged = [(1.0, case) for case in every if case.figures is None]
    judged += [(0.0, case) for case in every if case.figures == ()]
    for fold in range(FOLDS):
        mine = [case for case in every if zlib.crc32(case.group.encode()) % FOLDS == fold]
        weights = fit([case for case in every if zlib.crc32(case.group.encode()) % FOLDS != fold], ridge)
        judged += [(_sureness(weights, vector(case)), case) for case in mine if case.figures]
    return judged


def operating_point(judged: Sequence[tuple[float, Case]], precision: float) -> tuple[float, float]:
    """The lowest sureness with that precision, and the recall there."""
    wanted = sum(case.wanted for _, case in judged)
    right = 0
    best = (1.0, 0.0)
    answers = sorted((pair for pair in judged if pair[0] > 0.0), key=lambda pair: -pair[0])
    for answered, (sure, case) in enumerate(answers, start=1):
        right += case.right
        if right / answered >= precision:
            best = (sure, right / wanted)
    return best


def main() -> None:
    """Fit both models, print how they do on what they were not fitted on, and write them with --write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    score, rows = load_scorer(), team_rows()
    if score is None or rows is None:
        print("the labelled spellings are not beside the repository: nothing fitted")
        return
    table: dict[str, object] = {
        "source": "python -m bench.fit_names --write: ridge logistic regression on labelled spellings of clubs, "
        f"split by the scorer's rule with the seeds {SEEDS}; `sure` is the lowest sureness at which names of "
        "countries (anywhere: clubs) left out of the fitting are answered with the stated precision"
    }
    for question, with_country in (("country", True), ("anywhere", False)):
        every = [case for seed in SEEDS for case in cases(score, rows, seed, with_country)]
        judged = out_of_fold(every, RIDGE[question])
        for precision in (0.97, 0.98, 0.985, 0.99):
            sure, recall = operating_point(judged, precision)
            print(f"{question}: precision {precision} at sureness {sure:.3f}: recall {recall:.4f}")
        weights = fit(every, RIDGE[question])
        sure, _ = operating_point(judged, PRECISION[question])
        named = {name: round(weight, 3) for name, weight in zip(NAMES, weights, strict=True)}
        print("  " + ", ".join(f"{name} {weight}" for name, weight in named.items()))
        table[question] = {
            "precision": PRECISION[question],
            "bias": named.pop("bias"),
            "weights": named,
            "sure": round(sure, 3),
        }
    if arguments.write:
        (DATA / "name_model.json").write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()

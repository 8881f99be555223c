"""How well names find their teams, beside the usual answers in the same run.

The protocol is the scorer's: a fifth of the clubs is kept out of the catalogue, and all their names must be
answered with "not sure"; of the others the catalogue knows the canonical name and half of the other spellings.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import ModuleType
from typing import Any

from bench.matching_data import OURS, Rows
from normalizer import evaluate
from normalizer.teams.resolver import TeamNames
from normalizer.teams.spellings import Spelling

SPELLINGS = 15_000
OTHER_SEEDS = (1, 2, 3, 4, 5, 6, 7, 8)
"""Other draws of which clubs and which spellings are asked for: how much of a figure is luck."""

Build = Callable[[str], Callable[[str, str, str | None], str | None]]


def measure(score: ModuleType, rows: Rows, pairs: Rows) -> dict[str, Any]:
    """Every figure, by resolver."""
    resolvers: dict[str, Build] = {name: build for name, build, _ in score.BASE[1:]} | {OURS: evaluate.build}
    questions: dict[str, tuple[bool, int, Callable[[Mapping[str, str]], bool] | None]] = {
        "country given": (True, score.SEED, None),
        "no country": (False, score.SEED, None),
        "football in Brazil": (True, score.SEED, _brazilian),
    }
    names = {
        question: {
            resolver: _without_errors(score.score_teams(build, rows, country, seed, subset))
            for resolver, build in resolvers.items()
        }
        for question, (country, seed, subset) in questions.items()
    }
    hard = {resolver: score.score_pairs(build, rows, pairs)[0] for resolver, build in resolvers.items()}
    splits = {
        question: [
            _without_errors(score.score_teams(evaluate.build, rows, country, seed, subset)) for seed in OTHER_SEEDS
        ]
        for question, (country, _, subset) in questions.items()
    }
    return {"names": names, "splits": splits, "hard_negatives": hard, "cost": cost(score, rows)}


def _brazilian(row: Mapping[str, str]) -> bool:
    return row["country"] == "Brazil" and row["sport"] == "football"


def _without_errors(figures: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 4) for key, value in figures.items() if key != "errors"}


def cost(score: ModuleType, rows: Rows) -> dict[str, float]:
    """Speed on one core in CPU seconds, loading included, and memory for SPELLINGS spellings."""
    known, positive, negative = score.split(rows)
    path = score.write_catalogue(known)
    found: dict[str, float] = {}
    for question, country in (("country", True), ("no_country", False)):
        started = time.process_time()
        names = evaluate.read_catalogue(path)
        loaded = time.process_time()
        for row in positive + negative:
            names.resolve(row["alias"], row["sport"], row["country"] if country else "")
        asked = time.process_time()
        found[f"load_s_{question}"] = round(loaded - started, 3)
        found[f"names_per_s_{question}"] = round((len(positive) + len(negative)) / (asked - loaded))
    os.unlink(path)
    spellings = list(_many(rows))
    # In a process of its own: the tables that names share are loaded there for the first time, and counted.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
        found["memory_mb"] = beside.submit(memory_mb, spellings).result()
    return found | {"spellings": len(spellings)}


def memory_mb(spellings: list[Spelling]) -> float:
    """What a resolver of these spellings takes, with every table behind it."""
    tracemalloc.start()
    try:
        names = TeamNames(spellings)
        names.resolve("Nobody", "football")
        return round(tracemalloc.get_traced_memory()[0] / 1e6, 1)
    finally:
        tracemalloc.stop()


def _many(rows: Rows) -> Iterable[Spelling]:
    """The spellings of the data and, up to SPELLINGS, the same written backwards as other clubs."""
    for row in rows:
        yield Spelling(row["canonical_id"], row["alias"], row["country"], row["sport"])
    for row in rows[: SPELLINGS - len(rows)]:
        yield Spelling(f"{row['canonical_id']} 2", row["alias"][::-1], row["country"], row["sport"])


def tables(found: Mapping[str, Any]) -> list[str]:
    """The figures as Markdown."""
    lines = []
    for question, resolvers in found["names"].items():
        asked = next(iter(resolvers.values()))
        lines += [
            f"### Names: {question}",
            "",
            f"{asked['positives']} names of clubs in the catalogue, {asked['negatives']} of clubs that are not.",
            "",
            "| resolver | precision | recall | F1 | wrong club | club not in the catalogue | missed |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {resolver} | {each['precision']:.3f} | {each['recall']:.3f} | {each['f1']:.3f} "
            f"| {each['wrong_club']} | {each['ghost']} | {each['missed']} |"
            for resolver, each in resolvers.items()
        ]
        lines.append("")
    lines += [
        "### Names: other splits",
        "",
        f"The same questions with {len(OTHER_SEEDS)} other draws of clubs and spellings: mean and lowest figure.",
        "",
        "| question | precision | recall | F1 |",
        "|---|---|---|---|",
    ]
    for question, drawn in found["splits"].items():
        shown = [_mean_and_lowest([each[figure] for each in drawn]) for figure in ("precision", "recall", "f1")]
        lines.append(f"| {question} | {' | '.join(shown)} |")
    lines.append("")
    kinds = sorted(next(iter(found["hard_negatives"].values())))
    lines += [
        "### Pairs that must not be joined",
        "",
        "The catalogue has one of the two; asked is the other.",
        "",
        f"| resolver | {' | '.join(kind.replace('_', ' ') for kind in kinds)} |",
        f"|---|{'---|' * len(kinds)}",
    ]
    for resolver, each in found["hard_negatives"].items():
        joined = " | ".join(f"{each[kind][0]}/{each[kind][1]}" for kind in kinds)
        lines.append(f"| {resolver} | {joined} |")
    spent = found["cost"]
    lines += [
        "",
        "### Cost",
        "",
        "| | country given | no country |",
        "|---|---|---|",
        f"| names per second, one core | {spent['names_per_s_country']:,} | {spent['names_per_s_no_country']:,} |",
        f"| loading, CPU seconds | {spent['load_s_country']} | {spent['load_s_no_country']} |",
        "",
        f"{spent['spellings']:,} spellings take {spent['memory_mb']} MB.",
        "",
    ]
    return lines


def _mean_and_lowest(figures: list[float]) -> str:
    return f"{sum(figures) / len(figures):.3f}, {min(figures):.3f}"

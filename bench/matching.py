"""How well names find their teams: the tables of docs/matching.md, beside the usual answers in the same run.

    python -m bench.matching [--write]

The labelled names lie beside the repository on a development machine (bench.matching_data); without them nothing is
measured. The protocol is the scorer's: a fifth of the clubs is kept out of the catalogue, and all their names must
be answered with "not sure"; of the others the catalogue knows the canonical name and half of the other spellings.
"""

from __future__ import annotations

import argparse
import os
import time
import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.matching_data import load_scorer, rows_of, team_rows
from normalizer import evaluate
from normalizer.teams.resolver import TeamNames
from normalizer.teams.spellings import Spelling

PAGE = Path(__file__).resolve().parents[1] / "docs" / "matching.md"
OURS = "this project"
SPELLINGS = 15_000
SECOND_SEED = 7
START, END = "<!-- names: begin -->", "<!-- names: end -->"

Rows = list[dict[str, str]]
Build = Callable[[str], Callable[[str, str, str | None], str | None]]


def run() -> dict[str, Any]:
    """Measure, print the tables, and return every figure; empty where the labelled names are absent."""
    score, rows, pairs = load_scorer(), team_rows(), rows_of("hard_negatives_dev.csv")
    if score is None or rows is None or pairs is None:
        print("matching: the labelled names are not beside the repository; nothing measured")
        return {}
    found = measure(score, rows, pairs)
    print("\n".join(tables(found)))
    return found


def measure(score: ModuleType, rows: Rows, pairs: Rows) -> dict[str, Any]:
    """Every figure, by resolver."""
    resolvers: dict[str, Build] = {name: build for name, build, _ in score.BASE[1:]} | {OURS: evaluate.build}
    questions: dict[str, tuple[bool, int, Callable[[Mapping[str, str]], bool] | None]] = {
        "country given": (True, score.SEED, None),
        "no country": (False, score.SEED, None),
        "football in Brazil": (True, score.SEED, _brazilian),
        "country given, another split": (True, SECOND_SEED, None),
        "no country, another split": (False, SECOND_SEED, None),
    }
    names = {
        question: {
            resolver: _without_errors(score.score_teams(build, rows, country, seed, subset))
            for resolver, build in resolvers.items()
        }
        for question, (country, seed, subset) in questions.items()
    }
    hard = {resolver: score.score_pairs(build, rows, pairs)[0] for resolver, build in resolvers.items()}
    return {"names": names, "hard_negatives": hard, "cost": cost(score, rows)}


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


def write(found: Mapping[str, Any]) -> None:
    """Put the tables into docs/matching.md, between its marks; the words around them stay."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text("\n".join([f"{before}{START}", "", *tables(found), f"{END}{after}"]), encoding="utf-8")


def main() -> None:
    """Print the tables; with --write, put them into docs/matching.md too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    found = run()
    if found and arguments.write:
        write(found)


if __name__ == "__main__":
    main()

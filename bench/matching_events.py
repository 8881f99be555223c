"""How well events of two sources find one another, beside the usual answers in the same run.

Every pair of sources that share at least 50 matches is linked, whole list against whole list.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from types import ModuleType
from typing import Any

from bench.matching_data import OURS, Rows
from normalizer.lists.linking import link, link_in_time_order

LEAST_IN_COMMON = 50

Pairs = Iterable[tuple[Any, Any]]
Link = Callable[[list[Any], list[Any]], Pairs]

WAYS: dict[str, Link] = {
    f"{OURS}, nothing learned of spellings": lambda a, b: link(a, b, learn=False),
    f"{OURS}, day by day, learning": link_in_time_order,
    OURS: link,
}


def measure(score: ModuleType, rows: Rows) -> dict[str, Any]:
    """Every figure, by linker and pair of sources."""
    linkers: dict[str, Link] = {name: linker for name, _, linker in score.BASE[1:]} | WAYS
    return {name: _measure(linker, rows) for name, linker in linkers.items()}


def _measure(linker: Link, rows: Rows) -> dict[str, Any]:
    sources: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        sources.setdefault(row["source"], []).append(row | {"id": row["event_id"]})
    by_pair = {}
    events = 0
    spent_s = 0.0
    for one, other in combinations(sorted(sources), 2):
        listed_a, listed_b = sources[one], sources[other]
        common = {row["id"] for row in listed_a} & {row["id"] for row in listed_b}
        if len(common) < LEAST_IN_COMMON:
            continue
        begin = time.process_time()
        linked = set(linker([dict(row) for row in listed_a], [dict(row) for row in listed_b]))
        spent_s += time.process_time() - begin
        events += len(listed_a) + len(listed_b)
        right = sum(a == b for a, b in linked)
        by_pair[f"{one} ~ {other}"] = {"matches": len(common), "right": right, "wrong": len(linked) - right}
    total = {key: sum(pair[key] for pair in by_pair.values()) for key in ("matches", "right", "wrong")}
    return {"total": total, "by_pair": by_pair, "events_per_s": round(events / spent_s)}


def tables(found: Mapping[str, Any]) -> list[str]:
    """The figures as Markdown."""
    ours = found[OURS]
    lines = [
        f"{ours['total']['matches']:,} matches in both lists, {len(ours['by_pair'])} pairs of sources, no prices.",
        "",
        "| linker | recall | wrong pairs | events/s, one core |",
        "|---|---|---|---|",
    ]
    for name, each in found.items():
        total = each["total"]
        share = total["right"] / total["matches"]
        said = f"{total['wrong']} of {total['right'] + total['wrong']:,}"
        lines.append(f"| {name} | {share:.4f} | {said} | {each['events_per_s']:,} |")
    lines += ["", "| sources | matches | recall | wrong pairs |", "|---|---|---|---|"]
    for pair, each in ours["by_pair"].items():
        lines.append(f"| {pair} | {each['matches']:,} | {each['right'] / each['matches']:.4f} | {each['wrong']} |")
    return [*lines, ""]

"""Whether results hold: what is missing, and what contradicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitoring.health import Check

NAMED = 3
"""Contradictions that are named."""


def check_results(report: Mapping[str, Any]) -> Check:
    """Whether the results agree with what else is known. `report`: what `results_health` answers.

    One that is late is no fault of the fleet's, and only among the facts; where nothing was ever imported there is
    nothing to be wrong.
    """
    wrong = [
        f"{one['home']} x {one['away']} is {one['site']} there and {one['held']} here"
        for one in report["contradicting"][:NAMED]
    ]
    more = len(report["contradicting"]) - len(wrong)
    facts = {name: report[name] for name in ("results", "linked", "waiting", "partial", "rejected", "missing")}
    return Check(
        "results",
        "; ".join(wrong) + (f"; and {more} more" if more else ""),
        {**facts, "last_recorded_at": report["last_recorded_at"]},
    )

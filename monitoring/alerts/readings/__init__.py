"""What there is to judge. A reading says how one thing is; rules say whether that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """How one thing is right now.

    subject  which of its kind it is; '' when there is only one
    label    what people call it
    fields   name -> value, as `SOURCES` lists them; None: not known, which no test takes for wrong
    path     the page of the dashboard that shows it
    belongs  topic -> subject of the wider trouble that would explain its own (its family, its proxies' tier)
    links    (words, address) of pages to act on
    """

    subject: str
    label: str
    fields: Mapping[str, Any]
    path: str = "/admin/alerts"
    belongs: Mapping[str, str] = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()


SOURCES: Mapping[str, frozenset[str]] = {
    "database": frozenset({"away", "error"}),
    "scrapers": frozenset(
        {
            "name", "condition", "condition_words", "computed_status", "outcome", "error", "heartbeat_age_s",
            "heartbeat_intervals", "success_age_s", "success_intervals", "completeness", "odds", "memory_mb",
            "memory_share",
        }
    ),
    "groups": frozenset({"kind", "name", "members", "troubled", "share", "condition", "condition_words", "names"}),
    "services": frozenset({"service", "error", "heartbeat_age_s", "heartbeat_intervals", "report_*"}),
    "spools": frozenset({"name", "cycles", "mb", "full_share", "set_aside"}),
    "feed": frozenset({"age_s", "overdue_s"}),
    "machine": frozenset({"memory_free_share", "disk_free_share", "browser_orphans"}),
    "etl": frozenset(
        {
            "component", "consecutive_failures", "error_share", "success_share", "run_success_share", "elapsed_s",
            "error", "wrong_*",
        }
    ),
    "queues": frozenset({"queue", "waiting", "delayed", "running", "oldest_s", "workers"}),
    "dead_letters": frozenset({"kind", "jobs", "reason"}),
    "opportunities": frozenset(
        {"kind", "match", "league", "profit_percent", "profit", "outlay", "legs", "kickoff", "confirmed"}
    ),
}  # fmt: skip
"""Source -> the fields its readings have. Those of a service's own report are called report_<field of extra_data>.

    *_age_s, age_s, overdue_s  seconds; *_intervals: the same in expected intervals of the subject; *_share: of 1
    profit_percent             guaranteed, of the outlay
    wrong_*                    whether a threshold is passed, by code (monitoring/etl/alerts.py)
    confirmed                  seen in a second round; False: it may be an error of a moment
"""


def has_field(source: str, name: str) -> bool:
    """Whether readings of `source` have such a field."""
    known = SOURCES[source]
    return name in known or any(one.endswith("*") and name.startswith(one[:-1]) for one in known)

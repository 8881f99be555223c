"""Readings of what the database tells of itself: scrapers, groups of them, services (`status_report`). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from monitoring.alerts.condition import OK, WORDS, condition_of
from monitoring.alerts.readings import Reading

GROUP_WORDS: Mapping[str, str] = {"fleet": "toda a frota", "family": "plataforma", "tier": "saída"}
"""Kind of group -> how people call it. `fleet` has one group, with every scraper in it."""
NAMES_AT_MOST = 8


class About(NamedTuple):
    """What is declared of a bookmaker and matters here.

    family     the trading desk it shares with others
    tier       the kind of address it is asked from first; '' where nobody said
    memory_mb  what its process may use
    """

    family: str
    tier: str
    memory_mb: float


def scraper_readings(rows: Sequence[Mapping[str, Any]], declared: Mapping[str, About]) -> list[Reading]:
    """One reading for each row of the status view. A scraper that is not declared here belongs to no group."""
    return [_scraper(row, declared.get(row["scraper_name"])) for row in rows]


def _scraper(row: Mapping[str, Any], about: About | None) -> Reading:
    slug, interval_s = row["scraper_name"], max(1, row["expected_interval_s"])
    condition = condition_of(row)
    memory_mb = row["extra_data"].get("memory_mb")
    # The limit that the process itself tells: the sequential mode has another, and an open browser adds to it.
    limit_mb = row["extra_data"].get("memory_limit_mb") or (about.memory_mb if about else None)
    heartbeat_age_s, success_age_s = row["seconds_since_heartbeat"], row["seconds_since_success"]
    groups = {} if about is None else {"family": about.family, "tier": about.tier}
    # Workers are on several machines; which one it was tells where to look.
    where = f" ({row['machine']})" if (row["mode"] or "").startswith("workers") and row["machine"] else ""
    return Reading(
        subject=slug,
        label=row["bookmaker_display_name"],
        fields={
            "name": row["bookmaker_display_name"] + where,
            "condition": condition,
            "condition_words": WORDS[condition],
            "computed_status": row["computed_status"],
            "outcome": row["outcome"],
            "error": row["last_error"] or WORDS[condition],
            "heartbeat_age_s": heartbeat_age_s,
            "heartbeat_intervals": None if heartbeat_age_s is None else heartbeat_age_s / interval_s,
            "success_age_s": success_age_s,
            "success_intervals": success_age_s / interval_s,
            "completeness": row["completeness"],
            "odds": row["odds_inserted"],
            "memory_mb": memory_mb,
            "memory_share": memory_mb / limit_mb if limit_mb and isinstance(memory_mb, int | float) else None,
        },
        path=f"/admin/scraper-status/{slug}",
        belongs={kind: subject for kind, subject in groups.items() if subject},
    )


def group_readings(scrapers: Sequence[Reading]) -> list[Reading]:
    """What scrapers that have something in common suffer together: their most frequent trouble and its share.

    Who was stopped on purpose or was never started does not count at all.
    """
    groups: dict[tuple[str, str], list[Reading]] = {}
    for reading in scrapers:
        if reading.fields["condition"] not in ("stopped", "never"):
            for kind, subject in (("fleet", ""), *reading.belongs.items()):
                groups.setdefault((kind, subject), []).append(reading)
    return [_group(kind, subject, members) for (kind, subject), members in groups.items()]


def _group(kind: str, subject: str, members: Sequence[Reading]) -> Reading:
    troubles = Counter(str(one.fields["condition"]) for one in members if one.fields["condition"] != OK)
    condition, troubled = troubles.most_common(1)[0] if troubles else (OK, 0)
    names = [one.label for one in members if one.fields["condition"] == condition and troubled]
    more = f" e mais {len(names) - NAMES_AT_MOST}" if len(names) > NAMES_AT_MOST else ""
    name = f"{GROUP_WORDS[kind]} {subject}".strip()
    return Reading(
        subject=subject,
        label=name,
        fields={
            "kind": kind,
            "name": name,
            "members": len(members),
            "troubled": troubled,
            "share": troubled / len(members),
            "condition": condition,
            "condition_words": WORDS[condition],
            "names": ", ".join(names[:NAMES_AT_MOST]) + more,
        },
        path="/admin/scraper-status",
    )


def service_readings(rows: Sequence[Mapping[str, Any]], *, without: str) -> list[Reading]:
    """One reading for each process beside the scrapers that ever spoke, with the fields of its own report.

    without: the service that asks; that it does is proof enough of its health.
    """
    return [
        Reading(
            subject=row["service_name"],
            label=row["service_name"],
            fields={
                "service": row["service_name"],
                "error": row["last_error"],
                "heartbeat_age_s": row["seconds_since_heartbeat"],
                "heartbeat_intervals": row["seconds_since_heartbeat"] / max(1, row["expected_interval_s"]),
                **{f"report_{name}": value for name, value in row["extra_data"].items()},
            },
        )
        for row in rows
        if row["service_name"] != without
    ]

"""What a cycle says of itself: to the log, to the terminal, and as the heartbeat in the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scrapers.declarations import Bookmaker
from scrapers.records import Outcome
from standalone.collect import Collected

LOOK_AGAIN_S = 1.0
"""How soon to look again when it is not our turn or the database is away: the bookmaker is not asked then."""


@dataclass(slots=True)
class CycleReport:
    """What a cycle did.

    outcome        None while standing by
    standby_of     who is at work instead, None when it is us
    asked          whether the bookmaker was asked at all; not while standing by or without a committed state
    resume_in_s    how soon to try again when the bookmaker was not asked
    spooled        the difference waits on disk, the database was away
    details        what the status keeps as extra_data
    """

    outcome: Outcome | None = None
    success: bool = False
    asked: bool = True
    resume_in_s: float = LOOK_AGAIN_S
    standby_of: str | None = None
    error: str | None = None
    collected: int = 0
    inserted: int = 0
    changes: int = 0
    rejected: int = 0
    events: int = 0
    spooled: bool = False
    duration_ms: int = 0
    details: dict[str, Any] = field(default_factory=dict)

    def heartbeat(self) -> dict[str, Any]:
        """The part of `commit_cycle`'s argument that tells how the cycle went."""
        return {
            "outcome": str(self.outcome),
            "success": self.success,
            "error": self.error,
            "odds_collected": self.collected,
            "odds_inserted": self.inserted,
            "rejected": self.rejected,
            "extra_data": self.details,
        }


def judge(collected: Collected, bookmaker: Bookmaker) -> CycleReport:
    """What a round of pages amounts to, by what the bookmaker declares. Pure."""
    outcome = collected.outcome()
    honest_empty = outcome is Outcome.EMPTY and bookmaker.empty_is_normal
    report = CycleReport(
        outcome=outcome,
        success=outcome in (Outcome.OK, Outcome.PARTIAL) or honest_empty,
        error=collected.error(),
        collected=collected.prices,
        rejected=sum(collected.rejected.values()),
        events=collected.events,
    )
    if outcome is Outcome.EMPTY and not honest_empty:
        report.error = "every page came and none lists a price; this bookmaker is not expected to be empty"
    report.details = {
        "phases_ms": {"fetch": collected.fetch_ms, "parse": collected.parse_ms},
        "received_bytes": collected.received_bytes,
        "events": collected.events,
        "rejected": {str(reason): n for reason, n in collected.rejected.most_common(12)},
        "failed_pages": {f.request.scope: str(f.error)[:300] for f in collected.failures[:12]},
    }
    return report

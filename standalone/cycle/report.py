"""What a cycle says of itself: to the log, to the terminal, and as the heartbeat in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scrapers.declarations import Bookmaker
from scrapers.records import Outcome
from standalone.cycle.collect import Collected
from standalone.cycle.expectation import Change, Expectation

COMPLETE_FROM = 0.5
"""Of the usual events or prices: below this a cycle is not whole. The status view judges by the same share."""
IMPLAUSIBLE_SHARE = 0.2
MARKETS_JUDGED = 10
"""A cycle with fewer whole markets says nothing about how they are read."""
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
    started_at     when the cycle began, UTC; as in `scraper_cycles`
    too_heavy      why the process should end before its next cycle; None: it need not
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
    started_at: datetime | None = None
    too_heavy: str | None = None
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


def judge(collected: Collected, bookmaker: Bookmaker, expectation: Expectation) -> CycleReport:
    """What a round of pages amounts to, by what the bookmaker declares and by what it usually sends.

    `expectation` learns from the cycle.
    """
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
        "rejected": {str(reason): n for reason, n in collected.rejected.most_common(12) if n},
        "failed_pages": {f.request.scope: str(f.error)[:300] for f in collected.failures[:12]},
    }
    _compare(collected, report, expectation)
    return report


def _compare(collected: Collected, report: CycleReport, expectation: Expectation) -> None:
    """Judge amounts, shapes and overrounds; a worse outcome than the pages' own takes its place."""
    changes = {kind: expectation.change(kind, pages.shape) for kind, pages in collected.kinds.items()}
    broken = {kind: change for kind, change in changes.items() if change.breaks}
    sifted = collected.overrounds
    amounts = {"events": report.events, "prices": report.collected}
    usual = expectation.usual()
    shares = {}
    if usual is not None:
        shares = {
            name: round(now / often, 3) for (name, now), often in zip(amounts.items(), usual, strict=True) if often
        }
    is_short = any(share < COMPLETE_FROM for share in shares.values())
    report.details["shapes"] = {kind: change.as_json() for kind, change in changes.items()}
    report.details["against_usual"] = shares
    report.details["overrounds"] = {"markets": sifted.markets, "implausible": sifted.implausible}

    verdict: tuple[Outcome, str] | None = None
    if sifted.markets >= MARKETS_JUDGED and sifted.implausible > sifted.markets * IMPLAUSIBLE_SHARE:
        share = f"{sifted.implausible} of {sifted.markets} markets"
        verdict = Outcome.SCHEMA_CHANGED, f"{share} have an overround that nobody offers; were they read wrongly?"
    elif report.events and not report.collected and report.rejected and not collected.failures:
        verdict = Outcome.SCHEMA_CHANGED, f"{report.events} events and no price: {_most(collected)}"
    elif is_short and usual is not None and (broken or not collected.failures):
        came = f"{amounts['events']} events and {amounts['prices']} prices, usually {usual[0]:g} and {usual[1]:g}"
        if broken:
            verdict = Outcome.SCHEMA_CHANGED, f"{came}; the pages changed: {_shown(broken)}"
        else:
            verdict = Outcome.PARTIAL, came
    if verdict is not None and report.outcome in (Outcome.OK, Outcome.EMPTY, Outcome.PARTIAL):
        report.outcome, report.error = verdict
        report.success = report.success and verdict[0] is Outcome.PARTIAL
    if collected.seen:
        settled = {} if report.outcome is Outcome.SCHEMA_CHANGED else collected.kinds
        shapes = {kind: pages.shape for kind, pages in settled.items()}
        expectation.learn(report.events, report.collected, shapes)


def _most(collected: Collected) -> str:
    reasons = ", ".join(f"{reason} {n}" for reason, n in collected.rejected.most_common(3) if n)
    return f"rows were left out ({reasons})"


def _shown(broken: Mapping[str, Change]) -> str:
    return "; ".join(
        f"{kind}: " + ", ".join([f"no {place}" for place in change.lost[:3]] + list(change.retyped[:3]))
        for kind, change in broken.items()
    )

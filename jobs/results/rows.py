"""Results and rounds as the SQL functions of migration 0022 take them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from jobs.results.records import ListedMatch, MatchPage, RoundPage, Score

MOST_DETAIL = 500
STATISTICS_BY_DAYS = 2
"""A match whose page has no statistics after so many days will not get any: small competitions have none."""


def row_of(
    listed: ListedMatch, page: MatchPage | None, where: Mapping[str, Any], *, source: str, age_days: int
) -> dict[str, Any]:
    """The argument of one call. page: None when it could not be read, so that only the list's score is known;
    where: league_key, edition, round, execution_id."""
    assert listed.score is not None
    missing = _missing(page, age_days)
    extra_time = listed.extra_time if page is None else page.extra_time
    regular = page.regular if page is not None else None if extra_time else listed.score
    return {
        **where,
        "source": source,
        "page_id": listed.page_id,
        "home_name": listed.home,
        "away_name": listed.away,
        "played_on": listed.played_on.isoformat(),
        "starts_at": page.starts_at.isoformat() if page is not None and page.starts_at is not None else None,
        **_sides("score", listed.score),
        **_sides("regular", regular),
        **_sides("half", None if page is None else page.half),
        **_sides("penalties", listed.penalties if page is None else page.penalties),
        "after_extra_time": extra_time,
        "goals": None if page is None or page.goals is None else [asdict(goal) for goal in page.goals],
        "venue": "" if page is None else page.venue,
        "referee": "" if page is None else page.referee,
        "attendance": None if page is None else page.attendance,
        "state": "partial" if missing else "complete",
        "missing": ",".join(missing),
        "statistics": []
        if page is None
        else [{"name": name, "home": home, "away": away} for name, (home, away) in sorted(page.statistics.items())],
    }


def round_row(
    page: RoundPage, league_key: str, *, source: str, whole: bool, error: str, execution_id: str | None
) -> dict[str, Any]:
    """The argument of `finish_result_round`. whole: the database has every match of it."""
    days = [match.played_on.isoformat() for match in page.matches]
    return {
        "source": source,
        "league_key": league_key,
        "edition": page.edition,
        "round": page.round,
        "listed": len(page.matches),
        "finished": sum(match.score is not None for match in page.matches),
        "complete": whole and bool(page.matches),
        "first_day": min(days, default=None),
        "last_day": max(days, default=None),
        "error": error,
        "execution_id": execution_id,
    }


def refused(listed: ListedMatch, source: str, reason: str, detail: str) -> dict[str, str]:
    """A row of `reject_results` about a match."""
    return {
        "reference": f"{source}:match:{listed.page_id}",
        "reason": reason,
        "detail": f"{listed.home} x {listed.away}: {detail}"[:MOST_DETAIL],
    }


def _missing(page: MatchPage | None, age_days: int) -> list[str]:
    if page is None:
        return ["page"]
    lacks = {
        "kickoff": page.starts_at is None,
        "goals": page.goals is None,
        "statistics": not page.statistics.keys() - {"yellow_cards", "red_cards"} and age_days < STATISTICS_BY_DAYS,
    }
    return [name for name, is_missing in lacks.items() if is_missing]


def _sides(what: str, score: Score | None) -> dict[str, int | None]:
    home, away = score if score is not None else (None, None)
    return {f"home_{what}": home, f"away_{what}": away}

"""Results as `record_result` takes them. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from jobs.results.records import ListedMatch, MatchPage, Score

STATISTICS_BY_DAYS = 2
"""A match whose page has no statistics after so many days will not get any: small competitions have none."""


def row_of(
    listed: ListedMatch, page: MatchPage | None, where: dict[str, Any], *, source: str, age_days: int
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

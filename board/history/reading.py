"""Reading histories from the database, and finding the match that somebody names. Each raises StoreError."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from board.history.records import MatchHistory, PriceHistory, match_of, price_of
from board.orientation import Offer, mirrored
from board.records import Match
from normalizer.names import fold
from store.backend import Backend

PAGE = 200
"""Selections read at once; one that moved often has some hundred changes."""
MIN_BIGINT = -(2**63)
BETWEEN_TEAMS = frozenset({"x", "vs", "v"})
"""Words that people write between two teams, and no team's name is."""


def find_matches(backend: Backend, text: str, *, limit: int = 20) -> list[Match]:
    """Matches in whose teams, league or country every word of `text` stands, nearest kick-off first.

    Matches that are put away are among them. Empty when there is none, or when the text holds no word.
    """
    wanted = [word for word in fold(text).split() if word not in BETWEEN_TEAMS]
    if not wanted:
        return []
    return [match_of(row) for row in backend.call("find_matches", {"p_words": wanted, "p_limit": limit})]


def read_match(
    backend: Backend,
    match_id: int,
    *,
    bookmaker: str | None = None,
    market: str | None = None,
    period: str | None = None,
    since: float | None = None,
    page: int = PAGE,
) -> MatchHistory | None:
    """Everything that bookmakers offered on a match; None when there is no such match.

    since  changes from then on (epoch s), and the one in force at that time; None: all that are kept
    """
    asked = {"bookmaker": bookmaker, "market": market, "period": period}
    return _read(backend, match_id, {name: value for name, value in asked.items() if value}, since, page)


def read_selection(
    backend: Backend, match_id: int, offer: Offer, *, since: float | None = None
) -> MatchHistory | None:
    """What every bookmaker offered on one selection, given in the match's own view; None: no such match.

    A bookmaker stands twice in it where it listed the match twice.
    """
    return _read(backend, match_id, {"offer": list(offer), "mirrored": list(mirrored(offer))}, since, PAGE)


def _read(
    backend: Backend, match_id: int, asked: Mapping[str, Any], since: float | None, page: int
) -> MatchHistory | None:
    prices: list[PriceHistory] = []
    after = MIN_BIGINT
    while True:
        answer = backend.call(
            "match_history",
            {
                "p_match_id": match_id,
                "p_filter": dict(asked),
                "p_since": None if since is None else datetime.fromtimestamp(since, UTC).isoformat(),
                "p_after_key": after,
                "p_limit": page,
            },
        )
        if answer["match"] is None:
            return None
        prices += map(price_of, answer["selections"])
        if len(answer["selections"]) < page:
            return MatchHistory(match_of(answer["match"]), answer["history_from"], prices)
        after = prices[-1].key

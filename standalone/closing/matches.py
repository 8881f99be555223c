"""Matches with a result, and the prices that were open at their kick-off, from the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self

from board.orientation import Offer, mirrored
from jobs.results.records import Goal, GoalKind, Score
from jobs.results.settlement import Outcome, Result, settle
from scrapers.records import Market, Period, Rules, Selection, Side, Sport
from store.backend import Backend

MATCHES_AT_ONCE = 20
"""A match has some hundred prices."""


class ClosedPrice(NamedTuple):
    """A bookmaker's back price on one selection, in the match's own view. opening None: not known."""

    bookmaker: str
    family: str
    offer: Offer
    opening: float | None
    closing: float


@dataclass(frozen=True, slots=True)
class ClosedMatch:
    """A match with its result and every price that was open at its kick-off."""

    match_id: int
    league: str
    home: str
    away: str
    starts_at: int
    result: Result
    prices: Sequence[ClosedPrice]

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """From the object of `closing_page`."""
        prices = [
            ClosedPrice(slug, family, _offer(terms, swapped=swapped), opening, closing)
            for slug, family, *terms, swapped, opening, closing in row["prices"]
        ]
        return cls(
            row["match_id"],
            row["league"] or "",
            row["home"],
            row["away"],
            row["starts_at"],
            result_of(row["result"]),
            prices,
        )

    def settled(self, offer: Offer) -> Outcome | None:
        """How a bet on an offer is settled; None where the result does not tell."""
        outcome = settle(
            Selection(offer.selection),
            Market(offer.market),
            None if offer.line is None else Decimal(repr(offer.line)),
            Period(offer.period),
            self.result,
            rules=Rules(offer.rules),
            sport=Sport.FOOTBALL,
        )
        return outcome if isinstance(outcome, Outcome) else None


def result_of(row: Mapping[str, Any]) -> Result:
    """From the object of `closing_page`."""
    goals = row["goals"]
    return Result(
        regular=_pair(row, "regular"),
        half=_pair(row, "half"),
        final=_pair(row, "score"),
        penalties=_pair(row, "penalties"),
        goals=None
        if goals is None
        else tuple(
            Goal(one["side"], one["minute"], one["added"], GoalKind(one["kind"]), one["scorer"]) for one in goals
        ),
    )


def _pair(row: Mapping[str, Any], what: str) -> Score | None:
    home, away = row["home"][what], row["away"][what]
    return None if home is None or away is None else (home, away)


def _offer(terms: Sequence[Any], *, swapped: bool) -> Offer:
    market, period, line, selection, rules = terms
    offer = Offer(market, period, None if line is None else float(line), selection, rules, Side.BACK)
    return mirrored(offer) if swapped else offer


def read_closed(
    backend: Backend, *, league: str | None = None, since: datetime | None = None, match_id: int | None = None
) -> Iterator[ClosedMatch]:
    """Matches with a result, by id. since: kick-offs from then on, aware UTC. Raises StoreError."""
    wanted = {"league": league, "since": None if since is None else since.isoformat(), "match_id": match_id}
    after = 0
    while True:
        page = backend.call(
            "closing_page",
            {
                "p_filter": {name: value for name, value in wanted.items() if value is not None},
                "p_after_match_id": after,
                "p_limit": MATCHES_AT_ONCE,
            },
        )
        yield from map(ClosedMatch.from_row, page)
        if len(page) < MATCHES_AT_ONCE:
            return
        after = page[-1]["match_id"]

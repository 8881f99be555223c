"""The document `surebets.json`: what stands now, and what was turned down. docs/feed/ holds its schema.

Prices are decimal odds with the stake included, amounts those of the settings' outlay, times UTC. An empty
`surebets` means that nothing stands; the document is published all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from board.feed import Feed, content_hash
from board.freshness import FreshPrice
from board.opportunities.finder import Finder, RefusedSet
from board.opportunities.records import HeldLeg, Opportunity
from board.render import Document, match_row, moment
from board.state import Board
from board.surebets import Settings

VERSION = 1
SUREBETS = "surebets.json"
REFUSED_LISTED = 100
"""So many refused sets are listed, the largest edges first; the rest is counted."""


def surebets_feed(board: Board, opportunities: Iterable[Opportunity], finder: Finder, *, simulated: bool) -> Feed:
    """The document. opportunities: those that stand."""
    ordered = sorted(opportunities, key=lambda one: (-one.sight.edge, one.key))
    refused = sorted(finder.refused(), key=_refused_place)
    head: Document = {
        "version": VERSION,
        "simulated": simulated,
        "waiting": len(finder.backlog),
        "settings": _settings(finder.settings),
        "surebets": [_surebet(board, one) for one in ordered],
        "refused": {
            "reasons": dict(sorted(finder.reasons().items())),
            "sets": [_refused(one) for one in refused[:REFUSED_LISTED]],
            "left_out": max(0, len(refused) - REFUSED_LISTED),
        },
    }
    return Feed(SUREBETS, head, None, content_hash(head))


def _settings(settings: Settings) -> Document:
    return {
        "max_age_s": settings.max_age_s,
        "max_skew_s": settings.max_skew_s,
        "outlier_ratio": settings.outlier_ratio,
        "max_edge": settings.max_edge,
        "min_profit": settings.min_profit,
        "min_families": settings.min_families,
        "outlay": settings.outlay,
        "unit": settings.unit,
        "max_stake": settings.max_stake,
        "alternatives": settings.alternatives,
    }


def _surebet(board: Board, one: Opportunity) -> Document:
    sight = one.sight
    return {
        "key": one.key,
        "match": match_row(one.match),
        "period": one.period,
        "edge": sight.edge,
        "best_edge": one.best_sight.edge,
        "first_edge": one.first_edge,
        "outlay": sight.outlay,
        "worst": sight.worst,
        "best": sight.best,
        "opened_at": moment(one.opened_at),
        "confirmed_at": None if one.confirmed_at is None else moment(one.confirmed_at),
        "sights": one.sights,
        "gaps": one.gaps,
        "legs": [_leg(board, leg) for leg in sight.legs],
        "profits": list(sight.profits),
    }


def _leg(board: Board, leg: HeldLeg) -> Document:
    seen_at = leg.seen_at(board)
    row: Document = {
        "bookmaker": leg.bookmaker,
        "family": leg.family,
        "market": leg.market,
        "line": leg.line,
        "selection": leg.selection,
        "side": leg.side,
        "rules": leg.rules,
        "price": leg.price,
        "stake": leg.stake,
        "outlay": leg.outlay,
        "last_seen": moment(leg.changed_at if seen_at is None else seen_at),
        "last_changed": moment(leg.changed_at),
        "url": leg.url,
    }
    if leg.available is not None:
        row["available"] = leg.available
    if leg.commission:
        row["commission"] = leg.commission
    return row


def _refused_place(one: RefusedSet) -> tuple[Any, ...]:
    rejection = one.rejection
    return -(rejection.edge or 0.0), str(rejection.match_id), rejection.period, [price.key for price in one.prices]


def _refused(one: RefusedSet) -> Document:
    rejection = one.rejection
    return {
        "match_id": rejection.match_id,
        "period": rejection.period,
        "reasons": list(rejection.reasons),
        "edge": rejection.edge,
        "legs": [_refused_leg(price) for price in one.prices],
    }


def _refused_leg(price: FreshPrice) -> Document:
    return {
        "bookmaker": price.head.slug,
        "family": price.head.family,
        "market": price.offer.market,
        "line": price.offer.line,
        "selection": price.offer.selection,
        "side": price.offer.side,
        "rules": price.offer.rules,
        "price": price.price,
    }

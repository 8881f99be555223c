"""The document `status.json`: where every bookmaker stands, and which files hold what. Small; read it first.

It is written after the files it names, so a reader who polls it alone knows which of them to fetch again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from board.feed import Feed, content_hash
from board.freshness import Limits, max_age_of
from board.quotes import moment
from board.records import BookmakerHead
from board.state import Board, Part

VERSION = 1
STATUS = "status.json"


class Published(NamedTuple):
    """What was last published under a name. league: see Feed; at: seconds since the epoch, the database's clock."""

    name: str
    league: str | None
    sequence: int
    content_hash: str
    at: float
    matches: int
    prices: int


def status_feed(board: Board, odds: Feed, published: Sequence[Published], *, limits: Limits) -> Feed:
    """The document. odds: that of all matches, for what each bookmaker has in it."""
    listed = {row["slug"]: row["prices"] for row in odds.head["bookmakers"]}
    head: dict[str, Any] = {
        "version": VERSION,
        "simulated": odds.head["simulated"],
        "totals": {"matches": odds.matches, "prices": odds.prices},
        "bookmakers": [
            _bookmaker(head, board.parts.get(head.bookmaker_id, Part()), listed, limits)
            for head in sorted(board.heads.values(), key=lambda head: head.slug)
        ],
        "files": [
            {
                "name": file.name,
                "league": file.league,
                "sequence": file.sequence,
                "hash": file.content_hash,  # by another name: this one is content here
                "matches": file.matches,
                "prices": file.prices,
            }
            for file in published
        ],
    }
    return Feed(STATUS, head, None, content_hash(head))


def _bookmaker(head: BookmakerHead, part: Part, listed: Mapping[str, int], limits: Limits) -> dict[str, Any]:
    linked = [listing for listing in part.listings.values() if listing.description.match_id is not None]
    return {
        "slug": head.slug,
        "name": head.name,
        "family": head.family,
        "status": head.status,
        "last_success": None if head.last_success is None else moment(head.last_success),
        "last_seen": moment(max(part.scopes.values())) if part.scopes else None,
        "expected_interval_s": head.expected_interval_s,
        "max_age_s": max_age_of(head, limits),
        "events": len(part.listings),
        "unmatched_events": len(part.listings) - len(linked),
        "held_prices": sum(map(len, part.listings.values())),
        "prices": listed[head.slug],
    }

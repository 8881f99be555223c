"""Which prices take part: those that somebody could still bet on, as far as the fleet can know.

A price is fresh while its scraper is judged `ok` or `warning`, the part of the offer it stands in was seen
within the allowed age, and kick-off lies ahead, by the match's clock and by the bookmaker's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from board.state import Board, BookmakerHead, HeldEvent, HeldPrice, Match

TRUSTED_STATUS = frozenset({"ok", "warning"})
STANDARD_INTERVAL_S = 30


class FreshPrice(NamedTuple):
    """A price that takes part, with what it belongs to. `seen_at`: seconds since the epoch."""

    key: int
    head: BookmakerHead
    event: HeldEvent
    match: Match
    price: HeldPrice
    seen_at: float


def max_age_of(head: BookmakerHead, max_age_s: float) -> float:
    """The allowed age of a scraper's prices in seconds: `max_age_s` at the standard 30 s interval or a shorter
    one, and longer in proportion for scrapers that come round less often."""
    return max_age_s * max(head.expected_interval_s, STANDARD_INTERVAL_S) / STANDARD_INTERVAL_S


def fresh_prices(board: Board, *, now: float, max_age_s: float) -> Iterator[FreshPrice]:
    """Every price that takes part at `now` (seconds since the epoch, the database's clock), in no order."""
    for head in board.heads.values():
        part = board.parts.get(head.bookmaker_id)
        if part is None or head.status not in TRUSTED_STATUS:
            continue
        oldest = now - max_age_of(head, max_age_s)
        listed = {}
        for event_id, event in part.events.items():
            match = None if event.match_id is None else board.matches.get(event.match_id)
            if match is not None and match.starts_at > now and event.starts_at > now:
                listed[event_id] = event, match
        for key, price in part.prices.items():
            seen_at = board.scopes.get(price.scope_id)
            owner = listed.get(price.event_id)
            if owner is not None and seen_at is not None and seen_at >= oldest:
                yield FreshPrice(key, head, *owner, price, seen_at)

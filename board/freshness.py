"""Which prices take part: those that somebody could still bet on, as far as the fleet can know.

A price is fresh while its scraper is judged `ok` or `warning`, the part of the offer it stands in was seen
within the allowed age, its own last change is not beyond all measure (a page that nobody keeps), and kick-off
lies ahead, by the match's clock and by the bookmaker's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from board.listing import Listing
from board.orientation import Offer
from board.records import BookmakerHead, HeldPrice, Match
from board.state import Board

TRUSTED_STATUS = frozenset({"ok", "warning"})
STANDARD_INTERVAL_S = 30


class Limits(NamedTuple):
    """How old a price may be.

    max_age_s        since its part of the offer was last seen, at the standard interval (see `max_age_of`)
    max_unchanged_s  since it last changed; lists run some weeks ahead, and a price may rest all that time
    """

    max_age_s: float
    max_unchanged_s: float = 30 * 86_400.0


class FreshPrice(NamedTuple):
    """A price that takes part, with what it belongs to.

    offer, contract  what it is for and the contract's number, in the match's own view
    available        stake that can be matched; None where nobody says
    seen_at, changed_at   seconds since the epoch
    stays_until      when it leaves by the clock alone: kick-off, or a change too long ago
    """

    key: int
    head: BookmakerHead
    match: Match
    listing: Listing
    offer: Offer
    contract: int
    scope_id: int
    price: float
    available: float | None
    commission: float
    seen_at: float
    changed_at: float
    stays_until: float


def max_age_of(head: BookmakerHead, limits: Limits) -> float:
    """The allowed age of a scraper's prices in seconds: `max_age_s` at the standard 30 s interval or a shorter
    one, and longer in proportion for scrapers that come round less often."""
    return limits.max_age_s * max(head.expected_interval_s, STANDARD_INTERVAL_S) / STANDARD_INTERVAL_S


def fresh_scopes(board: Board, *, now: float, limits: Limits) -> dict[int, frozenset[int]]:
    """The parts of each bookmaker's offer that count, by bookmaker id: seen in time, by a trusted scraper.

    `now`: seconds since the epoch, the database's clock.
    """
    fresh = {}
    for bookmaker_id, part in board.parts.items():
        head = board.heads[bookmaker_id]
        oldest = now - max_age_of(head, limits)
        trusted = head.status in TRUSTED_STATUS
        fresh[bookmaker_id] = frozenset(
            scope for scope, seen_at in part.scopes.items() if trusted and seen_at >= oldest
        )
    return fresh


def prices_of_match(
    board: Board,
    match_id: int,
    fresh: dict[int, frozenset[int]],
    *,
    now: float,
    limits: Limits,
    contracts: Collection[int] | None = None,
) -> Iterator[FreshPrice]:
    """Every price of one match that takes part, in no order.

    Args:
        fresh: what `fresh_scopes` answers for the same `now`.
        contracts: numbers of the only contracts wanted; None: all.
    """
    match = board.matches.get(match_id)
    if match is None:
        return
    table = board.offers
    wanted = None if contracts is None else {number for known in contracts for number in table.offers_of[known]}
    for listing in board.listed.get(match_id, ()):
        places: Iterable[int] = range(len(listing))
        if wanted is not None:
            turned = table.turned if listing.description.swapped else None
            places = [
                place
                for place, number in enumerate(listing.offers)
                if (number if turned is None else turned[number]) in wanted
            ]
        yield from _prices_at(board, match, listing, places, fresh, now=now, limits=limits)


def price_of(
    board: Board,
    match: Match,
    listing: Listing,
    number: int,
    held: HeldPrice,
    fresh: dict[int, frozenset[int]],
    *,
    now: float,
    limits: Limits,
) -> FreshPrice | None:
    """A held price of a listing of the match, if it takes part; `fresh` as for `prices_of_match`.

    number: of its offer, in the match's own view.
    """
    key, _, scope_id, price, available, commission, changed_at = held
    bookmaker_id = listing.bookmaker_id
    stays_until = min(match.starts_at, listing.description.starts_at, changed_at + limits.max_unchanged_s)
    if stays_until <= now or scope_id not in fresh.get(bookmaker_id, ()):
        return None
    table = board.offers
    return FreshPrice(
        key,
        board.heads[bookmaker_id],
        match,
        listing,
        table.offers[number],
        table.contract_of[number],
        scope_id,
        price,
        available,
        commission,
        board.parts[bookmaker_id].scopes[scope_id],
        changed_at,
        stays_until,
    )


def _prices_at(
    board: Board,
    match: Match,
    listing: Listing,
    places: Iterable[int],
    fresh: dict[int, frozenset[int]],
    *,
    now: float,
    limits: Limits,
) -> Iterator[FreshPrice]:
    """The prices at these places of a listing of the match that take part; `fresh` as for `prices_of_match`."""
    description = listing.description
    counted = fresh.get(listing.bookmaker_id)
    kickoff = match.starts_at if match.starts_at < description.starts_at else description.starts_at
    if not counted or kickoff <= now:
        return
    table, swapped = board.offers, description.swapped
    head, seen_at = board.heads[listing.bookmaker_id], board.parts[listing.bookmaker_id].scopes
    for place in places:
        number = table.in_view(listing.offers[place], swapped=swapped)
        scope_id, changed_at = listing.scopes[place], listing.changed[place]
        rests_until = changed_at + limits.max_unchanged_s
        stays_until = kickoff if kickoff < rests_until else rests_until
        if scope_id not in counted or stays_until <= now:
            continue
        key, exchange = listing.keys[place], listing.exchange
        available, commission = (None, 0.0) if exchange is None else exchange.get(key, (None, 0.0))
        yield FreshPrice(
            key,
            head,
            match,
            listing,
            table.offers[number],
            table.contract_of[number],
            scope_id,
            listing.prices[place],
            available,
            commission,
            seen_at[scope_id],
            changed_at,
            stays_until,
        )


def fresh_prices(board: Board, *, now: float, limits: Limits) -> Iterator[FreshPrice]:
    """Every price that takes part at `now` (seconds since the epoch, the database's clock), match by match."""
    fresh = fresh_scopes(board, now=now, limits=limits)
    for match_id in board.listed:
        yield from prices_of_match(board, match_id, fresh, now=now, limits=limits)

"""What the board holds, one by one: matches, leagues, bookmakers, listed events and prices."""

from __future__ import annotations

from typing import NamedTuple


class Match(NamedTuple):
    """A match of the catalogue. `league_key` None and empty names: of a league the fleet does not know."""

    match_id: int
    sport: str
    league_key: str | None
    league: str
    country: str
    home: str
    away: str
    starts_at: int


class League(NamedTuple):
    """A league that the fleet knows."""

    key: str
    name: str
    country: str
    sport: str


class BookmakerHead(NamedTuple):
    """Where a bookmaker stands. `last_success`: seconds since the epoch, None: never yet."""

    bookmaker_id: int
    slug: str
    name: str
    family: str
    event_url: str
    commit_seq: int
    status: str
    expected_interval_s: int
    last_success: float | None


class Description(NamedTuple):
    """A match as one bookmaker lists it. `match_id` None: identity not decided, its prices wait.

    swapped    the bookmaker's home side is the match's away side
    starts_at  the bookmaker's own kick-off, seconds since the epoch
    """

    source_id: str
    match_id: int | None
    swapped: bool
    home: str
    away: str
    starts_at: int


UNDESCRIBED = Description("", None, False, "", "", 0)
"""Of an event whose prices were read before itself: they wait."""


class HeldPrice(NamedTuple):
    """An open price as it is put into a listing.

    offer       its number in the table, in the bookmaker's own orientation
    available   stake that can be matched; None where nobody says
    changed_at  seconds since the epoch
    """

    key: int
    offer: int
    scope_id: int
    price: float
    available: float | None
    commission: float
    changed_at: float

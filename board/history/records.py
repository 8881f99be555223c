"""The history of a match's prices as records, from the answers of `match_history` (migrations/0014). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from board.orientation import Offer, mirrored
from board.records import Match

OPEN = "open"


class Change(NamedTuple):
    """What held from `at` (epoch s) on. `price` None: none was shown, or the selection was gone."""

    at: float
    price: float | None
    status: str

    @property
    def offered(self) -> float | None:
        """The price that could be bet on from then; None: nothing could."""
        return self.price if self.status == OPEN else None


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """One selection of one bookmaker. Prices are decimal odds with the stake, times epoch s.

    offer      what it is for, in the match's own view
    status     `open`, `suspended` or `gone`; None: the match is put away, and only its summary and history remain
    last       the price shown last; None when put away, or never shown
    closing    the last price that was open at or before kick-off; None before kick-off, and where none is known
    opening, lowest, highest   of the prices up to kick-off; None: none was shown
    changes    in order of time, as far as they are kept and were asked for
    """

    key: int
    bookmaker: str
    name: str
    source_id: str
    offer: Offer
    status: str | None
    last: float | None
    opening: float | None
    closing: float | None
    lowest: float | None
    highest: float | None
    first_seen_at: float
    last_changed_at: float
    changes: tuple[Change, ...]

    @property
    def put_away(self) -> bool:
        """Whether only a summary and what is kept of the changes are left of it."""
        return self.status is None

    @property
    def final(self) -> float | None:
        """The closing price; before kick-off the last one."""
        return self.last if self.closing is None else self.closing


@dataclass(frozen=True, slots=True)
class MatchHistory:
    """A match with what its prices did. history_from: changes before (epoch s) are dropped; None: none is kept."""

    match: Match
    history_from: float | None
    prices: Sequence[PriceHistory]

    def is_whole(self, price: PriceHistory) -> bool:
        """Whether the kept changes reach back to the opening."""
        return self.history_from is not None and price.first_seen_at >= self.history_from


def match_of(row: Mapping[str, Any]) -> Match:
    """A match as the history functions of the database tell of it."""
    return Match(
        match_id=row["match_id"],
        sport=row["sport"],
        league_key=row["league_key"],
        league=row["league"] or "",
        country="",
        home=row["home"],
        away=row["away"],
        starts_at=row["starts_at"],
    )


def price_of(row: Mapping[str, Any]) -> PriceHistory:
    """A selection of an answer, turned into the match's own view."""
    offer = Offer(row["market"], row["period"], row["line"], row["selection"], row["rules"], row["side"])
    return PriceHistory(
        key=row["key"],
        bookmaker=row["bookmaker"],
        name=row["name"],
        source_id=row["source_event_id"],
        offer=mirrored(offer) if row["swapped"] else offer,
        status=row["status"],
        last=row["price"],
        opening=row["opening"],
        closing=row["closing"],
        lowest=row["lowest"],
        highest=row["highest"],
        first_seen_at=row["first_seen_at"],
        last_changed_at=row["last_changed_at"],
        changes=tuple(Change(*change) for change in row["changes"]),
    )

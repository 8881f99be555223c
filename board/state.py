"""The board in memory: every open price of the fleet, kept in step with the database by change sequence.

Each bookmaker counts its commits; each row carries the count of the commit that last changed it. Following
is asking, per bookmaker, for the rows beyond the count already held, so an idle tick costs one small query.
What the database deletes (old matches) is no change that can be followed: one bookmaker at a time is
therefore read anew from the start now and then, which also heals anything edited by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from store.backend import Backend

MAX_BIGINT = 2**63 - 1
OPEN = "open"


class Offer(NamedTuple):
    """What a price is for, in the bookmaker's own orientation. Shared between the prices that agree in it.

    line  goals or points from the home side; None for markets without a line
    """

    market: str
    period: str
    line: float | None
    selection: str
    rules: str
    side: str


class HeldPrice(NamedTuple):
    """An open price. `changed_at`: seconds since the epoch; `available`: None where nobody says."""

    event_id: int
    scope_id: int
    offer: Offer
    price: float
    available: float | None
    commission: float
    changed_at: float


class HeldEvent(NamedTuple):
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


@dataclass(slots=True)
class Part:
    """What is held of one bookmaker, as of its commit `seq`: events by id, open prices by selection key."""

    seq: int = 0
    events: dict[int, HeldEvent] = field(default_factory=dict)
    prices: dict[int, HeldPrice] = field(default_factory=dict)


@dataclass(slots=True)
class Board:
    """Everything the readers need, as of `now` on the database's clock (seconds since the epoch).

    heads and parts are by bookmaker id; scopes give when each part of an offer was last seen. An event may
    stand here whose match does not (yet): its prices wait.
    """

    now: float = 0.0
    heads: dict[int, BookmakerHead] = field(default_factory=dict)
    scopes: dict[int, float] = field(default_factory=dict)
    parts: dict[int, Part] = field(default_factory=dict)
    matches: dict[int, Match] = field(default_factory=dict)


class BoardFollower:
    """Keeps `board` in step with the database. One thread at a time."""

    def __init__(self, backend: Backend, *, page_rows: int = 5000, reload_every_s: float = 60.0) -> None:
        """page_rows: rows asked for at once; reload_every_s: how often one bookmaker is read anew."""
        self.board = Board()
        self._backend = backend
        self._page_rows = page_rows
        self._reload_every_s = reload_every_s
        self._last_reload: float | None = None
        self._reloaded: dict[int, float] = {}
        self._unread_matches: set[int] = set()
        self._offers: dict[Offer, Offer] = {}

    def sync(self) -> None:
        """Follow every bookmaker up to its newest commit.

        Raises StoreError. The board stays usable then: each bookmaker stands at the commit it had reached,
        and the next call goes on from there.
        """
        heads, scopes, now = self._read_heads()
        self.board.now, self.board.heads, self.board.scopes = now, heads, scopes
        for gone in self.board.parts.keys() - heads.keys():
            del self.board.parts[gone]
        overdue = self._overdue(now)
        moved = False
        for head in heads.values():
            part = self.board.parts.get(head.bookmaker_id)
            # A database that was restored from a backup counts from an earlier commit.
            if part is None or head.commit_seq < part.seq or head.bookmaker_id == overdue:
                self._load(head)
                self._reloaded[head.bookmaker_id] = now
                moved = True
            elif head.commit_seq > part.seq:
                self._follow(part, head.bookmaker_id, head.commit_seq)
                part.seq = head.commit_seq
                moved = True
        if moved or self._unread_matches:
            self._read_matches()

    def _overdue(self, now: float) -> int | None:
        """The bookmaker whose turn it is to be read anew, None when it is nobody's."""
        if self._last_reload is None or now < self._last_reload:
            self._last_reload = now
        known = self.board.heads.keys() & self._reloaded.keys()
        if not known or now - self._last_reload < self._reload_every_s:
            return None
        self._last_reload = now
        return min(known, key=lambda bookmaker_id: (self._reloaded[bookmaker_id], bookmaker_id))

    def _read_heads(self) -> tuple[dict[int, BookmakerHead], dict[int, float], float]:
        answer = self._backend.call("board_heads", {})
        heads = {
            row["bookmaker_id"]: BookmakerHead(
                row["bookmaker_id"],
                row["slug"],
                row["name"],
                row["family"],
                row["event_url"],
                row["commit_seq"],
                row["computed_status"],
                row["expected_interval_s"],
                row["last_success"],
            )
            for row in answer["bookmakers"]
        }
        return heads, dict(answer["scopes"]), answer["now"]

    def _load(self, head: BookmakerHead) -> None:
        """Read one bookmaker anew; what was held serves until all of it is there."""
        part = Part()
        # Without an upper bound: a row that is overwritten while the pages are read would carry a commit beyond
        # the head's and be missing for a round. It comes again in the next one, which does no harm.
        self._follow(part, head.bookmaker_id, MAX_BIGINT)
        part.seq = head.commit_seq
        self.board.parts[head.bookmaker_id] = part

    def _follow(self, part: Part, bookmaker_id: int, upto_seq: int) -> None:
        # Events first: a price without its event only waits, an event without its prices would look empty.
        for row in self._pages("board_events", "p_after_id", bookmaker_id, part.seq, upto_seq):
            _, event_id, source_id, match_id, swapped, home, away, starts_at, _ = row
            part.events[event_id] = HeldEvent(source_id, match_id, swapped, home, away, starts_at)
            if match_id is not None:
                self._unread_matches.add(match_id)
        for row in self._pages("board_prices", "p_after_key", bookmaker_id, part.seq, upto_seq):
            _, key, event_id, scope_id, *offer, price, status, available, commission, changed_at = row
            if status == OPEN:
                shared = self._shared(Offer(*offer))
                part.prices[key] = HeldPrice(
                    event_id, scope_id, shared, price, available, float(commission), changed_at
                )
            else:
                part.prices.pop(key, None)

    def _pages(
        self, function: str, after: str, bookmaker_id: int, after_seq: int, upto_seq: int
    ) -> Iterator[list[Any]]:
        """Rows of one paged function beyond a commit. Every row starts with its commit and its key."""
        cursor = (after_seq, MAX_BIGINT)
        while True:
            rows: list[list[Any]] = self._backend.call(
                function,
                {
                    "p_bookmaker_id": bookmaker_id,
                    "p_after_seq": cursor[0],
                    after: cursor[1],
                    "p_upto_seq": upto_seq,
                    "p_limit": self._page_rows,
                },
            )
            yield from rows
            if len(rows) < self._page_rows:
                return
            cursor = (rows[-1][0], rows[-1][1])

    def _read_matches(self) -> None:
        """Read the matches whose events changed (a kick-off may have moved); forget those nobody lists."""
        listed = {
            event.match_id
            for part in self.board.parts.values()
            for event in part.events.values()
            if event.match_id is not None
        }
        wanted = sorted(self._unread_matches & listed)
        for start in range(0, len(wanted), self._page_rows):
            asked = wanted[start : start + self._page_rows]
            found = {}
            for row in self._backend.call("board_matches", {"p_match_ids": asked}):
                match_id, sport, league_key, league, country, home, away, starts_at = row
                found[match_id] = Match(
                    match_id, sport, league_key, league or "", country or "", home, away, starts_at
                )
            for match_id in asked:
                if match_id in found:
                    self.board.matches[match_id] = found[match_id]
                else:
                    self.board.matches.pop(match_id, None)
        self._unread_matches.clear()
        for match_id in self.board.matches.keys() - listed:
            del self.board.matches[match_id]

    def _shared(self, offer: Offer) -> Offer:
        return self._offers.setdefault(offer, offer)

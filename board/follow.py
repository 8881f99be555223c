"""Keeping the board in step with the database, by change sequence.

Each bookmaker counts its commits; each row carries the count of the commit that last changed it. Following
is asking, per bookmaker, for the rows beyond the count already held, so an idle round costs one small query.
What the database deletes (old matches) is no change that can be followed: one bookmaker at a time is
therefore read anew from the start now and then, which also heals anything edited by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from sys import intern
from typing import Any

from board.listing import Listing
from board.orientation import Offer
from board.records import BookmakerHead, Description, HeldPrice, League, Match
from board.state import Board, Part
from store.backend import Backend

MAX_BIGINT = 2**63 - 1

_Describe = Callable[[int, Description], None]
_Put = Callable[[int, HeldPrice], None]
_Remove = Callable[[int, int, int], None]


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

    def sync(self) -> None:
        """Follow every bookmaker up to its newest commit; what is different then stands in the board's changes.

        Raises StoreError. The board stays usable then: each bookmaker stands at the commit it had reached,
        and the next call goes on from there.
        """
        board = self.board
        heads, scopes = self._read_heads()
        overdue, behind = self._overdue(heads), {}
        for bookmaker_id, head in heads.items():
            part = board.parts.get(bookmaker_id)
            # A database that was restored from a backup counts from an earlier commit.
            if part is None or head.commit_seq < part.seq or bookmaker_id == overdue:
                self._load(head, scopes.get(bookmaker_id))
                self._reloaded[bookmaker_id] = board.now
                continue
            if bookmaker_id in scopes:
                board.set_scopes(bookmaker_id, scopes[bookmaker_id])
            if head.commit_seq > part.seq:
                behind[bookmaker_id] = part.seq, head.commit_seq
        self._follow(behind)
        if self._unread_matches:
            self._read_matches()
        for match_id in board.matches.keys() - board.listed.keys():
            board.set_match(match_id, None)

    def _overdue(self, heads: dict[int, BookmakerHead]) -> int | None:
        """The bookmaker whose turn it is to be read anew, None when it is nobody's."""
        now = self.board.now
        if self._last_reload is None or now < self._last_reload:
            self._last_reload = now
        known = heads.keys() & self._reloaded.keys()
        if not known or now - self._last_reload < self._reload_every_s:
            return None
        self._last_reload = now
        return min(known, key=lambda bookmaker_id: (self._reloaded[bookmaker_id], bookmaker_id))

    def _read_heads(self) -> tuple[dict[int, BookmakerHead], dict[int, dict[int, float]]]:
        """Where the bookmakers stand, and the scopes of those that have moved on."""
        board = self.board
        known = {str(bookmaker_id): part.seq for bookmaker_id, part in board.parts.items()}
        answer = self._backend.call("board_heads_v2", {"p_known": known})
        heads, scopes = {}, {}
        for row in answer["bookmakers"]:
            bookmaker_id = row["bookmaker_id"]
            heads[bookmaker_id] = BookmakerHead(
                bookmaker_id,
                row["slug"],
                row["name"],
                row["family"],
                row["event_url"],
                row["commit_seq"],
                row["computed_status"],
                row["expected_interval_s"],
                row["last_success"],
            )
            if row["scopes"] is not None:
                scopes[bookmaker_id] = dict(row["scopes"])
        board.now = answer["now"]
        board.leagues = {row[0]: League(*row) for row in answer["leagues"]}
        board.set_heads(heads)
        return heads, scopes

    def _load(self, head: BookmakerHead, scopes: dict[int, float] | None) -> None:
        """Read one bookmaker anew; what was held serves until all of it is there.

        scopes: None where they are those held.
        """
        board, bookmaker_id = self.board, head.bookmaker_id
        held = board.parts.get(bookmaker_id)
        part = Part(scopes=held.scopes if held is not None else {})

        def listing(event_id: int) -> Listing:
            found = part.listings.get(event_id)
            if found is None:
                found = part.listings[event_id] = Listing(bookmaker_id, event_id)
            return found

        def describe(event_id: int, description: Description) -> None:
            listing(event_id).description = description

        def put(event_id: int, price: HeldPrice) -> None:
            listing(event_id).put(price)

        def remove(event_id: int, key: int, offer: int) -> None:
            listing(event_id).remove(key)

        # Without an upper bound: a row that is overwritten while the pages are read would carry a commit beyond
        # the head's and be missing for a round. It comes again in the next one, which does no harm.
        self._read(bookmaker_id, 0, MAX_BIGINT, describe, put, remove)
        part.seq = head.commit_seq
        board.set_part(bookmaker_id, part)
        if scopes is not None:
            board.set_scopes(bookmaker_id, scopes)

    def _follow(self, behind: Mapping[int, tuple[int, int]]) -> None:
        """Follow bookmakers from the commit that is held to the newest one. One question for all of them; further
        ones only where more changed than fits into a page."""
        if not behind:
            return
        asked = {str(bookmaker_id): span for bookmaker_id, span in behind.items()}
        answer = self._backend.call("board_changes", {"p_after": asked, "p_limit": self._page_rows})
        for bookmaker_id, (after_seq, upto_seq) in behind.items():
            self._follow_one(bookmaker_id, after_seq, upto_seq, answer[str(bookmaker_id)])
            self.board.parts[bookmaker_id].seq = upto_seq

    def _follow_one(self, bookmaker_id: int, after_seq: int, upto_seq: int, first: Mapping[str, Any]) -> None:
        board = self.board
        self._read(
            bookmaker_id,
            after_seq,
            upto_seq,
            lambda event_id, description: board.describe(bookmaker_id, event_id, description),
            lambda event_id, price: board.put(bookmaker_id, event_id, price),
            lambda event_id, key, offer: board.remove(bookmaker_id, event_id, key, offer),
            first,
        )

    def _read(
        self,
        bookmaker_id: int,
        after_seq: int,
        upto_seq: int,
        describe: _Describe,
        put: _Put,
        remove: _Remove,
        first: Mapping[str, Any] | None = None,
    ) -> None:
        """first: the first page of both kinds, where it is there already."""
        first = first or {}
        # Events first: a price without its event only waits, an event without its prices would look empty.
        for row in self._events(bookmaker_id, after_seq, upto_seq, first.get("events")):
            _, event_id, source_id, match_id, swapped, home, away, starts_at, _ = row
            # Many bookmakers spell a team alike: one string for all of them.
            describe(event_id, Description(source_id, match_id, swapped, intern(home), intern(away), starts_at))
            if match_id is not None:
                self._unread_matches.add(match_id)
        number = self.board.offers.number
        for page in self._prices(bookmaker_id, after_seq, upto_seq, first.get("prices")):
            for market, period, line, selection, rules, side, *columns in page:
                what = Offer(market, period, None if line is None else float(line), selection, rules, side)
                _put_all(number(what), columns, put, remove)

    def _events(self, bookmaker_id: int, after_seq: int, upto_seq: int, rows: Any) -> Iterator[list[Any]]:
        """Events beyond a commit, each with its commit and its id first. rows: the first page; None: to be got."""
        cursor = [after_seq, MAX_BIGINT]
        while True:
            if rows is None:
                rows = self._page("board_events", "p_after_id", bookmaker_id, cursor, upto_seq)
            yield from rows
            if len(rows) < self._page_rows:
                return
            cursor, rows = rows[-1][:2], None

    def _prices(self, bookmaker_id: int, after_seq: int, upto_seq: int, page: Any) -> Iterator[list[Any]]:
        """Prices beyond a commit, page by page the columns of each offer. page: the first one; None: to be got."""
        cursor = [after_seq, MAX_BIGINT]
        while cursor is not None:
            if page is None:
                page = self._page("board_prices_v2", "p_after_key", bookmaker_id, cursor, upto_seq)
            yield page["offers"]
            cursor, page = page["next"], None

    def _page(self, function: str, after: str, bookmaker_id: int, cursor: Sequence[int], upto_seq: int) -> Any:
        return self._backend.call(
            function,
            {
                "p_bookmaker_id": bookmaker_id,
                "p_after_seq": cursor[0],
                after: cursor[1],
                "p_upto_seq": upto_seq,
                "p_limit": self._page_rows,
            },
        )

    def _read_matches(self) -> None:
        """Read the matches whose events changed (a kick-off may have moved)."""
        wanted = sorted(self._unread_matches & self.board.listed.keys())
        for start in range(0, len(wanted), self._page_rows):
            asked = wanted[start : start + self._page_rows]
            found = {}
            for row in self._backend.call("board_matches", {"p_match_ids": asked}):
                match_id, sport, league_key, league, country, home, away, starts_at = row
                found[match_id] = Match(
                    match_id, sport, league_key, league or "", country or "", home, away, starts_at
                )
            for match_id in asked:
                self.board.set_match(match_id, found.get(match_id))
        self._unread_matches.clear()


def _put_all(offer: int, columns: Sequence[Any], put: _Put, remove: _Remove) -> None:
    """Take over the prices of one offer from the columns of `board_prices_v2`."""
    keys, events, scopes, prices, changed, available, commission, closed_keys, closed_events = columns
    if keys is not None:
        for key, event_id, scope_id, price, changed_at, stake, share in zip(
            keys,
            events,
            scopes,
            prices,
            changed,
            available or repeat(None),
            commission or repeat(0.0),
            strict=False,
        ):
            put(event_id, HeldPrice(key, offer, scope_id, price, stake, float(share), changed_at))
    if closed_keys is not None:
        for key, event_id in zip(closed_keys, closed_events, strict=True):
            remove(event_id, key, offer)

"""`coverage.json`: which bookmakers miss which match.

A bookmaker is expected to list a match to come when two families or more price it and the bookmaker is declared for
its league, or lists any other match of it. Where nothing recent is known, nothing is said: a silent bookmaker has
no data, and a match whose prices it last showed too long ago is neither listed nor missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple

from board.changes import Changes
from board.feed import Feed, content_hash
from board.freshness import TRUSTED_STATUS, Limits
from board.listing import Listing
from board.records import Match
from board.render import Document, match_row
from board.state import Board
from board.watch import Watch

VERSION = 1
COVERAGE = "coverage.json"
MIN_FAMILIES = 2
"""Families that price a match before others can be said to miss it: one alone may be wrong about it."""


class Seen(IntEnum):
    """What is known of a bookmaker's listing of a match. Of two listings the higher one counts."""

    OLD = 0
    """It holds prices, and none was seen recently."""
    UNPRICED = 1
    """It was listed, and no price is open now: suspended, or taken down."""
    PRICED = 2


class Missed(NamedTuple):
    """A match that some bookmakers do not list. missing, priced: bookmaker ids; priced: with a fresh price."""

    match: Match
    missing: tuple[int, ...]
    priced: tuple[int, ...]
    families: int


class Tally(NamedTuple):
    """How many matches were expected of somebody, and what came of them; the rest was last seen too long ago."""

    expected: int = 0
    listed: int = 0
    unpriced: int = 0
    missing: int = 0


class CoverageMaker:
    """Keeps who lists what, and ranks bookmakers by what they miss."""

    def __init__(self, limits: Limits, declared: Mapping[str, Iterable[str]], *, simulated: bool) -> None:
        """declared: keys of the leagues that each bookmaker is declared for, by slug."""
        self._declared = {slug: frozenset(leagues) for slug, leagues in declared.items()}
        self._simulated = simulated
        self._watch = Watch(limits)
        self._seen: dict[int, tuple[Match, dict[int, Seen]]] = {}
        self._heads: object = None
        self._missed: list[Missed] = []
        self._tallies: dict[tuple[int, str], Tally] = {}

    def update(self, board: Board, changes: Changes) -> bool:
        """As of `Maker`."""
        touched = self._watch.touched(board, changes)
        heads = [(head.bookmaker_id, head.slug, head.family, head.status) for head in board.heads.values()]
        moved = heads != self._heads
        if moved:
            touched |= dict.fromkeys(board.listed)
        self._heads = heads
        for match_id in touched:
            before, now = self._seen.get(match_id), self._look(board, match_id)
            moved |= before != now
            if now is None:
                self._seen.pop(match_id, None)
            else:
                self._seen[match_id] = now
        if moved:
            self._count(board)
        return moved

    def feeds(self, board: Board) -> list[Feed]:
        """As of `Maker`: one document; whoever misses most comes first."""
        head: Document = {
            "version": VERSION,
            "simulated": self._simulated,
            "min_families": MIN_FAMILIES,
            "bookmakers": self._bookmakers(board),
            "leagues": self._leagues(board),
            "missed": [
                {
                    **match_row(missed.match),
                    "missing": sorted(board.heads[number].slug for number in missed.missing),
                    "listed": sorted(board.heads[number].slug for number in missed.priced),
                    "families": missed.families,
                }
                for missed in self._missed
            ],
        }
        return [Feed(COVERAGE, head, None, content_hash(head))]

    def _look(self, board: Board, match_id: int) -> tuple[Match, dict[int, Seen]] | None:
        """A match to come with whoever lists it and is trusted, by bookmaker id; None where there is nobody."""
        match = board.matches.get(match_id)
        if match is None or match.starts_at <= board.now:
            return None
        seen: dict[int, Seen] = {}
        for listing in board.listed.get(match_id, ()):
            number = listing.bookmaker_id
            if board.heads[number].status in TRUSTED_STATUS:
                state = _state(listing, self._watch.fresh.get(number, frozenset()))
                seen[number] = max(state, seen.get(number, state))
        self._watch.until(match_id, match.starts_at)
        return (match, seen) if seen else None

    def _count(self, board: Board) -> None:
        """Who should list what, and does not."""
        active = [head for head in board.heads.values() if head.status in TRUSTED_STATUS]
        inside = self._scope(board)
        tallies: dict[tuple[int, str], Counter[str]] = {}
        self._missed = []
        for match, seen in self._seen.values():
            priced = [number for number, state in seen.items() if state is Seen.PRICED]
            families = len({board.heads[number].family or board.heads[number].slug for number in priced})
            if match.league_key is None or families < MIN_FAMILIES:
                continue
            missing = []
            for head in active:
                place = head.bookmaker_id, match.league_key
                if place not in inside:
                    continue
                state = seen.get(head.bookmaker_id)
                counts = tallies.setdefault(place, Counter())
                counts["expected"] += 1
                if state is None:
                    counts["missing"] += 1
                    missing.append(head.bookmaker_id)
                elif state is not Seen.OLD:
                    counts["listed" if state is Seen.PRICED else "unpriced"] += 1
            if missing:
                self._missed.append(Missed(match, tuple(sorted(missing)), tuple(sorted(priced)), families))
        self._missed.sort(key=lambda missed: (missed.match.starts_at, missed.match.match_id))
        self._tallies = {place: Tally(**counts) for place, counts in tallies.items()}

    def _scope(self, board: Board) -> set[tuple[int, str]]:
        """(bookmaker id, league key) of whoever is declared for a league or lists any match of it."""
        declared = {
            (head.bookmaker_id, league)
            for head in board.heads.values()
            for league in self._declared.get(head.slug, ())
        }
        lists = {
            (number, league)
            for match, seen in self._seen.values()
            if (league := match.league_key) is not None
            for number in seen
        }
        return declared | lists

    def _bookmakers(self, board: Board) -> list[Document]:
        rows = []
        for head in board.heads.values():
            trusted = head.status in TRUSTED_STATUS
            leagues = {
                league: tally for (number, league), tally in self._tallies.items() if number == head.bookmaker_id
            }
            rows.append(
                {
                    "slug": head.slug,
                    "name": head.name,
                    "family": head.family,
                    "status": head.status,
                    "no_data": not trusted,
                    **_total(leagues.values())._asdict(),
                    "unmatched": _unmatched(board, head.bookmaker_id) if trusted else 0,
                    "leagues": [
                        {"key": league, **tally._asdict()}
                        for league, tally in sorted(leagues.items(), key=_most_missing)
                    ],
                }
            )
        return sorted(rows, key=lambda row: (row["no_data"], -row["missing"], row["slug"]))

    def _leagues(self, board: Board) -> list[Document]:
        """By league: its matches that are looked at, and whoever misses any of them."""
        rows = []
        for key in sorted({league for _, league in self._tallies}):
            tallies = {number: tally for (number, league), tally in self._tallies.items() if league == key}
            missing = sorted(
                ((-tally.missing, board.heads[number].slug) for number, tally in tallies.items() if tally.missing)
            )
            league = board.leagues.get(key)
            rows.append(
                {
                    "key": key,
                    "name": "" if league is None else league.name,
                    "country": "" if league is None else league.country,
                    "matches": max(tally.expected for tally in tallies.values()),
                    "bookmakers": len(tallies),
                    "missing": sum(tally.missing for tally in tallies.values()),
                    "by_bookmaker": [{"slug": slug, "missing": -count} for count, slug in missing],
                }
            )
        return sorted(rows, key=lambda row: (-row["missing"], row["key"]))


def _state(listing: Listing, fresh: frozenset[int]) -> Seen:
    if not len(listing):
        return Seen.UNPRICED
    return Seen.PRICED if any(scope in fresh for scope in listing.scopes) else Seen.OLD


def _total(tallies: Iterable[Tally]) -> Tally:
    return Tally(*(sum(column) for column in zip(Tally(), *tallies, strict=True)))


def _most_missing(row: tuple[str, Tally]) -> tuple[int, str]:
    return -row[1].missing, row[0]


def _unmatched(board: Board, bookmaker_id: int) -> int:
    """Its events to come whose match is not decided: what it seems to miss may be among them."""
    return sum(
        1
        for listing in board.parts[bookmaker_id].listings.values()
        if listing.description.match_id is None and listing.description.starts_at > board.now
    )

"""The documents `odds.json` and `league-<key>.json`: what every bookmaker offers now, match by match.

docs/feed/ holds their schemas. Prices are decimal odds with the stake included; lines are goals or points from the
match's home side; times are UTC. A bookmaker that lists a match with the sides swapped is turned round, so that
everything reads in the match's own view. An empty `matches` means that no price is fresh.

The documents are kept as text, match by match. What is made of a sequence of changes is, byte for byte, what is
made of the final board at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct
from typing import Any

import orjson

from board.changes import Changes, Moved
from board.freshness import Limits, fresh_scopes
from board.packing import Segment, gzip_file, segment
from board.quotes import moment
from board.records import BookmakerHead, League
from board.render import Document, MatchText
from board.state import Board
from store.files import Body

VERSION = 3
ODDS = "odds.json"
UNKNOWN_LEAGUE = "_unknown"
"""Stands for the key in the name of the file of matches whose league the fleet does not know. No key begins so."""

CLOCKS = frozenset({"sequence", "generated_at", "valid_until", "content_hash", "last_success", "last_seen"})
"""Fields that move while nobody changes anything: `content_hash` leaves them out."""

_CHECKS = Struct("<QI")
_COMMA = b","
_PACKED_COMMA = segment(_COMMA)


@dataclass(frozen=True)
class Feed:
    """A document to be published under a name.

    head    its fields up to the matches, but for the clocks and the hash
    texts   its matches in order; None: it is a document without them
    league  whose matches these are; "": of all, None: of leagues that the fleet does not know
    """

    name: str
    head: Document
    texts: Sequence[MatchText] | None
    content_hash: str
    league: str | None = ""
    prices: int = 0

    @property
    def matches(self) -> int:
        """How many it lists."""
        return 0 if self.texts is None else len(self.texts)

    def written(self, *, sequence: int, generated_at: float, valid_until: float) -> tuple[Body, Body]:
        """The document as JSON, and the same compressed as gzip; in pieces that hold until the next update."""
        plain = orjson.dumps(
            {
                "version": self.head["version"],
                "sequence": sequence,
                "generated_at": moment(generated_at),
                "valid_until": moment(valid_until),
                "content_hash": self.content_hash,
                **{name: value for name, value in self.head.items() if name != "version"},
            }
        )
        if self.texts is None:
            return plain, gzip_file((segment(plain, last=True),))
        head, tail = plain[:-1] + b',"matches":[', b"]}"
        body, packed = [head], [segment(head)]
        for number, text in enumerate(self.texts):
            if number:
                body.append(_COMMA)
                packed.append(_PACKED_COMMA)
            body += text.pieces
            packed.append(text.packed)
        body.append(tail)
        return body, gzip_file((*packed, segment(tail, last=True)))


class _Tally:
    """How many prices some matches list by bookmaker slug, and the parts of offers that they were seen in."""

    def __init__(self) -> None:
        self.listed: Counter[str] = Counter()
        self.scopes: set[int] = set()

    def add(self, listed: Mapping[str, int], scopes: Iterable[int]) -> None:
        self.listed.update(listed)
        self.scopes.update(scopes)


class FeedBuilder:
    """Keeps every match's text in step with the board.

    simulated   whether the odds come from anything but the bookmakers themselves
    """

    def __init__(self, limits: Limits, *, simulated: bool) -> None:
        self.limits = limits
        self.simulated = simulated
        self._texts: dict[int, MatchText] = {}
        self._fresh: dict[int, frozenset[int]] = {}
        self._shown: object = None
        self._now = 0.0

    def update(self, board: Board, changes: Changes) -> bool:
        """Take over what changed since the last call; whether any document says something else now.

        The first call takes over the whole board, whatever `changes` says.
        """
        now = board.now
        fresh = fresh_scopes(board, now=now, limits=self.limits)
        turned = {
            bookmaker_id: scopes
            for bookmaker_id, counted in fresh.items()
            if (scopes := counted ^ self._fresh.get(bookmaker_id, frozenset()))
        }
        moved = set(changes.prices)
        for bookmaker_id, scopes in turned.items():
            moved.update(board.matches_in(bookmaker_id, scopes))
        whole = {match_id for match_id, contracts in changes.matches.items() if contracts is None}
        whole |= moved - self._texts.keys()
        whole.update(number for number, text in self._texts.items() if text.stays_until <= now)
        if now < self._now:  # a clock set back: kick-offs lie ahead again
            whole.update(board.listed)
        self._fresh, self._now = fresh, now
        for match_id in whole:
            self._write(board, match_id)
        for match_id in moved - whole:
            text = self._texts[match_id]
            prices = changes.prices.get(match_id, {}) | _turned(board, match_id, turned)
            text.put(board, prices, fresh, now=now, limits=self.limits)
            if not text.quotes:
                del self._texts[match_id]
        shown = [_shown(head) for head in board.heads.values()], list(board.leagues.items())
        different = bool(whole or moved) or shown != self._shown
        self._shown = shown
        return different

    def feeds(self, board: Board) -> list[Feed]:
        """Every document as of the last update: that of all matches first, then one for each league.

        They hold the kept texts themselves: write them before the next update.
        """
        order = sorted(self._texts.values(), key=lambda text: (text.match.starts_at, text.match.match_id))
        by_league: dict[str | None, list[MatchText]] = {key: [] for key in (*sorted(board.leagues), None)}
        for text in order:
            by_league.setdefault(text.match.league_key, []).append(text)
        seen = {scope: moment(at) for part in board.parts.values() for scope, at in sorted(part.scopes.items())}
        whole, feeds = _Tally(), []
        for key, texts in by_league.items():
            tally = _Tally()
            for text in texts:
                tally.add(text.listed, text.scopes)
            whole.add(tally.listed, tally.scopes)
            about = {"league": _league(board.leagues.get(key or ""))}
            feeds.append(self._feed(board, seen, league_file(key), texts, tally, key, about))
        return [self._feed(board, seen, ODDS, order, whole, "", {}), *feeds]

    def _write(self, board: Board, match_id: int) -> None:
        match = board.matches.get(match_id)
        self._texts.pop(match_id, None)
        if match is not None:
            text = MatchText(board, match, self._fresh, now=self._now, limits=self.limits)
            if text.quotes:
                self._texts[match_id] = text

    def _feed(
        self,
        board: Board,
        seen: Mapping[int, str],
        name: str,
        texts: list[MatchText],
        tally: _Tally,
        league: str | None,
        about: Document,
    ) -> Feed:
        head: Document = {
            "version": VERSION,
            "simulated": self.simulated,
            **about,
            "bookmakers": [
                {
                    "slug": head.slug,
                    "name": head.name,
                    "family": head.family,
                    "status": head.status,
                    "last_success": None if head.last_success is None else moment(head.last_success),
                    "prices": tally.listed[head.slug],
                }
                for head in sorted(board.heads.values(), key=lambda head: head.slug)
            ],
            "last_seen": {str(scope): seen[scope] for scope in sorted(tally.scopes)},
        }
        hashed = _hash(head, (text.packed for text in texts))
        return Feed(name, head, texts, hashed, league, tally.listed.total())


def _turned(board: Board, match_id: int, turned: Mapping[int, frozenset[int]]) -> dict[int, Moved]:
    """The prices of a match, by key, in scopes that have begun or ceased to count; those by bookmaker id."""
    prices = {}
    for listing in board.listed.get(match_id, ()) if turned else ():
        scopes, swapped = turned.get(listing.bookmaker_id, frozenset()), listing.description.swapped
        for place, scope in enumerate(listing.scopes) if scopes else ():
            if scope in scopes:
                offer = board.offers.in_view(listing.offers[place], swapped=swapped)
                prices[listing.keys[place]] = Moved(listing, offer, listing.at(place))
    return prices


def league_file(key: str | None) -> str:
    """The name of a league's document; None: of the leagues that the fleet does not know."""
    return f"league-{key or UNKNOWN_LEAGUE}.json"


def content_hash(document: Document) -> str:
    """SHA-256, in hex, of what a document says; sequence, hash and clocks (`CLOCKS`) left out.

    Over the compact JSON of everything but the matches, followed by the length and the CRC-32 of the JSON of each
    match (8 and 4 bytes, little-endian), which gzip needs anyhow. A change of one match goes unnoticed once in four
    thousand million times, and is published when the document is about to lose its validity.
    """
    head = {name: value for name, value in document.items() if name != "matches"}
    return _hash(head, (segment(orjson.dumps(match)) for match in document.get("matches", ())))


def _hash(head: Document, matches: Iterable[Segment]) -> str:
    hashed = sha256(orjson.dumps(timeless(head), option=orjson.OPT_SORT_KEYS))
    for match in matches:
        hashed.update(_CHECKS.pack(match.size, match.crc))
    return hashed.hexdigest()


def timeless(value: Any) -> Any:
    """A JSON value without the fields that say when."""
    if isinstance(value, dict):
        return {name: timeless(item) for name, item in value.items() if name not in CLOCKS}
    if isinstance(value, list):
        return [timeless(item) for item in value]
    return value


def _shown(head: BookmakerHead) -> tuple[str, ...]:
    return head.slug, head.name, head.family, head.status


def _league(league: League | None) -> Document:
    if league is None:
        return {"key": None, "name": "", "country": "", "sport": None}
    return league._asdict()

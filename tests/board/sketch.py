"""A board drawn by hand, and documents made of boards at once."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from referencing import Registry, Resource

from board.changes import Changes
from board.feed import Feed, FeedBuilder
from board.freshness import Limits
from board.orientation import Offer
from board.records import BookmakerHead, Description, HeldPrice, League, Match
from board.state import Board, Part
from standalone.settings import ROOT

NOW = 1_800_000_000.0
MAX_AGE_S = 180.0
LIMITS = Limits(max_age_s=MAX_AGE_S)
VALID_FOR_S = 60.0


@cache
def schema(name: str) -> Draft202012Validator:
    """The schema docs/feed/<name>.schema.json, with the others in reach of its references."""
    files = [orjson.loads(path.read_bytes()) for path in sorted((ROOT / "docs/feed").glob("*.schema.json"))]
    registry: Registry[Any] = Registry().with_resources(
        [(file["$id"], Resource.from_contents(file)) for file in files]
    )
    [wanted] = [file for file in files if file["$id"] == f"{name}.schema.json"]
    validator_for(wanted).check_schema(wanted)
    return Draft202012Validator(wanted, registry=registry)


def head(bookmaker_id: int, slug: str, **changes: Any) -> BookmakerHead:
    """A bookmaker that is well."""
    template = f"https://{slug}.example/{{home}}-x-{{away}}/{{event_id}}"
    plain = BookmakerHead(bookmaker_id, slug, slug.title(), "kambi", template, 1, "ok", 30, NOW - 5)
    return plain._replace(**changes)


def offer(market: str, selection: str, line: float | None = None, **changes: Any) -> Offer:
    """What a price is for."""
    return Offer(market, "match", line, selection, "standard", "back")._replace(**changes)


def built(board: Board, *, simulated: bool = True) -> list[Feed]:
    """Every document of a board, made from scratch."""
    builder = FeedBuilder(LIMITS, simulated=simulated)
    builder.update(board, Changes())
    return builder.feeds(board)


def written(feed: Feed, *, now: float = NOW, sequence: int = 1) -> tuple[bytes, bytes]:
    """A document as JSON, and compressed."""
    plain, packed = feed.written(sequence=sequence, generated_at=now, valid_until=now + VALID_FOR_S)
    return b"".join(plain) if isinstance(plain, list) else bytes(plain), b"".join(packed)


class Sketch:
    """Two houses, one match; `price` adds to it."""

    def __init__(self) -> None:
        self.board = Board(
            now=NOW,
            heads={1: head(1, "kto"), 2: head(2, "betano")},
            parts={1: Part(seq=1, scopes={1: NOW - 10}), 2: Part(seq=1, scopes={2: NOW - 20})},
            leagues={"liga": League("liga", "Liga", "Brazil", "football")},
        )
        self.match()
        self.describe(1, source_id="e/1", home="São Paulo FC", away="Santos")
        self.describe(2, source_id="e2", home="Santos", away="São Paulo", swapped=True)

    def match(self, **changes: Any) -> None:
        """The match, but for the changes."""
        plain = Match(7, "football", "liga", "Liga", "Brazil", "São Paulo", "Santos", int(NOW) + 3600)
        self.board.set_match(7, plain._replace(**changes))

    def describe(self, bookmaker_id: int, **changes: Any) -> None:
        """How a house lists the match: as it did, but for the changes."""
        listing = self.board.parts[bookmaker_id].listings.get(bookmaker_id * 11)
        plain = Description("", 7, False, "", "", int(NOW) + 3600) if listing is None else listing.description
        self.board.describe(bookmaker_id, bookmaker_id * 11, plain._replace(**changes))

    def head(self, bookmaker_id: int, **changes: Any) -> None:
        """Where a house stands: as it did, but for the changes."""
        heads = self.board.heads
        self.board.set_heads({**heads, bookmaker_id: heads[bookmaker_id]._replace(**changes)})

    def seen(self, bookmaker_id: int, at: float) -> None:
        """When the house's only scope was last seen."""
        self.board.set_scopes(bookmaker_id, {bookmaker_id: at})

    def price(self, bookmaker_id: int, what: Offer, price: float, **changes: Any) -> None:
        """A new price of a house, a minute old."""
        event_id = changes.pop("event_id", bookmaker_id * 11)
        key = bookmaker_id * 1000 + sum(map(len, self.board.parts[bookmaker_id].listings.values()))
        held = HeldPrice(key, self.board.offers.number(what), bookmaker_id, price, None, 0.0, NOW - 60)
        self.board.put(bookmaker_id, event_id, held._replace(**changes))

    def feed(self, *, now: float = NOW, sequence: int = 1) -> dict[str, Any]:
        """The document of all matches, checked against its schema."""
        self.board.now = now
        feed = built(self.board)[0]
        document: dict[str, Any] = orjson.loads(written(feed, now=now, sequence=sequence)[0])
        schema("odds").validate(document)
        assert feed.content_hash == document["content_hash"]
        assert feed.matches == len(document["matches"])
        assert feed.prices == sum(bookmaker["prices"] for bookmaker in document["bookmakers"])
        return document

"""What an answer holds, apart from its wire format: shared by the platforms, the journal and `truth`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scrapers.records import Market, Period, Rules
from simulator import chance
from simulator.brands import Brand
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import Move, Quote, State, World

_ID_BLOCKS = 250
_ID_BLOCK = 4_000_000
_FIRST_ID = {"altenar": 12_000_000, "kambi": 1_020_000_000}
_SHUFFLE = {"altenar": 0, "kambi": 0x2A5}


@dataclass(frozen=True, slots=True)
class Request:
    """A GET as the bookmaker would have seen it. `time` is epoch s; `moves` are the prices set by hand."""

    host: str
    path: str
    query: Mapping[str, str]
    time: int
    moves: Sequence[Move] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered before any fault.

    body      JSON value
    brand     whose offer it is; None where the request names none
    kind      "list", "combined", "category", "detail" hold prices; "menu" and "error" hold none
    leagues   the leagues asked for, by key
    events    codes of the matches asked for by id; None for lists
    category  the list category asked for, "" for none
    """

    status: int
    body: Any
    brand: Brand | None = None
    kind: str = "error"
    leagues: tuple[str, ...] = ()
    events: tuple[int, ...] | None = None
    category: str = ""


def event_id(seed: int, platform: str, fixture: Fixture) -> int:
    """The match's id on a platform: shared by its brands, different on every platform."""
    return _id_base(seed, platform) + (fixture.code ^ _SHUFFLE[platform])


def code_of(seed: int, platform: str, source_event_id: int) -> int:
    """The match's number in the world, from its id on a platform."""
    return (source_event_id - _id_base(seed, platform)) ^ _SHUFFLE[platform]


def _id_base(seed: int, platform: str) -> int:
    # Worlds of different seeds share no id, so that one database can have seen both.
    return _FIRST_ID[platform] + chance.number("ids", seed) % _ID_BLOCKS * _ID_BLOCK


def matches_of(
    world: World, brand: Brand, time: int, *, leagues: Sequence[str] = (), events: Sequence[int] | None = None
) -> list[Fixture]:
    """The matches of an answer: those of `leagues`, or exactly `events` (codes) as far as they are listed."""
    if events is None:
        found = [fixture for league in leagues for fixture in world.fixtures(league, time)]
    else:
        known = (world.fixture(code) for code in events)
        found = [fixture for fixture in known if fixture is not None and fixture.listed(time)]
    return [fixture for fixture in found if world.covers(brand, fixture)]


def markets_of(
    world: World, brand: Brand, fixture: Fixture, time: int, kind: str, moves: Sequence[Move] = ()
) -> list[Quote]:
    """The match's markets that this kind of answer is about, withdrawn ones (not on the page) included."""
    quotes = world.quotes(brand, fixture, time, moves)
    return [quote for quote in quotes if _shows(brand, quote.offer, kind)]


def on_page(quotes: Sequence[Quote]) -> list[Quote]:
    """Those that are on the page."""
    return [quote for quote in quotes if quote.state is not State.WITHDRAWN]


def _shows(brand: Brand, offer: Offer, kind: str) -> bool:
    early = offer.rules is Rules.EARLY_PAYOUT
    if kind == "category":
        return early
    if early and brand.category:
        # Where early payout has a list of its own, the other lists do not show it.
        return kind == "detail"
    if kind == "detail":
        return True
    if brand.platform == "altenar":
        return offer.listed
    headline = offer.main and offer.period is Period.MATCH
    if kind == "combined":
        return offer.number == 0 or (headline and offer.market is Market.TOTALS) or _is_spread(offer)
    return (offer.number == 0 and offer.market is Market.MATCH_RESULT) or _is_spread(offer)


def _is_spread(offer: Offer) -> bool:
    """The headline of a basketball list."""
    return offer.market is Market.HANDICAP and offer.main and offer.points

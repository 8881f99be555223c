"""What the simulator really served, computed from the world: the yardstick for scrapers, matching and surebets.

Written from the world's side; it shares no line with the parsers that it judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from scrapers.records import Market, Period, PriceStatus, Rules, Selection, Side
from simulator.answers import code_of, event_id, markets_of, matches_of, on_page, source_id
from simulator.brands import Brand, load_bookmakers
from simulator.exchange import best_lay
from simulator.faults import WITH_PRICES, Kind
from simulator.fixtures import Fixture, fixture_of
from simulator.journal import Entry, read_entries
from simulator.platforms import platforms
from simulator.wires import WIRES
from simulator.world import State, World

__all__ = [
    "Identity",
    "PriceKey",
    "event_id",
    "match_of",
    "read_entries",
    "same_match",
    "served_prices",
    "source_id",
]

PriceKey = tuple[str, Market, Period, Decimal | None, Selection, Rules, Side]
"""Source event id, market, period, line (home side's view), selection, rules, side."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A match of the world. `code` alone identifies it; names are the clubs' own, not any brand's."""

    code: int
    league: str
    home: str
    away: str
    category: str
    first_kickoff: int


def served_prices(entry: Entry, seed: int) -> dict[PriceKey, tuple[Decimal | None, PriceStatus]]:
    """Every price of an answer; suspended ones have no price. Empty when a fault spoiled the answer.

    At an exchange each selection has two: the best one to back at and the best one to lay at.
    """
    if entry.fault is not None and Kind(entry.fault) not in WITH_PRICES:
        return {}
    brand = _brands()[entry.brand]
    world = _world(seed)
    shows = platforms()[brand.platform].shows
    leagues = [league for league in entry.league.split(",") if league]
    sides = tuple(Side) if WIRES[brand.platform].exchange else (Side.BACK,)
    found: dict[PriceKey, tuple[Decimal | None, PriceStatus]] = {}
    for fixture in matches_of(world, brand, entry.served_at, leagues=leagues, events=entry.events):
        quotes = markets_of(world, brand, fixture, entry.served_at, entry.kind, entry.moves, shows=shows)
        if entry.kind == "category" and entry.category != brand.category:
            continue
        match_id = source_id(seed, brand.platform, fixture)
        for quote in on_page(quotes):
            offer = quote.offer
            for selection, price in quote.prices:
                for side in sides:
                    key = (match_id, offer.market, offer.period, offer.line, selection, offer.rules, side)
                    if quote.state is State.SUSPENDED:
                        found[key] = (None, PriceStatus.SUSPENDED)
                    else:
                        shown = price if side is Side.BACK else best_lay(brand.platform, price)
                        found[key] = (shown, PriceStatus.OPEN)
    return found


def match_of(bookmaker: str, source_event_id: str, seed: int) -> Identity | None:
    """The match behind a bookmaker's event id; None when the simulator never served such an id."""
    fixture = _fixture(bookmaker, source_event_id, seed)
    if fixture is None:
        return None
    names = (fixture.home.name, fixture.away.name)
    return Identity(fixture.code, fixture.league, *names, fixture.category, fixture.first_kickoff)


def same_match(one: tuple[str, str], other: tuple[str, str], seed: int) -> bool:
    """Whether two (bookmaker, source event id) are one match; False when either is unknown."""
    first, second = match_of(*one, seed), match_of(*other, seed)
    return first is not None and first == second


def _fixture(bookmaker: str, source_event_id: str, seed: int) -> Fixture | None:
    known: Mapping[str, Any] = load_bookmakers()
    if bookmaker not in known:
        return None
    return fixture_of(seed, code_of(seed, known[bookmaker].brand.platform, source_event_id))


def _brands() -> dict[str, Brand]:
    return {bookmaker.brand.key: bookmaker.brand for bookmaker in load_bookmakers().values()}


@lru_cache(maxsize=4)
def _world(seed: int) -> World:
    return World(seed)

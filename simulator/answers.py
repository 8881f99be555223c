"""What an answer holds, apart from its wire format: shared by the platforms, the journal and `truth`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scrapers.records import Sport
from simulator import chance
from simulator.brands import Brand, load_bookmakers
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.wires import WIRES, Demand
from simulator.world import Move, Quote, State, World

_ID_BLOCKS = 250
_ID_BLOCK = 4_000_000
WITHOUT_PRICES = frozenset({"error", "menu", "events"})
"""Kinds of answers that hold no prices."""


@dataclass(frozen=True, slots=True)
class Request:
    """A GET as the bookmaker would have seen it. `time` is epoch s; `moves` are the prices set by hand.

    headers  by lower-case name
    """

    host: str
    path: str
    query: Mapping[str, str]
    time: int
    moves: Sequence[Move] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered before any fault.

    body      JSON value, or bytes as they are sent
    brand     whose offer it is; None where the request names none
    kind      which markets it holds, in the platform module's words (see its `shows`); `WITHOUT_PRICES` hold none
    leagues   the leagues asked for, by key
    events    codes of the matches asked for by id; None for lists
    category  the list category asked for, "" for none
    demand    what this answer demands where that is more than the bookmaker's other answers; None: the same
    """

    status: int
    body: Any
    brand: Brand | None = None
    kind: str = "error"
    leagues: tuple[str, ...] = ()
    events: tuple[int, ...] | None = None
    category: str = ""
    demand: Demand | None = None

    @property
    def holds_prices(self) -> bool:
        """Whether this is an answer about prices, whole or not."""
        return self.kind not in WITHOUT_PRICES


def event_id(seed: int, platform: str, fixture: Fixture) -> int:
    """The match's number on a platform: shared by its brands, different on every platform."""
    return _id_base(seed, platform) + (fixture.code ^ WIRES[platform].shuffle)


def source_id(seed: int, platform: str, fixture: Fixture) -> str:
    """The match's id as the platform writes it."""
    wire = WIRES[platform]
    plain = wire.plain_points and fixture.sport is Sport.BASKETBALL
    return f"{'' if plain else wire.prefix}{event_id(seed, platform, fixture)}"


def code_of(seed: int, platform: str, source_event_id: int | str) -> int:
    """The match's number in the world, from its id on a platform; -1 for what is no such id."""
    number = str(source_event_id).removeprefix(WIRES[platform].prefix)
    return (int(number) - _id_base(seed, platform)) ^ WIRES[platform].shuffle if number.isdecimal() else -1


def _id_base(seed: int, platform: str) -> int:
    # Worlds of different seeds share no id, so that one database can have seen both.
    return WIRES[platform].first_id + chance.number("ids", seed) % _ID_BLOCKS * _ID_BLOCK


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


def listed_match(world: World, brand: Brand, request: Request, source_event_id: str) -> Fixture | None:
    """The match of an id on the brand's platform; None when it is not listed."""
    code = code_of(world.seed, brand.platform, source_event_id)
    return next(iter(matches_of(world, brand, request.time, events=[code])), None)


def brand_of(platform: str, request: Request) -> Brand | None:
    """Whose page asks; the first declared bookmaker of the platform where no origin says so."""
    host = urlsplit(request.headers.get("origin", "")).netloc
    known = [bookmaker for bookmaker in load_bookmakers().values() if bookmaker.brand.platform == platform]
    return next((bookmaker.brand for bookmaker in sorted(known, key=lambda one: one.host != host)), None)


Shows = Callable[[Brand, Offer, str], bool]
"""Whether a kind of answer holds a market, by the platform: (brand, market, kind)."""


def markets_of(
    world: World,
    brand: Brand,
    fixture: Fixture,
    time: int,
    kind: str,
    moves: Sequence[Move] = (),
    *,
    shows: Shows,
) -> list[Quote]:
    """The match's markets that this kind of answer is about, withdrawn ones (not on the page) included."""
    quotes = world.quotes(brand, fixture, time, moves)
    return [quote for quote in quotes if shows(brand, quote.offer, kind)]


def on_page(quotes: Sequence[Quote]) -> list[Quote]:
    """Those that are on the page."""
    return [quote for quote in quotes if quote.state is not State.WITHDRAWN]

"""What the simulated bookmakers showed last, and the surebets in it.

Made from the simulator's journal: it shares no line with the parsers, the matching, the database and the board that
it judges, only the engine, which is proved elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from board.surebets import MatchPrices, Quote, Settings, find_surebets
from scrapers.records import PriceStatus
from scrapers.registry import load_registry
from simulator import truth
from simulator.fixtures import fixture_of
from simulator.journal import Entry


class Bet(NamedTuple):
    """What is bet on, from the match's home side's view."""

    market: str
    period: str
    line: float | None
    selection: str
    rules: str
    side: str


class ShownLeg(NamedTuple):
    """A bet at a bookmaker, at its price."""

    bookmaker: str
    bet: Bet
    price: float


class Opportunity(NamedTuple):
    """A surebet. code: the match's number in the world."""

    code: int
    period: str
    legs: frozenset[ShownLeg]
    edge: float


Shown = Mapping[tuple[str, int], Mapping[Bet, float]]
"""By bookmaker and world match: each open bet's price."""


def shown(entries: Iterable[Entry], seed: int) -> Shown:
    """The prices of these answers. What a list shows counts before what an event's own page shows."""
    found: dict[tuple[str, int], dict[Bet, float]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.events is None, entry.at)):
        for (source_id, market, period, line, *what), (price, status) in truth.served_prices(entry, seed).items():
            identity = truth.match_of(entry.bookmaker, source_id, seed)
            assert identity is not None, (entry.bookmaker, source_id)
            selection, rules, side = map(str, what)
            bet = Bet(str(market), str(period), None if line is None else float(line), selection, rules, side)
            bets = found.setdefault((entry.bookmaker, identity.code), {})
            bets.pop(bet, None)
            if price is not None and status is PriceStatus.OPEN:
                bets[bet] = float(price)
    return found


def surebets_in(prices: Shown, settings: Settings, seed: int) -> list[Opportunity]:
    """Every surebet in what bookmakers without a commission show. All of it counts as fresh."""
    bookmakers = load_registry().bookmakers
    quotes: dict[int, list[Quote]] = {}
    for (slug, code), bets in prices.items():
        one = bookmakers[slug]
        if "commission" in one.options:
            continue
        for bet, price in bets.items():
            quote = Quote(slug, bet.market, bet.selection, price, bet.line, bet.period, bet.side, bet.rules)
            quotes.setdefault(code, []).append(quote._replace(family=one.family))
    found = []
    for code, inside in quotes.items():
        fixture = fixture_of(seed, code)
        assert fixture is not None
        for one_set in find_surebets(MatchPrices(code, str(fixture.sport), tuple(inside)), settings).surebets:
            legs = frozenset(
                ShownLeg(q.bookmaker, Bet(q.market, q.period, q.line, q.selection, q.rules, q.side), q.price)
                for q in (leg.quote for leg in one_set.legs)
            )
            found.append(Opportunity(code, one_set.period, legs, one_set.edge))
    return found

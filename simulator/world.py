"""One evolving world behind every simulated bookmaker: a pure function of (seed, time).

Time is whole epoch seconds. Nothing here is remembered but caches, so a killed and restarted
simulator continues exactly, and `truth` can say later what was served.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import Enum

from scrapers.records import Market, Rules, Selection, Sport
from simulator import chance
from simulator.brands import Brand
from simulator.fixtures import MATCHES_A_DAY, Fixture, fixture_of, fixtures_at
from simulator.pricing import EARLY_PAYOUT_COST, Offer, fair_chances, offers_of
from simulator.wires import WIRES

REQUOTE_S = 850
"""Each brand quotes each market anew once in every stretch of this length, at a moment of chance."""
SUSPENDED_S = 60
_SUSPENSION_STRETCH_S = 7200
_SUSPENSION_SHARE = 0.08
_WITHDRAWAL_STRETCH_S = 21_600
_WITHDRAWAL_SHARE = 0.04
_WITHDRAWN_S = (600, 1800)
LAG_SHARE = 0.01
"""Share of the six-hour stretches of a market in which its brand is late for a while: it still shows one selection
as before some news, and everybody else has moved on. About one match in six has such a market at any time, and some
of them a surebet."""
LAG = 0.12
"""By so much the late selection's chance is underrated."""
_LAG_STRETCH_S = 21_600
_LAGS_S = (300, 1200)
_NOISE = 0.012
_CACHED_MARKETS = 200_000
_LAST_RESULT_VARIANT = 2

BOOSTED_OVERROUND = 1.005
"""A promotional result market keeps next to nothing: beside others it is now and then part of a surebet."""

MARKET_MARGIN = {
    Market.HANDICAP: -0.010,
    Market.TOTALS: -0.004,
    Market.BOTH_TEAMS_TO_SCORE: 0.004,
    Market.DOUBLE_CHANCE: 0.008,
}
"""What a market's margin adds to its brand's."""


class State(Enum):
    """What a brand does with a market right now. A withdrawn one is not on the page."""

    OPEN = "open"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Quote:
    """A market as a brand prices it; `changed_at` is when it was quoted so, epoch s."""

    offer: Offer
    state: State
    prices: tuple[tuple[Selection, Decimal], ...]
    changed_at: int


@dataclass(frozen=True, slots=True)
class Move:
    """A price set by hand: from `at` until `until` (epoch s) the brand shows `price` for this selection."""

    brand: str
    code: int
    number: int
    selection: Selection
    price: Decimal
    at: int
    until: int


class World:
    """The world of one seed. Answers depend on the arguments alone; the cache only saves work.

    a_day  senior matches of each league on each day, at most 6
    """

    def __init__(self, seed: int, a_day: int = MATCHES_A_DAY) -> None:
        self.seed = seed
        self._a_day = a_day
        self._quotes: dict[tuple[str, int, int], tuple[int, int, Quote]] = {}

    def fixtures(self, league: str, time: int) -> list[Fixture]:
        """The matches listed for a league, by kick-off."""
        return fixtures_at(self.seed, league, time, self._a_day)

    def fixture(self, code: int) -> Fixture | None:
        """A match by its number, also one that is no longer or not yet listed."""
        return fixture_of(self.seed, code, self._a_day)

    def covers(self, brand: Brand, fixture: Fixture) -> bool:
        """Whether the brand lists this match; other sides of a club are not listed by everybody."""
        return not fixture.category or chance.unit(self.seed, "covers", brand.key, fixture.code) < 0.7

    def offers(self, brand: Brand, fixture: Fixture) -> list[Offer]:
        """The markets that the brand has on this match all its life, open or not."""
        if fixture.sport is Sport.BASKETBALL:
            rules = WIRES[brand.platform].points_rules
            return [
                offer for offer in offers_of(self.seed, fixture) if offer.rules in rules or not _is_winner(offer)
            ]
        early = chance.unit(self.seed, "early", brand.key, fixture.code) < brand.early_payout
        boosted = chance.unit(self.seed, "boosted", brand.key, fixture.code) < brand.boosted
        absent = {
            Rules.EARLY_PAYOUT: not early,
            Rules.BOOSTED: not boosted,
            Rules.STANDARD: early and brand.replaces,
        }
        return [
            offer
            for offer in offers_of(self.seed, fixture)
            if offer.number > _LAST_RESULT_VARIANT or not absent[offer.rules]
        ]

    def quotes(self, brand: Brand, fixture: Fixture, time: int, moves: Iterable[Move] = ()) -> list[Quote]:
        """Every market that the brand has on this match, as it stands at `time`."""
        quotes = [self._quote(brand, fixture, offer, time) for offer in self.offers(brand, fixture)]
        for move in moves:
            if move.brand == brand.key and move.code == fixture.code and move.at <= time < move.until:
                quotes = [_moved(quote, move) if quote.offer.number == move.number else quote for quote in quotes]
        return quotes

    def _quote(self, brand: Brand, fixture: Fixture, offer: Offer, time: int) -> Quote:
        key = (brand.key, fixture.code, offer.number)
        known = self._quotes.get(key)
        if known is None or not known[0] <= time < known[1]:
            known = self._make_quote(brand, fixture, offer, time)
            if len(self._quotes) >= _CACHED_MARKETS:
                self._quotes.clear()
            self._quotes[key] = known
        return known[2]

    def _make_quote(self, brand: Brand, fixture: Fixture, offer: Offer, time: int) -> tuple[int, int, Quote]:
        """The quote and the stretch of time, half open, in which it stands."""
        name = (self.seed, brand.key, fixture.code, offer.number)
        step, quoted_at, next_quote = _stretch(REQUOTE_S, time, *name)
        halt_from, halt_to, halted = _interval(
            _SUSPENSION_STRETCH_S, _SUSPENSION_SHARE, (SUSPENDED_S,), time, "halt", *name
        )
        gone_from, gone_to, gone = _interval(
            _WITHDRAWAL_STRETCH_S, _WITHDRAWAL_SHARE, _WITHDRAWN_S, time, "gone", *name
        )
        late_from, late_to, late = _interval(_LAG_STRETCH_S, LAG_SHARE, _LAGS_S, time, "late", *name)
        if halted and not WIRES[brand.platform].suspends:
            gone = True
        state = State.WITHDRAWN if gone else State.SUSPENDED if halted else State.OPEN
        prices = self._prices(brand, fixture, offer, quoted_at, step, late_from if late else None)
        since = max(quoted_at, halt_from, gone_from, late_from)
        changed_at = max(quoted_at, late_from) if late else quoted_at
        return since, min(next_quote, halt_to, gone_to, late_to), Quote(offer, state, prices, changed_at)

    def _prices(
        self, brand: Brand, fixture: Fixture, offer: Offer, quoted_at: int, step: int, late_since: int | None
    ) -> tuple[tuple[Selection, Decimal], ...]:
        fair = fair_chances(self.seed, fixture, offer, quoted_at)
        whole = sum(p for _, p in fair)
        noisy = [
            p
            * (
                1
                + _NOISE * chance.spread(self.seed, "noise", brand.key, fixture.code, offer.number, step, selection)
            )
            for selection, p in fair
        ]
        if late_since is not None:
            name = (self.seed, "late-in", brand.key, fixture.code, offer.number, late_since)
            noisy[chance.number(*name) % len(noisy)] *= 1 - LAG
        margin = brand.margin + MARKET_MARGIN.get(offer.market, 0.0)
        scale = whole / sum(noisy) * (1 + margin)
        if offer.rules is Rules.BOOSTED:
            scale = whole / sum(noisy) * BOOSTED_OVERROUND
        prices = []
        for (selection, _), p in zip(fair, noisy, strict=True):
            dearer = (
                EARLY_PAYOUT_COST if offer.rules is Rules.EARLY_PAYOUT and selection is not Selection.DRAW else 1.0
            )
            prices.append((selection, on_ladder(brand.platform, 1 / (p * scale * dearer))))
        return tuple(prices)


def _is_winner(offer: Offer) -> bool:
    return offer.market is Market.MONEYLINE


def on_ladder(platform: str, price: float) -> Decimal:
    """The nearest price that the platform shows, from 1.01 up."""
    exact = Decimal(repr(round(price, 6)))
    step = next((step for below, step in WIRES[platform].ladder if exact < below), Decimal(1))
    shown = (exact / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * step
    return min(Decimal(501), max(Decimal("1.01"), shown))


def _stretch(length: int, time: int, *name: object) -> tuple[int, int, int]:
    """Which step of a market's life `time` is in, and from when until when it lasts.

    Step k begins at a moment of chance within the k-th stretch of the given length.
    """
    phase = chance.number("phase", *name) % length
    k = (time + phase) // length

    def begins(step: int) -> int:
        return step * length - phase + chance.number("begins", *name, step) % length

    if time < begins(k):
        k -= 1
    return k, begins(k), begins(k + 1)


def _interval(length: int, share: float, lasts: Sequence[int], time: int, *name: object) -> tuple[int, int, bool]:
    """The half-open stretch around `time` in which nothing changes, and whether the event is on in it."""
    k = time // length
    low, high = k * length, (k + 1) * length
    if chance.unit("happens", *name, k) >= share:
        return low, high, False
    duration = chance.pick(lasts, "lasts", *name, k)
    begin = low + chance.number("when", *name, k) % (length - duration)
    if time < begin:
        return low, begin, False
    if time < begin + duration:
        return begin, begin + duration, True
    return begin + duration, high, False


def _moved(quote: Quote, move: Move) -> Quote:
    prices = tuple((s, move.price if s == move.selection else price) for s, price in quote.prices)
    return Quote(quote.offer, quote.state, prices, max(quote.changed_at, move.at))

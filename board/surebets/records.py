"""What the engine is given and what it answers.

Prices are decimal odds with the stake included, lines goals or points from the match's home side, ages seconds,
amounts in the account's currency. Words (market, selection, ...) are those of `scrapers.records`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from board.surebets.outcomes import Outcome
from scrapers.records import Period, Rules, Side


class Quote(NamedTuple):
    """One price of one bookmaker, in the match's own orientation.

    family      bookmakers of one family share a trading desk; '' stands for the bookmaker alone
    price       what stands on the page, before commission
    commission  share of the net winnings that the exchange keeps, 0 <= commission < 1
    age_s       seconds since the price was last seen
    available   stake that can be matched at this price (the backer's stake, also for lay); None: nobody says
    max_stake   the bookmaker's own limit on the stake; None: nobody says
    """

    bookmaker: str
    market: str
    selection: str
    price: float
    line: float | None = None
    period: str = Period.MATCH
    side: str = Side.BACK
    rules: str = Rules.STANDARD
    commission: float = 0.0
    age_s: float = 0.0
    family: str = ""
    suspended: bool = False
    available: float | None = None
    max_stake: float | None = None
    url: str = ""

    @property
    def desk(self) -> str:
        """Who made the price: the family, or the bookmaker where it belongs to none."""
        return self.family or self.bookmaker


class MatchPrices(NamedTuple):
    """A match with every price there is for it. `sport`: a word of `scrapers.records.Sport`."""

    match_id: int | str
    sport: str
    quotes: tuple[Quote, ...]


class Reason(StrEnum):
    """Why a price or a set of prices was turned down."""

    MALFORMED = "malformed"
    """A value that cannot be: price, commission, age, line, or a word nobody knows."""
    UNCLEAR_CONTRACT = "unclear_contract"
    """Bookmakers settle this differently, or the result alone does not settle it."""
    SUSPENDED = "suspended"
    AGE = "age"
    OUTLIER = "outlier"
    """Far better than the median of the others."""
    RULES = "rules"
    """Legs whose rules settle differently."""
    EDGE = "edge"
    """Too good to be true."""
    SKEW = "skew"
    """Legs that were seen too far apart."""
    FAMILY = "family"
    """Too few trading desks behind it."""
    MIN_PROFIT = "min_profit"
    ROUNDING = "rounding"
    """No profit is left once stakes are amounts a person can bet, within the limits."""
    SEARCH_LIMIT = "search_limit"
    """There may be more: the search was ended. Without legs."""


class Leg(NamedTuple):
    """One bet of a set.

    share   of the whole outlay, before rounding
    stake   what to enter at the bookmaker, a multiple of the unit; for lay the backer's stake
    outlay  what can be lost with it: the stake, for lay the liability
    """

    quote: Quote
    share: float
    stake: float
    outlay: float


class StateProfit(NamedTuple):
    """The profit in one kind of outcome, with the rounded stakes. `outcome`: one example of that kind."""

    outcome: Outcome
    profit: float


class Surebet(NamedTuple):
    """A set of bets with a profit in every outcome.

    edge     guaranteed profit per unit of outlay before rounding: what the linear program gives
    outlay   the whole outlay after rounding, liabilities included
    worst    profit in the worst outcome after rounding, always positive; exact, then the nearest double
    profits  profit by kind of outcome, worst first; together they are everything that can happen
    """

    match_id: int | str
    period: str
    legs: tuple[Leg, ...]
    edge: float
    outlay: float
    worst: float
    profits: tuple[StateProfit, ...]

    @property
    def best(self) -> float:
        """Profit in the best outcome after rounding; above `worst` there is a middle to hit."""
        return self.profits[-1].profit

    @property
    def age_s(self) -> float:
        """Age of the oldest leg."""
        return max(leg.quote.age_s for leg in self.legs)

    @property
    def skew_s(self) -> float:
        """How far apart the legs were seen."""
        return self.age_s - min(leg.quote.age_s for leg in self.legs)

    @property
    def key(self) -> str:
        """Names the opportunity: match, period and what is bet on, in a fixed order. Bookmakers may take turns in
        it without making it another one."""
        bets = sorted(f"{q.side}:{q.market}:{q.selection}:{_line(q.line)}:{q.rules}" for q, *_ in self.legs)
        return f"{self.match_id}|{self.period}|{'|'.join(bets)}"


class Rejection(NamedTuple):
    """What was turned down, and every reason for it.

    legs  the whole set; or one price that can be part of none
    edge  what the set would have guaranteed per unit of outlay; None for a price alone
    """

    match_id: int | str
    period: str
    reasons: tuple[Reason, ...]
    legs: tuple[Quote, ...]
    edge: float | None = None


def _line(line: float | None) -> str:
    return "" if line is None else f"{line:g}"

"""The common model: what every parser returns and everything downstream reads.

Units are fixed here once. Prices are decimal odds with the stake included (2.50
returns 2.5 times the stake). Lines are goals or points seen from the home side:
a handicap of -1.5 means the home side gives 1.5, on both of its selections. Times
are aware and UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

MAX_PRICE = Decimal(1001)


class Sport(StrEnum):
    """What is played."""

    FOOTBALL = "football"
    BASKETBALL = "basketball"


class Market(StrEnum):
    """What is bet on. Two markets compare only with equal period and compatible rules."""

    MATCH_RESULT = "match_result"
    """Home, draw, away after the period's regular time."""
    MONEYLINE = "moneyline"
    """Home or away, overtime included."""
    TOTALS = "totals"
    """Over or under a line; in basketball overtime included."""
    HANDICAP = "handicap"
    """Asian (two-way) handicap; quarter lines kept as they are."""
    BOTH_TEAMS_TO_SCORE = "both_teams_to_score"
    DOUBLE_CHANCE = "double_chance"
    DRAW_NO_BET = "draw_no_bet"


class Selection(StrEnum):
    """The side of a market."""

    HOME = "home"
    DRAW = "draw"
    AWAY = "away"
    OVER = "over"
    UNDER = "under"
    YES = "yes"
    NO = "no"
    HOME_DRAW = "home_draw"
    HOME_AWAY = "home_away"
    DRAW_AWAY = "draw_away"


class Period(StrEnum):
    """The part of the match a market is about."""

    MATCH = "match"
    FIRST_HALF = "first_half"
    SECOND_HALF = "second_half"


class Rules(StrEnum):
    """The contract behind a price: prices of different rules are different bets."""

    STANDARD = "standard"
    EARLY_PAYOUT = "early_payout"
    """PA, pagamento antecipado: paid as won once the side leads by the agreed margin."""
    BOOSTED = "boosted"
    """SO, super odds: a promotional price."""


class Side(StrEnum):
    """Back (bet on) or lay (bet against, exchanges only)."""

    BACK = "back"
    LAY = "lay"


class PriceStatus(StrEnum):
    """Open can be bet on. Suspended is on the page and cannot. Absent is not in the records at all."""

    OPEN = "open"
    SUSPENDED = "suspended"


class Phase(StrEnum):
    """Where the event stands according to the bookmaker."""

    PREMATCH = "prematch"
    LIVE = "live"


class Outcome(StrEnum):
    """How a cycle ended. `EMPTY` is an honest answer without events; every other one but OK is a failure."""

    OK = "ok"
    PARTIAL = "partial"
    EMPTY = "empty"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    SCHEMA_CHANGED = "schema_changed"
    TIMEOUT = "timeout"
    NETWORK = "network"
    DATABASE = "database"
    BUG = "bug"


SELECTIONS: dict[Market, frozenset[Selection]] = {
    Market.MATCH_RESULT: frozenset({Selection.HOME, Selection.DRAW, Selection.AWAY}),
    Market.MONEYLINE: frozenset({Selection.HOME, Selection.AWAY}),
    Market.TOTALS: frozenset({Selection.OVER, Selection.UNDER}),
    Market.HANDICAP: frozenset({Selection.HOME, Selection.AWAY}),
    Market.BOTH_TEAMS_TO_SCORE: frozenset({Selection.YES, Selection.NO}),
    Market.DOUBLE_CHANCE: frozenset({Selection.HOME_DRAW, Selection.HOME_AWAY, Selection.DRAW_AWAY}),
    Market.DRAW_NO_BET: frozenset({Selection.HOME, Selection.AWAY}),
}
"""The selections of each market; together they cover every result (a push apart)."""

MARKETS_WITH_LINE = frozenset({Market.TOTALS, Market.HANDICAP})


class RecordError(ValueError):
    """A row is not a valid record. Parsers turn it into a `Rejected`; it never leaves them."""


@dataclass(frozen=True, slots=True)
class Price:
    """One selection of one market of one event.

    value      decimal odds, stake included, 1 < value <= 1001; None only while suspended without a price
    line       goals or points from the home side; None exactly for markets without a line
    available  stake that can be matched at this price, in the exchange's currency; None for bookmakers
    commission share of the net winnings that the exchange keeps, 0 <= commission < 1

    Raises RecordError when the parts contradict each other.
    """

    market: Market
    selection: Selection
    value: Decimal | None
    line: Decimal | None = None
    period: Period = Period.MATCH
    rules: Rules = Rules.STANDARD
    side: Side = Side.BACK
    status: PriceStatus = PriceStatus.OPEN
    available: Decimal | None = None
    commission: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.selection not in SELECTIONS[self.market]:
            raise RecordError(f"{self.market} has no selection {self.selection}")
        if (self.line is not None) != (self.market in MARKETS_WITH_LINE):
            raise RecordError(f"{self.market} with line {self.line}")
        if self.value is None:
            if self.status is PriceStatus.OPEN:
                raise RecordError("an open selection without a price")
        elif not 1 < self.value <= MAX_PRICE:
            raise RecordError(f"price {self.value} is not in (1, {MAX_PRICE}]")


@dataclass(frozen=True, slots=True)
class LeagueName:
    """A league as one bookmaker names it. `source_id` is the platform's id, the only part that identifies."""

    source_id: str
    name: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A match at one bookmaker, with every price that could be read.

    starts_at is the kick-off, aware UTC. home is the side named first in the sport's own
    order (the host), whatever order the page prints.
    """

    source_id: str
    sport: Sport
    league: LeagueName
    home: str
    away: str
    starts_at: datetime
    phase: Phase = Phase.PREMATCH
    prices: tuple[Price, ...] = ()

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is not UTC:
            raise RecordError(f"kick-off {self.starts_at} is not aware UTC")
        if not self.home.strip() or not self.away.strip():
            raise RecordError("an event needs two named sides")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was left out. `reason` is a short constant in snake_case, counted in the heartbeat."""

    source_id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """What one payload holds.

    `kind` names the payload's shape in the platform's words ("list", "detail", "menu", ...).
    An empty `events` with an empty `rejected` means the bookmaker honestly lists nothing.
    """

    kind: str
    events: tuple[Event, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    def prices(self) -> Iterator[Price]:
        """Every price of every event, in source order."""
        for event in self.events:
            yield from event.prices

    def rejected_by_reason(self) -> Counter[str]:
        """How many rows were left out, by reason."""
        return Counter(row.reason for row in self.rejected)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One GET that a platform wants answered.

    scope         names the part of the bookmaker's offer this page covers, stable over cycles: what an
                  answered scope no longer lists is gone; what an unanswered one held is only unseen
    empty_status  status codes that mean "nothing offered here at the moment" on this platform
    kinds         the kinds of payload (ParsedPage.kind) that answer it; another one means the bookmaker changed
    league        key of the league asked for; empty when the page is not about one league
    events        source ids of the events asked for, for a page that a list led to; empty for lists
    secrets       (query parameter, setting) pairs: the fetcher adds the parameter with the setting's value, which
                  stands nowhere else
    """

    scope: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    empty_status: frozenset[int] = field(default_factory=frozenset)
    kinds: frozenset[str] = field(default_factory=frozenset)
    league: str = ""
    events: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """An answered request. `fetched_at` is when the last byte arrived, aware UTC; empty `body`: nothing offered."""

    request: PageRequest
    status: int
    body: bytes
    fetched_at: datetime
    elapsed_s: float

"""The surebets of the whole board, kept in step with it: only matches that could hold something else are searched.

What a match holds depends on its prices, on whether each is fresh and young enough, and on how far apart its legs
were seen. A price that changes below its headroom changes nothing. Ages cross a limit scope by scope, and of the
matches in such a scope those that hold something are searched; so are those in which skew does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import NamedTuple

from board.backlog import Backlog
from board.changes import Changes, Moved
from board.freshness import FreshPrice, Limits, prices_of_match
from board.opportunities.headroom import Headroom, headroom
from board.opportunities.quotes import paced_age, quote_of
from board.records import Match
from board.state import Board
from board.surebets import MatchPrices, Reason, Rejection, Settings, Surebet, find_surebets, prove_none
from board.surebets.pool import odds_after
from board.watch import Watch


class FoundSet(NamedTuple):
    """A surebet with the board's price of each leg, in the order of its legs."""

    surebet: Surebet
    prices: tuple[FreshPrice, ...]


class RefusedSet(NamedTuple):
    """A set that was turned down, with the board's price of each leg; without legs where the search was ended."""

    rejection: Rejection
    prices: tuple[FreshPrice, ...]


class Searched(NamedTuple):
    """What the last search of a match gave. single: how many of its prices can be in no set, by reason."""

    headroom: Headroom
    found: tuple[FoundSet, ...]
    refused: tuple[RefusedSet, ...]
    single: Counter[Reason]


class Finder:
    """Keeps what every match of a board holds.

    limits    which prices are fresh at all; the age gate of the settings may be stricter
    searches  how many matches the last update searched
    backlog   those that have to be looked at and were not yet; nothing is found in them
    """

    def __init__(self, limits: Limits, settings: Settings, *, budget_s: float = inf) -> None:
        """budget_s: how long an update goes on with matches in which nothing stands."""
        self.limits = limits
        self.settings = settings
        self.searches = 0
        self.backlog = Backlog(budget_s)
        self._fresh = Watch(limits)
        self._young = Watch(limits._replace(max_age_s=settings.max_age_s))
        self._matches: dict[int, Searched] = {}
        self._holding: set[int] = set()

    @property
    def fresh(self) -> dict[int, frozenset[int]]:
        """The scopes of each bookmaker that count, as of the last update."""
        return self._fresh.fresh

    def update(self, board: Board, changes: Changes, standing: Collection[int] = ()) -> None:
        """Take over what changed since the last call. The first call takes over the whole board.

        standing: matches that are spoken of whatever was found in them so far; they do not wait.
        """
        touched = self._fresh.touched(board, changes)
        # Where nothing was found all prices were believed, whatever their age.
        touched |= dict.fromkeys(self._young.touched(board, Changes()).keys() & self._holding)
        touched |= {number: None for number in self._holding if not self._skew_stands(board, number)}
        self.searches = 0
        for match_id, contracts in self.backlog.turn(touched, self._holding.union(standing)):
            searched = self._matches.get(match_id)
            moved = None if contracts is None else changes.prices.get(match_id)
            if searched is None or not self._stands(board, match_id, searched, moved):
                self._search(board, match_id)

    def found(self) -> Iterator[FoundSet]:
        """Every surebet that stands."""
        for match_id in self._holding:
            yield from self._matches[match_id].found

    def refused(self) -> Iterator[RefusedSet]:
        """Every set that was turned down."""
        for match_id in self._holding:
            yield from self._matches[match_id].refused

    def refused_in(self, match_id: int) -> tuple[RefusedSet, ...]:
        """The sets of one match that were turned down."""
        searched = self._matches.get(match_id)
        return () if searched is None else searched.refused

    def reasons(self) -> Counter[str]:
        """How often each reason turned something down: a set counts once for each of its reasons, and a price that
        can be in no set for its own."""
        counted = Counter(str(reason) for one in self.refused() for reason in one.rejection.reasons)
        for searched in self._matches.values():
            counted.update(map(str, searched.single.elements()))
        return counted

    def _skew_stands(self, board: Board, match_id: int) -> bool:
        """Whether the gate on skew still says of every set what it said. Ages grow at different paces, so this may
        change with time alone. Once it turned one down, what follows depends on every age: such a match is always
        searched."""
        searched = self._matches[match_id]
        if any(Reason.SKEW in one.rejection.reasons for one in searched.refused):
            return False
        return all(_skew(board, one.prices) <= self.settings.max_skew_s for one in searched.found)

    def _stands(self, board: Board, match_id: int, searched: Searched, moved: Mapping[int, Moved] | None) -> bool:
        """Whether everything is as it was found, with these prices (by key) as they are now; None: with all."""
        legs = [price.key for one in searched.found for price in one.prices]
        legs += [price.key for refused in searched.refused for price in refused.prices]
        holds = searched.headroom.holds
        if moved is not None:
            return moved.keys().isdisjoint(legs) and all(
                holds(one.offer, _net_odds(board, one)) for one in moved.values()
            )
        if legs:
            return False
        number, until = board.offers.number, inf
        for price in self._prices(board, match_id):
            if not holds(number(price.offer), odds_after(price.offer.side, price.price, price.commission)):
                return False
            until = min(until, price.stays_until)
        self._fresh.until(match_id, until)
        return True

    def _search(self, board: Board, match_id: int) -> None:
        self.searches += 1
        self._holding.discard(match_id)
        match = board.matches.get(match_id)
        prices = list(self._prices(board, match_id))
        if match is None or not prices:
            self._matches.pop(match_id, None)
            return
        self._fresh.until(match_id, min(price.stays_until for price in prices))
        # Most matches hold nothing, and of most prices another bookmaker has a better one: those prove it.
        offers = [board.offers.number(price.offer) for price in prices]
        best = {}
        for offer, price in sorted(zip(offers, prices, strict=True), key=_by_odds):
            best[offer] = price
        numbers = {quote_of(price, board.now): offer for offer, price in best.items()}
        proved = prove_none(MatchPrices(match_id, match.sport, tuple(numbers)))
        count = Counter(offers)
        single: Counter[Reason] = Counter()
        for rejection in proved.rejections:
            for quote in rejection.legs:
                single.update(dict.fromkeys(rejection.reasons, count[numbers[quote]]))
        found, refused = ((), ()) if proved.whole else self._sets(match, prices, board.now)
        legs = [leg.quote for one in found for leg in one.surebet.legs]
        legs += [quote for one in refused for quote in one.rejection.legs]
        room = headroom(proved.ceiling, numbers, legs, [one.rejection for one in refused])
        self._matches[match_id] = Searched(room, found, refused, single)
        if found or refused:
            self._holding.add(match_id)

    def _sets(
        self, match: Match, prices: Sequence[FreshPrice], now: float
    ) -> tuple[tuple[FoundSet, ...], tuple[RefusedSet, ...]]:
        behind = {quote_of(price, now): price for price in prices}
        answer = find_surebets(MatchPrices(match.match_id, match.sport, tuple(behind)), self.settings)
        return tuple(FoundSet(one, tuple(behind[leg.quote] for leg in one.legs)) for one in answer.surebets), tuple(
            RefusedSet(one, tuple(behind[quote] for quote in one.legs))
            for one in answer.rejections
            if one.edge is not None or not one.legs
        )

    def _prices(self, board: Board, match_id: int) -> Iterator[FreshPrice]:
        return prices_of_match(board, match_id, self.fresh, now=board.now, limits=self.limits)


def _net_odds(board: Board, moved: Moved) -> float:
    """What is won per unit that can be lost with a price that changed; 0 when it is gone."""
    held = moved.held
    if held is None:
        return 0.0
    return odds_after(board.offers.offers[moved.offer].side, held.price, held.commission)


def _by_odds(numbered: tuple[int, FreshPrice]) -> float:
    price = numbered[1]
    return odds_after(price.offer.side, price.price, price.commission)


def _skew(board: Board, prices: Iterable[FreshPrice]) -> float:
    """How far apart these prices were seen, in the rhythm of their scrapers, by what the board knows now."""
    ages = []
    for price in prices:
        part = board.parts.get(price.head.bookmaker_id)
        seen_at = price.seen_at if part is None else part.scopes.get(price.scope_id, price.seen_at)
        ages.append(paced_age(price.head, board.now - seen_at))
    return max(ages) - min(ages)

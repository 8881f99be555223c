"""What is not to be believed: legs on their own, and sets of legs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from statistics import median

from board.surebets.records import Quote, Reason
from board.surebets.settings import Settings
from scrapers.records import Side

OF_LEGS = frozenset({Reason.SUSPENDED, Reason.AGE, Reason.OUTLIER})
"""What is wrong with a leg alone, and so with every set it is in."""

_Bet = tuple[str, float | None, str, str, frozenset[str]]


class Gates:
    """The gates over the prices of one match and period. Judges when asked, since most prices are in no set."""

    def __init__(self, quotes: Sequence[Quote], settings: Settings) -> None:
        self._quotes = quotes
        self._settings = settings

    def of_leg(self, quote: Quote) -> list[Reason]:
        """Why this price can be in no set; empty when it can."""
        faults = self._of_price(quote)
        if self._is_outlier(quote):
            faults.append(Reason.OUTLIER)
        return faults

    def of_set(self, legs: Sequence[Quote], edge: float) -> list[Reason]:
        """Why these legs together are no surebet, whatever each is alone; what weighs most comes first. Empty when
        nothing is wrong."""
        ages = [leg.age_s for leg in legs]
        faults = {
            Reason.RULES: len({self.rules(leg) for leg in legs}) > 1,
            Reason.EDGE: edge > self._settings.max_edge,
            Reason.SKEW: max(ages) - min(ages) > self._settings.max_skew_s,
            Reason.FAMILY: len({leg.desk for leg in legs}) < self._settings.min_families,
            Reason.MIN_PROFIT: edge < self._settings.min_profit,
        }
        return [reason for reason, failed in faults.items() if failed]

    def rules(self, quote: Quote) -> frozenset[str]:
        """The rules that may stand in a set with this price, its own included."""
        return next(
            (group for group in self._settings.rule_groups if quote.rules in group), frozenset({quote.rules})
        )

    def _of_price(self, quote: Quote) -> list[Reason]:
        faults = []
        if quote.suspended:
            faults.append(Reason.SUSPENDED)
        if quote.age_s > self._settings.max_age_s:
            faults.append(Reason.AGE)
        return faults

    def _is_outlier(self, quote: Quote) -> bool:
        desks = self._best_of_desks[self._bet(quote)]
        others = [price for desk, price in desks.items() if desk != quote.desk]
        if len(others) < self._settings.outlier_min_others:
            return False
        usual, ratio = median(others), self._settings.outlier_ratio
        return quote.price > usual * ratio if quote.side == Side.BACK else quote.price * ratio < usual

    @cached_property
    def _best_of_desks(self) -> defaultdict[_Bet, dict[str, float]]:
        """Bet -> trading desk -> its best price, of those that could be bet on."""
        best: defaultdict[_Bet, dict[str, float]] = defaultdict(dict)
        for quote in self._quotes:
            if not self._of_price(quote):
                better = max if quote.side == Side.BACK else min
                desks = best[self._bet(quote)]
                desks[quote.desk] = better(quote.price, desks.get(quote.desk, quote.price))
        return best

    def _bet(self, quote: Quote) -> _Bet:
        return quote.market, quote.line, quote.selection, quote.side, self.rules(quote)

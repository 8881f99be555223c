"""How far prices may rise before a match has to be searched again.

The proof that a match holds no surebet is a chance for each state, with which no bet is worth more than it costs.
As long as that is true of every price that changes, the proof holds and nothing can be found. So a price that
changes costs a lookup and a short sum, not a search.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from board.surebets.contracts import Basis, Terms, Unknown, terms_of
from board.surebets.cover import StatePrices
from board.surebets.outcomes import States
from board.surebets.pool import net_odds, results_of
from board.surebets.records import Quote

_UNPROVED = -1.0


class Ceiling(NamedTuple):
    """The proofs for one match, by period and score."""

    sport: str
    proofs: dict[tuple[str, Basis], tuple[States, StatePrices]]

    def holds(self, quote: Quote) -> bool:
        """Whether this price, new or changed, leaves it certain that the match holds no surebet.

        False is not yet a surebet, only a reason to search; so it is for bets that were not there before. Gates
        never matter: they only take away.
        """
        return quote.price > 1 and net_odds(quote) <= self.highest(quote)

    def highest(self, quote: Quote) -> float:
        """The net odds up to which a price for this bet leaves it certain, whatever its price is now.

        Below 0 where nothing is proved of the bet, so that losing a price may make a difference too; infinite
        where it wins nowhere or can be in no set (`unclear_contract`).
        """
        terms = terms_of(self.sport, quote.period, quote.market, quote.selection, quote.line)
        if not isinstance(terms, Terms):
            return math.inf if terms is Unknown.UNCLEAR else _UNPROVED
        known = self.proofs.get((quote.period, terms.basis))
        if known is None:
            return _UNPROVED
        states, proof = known
        results = states.results.get(terms)
        return _UNPROVED if results is None else proof.breakeven(results_of(quote, results))

"""How far prices may rise before a match has to be searched again.

The proof that a match holds no surebet is a chance for each state, with which no bet is worth more than it costs.
As long as that is true of every price that changes, the proof holds and nothing can be found. So a price that
changes costs a lookup and a short sum, not a search.
"""

from __future__ import annotations

from typing import NamedTuple

from board.surebets.contracts import Basis, Terms, terms_of
from board.surebets.cover import StatePrices
from board.surebets.outcomes import States
from board.surebets.pool import net_odds, results_of
from board.surebets.records import Quote

_WORTH_ITS_COST = 1.0 + 1e-12


class Ceiling(NamedTuple):
    """The proofs for one match, by period and score."""

    sport: str
    proofs: dict[tuple[str, Basis], tuple[States, StatePrices]]

    def holds(self, quote: Quote) -> bool:
        """Whether this price, new or changed, leaves it certain that the match holds no surebet.

        False is not yet a surebet, only a reason to search; so it is for bets that were not there before. Gates
        never matter: they only take away.
        """
        terms = terms_of(self.sport, quote.period, quote.market, quote.selection, quote.line)
        if not isinstance(terms, Terms) or not quote.price > 1:
            return False
        known = self.proofs.get((quote.period, terms.basis))
        if known is None:
            return False
        states, proof = known
        results = states.results.get(terms)
        return results is not None and proof.worth(net_odds(quote), results_of(quote, results)) <= _WORTH_ITS_COST

"""Surebets: sets of bets on one match that together profit whatever happens. Pure; docs/surebets.md explains it.

`find_surebets` is the way in. The parts, in the order they are used:

    records      what goes in and what comes out
    settings     gates and stakes
    contracts    what each market is about: the score it is settled on, the rules that settle alike
    outcomes     the finite partition of all scores that the lines at hand induce; what each bet pays in each state
    cover        the stakes with the greatest profit in the worst state: a linear program
    gates        which legs and sets are not to be believed
    stakes       amounts a person can bet, and the worst case with them
    pool         the prices of one period and score, and the best set of any part of them
    search       best set first, then the next ones
    ceiling      how far prices may rise before a match has to be searched again
"""

from board.surebets.ceiling import Ceiling
from board.surebets.records import Leg, MatchPrices, Quote, Reason, Rejection, StateProfit, Surebet
from board.surebets.search import Found, Proved, find_surebets, prove_none
from board.surebets.settings import Settings

__all__ = [
    "Ceiling",
    "Found",
    "Leg",
    "MatchPrices",
    "Proved",
    "Quote",
    "Reason",
    "Rejection",
    "Settings",
    "StateProfit",
    "Surebet",
    "find_surebets",
    "prove_none",
]

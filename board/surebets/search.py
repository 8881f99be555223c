"""Finding the sets: the best one first, then the next ones that are believed.

The linear program gives the best set of the prices it is shown. What a gate turns down is kept, and the prices
are parted so that no part holds that set again and every set that the gate would let through is in one of them; the
best of all parts comes next. So sets come in falling order, and the first believed one is the best of those.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from board.surebets.ceiling import Ceiling
from board.surebets.contracts import Basis, Terms, Unknown, terms_of
from board.surebets.cover import StatePrices
from board.surebets.gates import OF_LEGS, Gates
from board.surebets.outcomes import Outcome, States
from board.surebets.pool import Candidate, Pool, Priced, bits, net_odds, proof_of
from board.surebets.records import Leg, MatchPrices, Quote, Reason, Rejection, StateProfit, Surebet
from board.surebets.settings import Settings
from board.surebets.stakes import Bet, round_stakes
from scrapers.records import MAX_PRICE, Rules, Side

MAX_PROGRAMS = 60
"""Linear programs for one score of one match; a search that needs more is ended, and says so."""
MAX_IMPLAUSIBLE = 3
"""So many sets too good to be true, without a price in common, are no wrong prices but a wrong match."""

_HIGHEST = float(MAX_PRICE)
_SIDES = frozenset(Side)
_RULES = frozenset(Rules)


class Found(NamedTuple):
    """The answer for one match.

    surebets    best first within a period
    rejections  every set that was turned down on the way to them, and every price that can be part of none
    ceiling     which prices may change without making a surebet
    """

    surebets: tuple[Surebet, ...]
    rejections: tuple[Rejection, ...]
    ceiling: Ceiling


class Proved(NamedTuple):
    """What is certain of a match without any search.

    whole       every period and score has its proof: no surebet, whatever the gates would say
    rejections  every price that can be part of none
    """

    ceiling: Ceiling
    whole: bool
    rejections: tuple[Rejection, ...]


def find_surebets(match: MatchPrices, settings: Settings) -> Found:
    """Every surebet of a match that the gates let through, and everything they turned down.

    Periods never mix, nor do bets that are settled on different scores. Of one period and score at most
    `settings.alternatives` sets are listed, best first.
    """
    surebets: list[Surebet] = []
    groups, rejections = _grouped(match)
    proofs: dict[tuple[str, Basis], tuple[States, StatePrices]] = {}
    for (period, basis), priced in groups:
        proof = proof_of(priced)
        if proof is not None:
            proofs[period, basis] = proof
            continue
        search = _Search(match.match_id, period, Pool(priced), settings)
        search.run()
        surebets += search.surebets
        rejections += search.rejections
    return Found(tuple(surebets), tuple(rejections), Ceiling(match.sport, proofs))


def prove_none(match: MatchPrices) -> Proved:
    """The proofs that a match holds no surebet, as far as there are any. The best price of each bet is enough."""
    groups, rejections = _grouped(match)
    proofs = {group: proof for group, priced in groups if (proof := proof_of(priced)) is not None}
    return Proved(Ceiling(match.sport, proofs), len(proofs) == len(groups), tuple(rejections))


_Groups = list[tuple[tuple[str, Basis], list[Priced]]]


def _grouped(match: MatchPrices) -> tuple[_Groups, list[Rejection]]:
    """The prices by period and score, in a fixed order, and those that can be part of no set."""
    rejections = []
    groups: defaultdict[tuple[str, Basis], list[Priced]] = defaultdict(list)
    for quote in match.quotes:
        terms = terms_of(match.sport, quote.period, quote.market, quote.selection, quote.line)
        fault = _fault(quote, terms)
        if fault is not None:
            rejections.append(Rejection(match.match_id, quote.period, (fault,), (quote,)))
        elif isinstance(terms, Terms):
            groups[quote.period, terms.basis].append(Priced(quote, terms, net_odds(quote)))
    return sorted(groups.items()), rejections


def _fault(quote: Quote, terms: Terms | Unknown) -> Reason | None:
    """Why this can be part of no set, whatever the gates; None when it can."""
    # Written so that NaN is malformed.
    if (
        terms is Unknown.MALFORMED
        or not 1 < quote.price <= _HIGHEST
        or not 0 <= quote.commission < 1
        or not 0 <= quote.age_s < math.inf
        or quote.side not in _SIDES
        or quote.rules not in _RULES
        or not (quote.available is None or 0 <= quote.available < math.inf)
        or not (quote.max_stake is None or 0 <= quote.max_stake < math.inf)
    ):
        return Reason.MALFORMED
    # Who lays an early payout pays in states that the result does not show.
    if terms is Unknown.UNCLEAR or (quote.side == Side.LAY and quote.rules == Rules.EARLY_PAYOUT):
        return Reason.UNCLEAR_CONTRACT
    return None


class _Search:
    """The search in one pool. What it finds is in `surebets` and `rejections` once it was `run`."""

    def __init__(self, match_id: int | str, period: str, pool: Pool, settings: Settings) -> None:
        self.surebets: list[Surebet] = []
        self.rejections: list[Rejection] = []
        self._match_id = match_id
        self._period = period
        self._pool = pool
        self._settings = settings
        self._gates = Gates(pool.quotes, settings)

    def run(self) -> None:
        """Candidates in falling order, until enough are believed or nothing is left to find."""
        waiting: list[tuple[float, int, Candidate]] = []
        seen: set[int] = set()
        judged: dict[frozenset[int], tuple[Reason, ...]] = {}
        parts: Iterable[int] = self._rule_groups()
        while True:
            for part in parts:
                if part not in seen:
                    seen.add(part)
                    candidate = self._pool.best_set(part)
                    if isinstance(candidate, Candidate):
                        heapq.heappush(waiting, (-candidate.edge, part, candidate))
            if not waiting or len(self.surebets) == self._settings.alternatives:
                return
            if self._pool.programs >= MAX_PROGRAMS:
                self._reject((Reason.SEARCH_LIMIT,), None)
                return
            _, part, candidate = heapq.heappop(waiting)
            legs = frozenset(index for index, _ in candidate.legs)
            if legs not in judged:
                judged[legs] = self._judge(candidate)
            implausible = sum(reasons[:1] == (Reason.EDGE,) for reasons in judged.values())
            if Reason.MIN_PROFIT in judged[legs] or implausible >= MAX_IMPLAUSIBLE:
                return  # nothing that follows is better, or believed
            parts = self._parts(part, sorted(legs), judged[legs])

    def _rule_groups(self) -> list[int]:
        """The prices, parted by the rules that settle alike. A set across them is turned down here, once."""
        pool, gates = self._pool, self._gates
        groups: defaultdict[frozenset[str], list[int]] = defaultdict(list)
        for index, quote in enumerate(pool.quotes):
            groups[gates.rules(quote)].append(index)
        if len(groups) > 1:
            mixed = pool.best_set(pool.everything)
            if isinstance(mixed, Candidate) and Reason.RULES in self._faults(mixed):
                self._reject(self._faults(mixed), mixed)
        return [bits(indexes) for indexes in groups.values()]

    def _faults(self, candidate: Candidate) -> tuple[Reason, ...]:
        """What the gates say to a set, what is wrong with single legs first."""
        quotes = self._quotes(candidate)
        faults = [reason for quote in quotes for reason in self._gates.of_leg(quote)]
        return tuple(dict.fromkeys([*faults, *self._gates.of_set(quotes, candidate.edge)]))

    def _quotes(self, candidate: Candidate) -> list[Quote]:
        return [self._pool.quotes[index] for index, _ in candidate.legs]

    def _judge(self, candidate: Candidate) -> tuple[Reason, ...]:
        """Keep a set as a surebet or as a rejection. Why it is one; empty for a surebet."""
        reasons = self._faults(candidate)
        if not reasons:
            surebet = self._rounded(candidate)
            if surebet is not None:
                self.surebets.append(surebet)
                return ()
            reasons = (Reason.ROUNDING,)
        self._reject(reasons, candidate)
        return reasons

    def _reject(self, reasons: tuple[Reason, ...], candidate: Candidate | None) -> None:
        legs = () if candidate is None else tuple(self._quotes(candidate))
        edge = None if candidate is None else candidate.edge
        self.rejections.append(Rejection(self._match_id, self._period, reasons, legs, edge))

    def _parts(self, part: int, legs: Sequence[int], reasons: Sequence[Reason]) -> Iterator[int]:
        """Where other sets of the prices `part` may be, given what was wrong with this one."""
        pool, gates = self._pool, self._gates
        quotes = [pool.quotes[index] for index in legs]
        main = reasons[0] if reasons else None
        if main is None:
            # Another set is one that does without a bet of this one, whoever offers it.
            for index in legs:
                yield part & ~pool.position(index)
        elif main in OF_LEGS:
            yield part & pool.where(lambda quote: not gates.of_leg(quote))
        elif main is Reason.EDGE:
            # One of these prices is wrong and nobody knows which; in poorer company it would pass.
            yield part & ~bits(legs)
        elif main is Reason.SKEW:
            # A set with a leg as fresh as the freshest of these holds none older than that and the allowed time.
            freshest = min(quote.age_s for quote in quotes)
            yield part & pool.where(lambda quote: quote.age_s > freshest)
            yield part & pool.where(lambda quote: quote.age_s - freshest <= self._settings.max_skew_s)
        elif main is Reason.FAMILY:
            # These desks cover everything by themselves: somebody else has to stand in for one of the bets.
            desks = {quote.desk for quote in quotes}
            own = pool.where(lambda quote: quote.desk in desks)
            for index in legs:
                yield part & ~(own & pool.position(index))
        else:
            for index in legs:
                yield part & ~(1 << index)

    def _rounded(self, candidate: Candidate) -> Surebet | None:
        """The set with stakes that can be bet; None when too little is left of its profit."""
        pool = self._pool
        rows = list(zip(*(pool.results(index) for index, _ in candidate.legs), strict=True))
        # Of the states only those that these legs tell apart.
        kinds: dict[tuple[int, ...], Outcome] = {}
        for row, outcome in zip(rows, pool.states.outcomes, strict=True):
            kinds.setdefault(row, outcome)
        bets = [
            Bet(pool.quotes[index], share, results)
            for (index, share), results in zip(candidate.legs, zip(*kinds, strict=True), strict=True)
        ]
        rounded = round_stakes(bets, self._settings)
        if rounded is None or rounded.worst < self._settings.min_profit * rounded.outlay:
            return None
        legs = [
            Leg(bet.quote, bet.share, float(stake), float(outlay))
            for bet, stake, outlay in zip(bets, rounded.stakes, rounded.outlays, strict=True)
        ]
        profits = sorted(zip(rounded.profits, kinds.values(), strict=True))
        return Surebet(
            match_id=self._match_id,
            period=self._period,
            legs=tuple(sorted(legs, key=lambda leg: -leg.outlay)),
            edge=candidate.edge,
            outlay=float(rounded.outlay),
            worst=float(rounded.worst),
            profits=tuple(StateProfit(outcome, float(profit)) for profit, outcome in profits),
        )

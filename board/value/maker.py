"""`value.json`, kept in step with the board."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from heapq import nsmallest
from math import inf
from typing import NamedTuple, TypeVar

from board.backlog import Backlog
from board.changes import Changes
from board.feed import Feed, content_hash
from board.freshness import FreshPrice, Limits, prices_of_match
from board.offers import Contract
from board.records import Match
from board.render import Document, match_row
from board.rows import price_row
from board.state import Board
from board.value.calm import Calm
from board.value.records import Settings, Value
from board.value.search import JUDGED, OPINIONATED, find_values
from board.watch import ContractGroups, Watch
from scrapers.records import SELECTIONS, Market, Side

T = TypeVar("T")

VERSION = 1
VALUE = "value.json"
MARKETS = frozenset(
    {Market.MATCH_RESULT, Market.MONEYLINE, Market.TOTALS, Market.HANDICAP, Market.BOTH_TEAMS_TO_SCORE}
)
"""Markets whose selections exclude one another, so that their chances add up to 1."""
_WORDS = {market.value: tuple(sorted(word.value for word in SELECTIONS[market])) for market in MARKETS}


class Bet(NamedTuple):
    """What is compared: one market, whatever the rules."""

    market: str
    period: str
    line: float | None


class ValueMaker:
    """Finds the values of each market of each match, and lists the greatest."""

    def __init__(self, limits: Limits, settings: Settings, *, simulated: bool, budget_s: float = inf) -> None:
        """limits: how old a price may be, that of an opinion too; budget_s: how long an update goes on with
        matches without value."""
        self._settings = settings
        self._simulated = simulated
        self._watch = Watch(limits)
        self._contracts = ContractGroups[Bet](_bet)
        self._found: dict[int, dict[Bet, list[Value]]] = {}
        self._calm: dict[int, dict[Bet, Calm]] = {}
        self._listed: list[tuple[Match, Bet, Value]] | None = None
        self._counts = (0, 0)
        self._backlog = Backlog(budget_s)

    def update(self, board: Board, changes: Changes) -> bool:
        """As of `Maker`."""
        self._contracts.learn(board.offers)
        waiting = len(self._backlog)
        for match_id, contracts in self._backlog.turn(self._watch.touched(board, changes), self._found):
            if contracts is None:
                self._found.pop(match_id, None)
                self._calm.pop(match_id, None)
                self._search(board, match_id, None)
            elif bets := self._stirred(board, match_id, changes):
                self._search(board, match_id, bets)
        before = self._listed, self._counts
        self._list(board)
        return before != (self._listed, self._counts) or waiting != len(self._backlog)

    def feeds(self, board: Board) -> list[Feed]:
        """As of `Maker`: one document, the greatest edge first."""
        settings = self._settings
        found, implausible = self._counts
        head: Document = {
            "version": VERSION,
            "simulated": self._simulated,
            "method": settings.method,
            "min_families": settings.min_families,
            "min_edge": settings.min_edge,
            "max_edge": settings.max_edge,
            "found": found,
            "implausible": implausible,
            "waiting": len(self._backlog),
            "values": [_row(match, bet, value, board) for match, bet, value in self._listed or []],
        }
        return [Feed(VALUE, head, None, content_hash(head))]

    def _stirred(self, board: Board, match_id: int, changes: Changes) -> set[Bet]:
        """The bets of a match whose prices changed so that there may be other values than before."""
        calms, stirred = self._calm.get(match_id, {}), set()
        for listing, number, held in changes.prices.get(match_id, {}).values():
            bet = self._contracts.of(board.offers.contract_of[number])
            offer = board.offers.offers[number]
            if bet is None or bet in stirred or offer.side != Side.BACK:
                continue
            price = None if held is None else held.price
            head = board.heads[listing.bookmaker_id]
            family = (head.family or head.slug) if offer.rules in OPINIONATED else None
            calm = calms.get(bet)
            if calm is None or not calm.holds(_WORDS[bet.market].index(offer.selection), price, family):
                stirred.add(bet)
        return stirred

    def _search(self, board: Board, match_id: int, bets: Collection[Bet] | None) -> None:
        """Look at these bets of a match again; None: at all of them."""
        numbers = self._contracts.numbers
        wanted = [number for bet in (numbers if bets is None else bets) for number in numbers[bet]]
        by_bet: defaultdict[Bet, list[FreshPrice]] = defaultdict(list)
        until, group_of = inf, self._contracts.of
        for price in prices_of_match(
            board, match_id, self._watch.fresh, now=board.now, limits=self._watch.limits, contracts=wanted
        ):
            if price.stays_until < until:
                until = price.stays_until
            bet = group_of(price.contract)
            if bet is not None and price.offer.side == Side.BACK:
                by_bet[bet].append(price)
        self._watch.until(match_id, until)
        found, calm = self._found.get(match_id, {}), self._calm.get(match_id, {})
        for bet in bets or ():
            found.pop(bet, None)
            calm.pop(bet, None)
        for bet, prices in by_bet.items():
            answer = find_values(prices, _WORDS[bet.market], self._settings)
            if answer.values:
                found[bet] = answer.values
            elif answer.calm is not None:
                calm[bet] = answer.calm
        _keep(self._found, match_id, found)
        _keep(self._calm, match_id, calm)

    def _list(self, board: Board) -> None:
        settings = self._settings
        found = [
            (board.matches[match_id], bet, value)
            for match_id, by_bet in self._found.items()
            for bet, values in by_bet.items()
            for value in values
        ]
        believed = [row for row in found if row[2].edge <= settings.max_edge]
        self._listed = nsmallest(settings.limit, believed, key=_place)
        self._counts = len(believed), len(found) - len(believed)


def _keep(kept: dict[int, dict[Bet, T]], match_id: int, now: dict[Bet, T]) -> None:
    """Keep what is known of a match, as long as there is anything."""
    if now:
        kept[match_id] = now
    else:
        kept.pop(match_id, None)


def _bet(contract: Contract) -> Bet | None:
    if contract.market not in MARKETS or contract.rules not in JUDGED:
        return None
    return Bet(contract.market, contract.period, contract.line)


def _place(row: tuple[Match, Bet, Value]) -> tuple[object, ...]:
    match, bet, value = row
    price = value.price
    line = -float("inf") if bet.line is None else bet.line
    return -value.edge, match.match_id, bet.market, bet.period, line, price.selection, price.bookmaker, price.rules


def _row(match: Match, bet: Bet, value: Value, board: Board) -> Document:
    return {
        **match_row(match),
        **bet._asdict(),
        **price_row(value.price, match, board),
        "probability": round(value.probability, 6),
        "fair_price": round(1 / value.probability, 4),
        "edge": round(value.edge, 6),
        "families": value.families,
        "bookmakers": value.bookmakers,
    }

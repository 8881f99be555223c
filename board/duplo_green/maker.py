"""`duplo-green.json`, kept in step with the board."""

from __future__ import annotations

from decimal import Decimal
from heapq import nsmallest
from math import inf

from board.changes import Changes
from board.duplo_green.records import DuploGreen, Leg, Settings
from board.duplo_green.search import find_duplo_green
from board.feed import Feed, content_hash
from board.freshness import Limits, prices_of_match
from board.offers import Contract
from board.orientation import Offer
from board.records import Match
from board.render import Document, match_row
from board.rows import RowPrice, price_row, row_price
from board.state import Board
from board.watch import ContractGroups, Watch
from scrapers.records import Market, Period, Rules, Selection, Side, Sport

VERSION = 1
DUPLO_GREEN = "duplo-green.json"
HOUR_S = 3600.0


class DuploGreenMaker:
    """Finds the duplo green of each football match, and lists those worth their cost."""

    def __init__(self, limits: Limits, settings: Settings, *, simulated: bool) -> None:
        self._settings = settings
        self._simulated = simulated
        self._watch = Watch(limits)
        self._contracts = ContractGroups[str](_group)
        self._found: dict[int, DuploGreen] = {}
        self._listed: list[tuple[Match, DuploGreen]] | None = None
        self._counts = (0, 0)

    def update(self, board: Board, changes: Changes) -> bool:
        """As of `Maker`."""
        self._contracts.learn(board.offers)
        for match_id, contracts in self._watch.touched(board, changes).items():
            if contracts is None or self._concerned(board, match_id, changes):
                found = self._find(board, match_id)
                if found is None:
                    self._found.pop(match_id, None)
                else:
                    self._found[match_id] = found
        before = self._listed, self._counts
        self._list(board)
        return before != (self._listed, self._counts)

    def feeds(self, board: Board) -> list[Feed]:
        """As of `Maker`: one document, the duplo greens with the best worst result first."""
        settings = self._settings
        found, implausible = self._counts
        head: Document = {
            "version": VERSION,
            "simulated": self._simulated,
            "stake": settings.stake,
            "unit": settings.unit,
            "min_return": settings.min_return,
            "max_return": settings.max_return,
            "hours": settings.hours,
            "found": found,
            "implausible": implausible,
            "duplo_greens": [_row(match, each, board) for match, each in self._listed or []],
        }
        return [Feed(DUPLO_GREEN, head, None, content_hash(head))]

    def _concerned(self, board: Board, match_id: int, changes: Changes) -> bool:
        """Whether a price of the match changed that may be a leg."""
        table = board.offers
        return any(
            self._contracts.of(table.contract_of[number]) is not None and _may_be_leg(table.offers[number])
            for _, number, _ in changes.prices.get(match_id, {}).values()
        )

    def _find(self, board: Board, match_id: int) -> DuploGreen | None:
        match = board.matches.get(match_id)
        if match is None or match.sport != Sport.FOOTBALL:
            return None
        prices = prices_of_match(
            board,
            match_id,
            self._watch.fresh,
            now=board.now,
            limits=self._watch.limits,
            contracts=self._contracts.numbers.get(Market.MATCH_RESULT, ()),
        )
        sides: dict[str, list[RowPrice]] = {word: [] for word in (Selection.HOME, Selection.DRAW, Selection.AWAY)}
        until = inf
        for price in prices:
            until = min(until, price.stays_until)
            if _may_be_leg(price.offer):
                sides[price.offer.selection].append(row_price(price))
        self._watch.until(match_id, until)
        return find_duplo_green(sides[Selection.HOME], sides[Selection.DRAW], sides[Selection.AWAY], self._settings)

    def _list(self, board: Board) -> None:
        """What is near enough and to be believed, best first."""
        settings = self._settings
        latest = board.now + settings.hours * HOUR_S
        ahead = [(board.matches[match_id], found) for match_id, found in self._found.items()]
        ahead = [row for row in ahead if row[0].starts_at <= latest]
        believed = [row for row in ahead if row[1].worst_return <= settings.max_return]
        self._listed = nsmallest(
            settings.limit, believed, key=lambda row: (-row[1].worst_return, row[0].starts_at, row[0].match_id)
        )
        self._counts = len(believed), len(ahead) - len(believed)


def _group(contract: Contract) -> str | None:
    return contract.market if (contract.market, contract.period) == (Market.MATCH_RESULT, Period.MATCH) else None


def _may_be_leg(offer: Offer) -> bool:
    """A side is bet on with early payout only. A draw is never ahead, so any contract pays it alike."""
    early = offer.rules == Rules.EARLY_PAYOUT
    return offer.side == Side.BACK and (early or offer.selection == Selection.DRAW)


def _row(match: Match, found: DuploGreen, board: Board) -> Document:
    return {
        **match_row(match),
        "outlay": float(found.outlay),
        "cost": _money(-found.worst),
        "return": round(found.worst_return, 6),
        "both": _money(found.both),
        "break_even": round(found.break_even, 6),
        "profits": {name: _money(profit) for name, profit in found.profits.items()},
        "legs": [_leg(leg, match, board) for leg in found],
    }


def _leg(leg: Leg, match: Match, board: Board) -> Document:
    return {**price_row(leg.price, match, board), "stake": float(leg.stake), "returned": _money(leg.returned)}


def _money(amount: Decimal) -> float:
    """To the cent."""
    return float(round(amount, 2))

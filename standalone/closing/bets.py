"""Bets that somebody placed, from a CSV, by the closing opinion of all bookmakers and by the result."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from board.orientation import Offer
from board.value.consensus import Panel
from board.value.records import Settings
from jobs.results.settlement import profit
from scrapers.errors import DeclarationError
from scrapers.records import MAX_PRICE, Market, Period, Price, RecordError, Rules, Selection, Side
from standalone.closing.matches import ClosedMatch
from standalone.closing.report import markets_of, opinions_of

NEEDED = ("match_id", "market", "selection", "price")
OPTIONAL = {"period": "match", "line": "", "rules": "standard", "stake": "1"}
"""Columns that may miss or be empty, and what that means."""


@dataclass(frozen=True, slots=True)
class Bet:
    """A bet in the match's own view. row: its line in the file, the heading being 1; price: decimal odds."""

    row: int
    match_id: int
    offer: Offer
    price: Decimal
    stake: Decimal


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a bet. None: the match has no result, or nobody else closed its market.

    closing_value  what the price was worth by the closing consensus, less 1
    settled, profit   in the stake's currency
    """

    bet: Bet
    match: ClosedMatch | None
    closing_value: float | None
    settled: str | None
    certain: bool
    profit: Decimal | None

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        bet, match = self.bet, self.match
        return {
            "row": bet.row,
            "match_id": bet.match_id,
            "home": None if match is None else match.home,
            "away": None if match is None else match.away,
            **{name: value for name, value in bet.offer._asdict().items() if name != "side"},
            "price": float(bet.price),
            "stake": float(bet.stake),
            "closing_value": self.closing_value,
            "settled": self.settled,
            "certain": self.certain,
            "profit": None if self.profit is None else float(self.profit),
        }


def read_bets(lines: Iterable[str]) -> tuple[list[Bet], list[str]]:
    """Bets of a CSV, and for each row that is none the line that says why. Raises DeclarationError for a file
    without the columns."""
    reader = csv.DictReader(lines)
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise DeclarationError(f"faltam colunas / columns are missing: {', '.join(missing)}")
    bets, wrong = [], []
    for number, row in enumerate(reader, start=2):
        try:
            bets.append(_bet(number, {**OPTIONAL, **{name: value for name, value in row.items() if value}}))
        except (ValueError, InvalidOperation) as error:
            wrong.append(f"linha / row {number}: {error}")
    return bets, wrong


def _bet(number: int, row: Mapping[str, Any]) -> Bet:
    """Raises ValueError or InvalidOperation, RecordError among the former."""
    if not str(row.get("match_id", "")).isdecimal():
        raise ValueError("match_id: expected a whole number")
    price, stake = Decimal(str(row.get("price", ""))), Decimal(row["stake"])
    if not (price.is_finite() and 1 < price <= MAX_PRICE and stake.is_finite() and stake > 0):
        raise RecordError(f"price {price}, stake {stake}: expected a price above 1 and a stake above 0")
    made = Price(
        Market(row.get("market", "")),
        Selection(row.get("selection", "")),
        price,
        line=Decimal(row["line"]) if row["line"] else None,
        period=Period(row["period"]),
        rules=Rules(row["rules"]),
    )
    line = None if made.line is None else float(made.line)
    offer = Offer(made.market, made.period, line, made.selection, made.rules, Side.BACK)
    return Bet(number, int(row["match_id"]), offer, price, stake)


def judge(bets: Iterable[Bet], matches: Mapping[int, ClosedMatch], settings: Settings) -> Iterator[Judged]:
    """Each bet, in order. matches: those that have a result, by id."""
    for bet in bets:
        match = matches.get(bet.match_id)
        if match is None:
            yield Judged(bet, None, None, None, True, None)
            continue
        outcome = match.settled(bet.offer)
        yield Judged(
            bet,
            match,
            _closing_value(bet, match, settings),
            None if outcome is None else outcome.settled.value,
            outcome is None or outcome.certain,
            None if outcome is None else profit(outcome.settled, bet.price) * bet.stake,
        )


def _closing_value(bet: Bet, match: ClosedMatch, settings: Settings) -> float | None:
    """By everybody's opinion: whose price was taken, the file does not say. Only bets that pay what the selection
    says are judged."""
    offer = bet.offer
    prices = markets_of(match.prices).get((offer.market, offer.period, offer.line), [])
    if not prices or offer.rules == Rules.EARLY_PAYOUT:
        return None
    books, opinions = opinions_of(prices, settings)
    consensus = Panel(opinions).without("")
    if consensus is None or consensus.families < settings.min_families:
        return None
    order = [price.offer.selection for price in next(iter(books.values()))]
    return float(bet.price) * consensus.chances[order.index(offer.selection)] - 1

"""Surebets of a board kept in step with it, as json-generator does: from the start, idle, after one bookmaker's
commit, and after everybody's. On one core; the board is filled by hand and no database is asked.

Beside it the floor: reading the prices of the matches that changed, and doing nothing with them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.surebets import ERROR, MOVING, offer
from board.changes import Changes
from board.freshness import Limits, fresh_scopes, prices_of_match
from board.listing import Listing
from board.opportunities.finder import Finder
from board.orientation import Offer
from board.records import BookmakerHead, Description, HeldPrice, Match
from board.state import Board, Part
from board.surebets import Quote, Settings

SIZES = ((300, 19, 570), (1000, 20, 600))
"""(matches, bookmakers, prices in each match)"""
NOW = 1_800_000_000.0
LIMITS = Limits(max_age_s=180)


def run() -> dict[str, Any]:
    """Follow boards of all sizes, print the table, return the figures."""
    results = [_measure(*size) for size in SIZES]
    table = Table(title="surebets of a board, processor time in ms")
    for heading in results[0]:
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(*(f"{value:g}" for value in result.values()))
    Console(width=160).print(table)
    return {"boards": results}


def _measure(matches: int, bookmakers: int, prices: int) -> dict[str, float]:
    board, chance = _board(matches, bookmakers, prices), random.Random(3)
    finder = Finder(LIMITS, Settings(min_profit=0.001, unit=1))
    first = _timed(lambda: finder.update(board, board.take_changes()))
    idle = _timed(lambda: finder.update(board, board.take_changes()))
    figures: dict[str, float] = {
        "matches": matches,
        "prices": sum(map(len, (one for part in board.parts.values() for one in part.listings.values()))),
        "first": first,
        "idle": idle,
    }
    for name, moving in (("one", [1]), ("all", list(board.parts))):
        for bookmaker_id in moving:
            _move(board, bookmaker_id, chance)
        changes = board.take_changes()
        figures[f"{name}_floor"] = _timed(lambda changes=changes: _read(board, changes))  # type: ignore[misc]
        figures[name] = _timed(lambda changes=changes: finder.update(board, changes))  # type: ignore[misc]
        figures[f"{name}_searched"] = finder.searches
    return figures | {"surebets": sum(1 for _ in finder.found())}


def _timed(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return round((time.process_time() - begin) * 1000, 1)


def _read(board: Board, changes: Changes) -> int:
    fresh = fresh_scopes(board, now=board.now, limits=LIMITS)
    return sum(
        1
        for match_id, contracts in changes.matches.items()
        for _ in prices_of_match(board, match_id, fresh, now=board.now, limits=LIMITS, contracts=contracts)
    )


def _board(matches: int, bookmakers: int, prices: int) -> Board:
    """The offer of `bench.surebets` on a board: a scope for each bookmaker, seen now."""
    board = Board(now=NOW)
    numbers: dict[str, int] = {}
    for place in range(bookmakers):
        slug = f"bookmaker-{place}"
        numbers[slug] = place + 1
        head = BookmakerHead(place + 1, slug, slug, f"desk-{place // 2}", "", 1, "ok", 30, NOW)
        board.heads[place + 1] = head
        board.set_part(place + 1, Part(1, scopes={place + 1: NOW - place}))
    for match in offer(matches, bookmakers, prices):
        match_id = int(match.match_id)
        board.set_match(
            match_id, Match(match_id, match.sport, None, "", "", "A", f"B{match_id}", int(NOW) + 86_400)
        )
        for key, quote in enumerate(match.quotes):
            number = numbers[quote.bookmaker]
            event_id = number * 100_000 + match_id
            if event_id not in board.parts[number].listings:
                board.describe(number, event_id, Description("", match_id, False, "A", "B", int(NOW) + 86_400))
            board.put(number, event_id, _held(board, number, event_id * 1000 + key, quote))
    return board


def _held(board: Board, number: int, key: int, quote: Quote) -> HeldPrice:
    what = Offer(quote.market, quote.period, quote.line, quote.selection, quote.rules, quote.side)
    return HeldPrice(
        key, board.offers.number(what), number, quote.price, quote.available, quote.commission, NOW - 600
    )


def _move(board: Board, bookmaker_id: int, chance: random.Random) -> None:
    """A share of a bookmaker's prices moves, as from one cycle to the next."""
    for listing in list(board.parts[bookmaker_id].listings.values()):
        for place in chance.sample(range(len(listing)), _about(len(listing) * MOVING, chance)):
            _raise(board, listing, place, 1 + chance.uniform(-ERROR, ERROR))


def _about(number: float, chance: random.Random) -> int:
    return int(number) + (chance.random() < number % 1)


def _raise(board: Board, listing: Listing, place: int, factor: float) -> None:
    held = listing.at(place)
    price = round(1.01 + (held.price - 1) * factor, 2)
    board.put(listing.bookmaker_id, listing.event_id, held._replace(price=price))

"""The lists beside `odds.json`: what a round costs each of them, on one core, with the board in memory.

Beside them a floor: reading every price of the board from the same columns, and doing nothing with it. A round
follows 2 % of one bookmaker's prices, as one commit brings them (json-generator looks every 2 s, and twenty
bookmakers commit every 30 s), or of everybody's at once. Prices are those of true odds with each bookmaker's margin
and error. No database is asked and nothing is written.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.odds import LEAGUES, MARGINS, fair_chances, price_of
from board.changes import Changes
from board.coverage import CoverageMaker
from board.derived import Maker
from board.duplo_green import DuploGreenMaker
from board.duplo_green import Settings as DuploGreenSettings
from board.freshness import Limits, fresh_scopes, prices_of_match
from board.orientation import Offer
from board.records import BookmakerHead, Description, HeldPrice, League, Match
from board.state import Board, Part
from board.value import Settings as ValueSettings
from board.value import ValueMaker

SIZES = {"wide": (19, 300), "large": (20, 1000)}
"""Name -> bookmakers, events; 30 prices an event."""
NOW = 1_800_000_000.0
LIMITS = Limits(max_age_s=180.0)
SHARE = 0.02
"""Of the prices that change in a round."""
ROUNDS = 15


def makers() -> dict[str, Maker]:
    """Every list, new, as json-generator makes them by default."""
    return {
        "duplo green": DuploGreenMaker(LIMITS, DuploGreenSettings(), simulated=True),
        "value": ValueMaker(LIMITS, ValueSettings(), simulated=True),
        "coverage": CoverageMaker(LIMITS, {}, simulated=True),
    }


def run(names: tuple[str, ...] = tuple(SIZES)) -> dict[str, Any]:
    """Measure each size, print the table, return the figures."""
    table = Table(title=f"lists: processor time in ms; a round follows {SHARE:.0%} of the prices")
    results: dict[str, Any] = {}
    for name in names:
        results[name] = _measure(*SIZES[name])
        for row in results[name]:
            if not table.columns:
                for heading in ("size", *row):
                    table.add_column(heading, justify="right")
            table.add_row(
                name, *(f"{value:g}" if isinstance(value, float) else str(value) for value in row.values())
            )
    Console(width=160).print(table)
    return {"lists": results}


def _measure(bookmakers: int, events: int) -> list[dict[str, Any]]:
    chance = random.Random(1)
    board = synthetic(bookmakers, events, chance)
    floor = min(_timed(lambda: _read(board)) for _ in range(3))
    first = board.take_changes()
    one: dict[str, list[float]] = {}
    every: dict[str, list[float]] = {}
    lists = makers()
    built = {name: _round(maker, board, first) for name, maker in lists.items()}
    for costs, movers in ((one, 1), (every, bookmakers)):
        for number in range(ROUNDS if movers == 1 else 3):
            for step in range(movers):
                move(board, 1 + (number + step) % bookmakers, chance)
            changes = board.take_changes()
            for name, maker in lists.items():
                costs.setdefault(name, []).append(_round(maker, board, changes))
    return [
        {
            "list": name,
            "first_ms": built[name],
            "one_bookmaker_ms": round(median(one[name]), 1),
            "everybody_ms": round(median(every[name]), 1),
            "floor_of_all_ms": round(floor * 1000, 1),
            "rows": _rows(maker, board),
        }
        for name, maker in lists.items()
    ]


def _round(maker: Maker, board: Board, changes: Changes) -> float:
    """What one round costs, its document made but not written; ms."""

    def work() -> None:
        maker.update(board, changes)
        maker.feeds(board)

    return round(_timed(work) * 1000, 1)


def _rows(maker: Maker, board: Board) -> int:
    [feed] = maker.feeds(board)
    return max((len(value) for value in feed.head.values() if isinstance(value, list)), default=0)


def _read(board: Board) -> int:
    fresh = fresh_scopes(board, now=board.now, limits=LIMITS)
    return sum(
        1 for match_id in board.listed for _ in prices_of_match(board, match_id, fresh, now=NOW, limits=LIMITS)
    )


def _timed(work: Callable[[], Any]) -> float:
    """Seconds of processor time."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def synthetic(bookmakers: int, events: int, chance: random.Random) -> Board:
    """A board: every bookmaker lists every match, a few absences apart; two at a time are one family,
    and every third one pays its result market early. Equal `chance`, equal board."""
    board = Board(
        now=NOW,
        heads={
            number: BookmakerHead(
                number, f"casa{number:03d}", f"Casa {number}", f"mesa{number // 2}", "", 1, "ok", 30, NOW - 5
            )
            for number in range(1, bookmakers + 1)
        },
        leagues={f"liga_{n}": League(f"liga_{n}", f"Liga {n}", "Brazil", "football") for n in range(LEAGUES)},
    )
    for bookmaker_id in board.heads:
        scopes = {bookmaker_id * 100 + league: NOW - 10 for league in range(LEAGUES)}
        board.set_part(bookmaker_id, Part(seq=1, scopes=scopes))
    key = 0
    for match_id in range(1, events + 1):
        league, starts_at = match_id % LEAGUES, int(NOW) + 86_400 + 60 * match_id
        board.set_match(
            match_id,
            Match(
                match_id,
                "football",
                f"liga_{league}",
                f"Liga {league}",
                "Brazil",
                f"Mandante {match_id}",
                f"Visitante {match_id}",
                starts_at,
            ),
        )
        fair = fair_chances(chance)
        for bookmaker_id in board.heads:
            if chance.random() < 0.03:
                continue
            margin = chance.uniform(*MARGINS)
            what = Description(f"e{match_id}", match_id, False, "", "", starts_at)
            board.describe(bookmaker_id, match_id, what)
            for (market, line, word), probability in fair.items():
                key += 1
                rules = "early_payout" if market == "match_result" and bookmaker_id % 3 == 0 else "standard"
                number = board.offers.number(Offer(market, "match", line, word, rules, "back"))
                price = price_of(probability, margin, chance)
                scope = bookmaker_id * 100 + league
                board.put(bookmaker_id, match_id, HeldPrice(key, number, scope, price, None, 0.0, NOW - 60))
    return board


def move(board: Board, bookmaker_id: int, chance: random.Random) -> None:
    """A commit of one bookmaker: a share of its prices moves a little, all of them are seen again."""
    for event_id, listing in board.parts[bookmaker_id].listings.items():
        for place in range(len(listing)):
            if chance.random() < SHARE:
                held = listing.at(place)
                price = max(1.01, round(held.price * chance.uniform(0.97, 1.03), 2))
                board.put(bookmaker_id, event_id, held._replace(price=price, changed_at=NOW))
    board.set_scopes(bookmaker_id, dict.fromkeys(board.parts[bookmaker_id].scopes, NOW))

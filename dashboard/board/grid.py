"""Prices of one match side by side: a row for each selection, a column for each bookmaker. Pure.

Everything reads in the match's own view: a bookmaker that lists the sides swapped is turned round. Early payout
(PA) and super odds (SO) stand in rows of their own: they are other bets or other offers than the standard price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from board.links import deep_link
from board.orientation import Offer, mirrored
from board.render import offer_place
from scrapers.records import Side


class Bookmaker(NamedTuple):
    """A column. status: its scraper's `computed_status`."""

    slug: str
    name: str
    status: str


class Cell(NamedTuple):
    """A bookmaker's price of a selection; its best one where it lists the match twice.

    link         the match's page at the bookmaker, '' where none is known
    seen_at, changed_at   seconds since the epoch
    available    stake that can be matched; None where nobody says
    best, worst  whether no other price of the row is better, worse; neither where all are equal
    """

    price: float
    link: str
    seen_at: float
    changed_at: float
    available: float | None
    commission: float
    best: bool = False
    worst: bool = False


class Row(NamedTuple):
    """A selection under one set of rules. cells: by bookmaker slug."""

    selection: str
    rules: str
    side: str
    cells: Mapping[str, Cell]


class Section(NamedTuple):
    """The rows of one bet: all rules of a market, a period and a line."""

    market: str
    period: str
    line: float | None
    rows: tuple[Row, ...]

    def offered_by(self, slug: str) -> bool:
        """Whether a bookmaker has a price of it."""
        return any(slug in row.cells for row in self.rows)


@dataclass(frozen=True)
class Grid:
    """The prices of a match. columns: bookmakers with one, by name; both empty when nothing counts now."""

    columns: tuple[Bookmaker, ...]
    sections: tuple[Section, ...]


def build_grid(listed: Iterable[Mapping[str, Any]], bookmakers: Iterable[Mapping[str, Any]], *, sport: str) -> Grid:
    """The grid of one match, from what `board_page` and `board_match` answer under "listed" and "bookmakers"."""
    known = {row["bookmaker_id"]: row for row in bookmakers}
    rows: dict[Offer, dict[str, Cell]] = {}
    for event in listed:
        bookmaker = known.get(event["bookmaker_id"])
        if bookmaker is None:  # switched off between two questions
            continue
        link = deep_link(
            bookmaker["event_url"],
            event_id=event["source_event_id"],
            home=event["home"],
            away=event["away"],
            sport=sport,
        )
        for offer, cell in _cells(event, link):
            cells = rows.setdefault(offer, {})
            held = cells.get(bookmaker["slug"])
            cells[bookmaker["slug"]] = cell if held is None else _ranked(offer.side, (held, cell))[0]
    shown = {slug for cells in rows.values() for slug in cells}
    return Grid(
        tuple(
            Bookmaker(row["slug"], row["name"], row["computed_status"])
            for row in known.values()
            if row["slug"] in shown
        ),
        _sections(rows),
    )


def _cells(event: Mapping[str, Any], link: str) -> Iterable[tuple[Offer, Cell]]:
    for _, market, period, line, selection, rules, side, price, available, commission, seen_at, changed_at in event[
        "prices"
    ]:
        offer = Offer(market, period, line, selection, rules, side)
        yield (
            mirrored(offer) if event["swapped"] else offer,
            Cell(price, link, seen_at, changed_at, available, commission or 0.0),
        )


def _sections(rows: Mapping[Offer, Mapping[str, Cell]]) -> tuple[Section, ...]:
    sections: dict[tuple[str, str, float | None], list[Row]] = {}
    # In the order of odds.json, but bets against (lay) below all bets on.
    for offer in sorted(rows, key=lambda offer: (offer.side != Side.BACK, offer_place(offer))):
        row = Row(offer.selection, offer.rules, offer.side, _marked(offer.side, rows[offer]))
        sections.setdefault((offer.market, offer.period, offer.line), []).append(row)
    return tuple(Section(*bet, tuple(sections[bet])) for bet in sections)


def _marked(side: str, cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """The cells with the best and the worst of them marked; a row of equal prices has neither."""
    ranked = _ranked(side, cells.values())
    best, worst = ranked[0].price, ranked[-1].price
    if best == worst:
        return dict(cells)
    return {slug: cell._replace(best=cell.price == best, worst=cell.price == worst) for slug, cell in cells.items()}


def _ranked(side: str, cells: Iterable[Cell]) -> list[Cell]:
    """Best first: who backs wants much, who lays wants little."""
    return sorted(cells, key=lambda cell: cell.price, reverse=side == Side.BACK)

"""Matches of the board as cards: a match, its grid, and a digest that tells whether it reads otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from dashboard.board.grid import Cell, Grid, build_grid


@dataclass(frozen=True)
class Card:
    """A match as the board shows it. starts_at: seconds since the epoch; league "": unknown."""

    match_id: int
    sport: str
    league: str
    country: str
    home: str
    away: str
    starts_at: int
    grid: Grid

    @property
    def digest(self) -> str:
        """The same while nothing but the times of sight is different."""
        shown = [
            self.home,
            self.away,
            self.league,
            self.starts_at,
            [
                [
                    section.market,
                    section.period,
                    section.line,
                    [
                        [row.selection, row.rules, row.side, {slug: cell.price for slug, cell in row.cells.items()}]
                        for row in section.rows
                    ],
                ]
                for section in self.grid.sections
            ],
        ]
        return sha256(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]

    def seen_at(self, slug: str) -> float:
        """When the bookmaker was last seen to offer any of its prices here, seconds since the epoch."""
        return max(cell.seen_at for cell in self._cells(slug))

    def link(self, slug: str) -> str:
        """The match's page at a bookmaker that has a column here; '' where none is known."""
        return next(iter(self._cells(slug))).link

    def _cells(self, slug: str) -> list[Cell]:
        return [row.cells[slug] for section in self.grid.sections for row in section.rows if slug in row.cells]


def card_of(match: Mapping[str, Any], answer: Mapping[str, Any], sport: str) -> Card:
    """The card of one match out of what `board_page` or `board_match` answered."""
    listed = answer["listed"].get(str(match["match_id"]), [])
    return Card(
        match["match_id"],
        sport,
        match["league"] or "",
        match["country"] or "",
        match["home"],
        match["away"],
        match["starts_at"],
        build_grid(listed, answer["bookmakers"], sport=sport),
    )

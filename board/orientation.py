"""What a price is for, and how it reads from the other side.

A bookmaker may list a match with the sides swapped; `mirrored` turns its offers into the match's own view.
"""

from __future__ import annotations

from typing import NamedTuple

from scrapers.records import Market, Selection


class Offer(NamedTuple):
    """One side of one bet, as seen from the home side of whoever lists it.

    line  goals or points from the home side; None for markets without a line
    """

    market: str
    period: str
    line: float | None
    selection: str
    rules: str
    side: str


MIRRORED_SELECTION: dict[str, str] = {
    Selection.HOME: Selection.AWAY,
    Selection.AWAY: Selection.HOME,
    Selection.HOME_DRAW: Selection.DRAW_AWAY,
    Selection.DRAW_AWAY: Selection.HOME_DRAW,
}
"""Selections that name a side, and what they are seen from the other one. The rest stays as it is."""

SIDED_LINES = frozenset({Market.HANDICAP})
"""Markets whose line is seen from the home side."""


def mirrored(offer: Offer) -> Offer:
    """The same bet with home and away exchanged. Its own inverse."""
    line = offer.line
    if line and offer.market in SIDED_LINES:  # a line of 0 stays 0, not -0
        line = -line
    return offer._replace(selection=MIRRORED_SELECTION.get(offer.selection, offer.selection), line=line)

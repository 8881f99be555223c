"""A bookmaker may list a match with the sides swapped. This turns its offers into the match's own view."""

from __future__ import annotations

from board.state import Offer
from scrapers.records import Market, Selection

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

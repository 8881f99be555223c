"""What prices did: read from the database, in the match's own view, and made into series for a chart."""

from board.history.chart import Point, Series, series
from board.history.reading import find_matches, read_match, read_selection
from board.history.records import Change, MatchHistory, PriceHistory

__all__ = [
    "Change",
    "MatchHistory",
    "Point",
    "PriceHistory",
    "Series",
    "find_matches",
    "read_match",
    "read_selection",
    "series",
]

"""What a selection's prices did, as the lines of a chart: numbers for the drawing, no markup. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from board.history import MatchHistory, PriceHistory, series

WIDTH, HEIGHT = 860, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 24
MAX_POINTS = 400
SHORTEST_S = 600.0
"""A chart never spans less time, however new its prices are."""
STEPS = (1, 2, 5)
HUES = 8
"""Lines are told apart by so many colours, then they repeat; the table names each."""


class Tick(NamedTuple):
    """A mark of an axis: where it stands in the drawing, and the value (a price, or seconds since the epoch)."""

    place: float
    value: float


class Line(NamedTuple):
    """One bookmaker's price. path: SVG path data; '' where nothing is kept of that time; hue: 0 to HUES - 1."""

    history: PriceHistory
    path: str
    hue: int


@dataclass(frozen=True)
class Movement:
    """A chart. Both axes are in the units of the drawing, WIDTH by HEIGHT."""

    lines: tuple[Line, ...]
    prices: tuple[Tick, ...]
    times: tuple[Tick, ...]


def draw(history: MatchHistory, *, now: float, hours: float) -> Movement:
    """The chart of the last `hours` up to `now`, or up to kick-off where that was before. Times in epoch s."""
    until = min(now, history.match.starts_at)
    since = max(until - hours * 3600, min(_first_moment(history), until - SHORTEST_S))
    kept = sorted(history.prices, key=lambda each: (-(each.final or 0), each.name))
    drawn = [(each, series(each, since=since, until=until, max_points=MAX_POINTS).points) for each in kept]
    prices = [point.price for _, points in drawn for point in points if point.price is not None]
    if not prices:
        return Movement(tuple(Line(each, "", hue % HUES) for hue, each in enumerate(kept)), (), ())
    ticks = price_ticks(min(prices), max(prices))
    low, high = ticks[0], ticks[-1]

    def across(at: float) -> float:
        return LEFT + (at - since) / (until - since) * (WIDTH - LEFT - RIGHT)

    def down(price: float) -> float:
        return TOP + (high - price) / (high - low) * (HEIGHT - TOP - BOTTOM)

    return Movement(
        tuple(
            Line(
                each, path([(across(point.at), point.price and down(point.price)) for point in points]), hue % HUES
            )
            for hue, (each, points) in enumerate(drawn)
        ),
        tuple(Tick(down(price), price) for price in ticks),
        tuple(Tick(across(at), at) for at in _moments(since, until)),
    )


def path(points: Iterable[tuple[float, float | None]]) -> str:
    """Steps through the points, as SVG path data; a point without height ends a piece, the next begins another."""
    parts: list[str] = []
    is_drawing = False
    for x, y in points:
        if is_drawing:
            parts.append(f"H{x:.1f}")
        if y is not None:
            parts.append(f"V{y:.1f}" if is_drawing else f"M{x:.1f} {y:.1f}")
        is_drawing = y is not None
    return "".join(parts)


def price_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round prices from at or below `low` to at or above `high`; at least two of them, about `most`."""
    spread = max(high - low, 0.02)
    size = 10.0 ** math.floor(math.log10(spread / most))
    step = next(each * size for each in (*STEPS, 10) if spread / (each * size) <= most)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(number * step, 6) for number in range(first, max(last, first + 1) + 1)]


def _first_moment(history: MatchHistory) -> float:
    """When the first of the prices was seen; what lies before is not drawn. Infinity: there are none."""
    return min((price.first_seen_at for price in history.prices), default=math.inf)


def _moments(since: float, until: float, pieces: int = 4) -> Sequence[float]:
    return [since + (until - since) * piece / pieces for piece in range(pieces + 1)]

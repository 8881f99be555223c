"""From changes to the points of a step chart. Plain data; whoever shows it does the drawing. Pure.

Thinning keeps, of each slice of time, the first, the last, the lowest and the highest point (Jugel et al., "M4: A
Visualization-Oriented Time Series Data Aggregation", PVLDB 7(10), 2014): at as many slices as the chart has columns
of pixels it draws the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from board.history.records import Change, PriceHistory

PER_SLICE = 4


class Point(NamedTuple):
    """From `at` (epoch s) to the next point `price` was on offer; None: nothing was."""

    at: float
    price: float | None


class Series(NamedTuple):
    """One line of a chart: the steps of one bookmaker's price. No points: nothing is kept of that time."""

    bookmaker: str
    name: str
    points: Sequence[Point]


def series(history: PriceHistory, *, since: float, until: float, max_points: int = 400) -> Series:
    """The steps of a price within a window (epoch s), at most `max_points` of them, the extremes always among them.

    The first point is what was in force at `since`, or the first price after it; the last repeats the price at
    `until`.

    Raises ValueError for fewer than four points.
    """
    return Series(history.bookmaker, history.name, thinned(steps(history.changes, since, until), max_points))


def steps(changes: Iterable[Change], since: float, until: float) -> list[Point]:
    """The points at which the price on offer changed, within the window and closed at its end."""
    points: list[Point] = []
    for change in changes:
        if change.at > until:
            break
        point = Point(max(change.at, since), change.offered)
        if points and points[-1].at == point.at:
            points.pop()  # only the last of what was before the window is in force at its beginning
        if points and points[-1].price == point.price:
            continue
        points.append(point)
    if points and points[-1].at < until:
        points.append(Point(until, points[-1].price))
    return points


def thinned(points: Sequence[Point], max_points: int) -> list[Point]:
    """At most `max_points` of them, in order. First, last, lowest and highest stay; so does what is in force at the
    end of each slice. Interruptions (None) within a slice may be lost.

    Raises ValueError for fewer than four points.
    """
    if max_points < PER_SLICE:
        raise ValueError(f"a chart needs at least {PER_SLICE} points, {max_points} were asked for")
    if len(points) <= max_points:
        return list(points)
    begin, slices = points[0].at, max_points // PER_SLICE
    width = (points[-1].at - begin) / slices
    kept: list[Point] = []
    slice_of: list[list[Point]] = [[] for _ in range(slices)]
    for point in points:
        slice_of[min(slices - 1, int((point.at - begin) / width))].append(point)
    for members in slice_of:
        if members:
            priced = [(point.price, point.at, point) for point in members if point.price is not None]
            extremes = [min(priced)[2], max(priced)[2]] if priced else []
            kept += sorted({members[0], members[-1], *extremes}, key=lambda point: point.at)
    return kept

"""Curves as the coordinates of an SVG. Pure: numbers in, attributes out; templates draw and CSS colours them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

Point = tuple[float, float]
SMALLEST = 1e-9
"""What is less is nothing: nobody counts in such steps."""


class Spark(NamedTuple):
    """A small curve.

    path    the line, as the `d` of a path; gaps where there is no value
    area    the same closed down to the ground line
    marks   x of the parts to mark
    """

    path: str
    area: str
    marks: tuple[float, ...]


class Tick(NamedTuple):
    """A place on an axis: where, and the value that stands there."""

    at: float
    value: float


class Chart(NamedTuple):
    """A curve with axes, in a picture of `width` by `height`; the plot begins `left` from its left edge."""

    width: float
    height: float
    left: float
    bottom: float
    curve: Spark
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]


def spark(
    values: Sequence[float | None],
    marked: Sequence[bool],
    *,
    width: float = 120.0,
    height: float = 26.0,
    left: float = 0.0,
    above: float = 1.0,
    top: float | None = None,
) -> Spark:
    """Evenly spaced values from zero up to `top` (their maximum by default); None is a gap, a lone one a dash.

    `height`: the ground line's distance from the upper edge; `above`: that of the highest value.
    """
    highest = top or max((value for value in values if value is not None), default=0.0) or 1.0
    step = (width - left) / max(1, len(values) - 1)
    runs: list[list[Point]] = []
    before: float | None = None
    for index, value in enumerate(values):
        if value is not None:
            if before is None:
                runs.append([])
            runs[-1].append((left + index * step, height - 1 - (height - 1 - above) * value / highest))
        before = value
    for run in runs:
        if len(run) == 1:
            x, y = run[0]
            run[:] = [(max(left, x - step / 3), y), (min(width, x + step / 3), y)]
    path = "".join(_line(run) for run in runs)
    area = "".join(f"{_line(run)}V{height:g}H{run[0][0]:.5g}Z" for run in runs)
    return Spark(path, area, tuple(round(left + i * step, 1) for i, mark in enumerate(marked) if mark))


def chart(
    values: Sequence[float | None],
    marked: Sequence[bool],
    instants: Sequence[float],
    *,
    begins: float,
    ends: float,
    width: float = 900.0,
    height: float = 220.0,
) -> Chart:
    """The same with axes: rows at round values, columns at `instants` between `begins` and `ends` (any unit)."""
    left, ground, above = 52.0, height - 24, 10.0
    rows = round_values(max((value for value in values if value is not None), default=0.0))
    top = rows[-1] or 1.0
    curve = spark(values, marked, width=width, height=ground, left=left, above=above, top=top)
    return Chart(
        width,
        height,
        left,
        ground,
        curve,
        tuple(Tick(ground - 1 - (ground - 1 - above) * row / top, row) for row in rows),
        tuple(Tick(left + (width - left) * (at - begins) / (ends - begins), at) for at in instants),
    )


def round_values(highest: float, *, about: int = 4) -> list[float]:
    """Values from zero to at least `highest` that people count in: steps of 1, 2 or 5 times a power of ten."""
    if highest < SMALLEST:
        return [0.0]
    rough = highest / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    return [step * n for n in range(math.ceil(highest / step - 1e-9) + 1)]


def _line(run: Sequence[Point]) -> str:
    (x, y), *rest = run
    return f"M{x:.4g} {y:.4g}" + "".join(f"L{x:.4g} {y:.4g}" for x, y in rest)

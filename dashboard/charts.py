"""Curves as the coordinates of an SVG. Pure: numbers in, attributes out; templates draw and CSS colours them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Spark(NamedTuple):
    """A small curve.

    path    the line, as the `d` of a path; gaps where there is no value
    area    the same closed down to the ground line
    marks   x of the parts to mark
    """

    path: str
    area: str
    marks: tuple[float, ...]


def spark(
    values: Sequence[float | None], marked: Sequence[bool], *, width: float = 120.0, height: float = 26.0
) -> Spark:
    """Evenly spaced values from zero to their maximum; None is a gap, a lone value a short dash."""
    top = max((value for value in values if value is not None), default=0.0) or 1.0
    step = width / max(1, len(values) - 1)
    runs: list[list[tuple[float, float]]] = []
    before: float | None = None
    for index, value in enumerate(values):
        if value is not None:
            if before is None:
                runs.append([])
            runs[-1].append((index * step, height - 1 - (height - 2) * value / top))
        before = value
    for run in runs:
        if len(run) == 1:
            x, y = run[0]
            run[:] = [(max(0.0, x - step / 3), y), (min(width, x + step / 3), y)]
    path = "".join(_line(run) for run in runs)
    area = "".join(f"{_line(run)}V{height:g}H{run[0][0]:.5g}Z" for run in runs)
    return Spark(path, area, tuple(round(i * step, 1) for i, mark in enumerate(marked) if mark))


def _line(run: Sequence[tuple[float, float]]) -> str:
    (x, y), *rest = run
    return f"M{x:.4g} {y:.3g}" + "".join(f"L{x:.4g} {y:.3g}" for x, y in rest)

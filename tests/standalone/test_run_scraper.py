"""The loop of a scraper's process: when its first cycle starts, and the others."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.registry import load_registry
from standalone.process import Stop
from standalone.report import CycleReport
from standalone.run_scraper import phase_s, run
from standalone.scraper import Scraper


class Counted:
    """In place of a scraper: notes when its cycles start, and raises the flag after some of them."""

    def __init__(self, stop: Stop, cycles: int, interval_s: float) -> None:
        self.bookmaker = SimpleNamespace(slug="acme")
        self.interval_s = interval_s
        self.ready_at = 0.0
        self.starts: list[float] = []
        self.closed = False
        self._stop = stop
        self._cycles = cycles

    async def prepare(self) -> None:
        self.ready_at = time.monotonic()

    async def run_cycle(self) -> CycleReport:
        self.starts.append(time.monotonic() - self.ready_at)
        if len(self.starts) == self._cycles:
            self._stop.set()
        return CycleReport()

    async def drain(self) -> None:
        """Nothing waits."""

    async def disconnect(self) -> None:
        """No connection is held."""

    async def close(self) -> None:
        self.closed = True


def runs(cycles: int, *, stop: Stop | None = None, interval_s: float = 0.1, **options: Any) -> Counted:
    """A scraper after its process ended."""
    stop = stop or Stop()
    scraper = Counted(stop, cycles, interval_s)
    asyncio.run(run(cast(Scraper, scraper), stop, **options))
    assert scraper.closed
    return scraper


def test_the_first_cycle_waits_for_its_phase_and_no_later_one_does() -> None:
    starts = runs(3, first_in_s=0.4).starts
    assert starts[0] >= 0.4
    assert starts[2] - starts[0] < 0.6
    assert runs(1, interval_s=30).starts[0] < 0.3
    assert runs(5, once=True, interval_s=30).starts[0] < 0.3


def test_a_stop_does_not_wait_for_the_phase() -> None:
    stop = Stop()
    stop.set()
    assert runs(1, stop=stop, first_in_s=60).starts == []


@given(st.text(min_size=1, max_size=40), st.floats(1, 3600), st.floats(0, 300))
def test_a_phase_is_part_of_the_interval_and_of_the_spread(slug: str, interval_s: float, spread_s: float) -> None:
    assert 0 <= phase_s(slug, interval_s, spread_s) <= min(interval_s, spread_s)


def test_declared_bookmakers_are_spread_over_it() -> None:
    phases = sorted(phase_s(slug, 30, 15) for slug in load_registry().bookmakers)
    assert phases[0] == pytest.approx(0, abs=5)
    assert phases[-1] == pytest.approx(15, abs=5)
    assert phases == sorted(phase_s(slug, 30, 15) for slug in load_registry().bookmakers), "and always the same"

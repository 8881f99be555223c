"""The loop of a scraper's process: when its first cycle starts, and the others."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.etl.service_run import ServiceRun
from scrapers.registry import load_registry
from standalone.cycle.report import CycleReport
from standalone.cycle.scraper import Scraper
from standalone.life import Life
from standalone.process import Stop
from standalone.run_scraper import phase_s, run


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
    assert starts[2] - starts[0] < 0.2 + 2 * 0.4, "a later one waited for the phase again"
    assert runs(1, interval_s=30).starts[0] < 10
    assert runs(5, once=True, interval_s=30).starts[0] < 10


class Kept:
    """In place of a ServiceRun: what it is told."""

    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []

    def round(self, seconds: float, *, failed: bool = False) -> None:
        self.said.append(("round", seconds, failed))

    def beat(self) -> None:
        self.said.append(("beat",))

    def end(self, status: str, reason: str | None) -> None:
        self.said.append(("end", status, reason))


def test_cycles_that_asked_are_rounds_of_the_process() -> None:
    kept, stop = Kept(), Stop()
    life = Life(cast(ServiceRun, kept))
    waiting = CycleReport(asked=False, standby_of="elsewhere:1")
    heavy = CycleReport(success=True, duration_ms=1500, too_heavy="5000 MB")

    async def lives(*reports: CycleReport) -> None:
        async with life:
            for report in reports:
                await life.cycle(report)

    asyncio.run(lives(waiting))
    assert kept.said == [], "one that stood by would close the execution of the one at work"
    asyncio.run(lives(waiting, CycleReport(duration_ms=500), waiting, heavy))
    reason = "reinício por memória / ended for its memory: 5000 MB"
    assert kept.said == [
        ("round", 0.5, True), ("beat",), ("beat",), ("round", 1.5, False), ("beat",), ("end", "COMPLETED", reason),
    ]  # fmt: skip
    kept.said.clear()
    runs(2, stop=stop, life=Life(cast(ServiceRun, kept)))
    assert [said for said, *_ in kept.said] == ["round", "beat", "round", "beat", "end"]


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

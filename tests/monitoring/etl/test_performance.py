"""Operations timed, counted and spread; percentiles from fixed buckets."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.etl.histogram import BUCKETS_A_DECADE, PERCENTILES, SMALLEST, SUMMARY, Histogram, spreads_of
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.performance import PerformanceTracker

Rows = Callable[[str], list[tuple[Any, ...]]]

values = st.lists(st.floats(SMALLEST, 1e12), min_size=1, max_size=200)


@given(values)
def test_percentiles_are_within_half_a_bucket_of_the_nearest_rank(found: list[float]) -> None:
    spread = Histogram()
    for value in found:
        spread.add(value)
    ordered, half = sorted(found), 10 ** (0.5 / BUCKETS_A_DECADE) * (1 + 1e-9)
    for percent in PERCENTILES:
        exact = ordered[max(1, math.ceil(percent / 100 * len(found))) - 1]
        estimate = spread.percentile(percent)
        assert estimate is not None
        assert exact / half <= estimate <= exact * half
    assert spread.count == len(found)
    assert tuple(spread.summary()) == SUMMARY
    assert spread.mean == pytest.approx(sum(found) / len(found))


@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_percentiles_rise_and_stay_between_the_ends(found: list[float]) -> None:
    spread = Histogram()
    for value in found:
        spread.add(value)
    estimates = [spread.percentile(percent) or 0.0 for percent in PERCENTILES]
    assert estimates == sorted(estimates)
    assert min(found) <= estimates[0]
    assert estimates[-1] <= max(found) == spread.summary()["max"]


def test_an_empty_histogram_knows_nothing() -> None:
    assert (Histogram().mean, Histogram().percentile(50), Histogram().summary()) == (None, None, {})


def test_what_is_tracked_is_published_with_its_execution(monitor: ETLMonitor, rows: Rows) -> None:
    tracker = PerformanceTracker(monitor)
    with monitor.execution() as execution_id:
        with tracker.track_operation("fetch", league=8) as operation:
            pass
        with pytest.raises(OSError, match="gone"), tracker.track_operation("fetch", league=8):
            raise OSError("gone")
        assert operation.duration_ms is not None
        tracker.count("pages", 2)
        tracker.count("pages", 3)
        tracker.gauge("queue", 7, "fixtures")
        tracker.observe("size", float("nan"))
        with pytest.raises(ValueError, match="pages is a counter, not a gauge"):
            tracker.gauge("pages", 1)
        seen = tracker.snapshot()
        assert seen["pages"] == {"value": 5}
        assert seen["fetch.duration{league=8}"]["count"] == 2
        tracker.publish()
        tracker.publish()
        tracker.count("pages", 1)
    assert tracker.snapshot() == {}
    found = rows(
        "select metric_name, metric_value, metric_unit, tags from etl_metrics "
        f"where execution_id = '{execution_id}' and metric_name !~ 'duration.(p|m)' order by metric_id"
    )
    assert found == [
        ("fetch.duration.count", 2, "", {"league": "8"}),
        ("fetch.errors", 1, "", {"league": "8"}),
        ("pages", 5, "", {}),
        ("queue", 7, "fixtures", {}),
        ("size.refused", 1, "", {}),
        ("pages", 6, "", {}),
    ]
    units = rows("select metric_unit from etl_metrics where metric_name = 'fetch.duration.p95'")
    assert units == [("ms",)]


def test_histograms_are_put_together_again() -> None:
    def row(name: str, last: float, **tags: str) -> dict[str, Any]:
        return {"name": name, "unit": "ms", "tags": tags, "last": last}

    whole = [row(f"fetch.{end}", n, page="1") for n, end in enumerate(SUMMARY)]
    half = [row("other.max", 5), row("fetch.max", 7, page="2"), row("rows", 3)]
    (spread,), others = spreads_of([*half, *whole])
    assert (spread.name, spread.unit, spread.tags) == ("fetch", "ms", {"page": "1"})
    assert spread.values == {end: n for n, end in enumerate(SUMMARY)}
    assert others == half


def test_threads_count_together(monitor: ETLMonitor) -> None:
    tracker = PerformanceTracker(monitor)

    def work() -> None:
        for _ in range(1000):
            tracker.count("rows")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tracker.snapshot()["rows"] == {"value": 4000}

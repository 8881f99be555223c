"""The fleet in Prometheus's words: gauges of what is, counters and histograms of what this process saw happen.

Counters begin at zero when the process starts, as Prometheus expects of any process; they grow by the cycles that
the database took since the last look.
"""

from __future__ import annotations

from collections import Counter as Counted
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitoring.queues import Overview, living, queue_states
from monitoring.services import service_status

PREFIX = "oddsfleet"
STATUSES = ("ok", "warning", "error", "offline")
JOB_STATES = ("waiting", "delayed", "running")
PHASE_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
"""Seconds. A cycle has 120 s at most unless its bookmaker says otherwise."""
WHOLE = "whole"
"""The phase that stands for the cycle from its beginning to its commit."""
SEEN_TWICE_S = 60.0
"""How far behind the newest cycle another may still appear: a commit takes its time before it can be seen."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is, at one moment.

    status     what `status_report` answers; None: the database is away
    alerts     [topic, severity, phase, how many]
    spools     scraper -> (cycles, bytes) that wait on this machine's disk
    feed_age_s seconds since the published files were made; None: not known
    jobs       what `jobs_overview` answers; None: the database is away
    """

    status: Mapping[str, Any] | None
    alerts: Sequence[Sequence[Any]]
    spools: Mapping[str, tuple[int, float]]
    feed_age_s: float | None
    jobs: Overview | None = None


class CycleCounts:
    """What the cycles that were committed since the start amount to."""

    def __init__(self, registry: CollectorRegistry, begins: float) -> None:
        self._cycles = Counter(f"{PREFIX}_cycles", "Cycles by outcome.", ["scraper", "outcome"], registry=registry)
        self._prices = Counter(
            f"{PREFIX}_prices",
            "Prices seen, changed and rejected by cycles.",
            ["scraper", "kind"],
            registry=registry,
        )
        self._phases = Histogram(
            f"{PREFIX}_cycle_phase_seconds",
            "Duration of a cycle's phases; whole is from its beginning to its commit.",
            ["scraper", "phase"],
            buckets=PHASE_BUCKETS,
            registry=registry,
        )
        self._newest = begins
        self._begins = begins
        self._taken: dict[str, float] = {}

    @property
    def after(self) -> float:
        """From when on to ask for cycles, epoch s: a little before the newest one, but never before the start."""
        return max(self._begins, self._newest - SEEN_TWICE_S)

    def take(self, cycles: Iterable[Sequence[Any]]) -> None:
        """Count cycles as `metrics_report` answers them; those counted before are passed over."""
        for cycle_id, committed_at, scraper, outcome, duration_ms, seen, changed, rejected, phases_ms in cycles:
            if cycle_id in self._taken:
                continue
            self._taken[cycle_id] = committed_at
            self._newest = max(self._newest, committed_at)
            self._cycles.labels(scraper, outcome).inc()
            for kind, count in (("seen", seen), ("changed", changed), ("rejected", rejected)):
                self._prices.labels(scraper, kind).inc(count)
            durations = {**phases_ms, **({} if duration_ms is None else {WHOLE: duration_ms})}
            for phase, ms in durations.items():
                self._phases.labels(scraper, phase).observe(ms / 1000)
        self._taken = {cycle_id: at for cycle_id, at in self._taken.items() if at > self.after}


class FleetMetrics(Collector):
    """Everything under one registry. `begins`: epoch s; cycles committed before it are not counted."""

    def __init__(self, begins: float) -> None:
        # One more series for each that counts, and nobody asks for it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.counts = CycleCounts(self.registry, begins)
        self._snapshot = Snapshot(None, (), {}, None)
        self.registry.register(self)

    def text(self, snapshot: Snapshot) -> bytes:
        """The exposition format, for this snapshot."""
        self._snapshot = snapshot
        return generate_latest(self.registry)

    def collect(self) -> Iterator[Metric]:
        """Gauges of the snapshot; asked by the registry."""
        snapshot = self._snapshot
        yield _gauge("database_up", "Whether the database answers.", (), [((), snapshot.status is not None)])
        if snapshot.feed_age_s is not None:
            yield _gauge("feed_age_seconds", "Age of the published files.", (), [((), snapshot.feed_age_s)])
        yield _gauge(
            "alerts",
            "Alerts by what they are about, severity and phase.",
            ("topic", "severity", "phase"),
            [((str(topic), str(severity), str(phase)), n) for topic, severity, phase, n in snapshot.alerts],
        )
        spools = snapshot.spools.items()
        yield _gauge("spool_cycles", "Cycles that wait on disk.", ("scraper",), [((s,), n) for s, (n, _) in spools])
        yield _gauge("spool_bytes", "Bytes that wait on disk.", ("scraper",), [((s,), b) for s, (_, b) in spools])
        if snapshot.status is not None:
            yield from _scraper_gauges(snapshot.status["scrapers"])
            yield from _service_gauges(snapshot.status["services"])
        if snapshot.jobs is not None:
            yield from _job_gauges(snapshot.jobs)


def _scraper_gauges(rows: Sequence[Mapping[str, Any]]) -> Iterator[Metric]:
    plain = (
        ("heartbeat_age_seconds", "Seconds since the last heartbeat.", "seconds_since_heartbeat"),
        ("success_age_seconds", "Seconds since the last success.", "seconds_since_success"),
        ("completeness_ratio", "Prices of the last cycle against the usual.", "completeness"),
        ("odds", "Prices that the last cycle left current in the database.", "odds_inserted"),
        ("expected_interval_seconds", "How often it should come round.", "expected_interval_s"),
    )
    for name, text, key in plain:
        known = [((row["scraper_name"],), row[key]) for row in rows if row[key] is not None]
        yield _gauge(f"scraper_{name}", text, ("scraper",), known)
    yield _gauge(
        "scraper_status",
        "1 for the status that the status view computes, 0 for the others.",
        ("scraper", "status"),
        [((row["scraper_name"], status), row["computed_status"] == status) for row in rows for status in STATUSES],
    )
    yield _memory("scraper", "scraper_name", rows)


def _service_gauges(rows: Sequence[Mapping[str, Any]]) -> Iterator[Metric]:
    ages = [((row["service_name"],), row["seconds_since_heartbeat"]) for row in rows]
    yield _gauge("service_heartbeat_age_seconds", "Seconds since the last heartbeat.", ("service",), ages)
    yield _gauge(
        "service_up",
        "Whether it makes its rounds.",
        ("service",),
        [((row["service_name"],), service_status(row) in ("ok", "warning")) for row in rows],
    )
    yield _memory("service", "service_name", rows)


def _job_gauges(jobs: Overview) -> Iterator[Metric]:
    states = queue_states(jobs)
    depths = [((one.queue, name), getattr(one, name)) for one in states for name in JOB_STATES]
    yield _gauge("queue_depth", "Unfinished jobs; delayed are those not due yet.", ("queue", "state"), depths)
    ages = [((one.queue,), one.oldest_s) for one in states if one.oldest_s is not None]
    yield _gauge("queue_oldest_seconds", "How long the oldest waiting job could have been run.", ("queue",), ages)
    workers = [((one.queue,), one.workers) for one in states]
    yield _gauge("queue_workers", "Living workers that take jobs of the queue.", ("queue",), workers)
    yield _gauge("workers", "Living workers.", (), [((), len(living(jobs["workers"])))])
    dead = Counted[str]()
    for cause in jobs["dead"]:
        dead[cause["kind"]] += cause["jobs"]
    by_kind = [((kind,), n) for kind, n in sorted(dead.items())]
    yield _gauge("dead_letters", "Jobs that failed for good.", ("kind",), by_kind)


def _memory(kind: str, key: str, rows: Sequence[Mapping[str, Any]]) -> Metric:
    told = [((row[key],), row["extra_data"].get("memory_mb")) for row in rows]
    known = [(labels, mb * 1e6) for labels, mb in told if isinstance(mb, int | float)]
    return _gauge(f"{kind}_memory_bytes", "Memory of the process tree, as it last told.", (kind,), known)


def _gauge(
    name: str, text: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=labels)
    for of, value in values:
        family.add_metric(of, float(value))
    return family

"""How fast the work is: operations timed, counters, gauges and histograms, in memory until they are published."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from monitoring.etl.histogram import Histogram
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.place import current
from monitoring.etl.rows import finite

Tags = tuple[tuple[str, str], ...]
Kind = Literal["counter", "gauge", "histogram"]


class Name(NamedTuple):
    """A series: what is measured, in which execution, of what."""

    execution_id: str | None
    name: str
    tags: Tags


class Series:
    """One series as it is now. value: of a counter or gauge; spread: of a histogram."""

    __slots__ = ("changed", "kind", "spread", "unit", "value")

    def __init__(self, kind: Kind, unit: str) -> None:
        self.kind = kind
        self.unit = unit
        self.value = 0.0
        self.spread = Histogram()
        self.changed = True

    def values(self) -> dict[str, tuple[float, str]]:
        """Suffix of the metric's name -> value and unit."""
        if self.kind != "histogram":
            return {"": (self.value, self.unit)}
        return {
            f".{name}": (value, "" if name == "count" else self.unit)
            for name, value in self.spread.summary().items()
        }


class Operation:
    """A span of work being timed. duration_ms: None until it is over."""

    __slots__ = ("_begun", "_name", "_tags", "_tracker", "duration_ms")

    def __init__(self, tracker: PerformanceTracker, name: str, tags: Mapping[str, Any]) -> None:
        self._tracker = tracker
        self._name = name
        self._tags = tags
        self._begun = 0.0
        self.duration_ms: float | None = None

    def __enter__(self) -> Self:
        self._begun = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.duration_ms = (time.perf_counter() - self._begun) * 1000
        self._tracker.observe(f"{self._name}.duration", self.duration_ms, "ms", **self._tags)
        if kind is not None:
            self._tracker.count(f"{self._name}.errors", **self._tags)


class PerformanceTracker:
    """Measures the execution that the caller works in. Safe between threads.

    The monitor publishes what changed every few seconds and at the end of an execution: a counter and a gauge as
    they are, a histogram as `<name>.count`, `.mean`, `.p50`, `.p95`, `.p99`, `.max`.
    """

    def __init__(self, monitor: ETLMonitor) -> None:
        self._monitor = monitor
        self._turn = threading.Lock()
        self._series: dict[Name, Series] = {}
        monitor.publish_with(self.publish)

    def track_operation(self, name: str, **tags: Any) -> Operation:
        """Time a block: `with tracker.track_operation("fetch", page=3):`.

        Its length goes into the histogram `<name>.duration` (ms); if it raises, `<name>.errors` counts one.
        """
        return Operation(self, name, tags)

    def count(self, name: str, n: float = 1, unit: str = "", **tags: Any) -> None:
        """Add to a counter."""
        with self._turn:
            series = self._of(name, "counter", unit, tags)
            series.value += n

    def gauge(self, name: str, value: float, unit: str = "", **tags: Any) -> None:
        """Say how much of something there is now."""
        with self._turn:
            series = self._of(name, "gauge", unit, tags)
            series.value = value

    def observe(self, name: str, value: float, unit: str = "", **tags: Any) -> None:
        """One value of a histogram; what is no finite number is left out and counted in `<name>.refused`."""
        if not finite(value):
            self.count(f"{name}.refused", **tags)
            return
        with self._turn:
            self._of(name, "histogram", unit, tags).spread.add(value)

    def publish(self, execution_id: str | None = None) -> None:
        """Record what changed; with an id that execution's alone, and forget it: it is over."""
        with self._turn:
            due = []
            for name, series in list(self._series.items()):
                if execution_id is None or name.execution_id == execution_id:
                    if series.changed:
                        series.changed = False
                        due += [(name, suffix, *value) for suffix, value in series.values().items()]
                    if execution_id is not None:
                        del self._series[name]
        for name, suffix, value, unit in due:
            self._monitor.record_metric(
                name.name + suffix, value, unit, dict(name.tags), execution_id=name.execution_id
            )

    def snapshot(self) -> dict[str, dict[str, float]]:
        """Every series of the caller's execution: 'fetch.duration{page=3}' -> {"p50": ...} or {"value": ...}."""
        execution_id = current().execution_id
        with self._turn:
            return {
                _label(name): {
                    suffix.lstrip(".") or "value": value for suffix, (value, _) in series.values().items()
                }
                for name, series in sorted(self._series.items(), key=lambda pair: _label(pair[0]))
                if name.execution_id == execution_id
            }

    def _of(self, name: str, kind: Kind, unit: str, tags: Mapping[str, Any]) -> Series:
        """The series, made where there is none. Raises ValueError where the name means another kind."""
        known = tuple(sorted((tag, str(value)) for tag, value in tags.items())) if tags else ()
        key = Name(current().execution_id, name, known)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series(kind, unit)
        elif series.kind != kind:
            raise ValueError(f"{name} is a {series.kind}, not a {kind}")
        series.changed = True
        return series


def _label(name: Name) -> str:
    tags = ",".join(f"{tag}={value}" for tag, value in name.tags)
    return f"{name.name}{{{tags}}}" if tags else name.name

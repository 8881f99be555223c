"""Everything that this machine tells by itself, source by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from loguru import logger

from monitoring.alerts.readings import Reading
from monitoring.alerts.readings.machine import feed_readings, machine_readings, spool_readings
from monitoring.alerts.readings.opportunities import opportunity_readings


class Places(NamedTuple):
    """Where to look on this machine.

    published     the folder of published files; None where they go elsewhere
    spool_max_mb  what one scraper's spool may hold
    """

    data_dir: Path
    published: Path | None
    spool_max_mb: float


class LocalReader:
    """Reads the sources of this machine. unreadable: source -> how often it could not be read."""

    def __init__(self, places: Places) -> None:
        self.unreadable: Counter[str] = Counter()
        self._sources: dict[str, Callable[[], list[Reading]]] = {
            "spools": lambda: spool_readings(places.data_dir / "spool", places.spool_max_mb),
            "machine": lambda: machine_readings(places.data_dir),
        }
        folder = places.published
        if folder is not None:
            self._sources["feed"] = lambda: feed_readings(folder)
            self._sources["opportunities"] = lambda: opportunity_readings(folder)

    def read(self) -> dict[str, Sequence[Reading]]:
        """Source -> its readings. One that cannot be read is named in the log once, counted, and left out."""
        readings: dict[str, Sequence[Reading]] = {}
        for name, read in self._sources.items():
            try:
                readings[name] = read()
            except (OSError, ValueError, KeyError, TypeError) as error:
                if not self.unreadable[name]:
                    logger.error("{} cannot be read, its alerts stay as they are: {!r}", name, error)
                self.unreadable[name] += 1
        return readings

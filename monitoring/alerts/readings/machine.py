"""Readings of this machine: what waits on disk, what was published, memory, disk, browsers without an owner."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import orjson
import psutil

from monitoring.alerts.readings import Reading
from scrapers.fetching.chromium import list_orphans

STATUS = "status.json"
"""The smallest of the published files; all of them are published in the same rounds."""


def spool_readings(folder: Path, max_mb: float) -> list[Reading]:
    """One reading for each bookmaker that has a spool in `folder`, an empty one too.

    Args:
        max_mb: what one spool may hold.
    """
    return [_spool(path, max_mb) for path in sorted(folder.glob("*")) if path.is_dir()]


def _spool(path: Path, max_mb: float) -> Reading:
    sizes = []
    for cycle in path.glob("*.cycle"):
        try:
            sizes.append(cycle.stat().st_size)
        except FileNotFoundError:
            continue  # it has just been sent
    mb = sum(sizes) / 1e6
    return Reading(
        subject=path.name,
        label=path.name,
        fields={
            "name": path.name,
            "cycles": len(sizes),
            "mb": mb,
            "full_share": mb / max_mb,
            "set_aside": len(list(path.glob("set-aside/*.cycle"))),
        },
        path=f"/admin/scraper-status/{path.name}",
    )


def feed_readings(folder: Path) -> list[Reading]:
    """How old the published files are; empty when nothing was ever published to this folder."""
    try:
        document = orjson.loads((folder / STATUS).read_bytes())
        generated, valid = (datetime.fromisoformat(document[name]) for name in ("generated_at", "valid_until"))
    except FileNotFoundError:
        return []
    now = time.time()
    fields = {"age_s": now - generated.timestamp(), "overdue_s": now - valid.timestamp()}
    return [Reading(subject="", label="odds.json", fields=fields, belongs={"service": "json-generator"})]


def machine_readings(data_dir: Path) -> list[Reading]:
    """Memory and disk that are left, and browsers nobody owns."""
    memory = psutil.virtual_memory()
    disk = shutil.disk_usage(data_dir)
    fields: Mapping[str, float | int] = {
        "memory_free_share": memory.available / memory.total,
        "disk_free_share": disk.free / disk.total,
        "browser_orphans": len(list_orphans(data_dir / "browsers")),
    }
    return [Reading(subject="", label="máquina", fields=fields)]

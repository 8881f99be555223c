"""The database: reachable, migrated, of one source, its clock, its room."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from monitoring.health import check_migrations
from monitoring.storage import storage_report, warnings
from scrapers.errors import OtherSourceError, StoreError
from standalone.connect import claim_source
from standalone.doctor.findings import Finding
from standalone.settings import Settings
from store.backend import Backend

SLOW_S = 1.0
CLOCK_APART_S = 5.0


def check_database(backend: Backend, settings: Settings) -> Iterator[Finding]:
    """One finding for each thing; none after one that says it cannot be reached or is not migrated."""
    begun = time.monotonic()
    try:
        applied: dict[str, str] = backend.call("applied_migrations", {})
    except StoreError as error:
        yield Finding("database", "error", str(error), _mend(settings))
        return
    took_s = time.monotonic() - begun
    slow = took_s > SLOW_S
    yield Finding(
        "database",
        "warning" if slow else "ok",
        f"responde em / answers in {took_s * 1000:.0f} ms",
        "uma região mais perto, ou DATABASE_URL (session pooler) / a nearer region, or DATABASE_URL"
        if slow
        else "",
    )
    migrations = check_migrations(applied)
    if not migrations.ok:
        yield Finding("migrations", "error", migrations.reason, "fleet db migrate")
        return
    yield Finding("migrations", "ok", f"{len(applied)} aplicadas / applied")
    yield _source(backend, settings)
    yield _clock(backend)
    faults = warnings(storage_report(backend), settings.storage_limit_mb)
    yield (
        Finding("room", "warning", "; ".join(faults), "fleet storage")
        if faults
        else Finding("room", "ok", "fleet storage")
    )


def _source(backend: Backend, settings: Settings) -> Finding:
    try:
        claimed = claim_source(backend, settings.source, claim=False)
    except OtherSourceError as error:
        return Finding("source", "error", str(error), "fleet db wipe --yes, ou ODDS_SOURCE no .env")
    return Finding("source", "ok", settings.source if claimed else f"{settings.source} (vazio / empty)")


def _clock(backend: Backend) -> Finding:
    report: dict[str, Any] = backend.call("status_report", {})
    apart_s = abs((datetime.now(UTC) - datetime.fromisoformat(report["now"])).total_seconds())
    if apart_s <= CLOCK_APART_S:
        return Finding("clock", "ok", f"{apart_s:.1f} s do banco / from the database's")
    mend = "acerte o relógio desta máquina / set this machine's clock: timedatectl set-ntp true"
    return Finding("clock", "warning", f"{apart_s:.0f} s do banco / from the database's", mend)


def _mend(settings: Settings) -> str:
    if settings.uses_embedded_database:
        return "make run (o banco é o embutido / the database is the embedded one); pm2 logs database"
    return "confira / check DATABASE_URL, SUPABASE_URL, a rede e a senha / network and password"

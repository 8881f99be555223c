"""Who is to be restarted. Pure: what the database and PM2 say and what was done before in, decisions out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from monitoring.alerts.rules import Patience
from monitoring.alerts.wording import age

HOUR_S = 3600.0


class Suspect(NamedTuple):
    """A process that makes no progress.

    process   its name in PM2
    scrapers  slugs it serves and that are silent; empty for a service
    silent_s  since its last heartbeat
    limit_s   what it may take
    """

    process: str
    scrapers: tuple[str, ...]
    silent_s: float
    limit_s: float


class Process(NamedTuple):
    """A process as PM2 lists it. uptime_s: since it was last started, by PM2's clock."""

    name: str
    status: str
    uptime_s: float
    restarts: int


class Decision(NamedTuple):
    """What is done about a process. cause: for the log and the page, in Portuguese."""

    suspect: Suspect
    action: Literal["restart", "gave_up"]
    cause: str


def suspects(
    scrapers: Sequence[Mapping[str, Any]],
    services: Sequence[Mapping[str, Any]],
    *,
    here: str,
    patience: Patience,
) -> list[Suspect]:
    """Who is silent for too long, by the rows of `status_report`.

    Who was stopped by command, who never spoke, and who works on another machine than `here` (its host name) is
    none of ours.
    """
    found: dict[str, Suspect] = {}
    for row in scrapers:
        if row["status"] != "stopped" and row["machine"] in (None, here):
            _add(found, process_of(row), (row["scraper_name"],), row, patience)
    for row in services:
        _add(found, row["service_name"], (), row, patience)
    return list(found.values())


def _add(
    found: dict[str, Suspect],
    process: str,
    scrapers: tuple[str, ...],
    row: Mapping[str, Any],
    patience: Patience,
) -> None:
    silent_s = row["seconds_since_heartbeat"]
    limit_s = max(patience.least_s, patience.intervals * row["expected_interval_s"])
    if silent_s is None or silent_s < limit_s:
        return
    known = found.get(process)
    if known is not None:
        scrapers = (*known.scrapers, *scrapers)
        silent_s, limit_s = max(known.silent_s, silent_s), max(known.limit_s, limit_s)
    found[process] = Suspect(process, scrapers, silent_s, limit_s)


def process_of(row: Mapping[str, Any]) -> str:
    """The PM2 name of the process that last wrote a scraper: its own, its group's sequential one, or a worker."""
    mode, _, group = (row["mode"] or "").partition("-")
    if mode == "workers" and row["lease_holder"]:
        return f"worker-{row['lease_holder'].rpartition('/')[2]}"
    return f"scraper-seq-{group}" if mode == "sequential" else f"scraper-{row['scraper_name']}"


def decide(
    silent: Sequence[Suspect],
    processes: Sequence[Process],
    past: Sequence[Mapping[str, Any]],
    patience: Patience,
) -> list[Decision]:
    """What to do now.

    A process that PM2 does not list, that somebody stopped, that PM2 is about to start, or that was started so
    lately that it could not speak yet, is left alone.

    Args:
        past: rows of the SQL function `watchdog_actions`, those of the last hour at least.
    """
    listed = {process.name: process for process in processes}
    decisions = []
    for suspect in silent:
        process = listed.get(suspect.process)
        cause = None if process is None else _cause(suspect, process)
        if cause is None:
            continue
        mine = [row for row in past if row["process"] == suspect.process and row["seconds_ago"] < HOUR_S]
        if any(row["seconds_ago"] < patience.cool_down_s or row["action"] == "gave_up" for row in mine):
            continue
        if len(mine) >= patience.cap_an_hour:
            given_up = f"{cause}; {len(mine)} reinícios em uma hora não bastaram"
            decisions.append(Decision(suspect, "gave_up", given_up))
        else:
            decisions.append(Decision(suspect, "restart", cause))
    return decisions


def _cause(suspect: Suspect, process: Process) -> str | None:
    """Why it is to be restarted; None: it is not."""
    silence = f"sem progresso há {age(suspect.silent_s)} (limite {age(suspect.limit_s)})"
    if process.status == "errored":
        return f"desistido pelo PM2 após {process.restarts} reinícios, {silence}"
    if process.status == "online" and process.uptime_s >= suspect.limit_s:
        return f"travado: {silence}"
    return None

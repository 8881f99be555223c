"""Workers mode: what its processes are called, and which bookmakers they collect."""

from __future__ import annotations

from scrapers.declarations import Bookmaker
from scrapers.errors import DeclarationError
from scrapers.registry import Registry
from standalone.settings import MOST_WORKERS, Settings

KINDS = ("http", "browser")
"""What a worker can do is what a bookmaker's transport needs."""
MEMORY_MB = 400
"""What the process of a worker may hold; a browser below it is bounded on its own."""


DEAD_AFTER_HEARTBEATS = 4
"""A worker that missed so many is dead: others take what it held. The lease's token refuses its late writes."""


def dead_after_s(settings: Settings) -> float:
    """The silence, in seconds, after which a worker counts as dead."""
    return DEAD_AFTER_HEARTBEATS * settings.worker_heartbeat_s


def worker_name(kind: str, number: int) -> str:
    """Its name under PM2, in logs and in the queue."""
    return f"worker-{kind}-{number}"


def every_worker_name() -> list[str]:
    """Names of all workers that any settings may start."""
    return [worker_name(kind, number) for kind in KINDS for number in range(1, MOST_WORKERS + 1)]


def workers_here(settings: Settings) -> list[tuple[str, int]]:
    """(kind, number) of each worker of this machine."""
    counts = {"http": settings.workers_http, "browser": settings.workers_browser}
    return [(kind, number) for kind in KINDS for number in range(1, counts[kind] + 1)]


def bookmakers_of_workers(registry: Registry, settings: Settings) -> dict[str, Bookmaker]:
    """The bookmakers that workers collect, by slug; the others have a process of their own in workers mode too.

    Raises DeclarationError when WORKER_BOOKMAKERS names one that there is not.
    """
    if settings.worker_bookmakers == "all":
        return dict(registry.bookmakers)
    slugs = [slug.strip() for slug in settings.worker_bookmakers.split(",") if slug.strip()]
    if unknown := sorted(set(slugs) - registry.bookmakers.keys()):
        raise DeclarationError(f"WORKER_BOOKMAKERS: no such bookmaker: {', '.join(unknown)}")
    return {slug: registry.bookmaker(slug) for slug in dict.fromkeys(slugs)}

"""When a schedule is due next; pure. Cron expressions of five fields, read in UTC."""

from __future__ import annotations

from croniter import CroniterError, croniter  # type: ignore[import-untyped]

from scrapers.errors import DeclarationError

FIELDS = 5


def check_cron(cron: str) -> None:
    """Raises DeclarationError for what is no cron expression, or one that never comes."""
    try:
        if len(cron.split()) != FIELDS:
            raise DeclarationError(f"{cron!r}: expected five fields: minute hour day month weekday")
        next_time(cron, 0.0)
    except CroniterError as error:
        raise DeclarationError(f"{cron!r}: {error}") from error


def next_time(cron: str, after: float) -> float:
    """The first time of `cron` after `after`; both epoch s, whole minutes come out."""
    return float(croniter(cron, after).get_next(float))

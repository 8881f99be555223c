"""How much room the database takes, what it will take, and what is wrong with either. Needs no extension.

A table in daily partitions grows by a day's bytes until it holds as many days as it keeps; summaries of matches
likewise, by the rows of a day's kick-offs. Everything else holds the current offer and is taken to stay as it is. A
fleet's first days say little: the offer reaches its size within a week or two, as far ahead as bookmakers list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

from store.backend import Backend

MB = 1_000_000
MEASURED_DAYS = 7
SUMMARIES = "price_summaries"
SUMMARY_BYTES = 200
"""Of a summary with its share of the indexes, measured over 30,000; a small table's own average is overhead."""
SUMMARIES_MEASURED_FROM = 10_000
NEAR_LIMIT = 0.8
"""Share of the limit from which on the database is near it."""
FORECAST_AT_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Table:
    """bytes include indexes and partitions; rows are the server's estimate."""

    name: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class StorageReport:
    """The database as it is. Days are UTC.

    days          table -> day -> bytes of that day
    since         table -> the first day it holds
    default_rows  table -> rows in its default partition: each says that a day's partition was not made in time
    """

    at: datetime
    database_bytes: int
    tables: Sequence[Table]
    days: Mapping[str, Mapping[date, int]]
    since: Mapping[str, date]
    default_rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Growth:
    """What a table gains a day, and how many days it holds now and will hold in the end.

    measured_days  whole days that the average is of; 0: only the share of today that has passed
    """

    table: str
    bytes_per_day: int
    holds_days: int
    keeps_days: int
    measured_days: int

    def gained(self, days: int) -> int:
        """Bytes that it holds more in so many days; negative where it already holds more than it keeps."""
        return self.bytes_per_day * (min(self.keeps_days, self.holds_days + days) - self.holds_days)


def storage_report(backend: Backend) -> StorageReport:
    """Ask the database. Raises StoreError."""
    answer = backend.call("storage_report", {})
    tables = [Table(row["table"], row["bytes"], row["rows"]) for row in answer["tables"]]
    days: dict[str, dict[date, int]] = {}
    for row in answer["days"]:
        days.setdefault(row["table"], {})[date.fromisoformat(row["day"])] = row["bytes"]
    since = {table: min(held) for table, held in days.items()}
    if answer["summaries"]["from"] is not None:
        each = _summary_bytes(next(table for table in tables if table.name == SUMMARIES))
        put_away = answer["summaries"]["days"].items()
        days[SUMMARIES] = {date.fromisoformat(day): round(rows * each) for day, rows in put_away}
        since[SUMMARIES] = date.fromisoformat(answer["summaries"]["from"])
    return StorageReport(
        at=datetime.fromisoformat(answer["now"]),
        database_bytes=answer["database_bytes"],
        tables=tables,
        days=days,
        since=since,
        default_rows={table: rows for table, rows in answer["default_rows"].items() if rows},
    )


def growths(report: StorageReport, keeps_days: Mapping[str, int]) -> list[Growth]:
    """What each table gains a day, largest first. `keeps_days`: table -> days of retention; others are left out."""
    found = [
        _growth(report, table, report.days[table], keep)
        for table, keep in keeps_days.items()
        if report.days.get(table)
    ]
    return sorted(found, key=lambda growth: -growth.bytes_per_day)


def forecast(report: StorageReport, growing: Sequence[Growth], days: int) -> int:
    """Bytes of the database in so many days."""
    return report.database_bytes + sum(growth.gained(days) for growth in growing)


def settled(report: StorageReport, growing: Sequence[Growth]) -> int:
    """Bytes of the database once every table holds all the days it keeps."""
    return forecast(report, growing, FORECAST_AT_MOST_DAYS)


def days_until(report: StorageReport, growing: Sequence[Growth], limit_bytes: int) -> int | None:
    """Days until the database has this size; 0: it has. None: it never will, as things are."""
    if report.database_bytes >= limit_bytes:
        return 0
    days = range(1, FORECAST_AT_MOST_DAYS + 1)
    return next((day for day in days if forecast(report, growing, day) >= limit_bytes), None)


def warnings(report: StorageReport, limit_mb: int) -> list[str]:
    """What a person should mend, Portuguese first; empty: nothing. `limit_mb` 0: there is no limit."""
    found = [
        f"{rows} linhas na partição padrão de {table}: a partição do dia não existia "
        f"({rows} rows in the default partition of {table}: its day's was not made in time)"
        for table, rows in sorted(report.default_rows.items())
    ]
    if limit_mb and report.database_bytes >= NEAR_LIMIT * limit_mb * MB:
        size = f"{report.database_bytes / MB:.0f} MB"
        found.append(
            f"o banco tem {size} do limite de {limit_mb} MB: diminua KEEP_HISTORY_DAYS ou KEEP_SUMMARIES_DAYS, ou "
            f"aumente o plano (the database holds {size} of its limit)"
        )
    return found


def _growth(report: StorageReport, table: str, held: Mapping[date, int], keep: int) -> Growth:
    # A day is UTC's; today's partition is still being filled, and so was the very first one for a part of its day.
    today = report.at.date()
    whole = [day for day in sorted(held) if day < today]
    if len(whole) > 1 and whole[0] == report.since[table]:
        whole = whole[1:]
    whole = whole[-MEASURED_DAYS:]
    if whole:
        per_day = fmean(held[day] for day in whole)
    else:
        passed = (report.at - datetime.combine(today, datetime.min.time(), report.at.tzinfo)) / timedelta(days=1)
        per_day = held.get(today, 0) / max(passed, 1 / 24)
    # A day is dropped when it lies more than `keep` days back, so today and `keep` days before it are held.
    holds = (today - report.since[table]).days + 1
    return Growth(table, round(per_day), holds, keep + 1, len(whole))


def _summary_bytes(table: Table) -> float:
    return table.bytes / table.rows if table.rows >= SUMMARIES_MEASURED_FROM else SUMMARY_BYTES

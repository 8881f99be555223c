"""The table of scrapers: which rows, in which order, and what sums them up. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STATUSES = ("ok", "warning", "error", "offline")
"""From well to worst."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be sorted by. `numeric`: the largest first, and aligned to the right."""

    key: str
    value: Callable[[Row], Any]
    numeric: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("scraper", lambda row: row["bookmaker_display_name"].casefold()),
    Column("status", lambda row: -STATUSES.index(row["computed_status"])),
    Column("heartbeat", lambda row: row["seconds_since_heartbeat"], numeric=True),
    Column("collected", lambda row: row["odds_collected"], numeric=True),
    Column("inserted", lambda row: row["odds_inserted"], numeric=True),
    Column("completeness", lambda row: row["completeness"], numeric=True),
    Column("duration", lambda row: row["duration_ms"], numeric=True),
    Column("memory", lambda row: memory_mb(row), numeric=True),
    Column("outcome", lambda row: row["outcome"]),
)
BY_KEY = {column.key: column for column in COLUMNS}
DEFAULT_SORT = "status"


@dataclass(frozen=True, slots=True)
class View:
    """What a reader asks to see. `sort`: a column's key, with "-" before it for the other way round."""

    sort: str = DEFAULT_SORT
    status: str = ""
    text: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> View:
        """From an address; what is unknown there is as if it were not."""
        sort = params.get("sort", "")
        status = params.get("status", "")
        return cls(
            sort if sort.removeprefix("-") in BY_KEY else DEFAULT_SORT,
            status if status in (*STATUSES, "problems") else "",
            params.get("q", "").strip()[:60],
        )

    @property
    def column(self) -> str:
        """The key of the column sorted by."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the largest value stands first; numbers start so, names do not."""
        return BY_KEY[self.column].numeric != self.sort.startswith("-")

    def turned(self, key: str) -> str:
        """What a click on a column's heading asks for."""
        return f"-{key}" if self.sort == key else key


def chosen(rows: Sequence[Row], view: View) -> list[Row]:
    """The rows that the view asks for, in its order; rows without a value stand last, equal ones by name."""
    wanted = [row for row in rows if _is_wanted(row, view)]
    value = BY_KEY[view.column].value
    wanted.sort(key=lambda row: row["bookmaker_display_name"].casefold())
    known = [row for row in wanted if value(row) is not None]
    known.sort(key=value, reverse=view.descending)
    return known + [row for row in wanted if value(row) is None]


def _is_wanted(row: Row, view: View) -> bool:
    status = row["computed_status"]
    if view.status == "problems" and status == "ok":
        return False
    if view.status in STATUSES and status != view.status:
        return False
    needle = view.text.casefold()
    return needle in row["scraper_name"].casefold() or needle in row["bookmaker_display_name"].casefold()


@dataclass(frozen=True, slots=True)
class Summary:
    """The cards. `updated_s`: seconds since the newest heartbeat; None: there was none yet."""

    scrapers: int
    active: int
    problems: int
    by_status: Mapping[str, int]
    odds: int
    updated_at: str | None
    updated_s: float | None


def summed(rows: Sequence[Row]) -> Summary:
    """All rows in a few numbers. Active: ok or warning; a problem: anything but ok."""
    by_status = Counter(row["computed_status"] for row in rows)
    newest = min(
        (row for row in rows if row["seconds_since_heartbeat"] is not None),
        key=lambda row: row["seconds_since_heartbeat"],
        default=None,
    )
    return Summary(
        scrapers=len(rows),
        active=by_status["ok"] + by_status["warning"],
        problems=len(rows) - by_status["ok"],
        by_status=by_status,
        odds=sum(row["odds_inserted"] for row in rows),
        updated_at=None if newest is None else newest["last_heartbeat"],
        updated_s=None if newest is None else newest["seconds_since_heartbeat"],
    )


def memory_mb(row: Row) -> float | None:
    """Megabytes of the scraper's process tree as its last cycle told; None when it did not."""
    memory = row["extra_data"].get("memory_mb")
    return float(memory) if isinstance(memory, int | float) else None

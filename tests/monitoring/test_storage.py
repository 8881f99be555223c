"""Forecasts from a few days' sizes, and the report of a real database as `fleet storage` prints it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import orjson
import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from monitoring.storage import (
    MB,
    StorageReport,
    days_until,
    forecast,
    growths,
    settled,
    storage_report,
    warnings,
)
from standalone.commands.storage import command
from store.backend import Backend
from tests.support.cycles import House, kickoff, listing

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def report(days_mb: list[float], *, database_mb: float = 100, default_rows: int = 0) -> StorageReport:
    """A database with one partitioned table that holds these days, the last of them today."""
    days = {TODAY - timedelta(days=age): round(size * MB) for age, size in enumerate(reversed(days_mb))}
    strays = {"price_history": default_rows} if default_rows else {}
    return StorageReport(NOON, round(database_mb * MB), [], {"t": days}, {"t": min(days)}, strays)


def test_growth_is_the_mean_of_whole_days_without_the_first_one() -> None:
    (growth,) = growths(report([1, 10, 20, 30, 5]), {"t": 30})
    assert (growth.bytes_per_day, growth.measured_days, growth.holds_days, growth.keeps_days) == (20 * MB, 3, 5, 31)


@pytest.mark.parametrize(("days_mb", "per_day_mb", "measured"), [([6, 2], 6, 1), ([2], 4, 0), ([1] * 20, 1, 7)])
def test_few_days_say_what_they_can(days_mb: list[float], per_day_mb: float, measured: int) -> None:
    (growth,) = growths(report(days_mb), {"t": 30})
    assert (growth.bytes_per_day, growth.measured_days) == (per_day_mb * MB, measured)


def test_the_database_grows_until_it_holds_what_it_keeps() -> None:
    now = report([10] * 5)
    growing = growths(now, {"t": 9})
    assert [forecast(now, growing, days) / MB for days in (1, 5, 90)] == [110, 150, 150]
    assert settled(now, growing) == 150 * MB
    assert [days_until(now, growing, mb * MB) for mb in (100, 125, 150, 151)] == [0, 3, 5, None]


def test_a_shorter_retention_gives_room_back() -> None:
    now = report([10] * 10)
    assert settled(now, growths(now, {"t": 4})) == 50 * MB


@given(st.lists(st.floats(0, 50), min_size=1, max_size=40), st.integers(1, 60), st.integers(1, 500))
def test_a_forecast_moves_one_way_and_settles(days_mb: list[float], keep: int, limit_mb: int) -> None:
    now = report(days_mb)
    growing = growths(now, {"t": keep})
    sizes = [forecast(now, growing, days) for days in range(120)]
    assert sizes in (sorted(sizes), sorted(sizes, reverse=True))
    assert sizes[-1] == settled(now, growing)
    until = days_until(now, growing, limit_mb * MB)
    reached = [day for day, size in enumerate(sizes) if size >= limit_mb * MB]
    assert until == (0 if now.database_bytes >= limit_mb * MB else next((day for day in reached if day), None))


def test_what_is_to_be_mended() -> None:
    assert warnings(report([1]), 0) == warnings(report([1]), 126) == []
    assert "limite de 125 MB" in warnings(report([1]), 125)[0]
    assert "7 rows in the default partition of price_history" in warnings(report([1], default_rows=7), 0)[0]


def test_a_real_database_tells_where_its_room_goes(backend: Backend, database_url: str) -> None:
    offers = {"match_result:home": 2.1, "match_result:away": 3.5}
    House(backend, "alpha").commit(
        [listing("new", "A", "B", kickoff(2), offers), listing("old", "C", "D", kickoff(-30), offers)]
    )
    backend.call("cleanup_old_matches", {"p_keep_hours": 12, "p_limit": 10})
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("insert into price_history values (1, now() - interval '5 days', 2, 'open', 1, 1)")
        connection.execute("analyze")
    found = storage_report(backend)
    tables = {table.name: table for table in found.tables}
    assert found.database_bytes > sum(table.bytes for table in found.tables) > 0
    # Four changes and the stray row; partitions count for their table and stand nowhere else.
    assert (tables["price_history"].rows, tables["prices"].rows, tables["price_summaries"].rows) == (5, 2, 2)
    assert not [name for name in tables if name.endswith(f"{datetime.now(UTC):%Y%m%d}")]
    assert list(found.days["price_history"]) == [datetime.now(UTC).date()]
    assert found.since["price_summaries"] == kickoff(-30).date()
    assert found.default_rows == {"price_history": 1}


def test_the_command_prints_tables_and_says_what_is_wrong(
    backend: Backend, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    House(backend, "alpha").commit([listing("e", "A", "B", kickoff(2), {"match_result:home": 2.1})])
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 0, done.output
    assert "price_history" in done.stdout
    assert "30 d: " in done.stdout
    tight = CliRunner().invoke(command, ["--json", "--limit-mb", "5"])
    document = orjson.loads(tight.stdout)
    assert tight.exit_code == 1
    assert (document["days_until_limit"], len(document["warnings"])) == (0, 1)
    assert document["forecast_bytes"].keys() == {"7", "30", "90"}

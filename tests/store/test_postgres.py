"""The Postgres backend as its callers see it."""

from __future__ import annotations

from store.postgres import PostgresBackend


def test_answers_are_python_values(backend: PostgresBackend) -> None:
    report = backend.call("status_report", {})
    assert [row["scraper_name"] for row in report["scrapers"]] == ["alpha", "beta", "delta", "gamma"]
    assert all(row["computed_status"] == "offline" for row in report["scrapers"])

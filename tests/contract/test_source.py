"""A database holds the odds of one source; wiping it lets scrapers go on from nothing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from scrapers.errors import OtherSourceError, StateConflictError, StoreError
from standalone.connect import claim_source
from store.backend import Backend
from store.postgres import PostgresBackend
from tests.support.cycles import House, kickoff, listing


def test_the_first_writer_decides(backend: Backend) -> None:
    assert not claim_source(backend, "live", claim=False)
    assert claim_source(backend, "simulator", claim=True)
    assert claim_source(backend, "simulator", claim=False)
    for claim in (True, False):
        with pytest.raises(OtherSourceError, match=r"simulator; now: live.*fleet db wipe"):
            claim_source(backend, "live", claim=claim)


def test_wiping_forgets_odds_and_identities_and_nothing_else(backend: PostgresBackend, database_url: str) -> None:
    claim_source(backend, "simulator", claim=True)
    house = House(backend, "alpha")
    offered = listing("e1", "Flamengo", "Santos", kickoff(5), {"moneyline:home": 1.8})
    house.commit([offered])
    assert backend.call("wipe_odds", {}) == {"source": "simulator"}

    def count(table: str) -> Any:
        with psycopg.connect(database_url) as connection:
            row = connection.execute(f"select count(*) from {table}").fetchone()  # type: ignore[arg-type]
            return row and row[0]

    for table in ("prices", "price_history", "bookmaker_events", "matches", "teams", "scraper_cycles"):
        assert count(table) == 0, table
    assert count("bookmakers") == count("scraper_status") > 0
    claim_source(backend, "live", claim=True)
    # A scraper that was at work meanwhile must read the state anew before it writes again.
    with pytest.raises(StateConflictError):
        house.commit([offered])
    House(backend, "alpha").commit([offered])
    assert count("prices") == 1


def test_a_source_that_is_none_is_refused(backend: PostgresBackend) -> None:
    with pytest.raises(StoreError, match="source"):
        backend.call("claim_source", {"p_source": "hearsay", "p_claim": True})

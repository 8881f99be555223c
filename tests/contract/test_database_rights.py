"""Who may do what in the database: readers read what is public, writers write through functions only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from store.backend import Backend
from tests.support.cycles import House, kickoff, listing
from tests.support.postgrest import MAX_ROWS, Project, key_of

PUBLIC = {
    "bookmaker_events",
    "bookmakers",
    "current_odds",
    "leagues",
    "matches",
    "price_scopes",
    "prices",
    "teams",
}
"""What everybody may read: what is offered, and where."""

SIGNED_IN = PUBLIC | {
    "alert_deliveries",
    "alert_events",
    "alert_messages",
    "alert_silences",
    "alerts",
    "catalogue_reviews",
    "cycle_workers",
    "job_kinds",
    "kept_apart",
    "merged_matches",
    "merged_teams",
    "dashboard_audit",
    "dead_letters",
    "fixture_chunks",
    "fixture_leagues",
    "fixture_rejects",
    "fixture_seasons",
    "fixture_teams",
    "fixture_venues",
    "fixtures",
    "etl_chunks",
    "etl_executions",
    "etl_executions_view",
    "etl_logs",
    "etl_metrics",
    "price_history",
    "price_summaries",
    "result_rejects",
    "result_rounds",
    "result_statistics",
    "results",
    "scraper_cycles",
    "scraper_standby",
    "scraper_status",
    "scraper_status_view",
    "service_status",
    "surebets",
    "surebets_view",
    "team_alias_matches",
    "team_alias_sightings",
    "team_aliases",
    "unmatched_events",
    "watchdog_actions",
}
WRITERS_ONLY = {"alert_memory", "catalogue_state", "etl_batches", "fleet_migrations"}

READERS = {"anon": PUBLIC, "authenticated": SIGNED_IN}


@pytest.fixture
def owner(database_url: str, backend: Backend) -> Iterator[psycopg.Connection[Any]]:
    """The database's owner, in a database that holds some prices."""
    House(backend, "alpha").commit([listing("e1", "Flamengo", "Santos", kickoff(5), {"moneyline:home": 1.8})])
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def relations(owner: psycopg.Connection[Any]) -> set[str]:
    """Every table and view, partitions apart: those answer for their parent."""
    found = owner.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p') "
        "and not relispartition"
    ).fetchall()
    return {name for (name,) in found}


def allowed(owner: psycopg.Connection[Any], role: str, statement: sql.Composable) -> bool:
    """Whether `role` may run it; nothing of it stays."""
    with owner.transaction(force_rollback=True):
        owner.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        try:
            with owner.transaction():
                owner.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return False
    return True


def test_every_relation_is_accounted_for(owner: psycopg.Connection[Any]) -> None:
    assert relations(owner) == SIGNED_IN | WRITERS_ONLY


def test_row_level_security_is_on_everywhere(owner: psycopg.Connection[Any]) -> None:
    tables = owner.execute(
        "select relname, relrowsecurity from pg_class where relnamespace = 'public'::regnamespace "
        "and relkind in ('r', 'p')"
    ).fetchall()
    assert len(tables) > 30
    assert [name for name, secured in tables if not secured] == []
    views = owner.execute(
        "select relname, reloptions from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'"
    ).fetchall()
    assert views
    assert all("security_invoker=true" in options for _, options in views)


@pytest.mark.parametrize("role", READERS)
def test_readers_read_exactly_what_is_public(owner: psycopg.Connection[Any], role: str) -> None:
    found = relations(owner)
    select = sql.SQL("select * from {}")
    assert {name for name in found if allowed(owner, role, select.format(sql.Identifier(name)))} == READERS[role]


@pytest.mark.parametrize("role", ["anon", "authenticated", "odds_writer"])
def test_nobody_writes_a_table_directly(owner: psycopg.Connection[Any], role: str) -> None:
    tables = owner.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    ).fetchall()
    assert len(tables) > 30
    for (name,) in tables:
        for statement in ("delete from {}", "insert into {} default values", "truncate {}"):
            assert not allowed(owner, role, sql.SQL(statement).format(sql.Identifier(name))), (statement, name)


def functions(owner: psycopg.Connection[Any]) -> list[tuple[str, bool, Any, Any]]:
    return owner.execute(
        "select oid::regprocedure::text, prosecdef, proconfig, oid from pg_proc "
        "where pronamespace = 'public'::regnamespace"
    ).fetchall()


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_readers_call_nothing(owner: psycopg.Connection[Any], role: str) -> None:
    found = functions(owner)
    assert len(found) > 20
    query = "select has_function_privilege(%s, %s::oid, 'execute')"
    assert [name for name, *_, oid in found if owner.execute(query, (role, oid)).fetchone() != (False,)] == []


def test_functions_have_a_fixed_search_path(owner: psycopg.Connection[Any]) -> None:
    for name, _, config, _ in functions(owner):
        assert config == ["search_path=pg_catalog, public, pg_temp"], name


def test_the_least_privileged_writer_does_a_scrapers_whole_work(database_url: str, backend: Backend) -> None:
    from store.postgres import PostgresBackend

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "do $$ begin if not exists (select from pg_roles where rolname = 'scraping') then "
            "create role scraping login password 'scraping' in role odds_writer inherit; end if; end $$"
        )
    address = database_url.partition("@")[2]
    writer = PostgresBackend(f"postgresql://scraping:scraping@{address}")
    house = House(writer, "alpha")
    house.commit([listing("e1", "Flamengo", "Santos", kickoff(5), {"moneyline:home": 1.8})])
    assert writer.call("board_heads", {})["bookmakers"]
    assert writer.call("cleanup_old_matches", {"p_keep_hours": 12, "p_limit": 10})["events"] == 0
    history = {"p_match_id": 1, "p_filter": {}, "p_since": None, "p_after_key": -(2**63), "p_limit": 10}
    assert len(writer.call("match_history", history)["selections"]) == 1
    assert writer.call("storage_report", {})["database_bytes"] > 0
    kept = {"p_days_ahead": 9, "p_keep_history_days": 30, "p_keep_cycles_days": 14}
    assert writer.call("maintain_partitions", kept)["created"] == 4
    writer.close()


def get(project: Project, database_url: str, path: str, role: str, **more: Any) -> httpx.Response:
    address = f"{project.url_of(database_url)}/rest/v1/{path}"
    return httpx.get(
        address, headers={"authorization": f"Bearer {key_of(role)}", **more.pop("headers", {})}, **more
    )


def test_the_site_reads_current_odds_with_the_public_key(
    supabase_project: Project, database_url: str, owner: psycopg.Connection[Any]
) -> None:
    found = get(supabase_project, database_url, "current_odds?select=*&bookmaker=eq.alpha", "anon")
    assert found.status_code == 200
    (row,) = found.json()
    assert (row["home"], row["selection"], row["price"]) == ("Flamengo", "home", 1.8)
    assert get(supabase_project, database_url, "current_odds?bookmaker=eq.beta", "anon").json() == []
    refused = get(supabase_project, database_url, "scraper_status_view?select=*", "anon")
    assert (refused.status_code, refused.json()["code"]) == (401, "42501")
    assert get(supabase_project, database_url, "scraper_status_view?select=*", "authenticated").status_code == 200
    missing = get(supabase_project, database_url, "no_such_table", "anon")
    assert (missing.status_code, missing.json()["code"]) == (404, "PGRST205")


def test_the_api_cuts_tables_at_a_thousand_rows_but_no_function(
    supabase_project: Project, database_url: str, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(
        "insert into teams (sport, name, folded) "
        "select 'football', 'T' || n, 't' || n from generate_series(1, 1500) n"
    )
    cut = get(supabase_project, database_url, "teams?select=*", "anon")
    assert (cut.status_code, len(cut.json())) == (200, MAX_ROWS)
    rest = get(supabase_project, database_url, "teams?limit=1000&offset=1000", "anon")
    assert len(rest.json()) == 502
    called = httpx.post(
        f"{supabase_project.url_of(database_url)}/rest/v1/rpc/catalogue_page",
        headers={"authorization": f"Bearer {key_of('service_role')}"},
        json={"p_kind": "teams", "p_after_version": -1, "p_after_id": 0, "p_limit": 5000},
    )
    assert len(called.json()["rows"]) == 1502

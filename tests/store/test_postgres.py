"""The Postgres backend where the network, the server or the configuration fails it."""

from __future__ import annotations

import threading
import traceback

import psycopg
import pytest

from scrapers.errors import LeaseLostError, StateConflictError, StoreError, StoreUnavailableError
from store.failures import store_error
from store.postgres import PostgresBackend


def end_connections(url: str) -> None:
    """As a restarted server or an administrator does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )


def test_a_connection_that_died_while_idle_is_replaced(backend: PostgresBackend, database_url: str) -> None:
    backend.call("status_report", {})
    end_connections(database_url)
    assert len(backend.call("status_report", {})["scrapers"]) == 4


def test_a_connection_that_keeps_breaking_is_unavailable(backend: PostgresBackend, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "create function public.break_off() returns jsonb language sql"
            " as 'select to_jsonb(pg_terminate_backend(pg_backend_pid()))'"
        )
    for _ in range(2):
        with pytest.raises(StoreUnavailableError) as caught:
            backend.call("break_off", {})
        assert isinstance(caught.value.__cause__, psycopg.Error)
        assert len(backend.call("status_report", {})["scrapers"]) == 4


def test_a_server_that_is_gone_is_unavailable(database_url: str) -> None:
    urls = iter([database_url])
    backend = PostgresBackend(lambda: next(urls, "postgresql://fleet@127.0.0.1:1/odds"))
    backend.call("status_report", {})
    end_connections(database_url)
    with pytest.raises(StoreUnavailableError, match="not reached"):
        backend.call("status_report", {})
    backend.close()


def test_it_may_be_used_after_close(backend: PostgresBackend) -> None:
    backend.close()
    backend.close()
    assert len(backend.call("status_report", {})["scrapers"]) == 4


def test_a_refused_call_keeps_the_connection(backend: PostgresBackend) -> None:
    with pytest.raises(StoreError, match="p_kind is x"):
        backend.call("catalogue_page", {"p_kind": "x", "p_after_version": 0, "p_after_id": 0, "p_limit": 1})
    assert len(backend.call("status_report", {})["scrapers"]) == 4


def test_threads_share_it(backend: PostgresBackend) -> None:
    counts: list[int] = []

    def ask() -> None:
        for _ in range(20):
            counts.append(len(backend.call("status_report", {})["scrapers"]))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert counts == [4] * 80


def test_the_address_is_asked_for_at_every_attempt(database_url: str) -> None:
    addresses = iter(["postgresql://nobody@127.0.0.1:1/nothing", database_url])
    backend = PostgresBackend(lambda: next(addresses))
    with pytest.raises(StoreUnavailableError):
        backend.call("status_report", {})
    assert backend.call("status_report", {})["scrapers"] == []
    backend.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret-word@127.0.0.1:1/odds",
        "postgresql://user:s3cret-word@[broken/odds",
        "postgresql://user:s3cret-word%zz@127.0.0.1/odds",
        "user:s3cret-word@127.0.0.1/odds",
        "host=127.0.0.1 port=1 password=s3cret-word",
        "mysql://user:s3cret-word@127.0.0.1/odds",
    ],
)
def test_no_message_holds_the_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        PostgresBackend(url).call("status_report", {})
    assert "s3cret-word" not in "".join(traceback.format_exception(caught.value))


def test_a_wrong_password_is_not_told(database_url: str) -> None:
    wrong = database_url.replace("@", "-s3cret-word@")
    with pytest.raises(StoreUnavailableError) as caught:
        PostgresBackend(wrong).call("status_report", {})
    text = "".join(traceback.format_exception(caught.value))
    assert "password authentication failed" in text
    assert wrong.split(":")[2].partition("@")[0] not in text


def test_the_session_is_bounded_and_named(database_url: str) -> None:
    backend = PostgresBackend(database_url, application_name="scraper-alpha")
    backend.call("status_report", {})
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where application_name = 'scraper-alpha'"
        ).fetchone()
    assert row == (1,)
    backend.close()


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("OF001", LeaseLostError, False),
        ("OF002", StateConflictError, False),
        ("08006", StoreUnavailableError, True),
        ("57P01", StoreUnavailableError, True),
        ("57P03", StoreUnavailableError, True),
        ("40P01", StoreUnavailableError, True),
        ("PGRST002", StoreUnavailableError, True),
        ("PGRST301", StoreError, False),
        ("23505", StoreError, False),
        ("57014", StoreError, False),
        (None, StoreError, False),
    ],
)
def test_what_a_code_means(code: str | None, kind: type[StoreError], retryable: bool) -> None:
    error = store_error(code, "what happened")
    assert type(error) is kind
    assert error.retryable is retryable
    assert "what happened" in str(error)

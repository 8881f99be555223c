"""The database over a Postgres connection: own server, embedded server, or a pooler's session port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb, set_json_loads

from scrapers.errors import StoreError, StoreUnavailableError
from store.failures import store_error

CONNECTION: Mapping[str, str | int] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    # Unanswered data is given up after this, so that a dead link does not hold a cycle for a quarter of an hour.
    "tcp_user_timeout": 30_000,
}
STATEMENT_TIMEOUT = "60s"


class PostgresBackend:
    """A Backend over one psycopg connection, opened on first use and again after a failure.

    Args:
        url: a Postgres URL, or a callable that gives the one valid now; asked at every connection attempt.
        application_name: what pg_stat_activity shows.
    """

    def __init__(self, url: str | Callable[[], str], *, application_name: str = "odds-fleet") -> None:
        self._url = url
        self._application_name = application_name
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        """See Backend.call."""
        query = sql.SQL("select {}({})").format(
            sql.Identifier("public", function),
            sql.SQL(", ").join(
                sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in args
            ),
        )
        values = {name: _parameter(value) for name, value in args.items()}
        with self._lock:
            idle_before = self._connection is not None
            try:
                return self._execute(function, query, values)
            except StoreUnavailableError:
                if not idle_before:
                    raise
            # The connection may have died long ago, with a server that is back by now. Whether the call was
            # applied or not, it may be repeated (Backend.call).
            return self._execute(function, query, values)

    def close(self) -> None:
        """See Backend.close."""
        with self._lock:
            self._drop()

    def _execute(self, function: str, query: sql.Composed, values: Mapping[str, Any]) -> Any:
        connection = self._connected()
        try:
            row = connection.execute(query, values).fetchone()
        except psycopg.Error as error:
            broken = connection.broken or connection.closed
            if broken:
                self._drop()
            raise failure(error, broken=broken, what=function) from error
        return None if row is None else row[0]

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None:
            url = self._url if isinstance(self._url, str) else self._url()
            self._connection = connect(url, application_name=self._application_name)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def connect(url: str, *, application_name: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Open a connection in autocommit mode, with the fleet's timeouts; fit for poolers in session mode.

    Raises StoreError when the URL is none, and StoreUnavailableError when the server is not reached or refuses.
    No message holds the password.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        # Neither its message nor its cause: they quote the URL.
        raise StoreError(
            "the database URL is not valid; expected postgresql://user:password@host:port/database, "
            "with special characters in the password percent-encoded"
        ) from None
    # What the URL says for itself goes first.
    options = {**CONNECTION, "application_name": application_name, **parts}
    try:
        # No named prepared statements: behind a pooler the next call may meet another server process.
        connection = psycopg.connect(**options, autocommit=True, prepare_threshold=None)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        raise StoreUnavailableError(f"the database is not reached: {_first_line(error)}") from error
    set_json_loads(orjson.loads, connection)
    try:
        connection.execute(f"set statement_timeout = '{STATEMENT_TIMEOUT}'")
    except psycopg.Error as error:
        connection.close()
        raise failure(error, broken=True, what="connect") from error
    return connection


def failure(error: psycopg.Error, *, broken: bool, what: str) -> StoreError:
    """The error of our tree for one of psycopg's. `broken`: the connection did not survive it."""
    message = f"{what}: {error.diag.message_primary or _first_line(error)}"
    if broken or (error.sqlstate is None and isinstance(error, psycopg.OperationalError)):
        return StoreUnavailableError(message)
    return store_error(error.sqlstate, message)


def _parameter(value: Any) -> Any:
    return Jsonb(value, dumps=orjson.dumps) if isinstance(value, list | tuple | dict) else value


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__

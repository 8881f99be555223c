"""The database over Supabase's API: every call is one RPC with the service role key."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scrapers.errors import StoreError, StoreUnavailableError
from store.failures import store_error

if TYPE_CHECKING:
    import httpx
    from supabase import Client

CONNECT_TIMEOUT_S = 5.0
TIMEOUT_S = 65.0
"""For one answer; a little beyond the statement timeout of direct connections."""

UNAVAILABLE_STATUS = frozenset({429, 502, 503, 504, 520, 521, 522, 523, 524})
"""The gateway did not get through, or asks to come back later."""


class SupabaseBackend:
    """A Backend over supabase-py.

    Args:
        url: the project's address, https://<project>.supabase.co.
        key: a key of the service role.
    """

    def __init__(self, url: str, key: str) -> None:
        self._client = LazyClient(url, key)

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        """See Backend.call."""
        import httpx
        from postgrest.exceptions import APIError

        try:
            query = self._client.get().rpc(function, dict(args))
            try:
                answer = query.execute().data
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # A kept connection that the other side has closed meanwhile; the call may be repeated.
                answer = query.execute().data
        except APIError as error:
            raise store_error(error.code, f"{function}: {error.message or error}") from error
        except httpx.HTTPError as error:
            raise StoreUnavailableError(f"{function}: Supabase is not reached: {_what(error)}") from error
        if isinstance(answer, str):
            # Every function answers an object or a list; a page of some gateway comes as text.
            raise StoreUnavailableError(f"{function}: expected JSON, Supabase's gateway sent {answer[:80]!r}")
        return answer

    def close(self) -> None:
        """See Backend.close."""
        self._client.close()


class LazyClient:
    """A supabase-py client, imported and built on first use (it costs memory that others need not pay)."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._http: httpx.Client | None = None

    def get(self) -> Client:
        """The client. Statuses that say nothing of the call itself raise from within it (see `_look_at_status`)."""
        with self._lock:
            if self._client is None:
                import httpx
                from supabase import ClientOptions, create_client
                from supabase.client import SupabaseException

                self._http = httpx.Client(
                    timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
                    event_hooks={"response": [_look_at_status]},
                )
                options = ClientOptions(
                    auto_refresh_token=False,
                    persist_session=False,
                    httpx_client=self._http,
                    postgrest_client_retry=False,
                )
                try:
                    self._client = create_client(self._url, self._key, options)
                except SupabaseException as error:
                    raise StoreError(f"SUPABASE_URL or SUPABASE_SERVICE_ROLE_KEY: {error}") from error
            return self._client

    def close(self) -> None:
        """Close its connections; the next use builds it anew."""
        with self._lock:
            if self._http is not None:
                self._http.close()
            self._client = self._http = None


def _look_at_status(response: httpx.Response) -> None:
    if response.status_code in UNAVAILABLE_STATUS:
        raise StoreUnavailableError(f"Supabase answered status {response.status_code}")
    if response.status_code == 401:
        response.read()
        raise StoreError(
            "Supabase refused the key; SUPABASE_SERVICE_ROLE_KEY must be the service role key of the project in "
            f"SUPABASE_URL: {response.text[:200]}"
        )


def _what(error: Exception) -> str:
    return str(error) or type(error).__name__

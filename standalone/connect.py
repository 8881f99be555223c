"""From settings to the database and the file store in use (docs: configuration)."""

from __future__ import annotations

from functools import partial

from scrapers.errors import OtherSourceError
from standalone.settings import Settings
from store.backend import Backend
from store.embedded import read_url
from store.files import DirectoryFileStore, FileStore, SupabaseFileStore
from store.postgres import PostgresBackend
from store.supabase import SupabaseBackend


def open_backend(settings: Settings, *, name: str = "odds-fleet") -> Backend:
    """DATABASE_URL if it is set, else Supabase if that is, else the embedded server. Connects on first use.

    `name`: this process, as the database shows its connections.
    """
    if settings.database_url is not None:
        return PostgresBackend(settings.database_url.get_secret_value(), application_name=name)
    if settings.supabase_url is not None and settings.supabase_service_role_key is not None:
        return SupabaseBackend(settings.supabase_url, settings.supabase_service_role_key.get_secret_value())
    return PostgresBackend(partial(read_url, settings.data_dir), application_name=name)


def claim_source(backend: Backend, source: str, *, claim: bool) -> bool:
    """Whether this database holds odds of `source`; False while it holds none. With `claim` it does from now on.

    Raises OtherSourceError when it holds those of another source, and what Backend.call raises.
    """
    held = backend.call("claim_source", {"p_source": source, "p_claim": claim})["source"]
    if held not in (None, source):
        raise OtherSourceError(
            f"o banco guarda odds de outra origem ({held}; agora: {source}); apague-as com: fleet db wipe --yes, "
            f"ou use outro banco / this database holds odds of another source ({held}; now: {source}); wipe them "
            "with: fleet db wipe --yes, or use another database"
        )
    return held is not None


def open_files(settings: Settings) -> FileStore:
    """PUBLISH_DIR if it is set, else Supabase Storage if Supabase is, else the data folder's `public`."""
    if settings.publish_dir is None and settings.supabase_url and settings.supabase_service_role_key:
        return SupabaseFileStore(
            settings.supabase_url, settings.supabase_service_role_key.get_secret_value(), settings.publish_bucket
        )
    return DirectoryFileStore(settings.published)


def database_url(settings: Settings) -> str | None:
    """The Postgres URL in use, password included; None when the database is reached through Supabase's API alone.

    Raises StoreUnavailableError when it is the embedded server's and that has not been started yet.
    """
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return None if settings.supabase_url else read_url(settings.data_dir)

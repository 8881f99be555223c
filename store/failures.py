"""What an SQLSTATE (or a code of PostgREST) means for the caller; shared by both backends."""

from __future__ import annotations

from scrapers.errors import StoreError, StoreUnavailableError
from store.backend import SQLSTATE_ERRORS

UNAVAILABLE_CLASSES = ("08",)
"""Connection exceptions."""

UNAVAILABLE_CODES = frozenset(
    {
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
        "57P05",  # idle_session_timeout
        "53300",  # too_many_connections
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected: rolled back whole, and the other side is through by the next attempt
        "PGRST000",  # PostgREST does not reach its database
        "PGRST001",
        "PGRST002",
        "PGRST003",  # no connection of its pool came free in time
    }
)
"""Codes after which the same call can simply be made again."""

MISSING_FUNCTION = (
    "the database lacks this function; apply the migrations: fleet db migrate, or, without DATABASE_URL, paste the "
    "output of fleet db migrate --print into the SQL editor of the Supabase dashboard"
)
HINTS = {
    "42883": MISSING_FUNCTION,
    "PGRST202": MISSING_FUNCTION,
    "42501": "the database user may not do this; use the service role key, or a member of odds_writer",
}


def store_error(code: str | None, message: str) -> StoreError:
    """The error of our tree for what the database answered; `code` None or unknown gives a StoreError."""
    if code is None:
        return StoreError(message)
    if code in SQLSTATE_ERRORS:
        return SQLSTATE_ERRORS[code](message)
    if code in UNAVAILABLE_CODES or code[:2] in UNAVAILABLE_CLASSES:
        return StoreUnavailableError(f"{message} ({code})")
    hint = f"; {HINTS[code]}" if code in HINTS else ""
    return StoreError(f"{message} ({code}){hint}")

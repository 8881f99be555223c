"""What an SQLSTATE means for the caller; shared by both backends."""

from __future__ import annotations

from scrapers.errors import StoreError, StoreUnavailableError
from store.backend import SQLSTATE_ERRORS

UNAVAILABLE_CLASSES = ("08",)
"""Connection exceptions."""

UNAVAILABLE_STATES = frozenset(
    {
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
        "57P05",  # idle_session_timeout
        "53300",  # too_many_connections
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected: rolled back whole, and the other side is through by the next attempt
    }
)
"""States after which the same call can simply be made again."""


def store_error(sqlstate: str | None, message: str) -> StoreError:
    """The error of our tree for what the database answered; `sqlstate` None or unknown gives a StoreError."""
    if sqlstate in SQLSTATE_ERRORS:
        return SQLSTATE_ERRORS[sqlstate](message)
    if sqlstate is not None and (sqlstate in UNAVAILABLE_STATES or sqlstate[:2] in UNAVAILABLE_CLASSES):
        return StoreUnavailableError(message)
    return StoreError(f"{message} (SQLSTATE {sqlstate})" if sqlstate else message)

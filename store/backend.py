"""What the rest of the fleet knows of the database: functions of the migrations, called by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from scrapers.errors import JobLostError, LeaseLostError, StateConflictError, StoreError

SQLSTATE_ERRORS: dict[str, type[StoreError]] = {
    "OF001": LeaseLostError,
    "OF002": StateConflictError,
    "OF003": JobLostError,
}
"""Our own SQLSTATEs, raised in the migrations, and what they are in Python."""


class Backend(Protocol):
    """A connection to the fleet's database. Safe to share between threads; connects on first use."""

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        """Call one SQL function by name with named arguments; its JSON answer as Python values.

        Args:
            function: name of a function in schema public that answers one JSON value.
            args: parameter name -> JSON-like value (None, bool, int, float, str, list, dict).

        A connection that turns out dead is replaced once, and the call repeated: every function of the
        contract may be called again with the same arguments without harm.

        Raises:
            StoreUnavailableError: not reached, or the answer was lost; the call may have been applied.
            LeaseLostError, StateConflictError, JobLostError: as the function says (SQLSTATE OF001 to OF003).
            StoreError: anything else the database refused, with its message.
        """
        ...

    def close(self) -> None:
        """Give the connection back. The backend may be used again afterwards."""
        ...

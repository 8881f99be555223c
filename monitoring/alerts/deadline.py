"""A backend that does not wait for ever: a database that hangs is as away as one that is gone."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from scrapers.errors import StoreUnavailableError
from store.backend import Backend

WITHIN_S = 15.0


class _Call(threading.Thread):
    """One call, in a thread that may be left to itself."""

    def __init__(self, backend: Backend, function: str, args: Mapping[str, Any]) -> None:
        super().__init__(name=f"call-{function}", daemon=True)
        self._backend = backend
        self._function = function
        self._args = args
        self._answer: Any = None
        self._error: Exception | None = None

    def run(self) -> None:
        """Make the call and keep what came."""
        try:
            self._answer = self._backend.call(self._function, self._args)
        except Exception as error:  # whatever it is, the caller gets it
            self._error = error

    def result(self) -> Any:
        """What the call answered or raised."""
        if self._error is not None:
            raise self._error
        return self._answer


class DeadlineBackend:
    """Another backend, whose calls are given up after `within_s`.

    A connection whose server hangs gives no error for minutes. While a call that was given up still hangs, others
    fail at once: they would only wait behind it.
    """

    def __init__(self, backend: Backend, *, within_s: float = WITHIN_S) -> None:
        self._backend = backend
        self._within_s = within_s
        self._hanging: _Call | None = None

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        """See Backend.call. Raises StoreUnavailableError when no answer comes in time; it may still be applied."""
        hanging = self._hanging
        if hanging is not None and hanging.is_alive():
            raise StoreUnavailableError("the database does not answer: an earlier call still hangs")
        call = _Call(self._backend, function, args)
        call.start()
        call.join(self._within_s)
        if call.is_alive():
            self._hanging = call
            raise StoreUnavailableError(f"the database did not answer within {self._within_s:g} s")
        return call.result()

    def close(self) -> None:
        """See Backend.close. A hanging connection ends with the process."""
        if self._hanging is None or not self._hanging.is_alive():
            self._backend.close()

"""A database that hangs is away, and does not take the watcher with it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from monitoring.alerts.deadline import DeadlineBackend
from scrapers.errors import StoreError, StoreUnavailableError


class Hanging:
    """Answers its function's name; "hang" only once it is let go."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.closed = False

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        if function == "hang":
            assert self.released.wait(10)
        if function == "refuse":
            raise StoreError("no")
        return function

    def close(self) -> None:
        self.closed = True


def test_a_call_that_hangs_is_given_up_and_others_do_not_wait_behind_it() -> None:
    hanging = Hanging()
    backend = DeadlineBackend(hanging, within_s=0.05)
    assert backend.call("quick", {}) == "quick"
    with pytest.raises(StoreError, match="no"):
        backend.call("refuse", {})
    with pytest.raises(StoreUnavailableError, match="did not answer within"):
        backend.call("hang", {})
    with pytest.raises(StoreUnavailableError, match="still hangs"):
        backend.call("quick", {})
    backend.close()
    assert not hanging.closed, "closing would wait for the call that hangs"
    hanging.released.set()
    stuck = backend._hanging
    assert stuck is not None
    stuck.join(10)
    assert backend.call("quick", {}) == "quick"
    backend.close()
    assert hanging.closed

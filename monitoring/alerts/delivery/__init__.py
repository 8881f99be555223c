"""Receivers of messages: what each takes, how fast, and how a message gets there."""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol

from monitoring.alerts.messages import Message
from scrapers.errors import FleetError


class DeliveryError(FleetError):
    """A message did not arrive, or nobody said that it did. The text holds no address and no secret."""


class Target(Protocol):
    """One receiver.

    name   its kind and a hash of its address: what the database and logs call it
    gap_s  least time between two messages, by what the receiver allows
    """

    name: str
    gap_s: float

    def send(self, message: Message) -> None:
        """Deliver it, within a minute. Raises DeliveryError."""
        ...


def target_name(kind: str, address: str) -> str:
    """The name of a target; the same as long as its address is."""
    return f"{kind}-{sha256(address.encode()).hexdigest()[:8]}"

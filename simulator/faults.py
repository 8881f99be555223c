"""What can go wrong at a bookmaker, switched on and off while the simulator runs."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """How an answer goes wrong."""

    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    EMPTY_BODY = "empty_body"
    HTML_ERROR = "html_error"
    CHALLENGE_200 = "challenge_200"
    CHALLENGE_403 = "challenge_403"
    GIANT = "giant"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    SLOW = "slow"
    HANG = "hang"
    RESET = "reset"
    SCHEMA_CHANGED = "schema_changed"
    EMPTY_LIST = "empty_list"
    TOKEN_REQUIRED = "token_required"


WITH_PRICES = frozenset({Kind.SLOW})
"""Faults whose answer is whole all the same."""


class Fault(BaseModel):
    """One fault of one bookmaker ("*": of all).

    until          world time in epoch s from which it is over; None: until it is deleted
    times          how many answers it spoils; None: all
    league         only answers about this league
    where          the odds API, the brand's own site (where browsers obtain the session), or both
    retry_after_s  of rate_limited; None sends no Retry-After
    delay_s        of slow
    size_mb        of giant
    generation     of token_required: another number makes tokens handed out before it invalid
    """

    model_config = ConfigDict(extra="forbid")

    bookmaker: str
    kind: Kind
    until: float | None = None
    times: int | None = Field(None, ge=1)
    league: str | None = None
    where: Literal["api", "site", "both"] = "api"
    retry_after_s: int | None = Field(5, ge=0)
    delay_s: float = Field(5.0, ge=0, le=600)
    size_mb: int = Field(50, ge=1, le=500)
    generation: int = 0


class FaultBoard:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on; of one bookmaker's the latest comes first."""
        self._faults.insert(0, fault)

    def clear(self, bookmaker: str | None = None) -> int:
        """Switch off all faults, or those declared for one bookmaker; how many they were."""
        kept = [fault for fault in self._faults if bookmaker is not None and fault.bookmaker != bookmaker]
        gone = len(self._faults) - len(kept)
        self._faults = kept
        return gone

    def active(self, time: float) -> list[Fault]:
        """Faults in force at `time` (epoch s), latest first."""
        self._faults = [fault for fault in self._faults if fault.until is None or time < fault.until]
        return list(self._faults)

    def find(self, slugs: Collection[str], leagues: Collection[str], where: str, time: float) -> Fault | None:
        """The latest fault that concerns an answer for one of `slugs` about `leagues`; None when all is well."""
        for fault in self.active(time):
            if (
                (fault.bookmaker == "*" or fault.bookmaker in slugs)
                and (fault.league is None or fault.league in leagues)
                and fault.where in (where, "both")
            ):
                return fault
        return None

    def spent(self, fault: Fault) -> None:
        """Count one spoiled answer."""
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._faults = [other for other in self._faults if other is not fault]

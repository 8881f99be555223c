"""How a way out is scored: what happened to it, what that costs, when it rests and how it comes back. Pure.

A score goes from 1 (nothing wrong) to 0 (set aside). Each way has one of its own, which is about the
proxy, and one per bookmaker, which is about how that bookmaker likes the address: a bookmaker that refuses
an address takes it from nobody else. Times are seconds of the wall clock, so that they outlive a restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

HEALED = 0.25
"""What a success adds to a score."""

REVIVED = 0.5
"""The score after a probe that came through."""

FORGIVEN_AFTER_S = 900.0
"""A way that worked for so long falls as if for the first time."""

PROBE_S = 60.0
"""A probe whose process said nothing for so long is taken for dead, and another may go."""


class Verdict(StrEnum):
    """What an attempt says about the way it took."""

    WORKED = "worked"
    """An answer came, be it an error of the site or a body nobody can read: the way carried it."""
    REFUSED = "refused"
    """The site answered 403 or 429, or with a wall against robots."""
    WALLED = "walled"
    """The site refused its own page to a browser: it is the address, and no session will help."""
    FAILED = "failed"
    """No answer: timeout, reset, no tunnel. It may be the site as well as the proxy."""
    UNREACHABLE = "unreachable"
    """The proxy itself takes no connection."""
    UNAUTHORIZED = "unauthorized"
    """The proxy does not know our credentials (407)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a verdict does to the two scores: positive takes away, negative heals, 0 says nothing about it.

    first_s, longest_s  the first cool-down of a way that falls by it, doubled for each further one up to this
    """

    own: float
    bookmaker: float
    first_s: float = 0.0
    longest_s: float = 0.0


EFFECTS: dict[Verdict, Effect] = {
    Verdict.WORKED: Effect(own=-HEALED, bookmaker=-HEALED),
    # Three refusals in a row: one alone may be a session that ran out.
    Verdict.REFUSED: Effect(own=-HEALED, bookmaker=0.34, first_s=60, longest_s=1800),
    Verdict.WALLED: Effect(own=-HEALED, bookmaker=1.0, first_s=60, longest_s=1800),
    # Two in a row, so that the last of a request's three attempts takes another way.
    Verdict.FAILED: Effect(own=0.25, bookmaker=0.5, first_s=15, longest_s=300),
    Verdict.UNREACHABLE: Effect(own=1.0, bookmaker=0, first_s=15, longest_s=600),
    Verdict.UNAUTHORIZED: Effect(own=1.0, bookmaker=0, first_s=300, longest_s=3600),
}
LONGEST_S = max(effect.longest_s for effect in EFFECTS.values())


class Standing(StrEnum):
    """What may be sent this way now. Ordered from best to worst by `RANK`."""

    UP = "up"
    DUE = "due"
    """Set aside, and its cool-down is over: one request may try it."""
    PROBED = "probed"
    """That request is on its way."""
    RESTING = "resting"


RANK = {standing: rank for rank, standing in enumerate(Standing)}


class Record(BaseModel):
    """One score. The default is a way that nothing is known against.

    falls      how often it was set aside in succession
    failed_at  of the last failure that counted
    up_since   of the last revival; 0 when it never fell
    down_until end of the cool-down
    probe_until until when the probe under way is believed in
    reason     why the last failure counted, for people
    verdict    of the last fall
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    score: float = Field(1.0, ge=0, le=1)
    falls: int = Field(0, ge=0)
    failed_at: float = 0.0
    up_since: float = 0.0
    down_until: float = 0.0
    probe_until: float = 0.0
    reason: str = ""
    verdict: Verdict = Verdict.WORKED

    def standing(self, now: float) -> Standing:
        """What may be sent this way."""
        if self.score > 0:
            return Standing.UP
        if self.rest_s(now) > 0:
            return Standing.RESTING
        return Standing.PROBED if 0 < self.probe_until - now <= PROBE_S else Standing.DUE

    def rest_s(self, now: float) -> float:
        """Seconds of cool-down left. A clock that was set back does not make it longer than the longest."""
        left = self.down_until - now
        return left if 0 < left <= LONGEST_S else 0.0

    def is_forgettable(self, now: float) -> bool:
        """Whether it says no more than the default: nothing is wrong, and the last fall is forgiven."""
        return self.score >= 1 and abs(now - self.up_since) >= FORGIVEN_AFTER_S

    def apply(
        self, verdict: Verdict, cost: float, reason: str, *, chosen_at: float, probe: bool, now: float
    ) -> bool:
        """Count an attempt; whether the way fell by it.

        Args:
            cost: what the verdict does to this score, as in `Effect`.
            chosen_at: when the attempt chose this way.
            probe: whether it was the one request through a way that was set aside.
        """
        if probe:
            self.probe_until = 0.0
        if self.score <= 0:
            # Answers to requests that left before the fall come late and say nothing new; only a probe does.
            if not probe:
                return False
            if cost > 0:
                self._fall(verdict, reason, now, falls=self.falls + 1)
            elif cost < 0:
                self.score, self.up_since = REVIVED, now
            return cost > 0
        if cost <= 0:
            self.score = min(1.0, self.score - cost)
            return False
        if chosen_at < self.failed_at <= now:
            return False  # requests that were on their way together fail together: they count once
        self.score, self.failed_at, self.reason = max(0.0, round(self.score - cost, 6)), now, reason
        if self.score > 0:
            return False
        forgiven = now - self.up_since >= FORGIVEN_AFTER_S
        self._fall(verdict, reason, now, falls=1 if forgiven else self.falls + 1)
        return True

    def _fall(self, verdict: Verdict, reason: str, now: float, *, falls: int) -> None:
        effect = EFFECTS[verdict]
        self.falls = falls
        self.failed_at, self.reason, self.verdict = now, reason, verdict
        # The exponent is bounded before the power is taken: a way that never comes back falls for months.
        self.down_until = now + min(effect.longest_s, effect.first_s * 2 ** min(falls - 1, 20))

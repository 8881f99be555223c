"""How an error ends an attempt: again, after how long, or never. Pure but for the jitter, whose source is an
argument.

The delay doubles with every failure of the job, from `first_s` to `most_s`, and is shortened by up to half at
random, so that jobs which failed together do not come back together. `retries` None: as many as the kind allows.
What asking again cannot mend (a wrong declaration, a missing key) is dead at once; a bug of ours, or a page whose
form changed, gets one more attempt, because a half-sent page looks like either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scrapers.errors import (
    BlockedError,
    BusyError,
    DeclarationError,
    FetchError,
    MissingSecretError,
    NoProxyError,
    OtherSourceError,
    PayloadShapeError,
    RateLimitedError,
    StoreUnavailableError,
)

Jitter = Callable[[], float]
"""A number from 0 to 1; random.random."""


class JobTimeoutError(Exception):
    """An attempt took longer than its kind allows."""


@dataclass(frozen=True, slots=True)
class Retry:
    """What one sort of error asks for; see the module."""

    first_s: float
    most_s: float
    retries: int | None = None


POLICY: tuple[tuple[type[BaseException], Retry], ...] = (
    (DeclarationError, Retry(0, 0, retries=0)),
    (MissingSecretError, Retry(0, 0, retries=0)),
    (OtherSourceError, Retry(0, 0, retries=0)),
    (StoreUnavailableError, Retry(2, 60)),
    (RateLimitedError, Retry(30, 1800)),
    (BlockedError, Retry(300, 3600)),
    (NoProxyError, Retry(300, 3600)),
    (FetchError, Retry(5, 900)),
    (JobTimeoutError, Retry(30, 900)),
    (BusyError, Retry(60, 900)),
    (PayloadShapeError, Retry(60, 60, retries=1)),
    (BaseException, Retry(10, 10, retries=1)),
)
"""The first that fits counts."""


def policy_of(error: BaseException) -> Retry:
    """What `error` asks for."""
    return next(retry for kind, retry in POLICY if isinstance(error, kind))


def retry_in_s(error: BaseException, failures: int, retries: int, jitter: Jitter) -> float | None:
    """Seconds until the next attempt; None: there is none.

    failures: attempts of this job that failed before. A server that names a time (`retry_after_s`) is not asked
    earlier.
    """
    policy = policy_of(error)
    allowed = retries if policy.retries is None else min(policy.retries, retries)
    if failures >= allowed:
        return None
    # 2 ** 30 is beyond every `most_s`; the power itself must not overflow.
    delay = min(policy.most_s, policy.first_s * 2.0 ** min(failures, 30)) * (1 - jitter() / 2)
    wished = error.retry_after_s if isinstance(error, RateLimitedError) else None
    return delay if wished is None else max(delay, wished)

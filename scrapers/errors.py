"""The one error tree. Every failure the fleet knows is a `FleetError`.

    FleetError
      DeclarationError             a wrong declaration or setting; found when it loads
      FetchError                   a request did not give a page
        NetworkError                 no connection, reset, TLS, DNS, 5xx          (retryable)
        FetchTimeoutError            a phase or the whole request took too long   (retryable)
        RateLimitedError             429, or a 503 that names Retry-After         (retryable, later)
        NoProxyError                 not even asked: every proxy the bookmaker may use is set aside
          RefusedEverywhereError       the same, because the bookmaker refuses each of them
        BlockedError                 refused, or a challenge page, whatever its status
          MissingSecretError           not even asked: a key or token is not configured
      PayloadShapeError            the body is not what the platform sends: the bookmaker changed
      CycleTimeoutError            the cycle as a whole passed its deadline
      StoreError                   the database refused or failed
        StoreUnavailableError        no connection, or it broke               (retryable)
        LeaseLostError               another process holds this scraper's lease
        StateConflictError           the committed state is not the one the difference was made against
        JobLostError                 the attempt of a job is over, or was given to another worker
        OtherSourceError             the database holds odds of another source
        MigrationError               migrations missing, edited or failed

Each class says which outcome it gives a cycle (`outcome`) and whether asking again
within the same cycle can help (`retryable`). Exceptions never log; whoever decides
what to do with one does.
"""

from __future__ import annotations

from typing import ClassVar

from scrapers.records import Outcome


class FleetError(Exception):
    """Root of the tree. The message says what was expected, what came, and what to do."""

    outcome: ClassVar[Outcome] = Outcome.BUG
    retryable: ClassVar[bool] = False


class DeclarationError(FleetError):
    """A bookmaker, league or setting is declared wrongly; raised when it is loaded."""


class FetchError(FleetError):
    """A request did not give a page.

    `body` is what came in its place, as far as it was read (empty when nothing came):
    the first body of each kind of failure is kept for a recording.
    """

    outcome = Outcome.NETWORK

    def __init__(self, message: str, *, body: bytes = b"", status: int | None = None) -> None:
        super().__init__(message)
        self.body = body
        self.status = status


class NetworkError(FetchError):
    """No connection, a broken one, or a server error (5xx)."""

    retryable = True


class FetchTimeoutError(FetchError):
    """Connecting, writing, reading or the whole request took longer than allowed."""

    outcome = Outcome.TIMEOUT
    retryable = True


class RateLimitedError(FetchError):
    """The bookmaker asked us to slow down. `retry_after_s` is its wish, None when it named none."""

    outcome = Outcome.RATE_LIMITED
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        body: bytes = b"",
        status: int | None = None,
    ) -> None:
        super().__init__(message, body=body, status=status)
        self.retry_after_s = retry_after_s


class NoProxyError(FetchError):
    """No request was made: of the proxies the bookmaker may use none works. The message says until when and why."""


class RefusedEverywhereError(NoProxyError):
    """No request was made: the bookmaker refuses every proxy it may be asked from."""

    outcome = Outcome.BLOCKED


class BlockedError(FetchError):
    """A refusal or a challenge page. Asking again in the same cycle only makes it worse."""

    outcome = Outcome.BLOCKED


class NoBrowserError(BlockedError):
    """The bookmaker's own page is needed, and this machine has no Chromium to open it with."""


class MissingSecretError(BlockedError):
    """A page needs a key or token whose setting is empty. No request was made: it would have been refused."""


class PayloadShapeError(FleetError):
    """The body is not what the platform sends. `body` is kept so that a recording can be made of it."""

    outcome = Outcome.SCHEMA_CHANGED

    def __init__(self, message: str, *, body: bytes = b"") -> None:
        super().__init__(message)
        self.body = body


class CycleTimeoutError(FleetError):
    """The cycle passed its deadline; what it had fetched by then is not committed."""

    outcome = Outcome.TIMEOUT


class StoreError(FleetError):
    """The database answered with an error that is no fault of the connection."""

    outcome = Outcome.DATABASE


class StoreUnavailableError(StoreError):
    """The database could not be reached, or the connection broke before the answer came.

    The call may or may not have been applied; calls that write are idempotent, so repeat it.
    """

    retryable = True


class LeaseLostError(StoreError):
    """The lease of this scraper is held by another process (SQLSTATE OF001). Stand by; do not write."""


class StateConflictError(StoreError):
    """The difference was made against a state that is not the committed one (SQLSTATE OF002).

    Load the committed state and make the difference again.
    """


class JobLostError(StoreError):
    """The attempt of a job is over: its worker was thought dead and another has the job (SQLSTATE OF003). Write
    nothing more for it."""


class BusyError(FleetError):
    """Another process of this machine does the same work now; it may be tried later."""


class OtherSourceError(StoreError):
    """The database holds odds of another source (simulator, live, replay); the two must not mix."""


class MigrationError(StoreError):
    """Migrations are missing, were edited after they were applied, or failed."""

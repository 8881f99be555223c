"""The first half of a cycle: ask for every page, read it, and judge what came. No database."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from loguru import logger

from scrapers.declarations import Bookmaker, League
from scrapers.errors import FetchTimeoutError, FleetError, PayloadShapeError
from scrapers.fetching import Fetcher
from scrapers.platforms import Platform
from scrapers.records import Event, Outcome, Page, PageRequest, ParsedPage, Phase
from standalone.state import SeenScope

# When everything failed, the failure that says most names the cycle: a refusal explains more than a time-out.
_SEVERITY = (
    Outcome.SCHEMA_CHANGED,
    Outcome.BLOCKED,
    Outcome.RATE_LIMITED,
    Outcome.NETWORK,
    Outcome.TIMEOUT,
    Outcome.BUG,
)

CUT_ANSWER = "cut_answer"
"""The reason by which a parser says that the payload was cut by its sender."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A page that did not come or could not be read. `body` is what came in its place."""

    request: PageRequest
    error: FleetError

    @property
    def body(self) -> bytes:
        """The body that came instead, empty when none did."""
        body: bytes = getattr(self.error, "body", b"")
        return body


@dataclass(slots=True)
class Collected:
    """Everything one round of requests gave."""

    seen: list[SeenScope] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    started: int = 0
    prices: int = 0
    received_bytes: int = 0
    fetch_ms: int = 0
    parse_ms: int = 0

    @property
    def events(self) -> int:
        """Distinct events that have not started, over all scopes."""
        return len({event.source_id for part in self.seen for event in part.events})

    def outcome(self) -> Outcome:
        """How the round went; EMPTY is honest: every page came, none lists anything."""
        if self.failures:
            if self.seen:
                return Outcome.PARTIAL
            kinds = {failure.error.outcome for failure in self.failures}
            return next((kind for kind in _SEVERITY if kind in kinds), Outcome.BUG)
        return Outcome.OK if self.prices else Outcome.EMPTY

    def error(self) -> str | None:
        """One line about what went wrong, None when nothing did. Of several, one that names the outcome."""
        if not self.failures:
            return None
        outcome = self.outcome()
        first = next((f for f in self.failures if f.error.outcome is outcome), self.failures[0])
        more = f" (+{len(self.failures) - 1} more pages)" if len(self.failures) > 1 else ""
        message = str(first.error)
        scope = f"{first.request.scope}: "
        return f"{'' if message.startswith(scope) else scope}{message}{more}"


async def collect(
    bookmaker: Bookmaker, platform: Platform, fetcher: Fetcher, leagues: Sequence[League], *, budget_s: float
) -> Collected:
    """Fetch and parse every page of one cycle; pages not there after `budget_s` count as timed out.

    A page that fails does not touch the others. Never raises for what a bookmaker sends.
    """
    requests = platform.requests(bookmaker, leagues)
    collected = Collected()
    begin = time.monotonic()
    tasks = {asyncio.create_task(fetcher.fetch(request)): request for request in requests}
    try:
        done, late = await asyncio.wait(tasks, timeout=budget_s)
    except asyncio.CancelledError:
        await _give_up(tasks)
        raise
    await _give_up(late)
    collected.fetch_ms = _ms_since(begin)

    begin = time.monotonic()
    for task, request in tasks.items():
        if task not in done:
            late_error = FetchTimeoutError(f"no answer within the cycle's {budget_s:.0f} s for pages")
            collected.failures.append(Failure(request, late_error))
            continue
        try:
            page = task.result()
            collected.received_bytes += len(page.body)
            parsed = _parse(platform, page)
        except FleetError as error:
            collected.failures.append(Failure(request, error))
            continue
        except Exception as error:
            logger.exception("a bug while reading {}", request.scope)
            collected.failures.append(Failure(request, FleetError(f"bug, see the log: {error!r}")))
            continue
        _take(collected, page, parsed)
        await asyncio.sleep(0)  # lets the lease's keeper and signals in between two large pages
    collected.parse_ms = _ms_since(begin)
    return collected


async def _give_up(tasks: Collection[asyncio.Task[Page]]) -> None:
    """Cancel requests and wait until they have let go of their connections."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _parse(platform: Platform, page: Page) -> ParsedPage:
    if not page.body:  # a status that means "nothing offered here"
        return ParsedPage(kind="absent")
    try:
        parsed = platform.parse(page.body, fetched_at=page.fetched_at)
    except PayloadShapeError as error:
        raise PayloadShapeError(str(error), body=page.body) from error
    if parsed.kind not in page.request.kinds:
        expected = " or ".join(sorted(page.request.kinds))
        raise PayloadShapeError(f"asked for {expected}, a {parsed.kind} payload came", body=page.body)
    if parsed.rejected_by_reason()[CUT_ANSWER]:
        # What a cut answer leaves out must not count as gone.
        raise PayloadShapeError("the answer holds fewer rows than it announces", body=page.body)
    return parsed


def _take(collected: Collected, page: Page, parsed: ParsedPage) -> None:
    upcoming = [event for event in parsed.events if _is_upcoming(event, page.fetched_at)]
    collected.started += len(parsed.events) - len(upcoming)
    collected.rejected.update(parsed.rejected_by_reason())
    collected.prices += sum(len(event.prices) for event in upcoming)
    collected.seen.append(SeenScope(page.request.scope, page.fetched_at, upcoming))


def _is_upcoming(event: Event, now: datetime) -> bool:
    return event.phase is Phase.PREMATCH and event.starts_at > now


def _ms_since(begin: float) -> int:
    return round((time.monotonic() - begin) * 1000)


def now_utc() -> datetime:
    """The present, aware UTC."""
    return datetime.now(UTC)

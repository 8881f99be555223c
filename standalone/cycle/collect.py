"""The first half of a cycle: ask for the lists, then for what they lead to, and read it all. No database."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from loguru import logger

from scrapers.declarations import Bookmaker, League
from scrapers.errors import FetchTimeoutError, FleetError, NoBrowserError, PayloadShapeError
from scrapers.fetching import Fetcher
from scrapers.platforms import Context, Platform
from scrapers.records import Event, Outcome, Page, PageRequest, ParsedPage, Phase, Rejected
from scrapers.shape import shape_of
from standalone.cycle.details import DetailRota
from standalone.cycle.plausibility import IMPLAUSIBLE, Overrounds
from standalone.cycle.state import SeenScope

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
OTHER_LEAGUE, OTHER_EVENT = "other_league", "other_event"
"""Reasons: a page says of itself that it is about something else than what was asked for."""


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
class PageKind:
    """The pages of one kind that hold events: their places together, and the one with the most events."""

    shape: dict[str, frozenset[str]] = field(default_factory=dict)
    events: int = 0
    request: PageRequest | None = None
    body: bytes = b""

    def add(self, page: Page, events: int) -> None:
        """Take in one page."""
        for place, types in shape_of(page.body).items():
            self.shape[place] = self.shape.get(place, frozenset()) | types
        if events > self.events:
            self.events, self.request, self.body = events, page.request, page.body


@dataclass(slots=True)
class Collected:
    """Everything one round of requests gave.

    detail_scopes  every scope beyond the lists that the listed events lead to, asked this time or not; None
                   when a list is missing, so that nobody knows
    """

    seen: list[SeenScope] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    detail_scopes: frozenset[str] | None = None
    rejected: Counter[str] = field(default_factory=Counter)
    overrounds: Overrounds = field(default_factory=Overrounds)
    kinds: dict[str, PageKind] = field(default_factory=dict)
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
            if self.prices:
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
        if isinstance(first.error, NoBrowserError):
            return message
        scope = f"{first.request.scope}: "
        return f"{'' if message.startswith(scope) else scope}{message}{more}"


async def collect(
    bookmaker: Bookmaker,
    platform: Platform,
    fetcher: Fetcher,
    leagues: Sequence[League],
    *,
    budget_s: float,
    rota: DetailRota | None = None,
) -> Collected:
    """Fetch and parse every page of one cycle; pages not there after `budget_s` count as timed out.

    A page that fails does not touch the others. Never raises for what a bookmaker sends.

    Args:
        rota: whose turn it is among the pages beyond the lists; None begins a new one.
    """
    collecting = _Collecting(bookmaker, platform, fetcher, leagues, budget_s)
    await collecting.ask(platform.requests(bookmaker, leagues))
    lists_complete = not collecting.collected.failures
    details = platform.details(bookmaker, collecting.upcoming())
    if lists_complete:
        collecting.collected.detail_scopes = frozenset(request.scope for request in details)
    if details:
        rota = rota or DetailRota(bookmaker.details_per_cycle)
        await collecting.ask(rota.choose(details))
    return collecting.collected


class _Collecting:
    """One cycle's pages."""

    def __init__(
        self,
        bookmaker: Bookmaker,
        platform: Platform,
        fetcher: Fetcher,
        leagues: Sequence[League],
        budget_s: float,
    ) -> None:
        self.collected = Collected()
        self._platform = platform
        self._fetcher = fetcher
        self._options = platform.options(bookmaker.options)
        self._leagues = {league.key: league for league in leagues}
        self._budget_s = budget_s
        self._end = time.monotonic() + budget_s
        self._listed: dict[str, Event] = {}

    def upcoming(self) -> list[Event]:
        """Every event listed so far that has not started, in the order of kick-off."""
        return sorted(self._listed.values(), key=lambda event: (event.starts_at, event.source_id))

    async def ask(self, requests: Sequence[PageRequest]) -> None:
        """Fetch and read these pages."""
        if not requests:
            return
        begin = time.monotonic()
        tasks = {asyncio.create_task(self._fetcher.fetch(request)): request for request in requests}
        try:
            done, late = await asyncio.wait(tasks, timeout=max(0.0, self._end - begin))
        except asyncio.CancelledError:
            await _give_up(tasks)
            raise
        await _give_up(late)
        self.collected.fetch_ms += _ms_since(begin)

        begin = time.monotonic()
        for task, request in tasks.items():
            if task in done:
                self._read(task, request)
                await asyncio.sleep(0)  # lets the lease's keeper and signals in between two large pages
            else:
                late_error = FetchTimeoutError(f"no answer within the cycle's {self._budget_s:.0f} s for pages")
                self.collected.failures.append(Failure(request, late_error))
        self.collected.parse_ms += _ms_since(begin)

    def _read(self, task: asyncio.Task[Page], request: PageRequest) -> None:
        try:
            page = task.result()
            self.collected.received_bytes += len(page.body)
            parsed = _parse(self._platform, page, self._context(request))
        except FleetError as error:
            self.collected.failures.append(Failure(request, error))
        except Exception as error:
            about = request.events[0] if len(request.events) == 1 else None
            logger.bind(event=about).exception("a bug while reading {}", request.scope)
            self.collected.failures.append(Failure(request, FleetError(f"bug, see the log: {error!r}")))
        else:
            try:
                parsed = self._as_asked(request, parsed)
            except FleetError as error:
                self.collected.failures.append(Failure(request, error))
                return
            for event in _take(self.collected, page, parsed):
                self._listed.setdefault(event.source_id, event)

    def _as_asked(self, request: PageRequest, parsed: ParsedPage) -> ParsedPage:
        """The page without the events that are not what was asked for, by what the payload says of them.

        An id that the fleet does not know proves nothing: some leagues come with those of their stages.
        Raises PayloadShapeError when nothing else is on the page.
        """
        asked = self._leagues.get(request.league)
        others = {league.ids[self._platform.name] for league in self._leagues.values() if league is not asked}
        events, rejected = [], list(parsed.rejected)
        for event in parsed.events:
            if asked is not None and event.league.source_id in others - {asked.ids[self._platform.name]}:
                rejected.append(Rejected(f"event:{event.source_id}", OTHER_LEAGUE, event.league.source_id))
            elif request.events and event.source_id not in request.events:
                rejected.append(Rejected(f"event:{event.source_id}", OTHER_EVENT))
            else:
                events.append(event)
        if parsed.events and not events:
            came = parsed.events[0]
            raise PayloadShapeError(
                f"asked for {request.league or ', '.join(request.events)}, the page is about league "
                f"{came.league.source_id} ({came.league.name}), event {came.source_id}"
            )
        return replace(parsed, events=tuple(events), rejected=tuple(rejected))

    def _context(self, request: PageRequest) -> Context:
        events: Mapping[str, Event] = {key: self._listed[key] for key in request.events if key in self._listed}
        return Context(self._options, self._leagues.get(request.league), events)


async def _give_up(tasks: Collection[asyncio.Task[Page]]) -> None:
    """Cancel requests and wait until they have let go of their connections."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _parse(platform: Platform, page: Page, context: Context) -> ParsedPage:
    if not page.body:  # a status that means "nothing offered here"
        return ParsedPage(kind="absent")
    try:
        parsed = platform.parse(page.body, fetched_at=page.fetched_at, context=context)
    except PayloadShapeError as error:
        raise PayloadShapeError(str(error), body=page.body) from error
    if parsed.kind not in page.request.kinds:
        expected = " or ".join(sorted(page.request.kinds))
        raise PayloadShapeError(f"asked for {expected}, a {parsed.kind} payload came", body=page.body)
    if parsed.rejected_by_reason()[CUT_ANSWER]:
        # What a cut answer leaves out must not count as gone.
        raise PayloadShapeError("the answer holds fewer rows than it announces", body=page.body)
    return parsed


def _take(collected: Collected, page: Page, parsed: ParsedPage) -> list[Event]:
    """Add what a page holds; its events that have not started, without prices that nobody would offer."""
    upcoming = []
    for event in parsed.events:
        if _is_upcoming(event, page.fetched_at):
            sifted = collected.overrounds.sifted(event)
            collected.rejected[IMPLAUSIBLE] += len(event.prices) - len(sifted.prices)
            upcoming.append(sifted)
    if upcoming:
        collected.kinds.setdefault(parsed.kind, PageKind()).add(page, len(upcoming))
    collected.started += len(parsed.events) - len(upcoming)
    collected.rejected.update(parsed.rejected_by_reason())
    collected.prices += sum(len(event.prices) for event in upcoming)
    collected.seen.append(SeenScope(page.request.scope, page.fetched_at, upcoming))
    return upcoming


def _is_upcoming(event: Event, now: datetime) -> bool:
    return event.phase is Phase.PREMATCH and event.starts_at > now


def _ms_since(begin: float) -> int:
    return round((time.monotonic() - begin) * 1000)


def now_utc() -> datetime:
    """The present, aware UTC."""
    return datetime.now(UTC)

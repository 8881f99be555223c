"""One bookmaker's scraper: fetch, parse, normalise, difference, one transaction. Every mode runs this class."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import psutil
from loguru import logger

from scrapers.declarations import Bookmaker
from scrapers.errors import (
    CycleTimeoutError,
    FleetError,
    LeaseLostError,
    StateConflictError,
    StoreError,
    StoreUnavailableError,
)
from scrapers.fetching.failures import FailureBodies
from scrapers.fetching.open import open_fetcher
from scrapers.records import Outcome
from scrapers.registry import load_platform
from standalone.collect import Collected, collect, now_utc
from standalone.lease import Lease
from standalone.linking import Decisions, Linker
from standalone.shared_resources import SharedResources
from standalone.spool import Spool, SpoolDamagedError
from standalone.state import CommittedState, Described, Difference, Held, apply, difference, forget_started

STATE_PAGE = 10_000
FETCH_SHARE = 0.8
"""Of a cycle's deadline, what fetching may take; the rest is for reading and committing."""
FORGET_AFTER_S = 86_400.0
LOOK_AGAIN_S = 1.0
"""How soon to look again when it is not our turn or the database is away: the bookmaker is not asked then."""


@dataclass(slots=True)
class CycleReport:
    """What a cycle did, for the log, the heartbeat and the terminal.

    outcome        None while standing by
    standby_of     who is at work instead, None when it is us
    asked          whether the bookmaker was asked at all; not while standing by or without a committed state
    resume_in_s    how soon to try again when the bookmaker was not asked
    spooled        the difference waits on disk, the database was away
    """

    outcome: Outcome | None = None
    success: bool = False
    asked: bool = True
    resume_in_s: float = LOOK_AGAIN_S
    standby_of: str | None = None
    error: str | None = None
    collected: int = 0
    inserted: int = 0
    changes: int = 0
    rejected: int = 0
    events: int = 0
    spooled: bool = False
    duration_ms: int = 0
    details: dict[str, Any] = field(default_factory=dict)


class Scraper:
    """The cycles of one bookmaker in one process. Not for two tasks at once."""

    def __init__(
        self,
        bookmaker: Bookmaker,
        resources: SharedResources,
        *,
        mode: str,
        interval_s: int | None = None,
        hurry: bool = False,
    ) -> None:
        """hurry: a person asked for this cycle now, whenever the last one was."""
        settings = resources.settings
        self._hurry = hurry
        self._has_asked = False
        self.bookmaker = bookmaker
        self.interval_s = self._least_s = interval_s or bookmaker.interval_s
        self._resources = resources
        self._platform = load_platform(bookmaker.platform)
        self._leagues = resources.registry.leagues_of(bookmaker)
        self._fetcher = open_fetcher(bookmaker, settings=settings)
        self._linker = Linker(bookmaker, resources)
        self._spool = Spool(settings.data_dir / "spool" / bookmaker.slug, settings.spool_max_mb * 1_000_000)
        self._bodies = FailureBodies(settings.data_dir / "failures", settings.failure_body_max_kb * 1000)
        self._state: CommittedState | None = None
        self._reload_epoch: int | None = None
        self.lease = Lease(
            resources.backend,
            bookmaker.slug,
            mode=mode,
            data_dir=settings.data_dir,
            interval_s=self.interval_s,
        )

    async def prepare(self) -> CycleReport | None:
        """Become the one that writes and load the committed state; a report when that is not possible now.

        Without the database and without a state there is nothing a difference could be made against, so
        the bookmaker is not asked either.
        """
        try:
            if self.lease.token is None:
                other = await asyncio.to_thread(self.lease.acquire)
                if other is not None:
                    self._state = None
                    self._has_asked = False
                    return CycleReport(standby_of=other, asked=False)
            if self._state is None:
                if not await self._replay():
                    raise StoreUnavailableError(
                        f"{self._spool.waiting()} earlier cycles still wait for the database"
                    )
                self._state = await asyncio.to_thread(self._load_state)
        except StoreError as error:
            return CycleReport(outcome=Outcome.DATABASE, error=str(error), asked=False)
        early_s = self._early_s()
        if early_s > 0:
            reason = "asked within its interval by an earlier process"
            return CycleReport(error=reason, asked=False, resume_in_s=early_s)
        return None

    async def run_cycle(self) -> CycleReport:
        """One cycle within its deadline. Never raises for what a bookmaker or the database does."""
        begin = time.monotonic()
        started_at = now_utc()
        try:
            async with asyncio.timeout(self.bookmaker.deadline_s):
                waiting = await self.prepare()
                if waiting is not None:
                    report = waiting
                else:
                    async with self._kept_lease():
                        report = await self._cycle(started_at, begin)
        except TimeoutError:
            # A commit may still be on its way in its thread: what it did is read back before the next cycle.
            self._state = None
            late = CycleTimeoutError(f"the cycle took longer than {self.bookmaker.deadline_s} s and was given up")
            report = await self._failed(started_at, begin, late)
        except FleetError as error:
            if isinstance(error, LeaseLostError):
                self.lease.lost()
            self._state = None
            report = await self._failed(started_at, begin, error)
        except Exception as error:
            logger.exception("a bug in the cycle")
            self._state = None
            report = await self._failed(started_at, begin, FleetError(f"bug, see the log: {error!r}"))
        report.duration_ms = _ms_since(begin)
        return report

    def _early_s(self) -> float:
        """Seconds until this process may ask for the first time: neither a restart nor another mode may hurry."""
        if self._has_asked or self._hurry or self.lease.asked_at is None:
            return 0.0
        # Never longer than the interval itself, even if the database's clock was set back meanwhile.
        return min(self._least_s, self.lease.asked_at + self._least_s - time.monotonic())

    def expect_interval(self, seconds: int) -> None:
        """Tell the status view how far apart cycles are now (a sequential round may take longer than declared)."""
        self.interval_s = seconds
        self.lease.expect_interval(seconds)

    async def close(self) -> None:
        """Give everything back: connections, lease, lock."""
        try:
            await self._fetcher.aclose()
        finally:
            await asyncio.to_thread(self.lease.release)

    # -- the steps of a cycle ------------------------------------------------------------------------------

    async def _cycle(self, started_at: datetime, begin: float) -> CycleReport:
        self._has_asked = True
        collected = await collect(
            self.bookmaker,
            self._platform,
            self._fetcher,
            self._leagues,
            budget_s=self.bookmaker.deadline_s * FETCH_SHARE,
        )
        report = self._judge(collected)
        if not collected.seen:
            return await self._heartbeat(report, started_at, begin)

        # Which parts of the offer this cycle saw and when, for good: `price_scopes` knows the last time only.
        report.details["pages_ms"] = {
            part.scope: round((part.observed_at - started_at).total_seconds() * 1000) for part in collected.seen
        }
        at = time.monotonic()
        decisions = await self._decide(collected, report)
        report.details["phases_ms"]["normalise"] = _ms_since(at)
        drained = await self._replay()
        for last_try in (False, True):
            state = self._state
            if state is None:
                state = self._state = await asyncio.to_thread(self._load_state)
            at = time.monotonic()
            diff = difference(
                state,
                collected.seen,
                bookmaker=self.bookmaker.slug,
                league_key=lambda source_id: self._resources.registry.league_key(
                    self.bookmaker.platform, source_id
                ),
            )
            report.details["phases_ms"]["difference"] = _ms_since(at)
            report.inserted, report.changes = diff.listed, diff.changes
            cycle = self._heartbeat_part(report, started_at, begin) | diff.as_json()
            cycle |= {"links": decisions.as_json(), "catalogue_version": decisions.catalogue_version}
            try:
                return await self._commit(cycle, diff, decisions, report, drained=drained)
            except StateConflictError as error:
                self._state = None
                if last_try:
                    raise
                logger.warning("the committed state is another one, loading it: {}", error)
        raise AssertionError("unreachable")

    async def _commit(
        self, cycle: dict[str, Any], diff: Difference, decisions: Decisions, report: CycleReport, *, drained: bool
    ) -> CycleReport:
        state = self._state
        assert state is not None
        at = time.monotonic()
        try:
            if not drained:
                raise StoreUnavailableError("earlier cycles still wait for the database")
            answer = await asyncio.to_thread(self._call_commit, cycle)
        except StoreUnavailableError as error:
            return self._to_spool(cycle, diff, report, error)
        report.details["phases_ms"]["commit"] = _ms_since(at)
        apply(state, diff)
        state.seq = answer["base_seq"]
        if decisions.links and self.lease.token is not None:
            token = self.lease.token
            try:
                await asyncio.to_thread(self._linker.settle, decisions, answer["links"], state, token)
            except StoreUnavailableError as error:
                logger.warning("links not settled, the database is away: {}", error)
        self._heed_reload(answer["reload_epoch"])
        forget_started(state, time.time() - FORGET_AFTER_S)
        return report

    def _to_spool(
        self, cycle: dict[str, Any], diff: Difference, report: CycleReport, error: StoreError
    ) -> CycleReport:
        assert self._state is not None
        report.error = f"database away: {error}"
        report.outcome, report.success = Outcome.DATABASE, False
        try:
            kept = self._spool.append(cycle)
        except OSError as fault:
            kept = False
            logger.error("the spool cannot be written: {}", fault)
        if kept:
            apply(self._state, diff)
            report.spooled = True
            logger.warning("{}; the cycle waits on disk ({} waiting)", report.error, self._spool.waiting())
        else:
            # The state stays where the spool ends, so the next commit still carries every price; only the
            # steps in between are missing from the history.
            logger.error("{}; the spool takes no more, this cycle's steps are not kept", report.error)
        return report

    async def _replay(self) -> bool:
        """Send every waiting cycle, in order; whether none is left."""
        if self._spool.waiting() == 0:
            return True
        try:
            for path, cycle in self._spool.cycles():
                await asyncio.to_thread(self._call_commit, cycle)
                self._spool.done(path)
        except StoreUnavailableError:
            return False
        except LeaseLostError:
            raise
        except (StoreError, SpoolDamagedError) as error:
            # Refused for good: kept for a person. Left where it is, it would block this scraper for ever.
            self._state = None
            kind = "conflict" if isinstance(error, StateConflictError) else "refused"
            count = self._spool.set_aside("damaged" if isinstance(error, SpoolDamagedError) else kind)
            logger.error("{} spooled cycles set aside in {}: {}", count, self._spool.folder, error)
            return True
        logger.info("every spooled cycle is in the database now")
        return True

    def _call_commit(self, cycle: dict[str, Any]) -> dict[str, Any]:
        if self.lease.token is None:
            raise LeaseLostError(f"the lease of {self.bookmaker.slug} was lost while the cycle ran")
        sent = cycle | {"lease_token": self.lease.token, "lease_ttl_s": self.lease.ttl_s}
        answer: dict[str, Any] = self._resources.backend.call("commit_cycle", {"p_cycle": sent})
        return answer

    async def _decide(self, collected: Collected, report: CycleReport) -> Decisions:
        """Links for the events that have none. Prices do not wait for them, whatever goes wrong here."""
        assert self._state is not None
        events = [event for part in collected.seen for event in part.events]
        try:
            return await asyncio.to_thread(self._linker.decide, events, self._state)
        except StoreError as error:
            logger.warning("events stay without a match, the catalogue cannot be read: {}", error)
        except Exception as error:
            logger.exception("a bug while matching events; they stay without a match")
            report.error = report.error or f"bug while matching events, see the log: {error!r}"
        return Decisions()

    # -- judging and reporting -----------------------------------------------------------------------------

    def _judge(self, collected: Collected) -> CycleReport:
        outcome = collected.outcome()
        report = CycleReport(
            outcome=outcome,
            success=outcome in (Outcome.OK, Outcome.PARTIAL)
            or (outcome is Outcome.EMPTY and self.bookmaker.empty_is_normal),
            error=collected.error(),
            collected=collected.prices,
            rejected=sum(collected.rejected.values()),
            events=collected.events,
        )
        if outcome is Outcome.EMPTY and not report.success:
            report.error = "every page came and none lists a price; this bookmaker is not expected to be empty"
        kept = {
            str(path)
            for failure in collected.failures
            if (path := self._bodies.keep(self.bookmaker.slug, failure.request, failure.error)) is not None
        }
        report.details = {
            "phases_ms": {"fetch": collected.fetch_ms, "parse": collected.parse_ms},
            "received_bytes": collected.received_bytes,
            "events": collected.events,
            "rejected": {str(reason): n for reason, n in collected.rejected.most_common(12)},
            "failed_pages": {f.request.scope: str(f.error)[:300] for f in collected.failures[:12]},
            "failure_bodies": sorted(kept),
            "memory_mb": round(psutil.Process().memory_info().rss / 1e6, 1),
        }
        return report

    async def _failed(self, started_at: datetime, begin: float, error: FleetError) -> CycleReport:
        report = CycleReport(outcome=error.outcome, error=str(error))
        return await self._heartbeat(report, started_at, begin)

    async def _heartbeat(self, report: CycleReport, started_at: datetime, begin: float) -> CycleReport:
        """A heartbeat without data. If it cannot be sent, the scraper carries on."""
        if self.lease.token is not None:
            try:
                await self._replay()
                await asyncio.to_thread(self._call_commit, self._heartbeat_part(report, started_at, begin))
            except LeaseLostError as error:
                logger.warning("{}", error)
                self.lease.lost()
                self._state = None
            except StoreError as error:
                logger.warning("heartbeat not sent: {}", error)
        return report

    def _heartbeat_part(self, report: CycleReport, started_at: datetime, begin: float) -> dict[str, Any]:
        return {
            "cycle_id": str(uuid4()),
            "scraper": self.bookmaker.slug,
            "started_at": started_at.isoformat(),
            "duration_ms": _ms_since(begin),
            "outcome": str(report.outcome),
            "success": report.success,
            "error": report.error,
            "mode": self.lease.mode,
            "expected_interval_s": self.interval_s,
            "odds_collected": report.collected,
            "odds_inserted": report.inserted,
            "rejected": report.rejected,
            "extra_data": report.details,
        }

    # -- committed state -----------------------------------------------------------------------------------

    def _load_state(self) -> CommittedState:
        """The committed state of this bookmaker, read in pages under our lease, so nobody changes it meanwhile."""
        call = self._resources.backend.call
        slug = self.bookmaker.slug
        state = CommittedState(seq=self._committed_seq())
        after = -(2**63)
        while True:
            rows = call("load_state", {"p_scraper": slug, "p_after_key": after, "p_limit": STATE_PAGE})
            for key, price, status, scope, _event, available in rows:
                state.selections[key] = Held(price, status, available, scope)
            if len(rows) < STATE_PAGE:
                break
            after = rows[-1][0]
        after = 0
        while True:
            rows = call("load_events", {"p_scraper": slug, "p_after_event_id": after, "p_limit": STATE_PAGE})
            for _id, source_id, sport, league_id, league, home, away, starts_at, linked in rows:
                state.events[source_id] = Described(sport, league_id, league, home, away, starts_at)
                if linked:
                    state.linked.add(source_id)
            if len(rows) < STATE_PAGE:
                break
            after = rows[-1][0]
        return state

    def _committed_seq(self) -> int:
        """Where the database stands. Taking the lease again tells, and proves that it is still ours."""
        other = self.lease.acquire()
        if other is not None:
            self.lease.lost()
            raise LeaseLostError(f"the lease went to {other} before the state was loaded")
        return self.lease.base_seq

    def _heed_reload(self, epoch: int) -> None:
        if self._reload_epoch is not None and epoch != self._reload_epoch:
            self._resources.reload()
        self._reload_epoch = epoch

    @contextlib.asynccontextmanager
    async def _kept_lease(self) -> AsyncIterator[None]:
        async def keep() -> None:
            while True:
                await asyncio.sleep(self.lease.ttl_s / 3)
                await asyncio.to_thread(self.lease.renew)

        keeper = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper


def _ms_since(begin: float) -> int:
    return round((time.monotonic() - begin) * 1000)

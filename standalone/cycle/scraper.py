"""One bookmaker's scraper: fetch, parse, normalise, difference, one transaction. Every mode runs this class."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

from loguru import logger

from scrapers.declarations import Bookmaker
from scrapers.errors import (
    CycleTimeoutError,
    FleetError,
    LeaseLostError,
    PayloadShapeError,
    StateConflictError,
    StoreError,
    StoreUnavailableError,
)
from scrapers.fetching.failures import FailureBodies
from scrapers.fetching.open import open_fetcher
from scrapers.records import Outcome
from scrapers.registry import load_platform
from standalone import memory
from standalone.connect import claim_source
from standalone.cycle.collect import Collected, Failure, collect, now_utc
from standalone.cycle.details import DetailRota
from standalone.cycle.expectation import Expectation
from standalone.cycle.lease import Lease
from standalone.cycle.ledger import Ledger, Written
from standalone.cycle.linking import Decisions, Linker
from standalone.cycle.report import CycleReport, judge
from standalone.cycle.spool import Spool
from standalone.cycle.state import (
    CommittedState,
    Difference,
    SeenScope,
    closed_details,
    difference,
    forget_started,
)
from standalone.shared_resources import SharedResources

FETCH_SHARE = 0.8
"""Of a cycle's deadline, what fetching may take; the rest is for reading and committing."""
FORGET_AFTER_S = 86_400.0


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
        memory_limit_mb: int | None = None,
        worker: str | None = None,
    ) -> None:
        """hurry: a person asked for this cycle now, whenever the last one was.

        memory_limit_mb: what its process may hold (see `standalone.memory`); None: whatever it takes.
        worker: the name of the worker that runs it, in workers mode.
        """
        settings = resources.settings
        self.bookmaker = bookmaker
        self.interval_s = self._least_s = interval_s or bookmaker.interval_s
        self.lease = Lease(
            resources.backend,
            bookmaker.slug,
            mode=mode,
            data_dir=settings.data_dir,
            interval_s=self.interval_s,
            worker=worker,
        )
        self._hurry = hurry
        self._memory_limit_mb = memory_limit_mb
        self._has_asked = False
        self._has_claimed = False
        self._resources = resources
        self._platform = load_platform(bookmaker.platform)
        self._leagues = resources.registry.leagues_of(bookmaker)
        self._fetcher = open_fetcher(bookmaker, settings=settings)
        self._expectation = Expectation(settings.data_dir / "expectations" / f"{bookmaker.slug}.json")
        self._rota = DetailRota(bookmaker.details_per_cycle)
        self._linker = Linker(bookmaker, resources)
        spool = Spool(settings.data_dir / "spool" / bookmaker.slug, settings.spool_max_mb * 1_000_000)
        self._ledger = Ledger(resources.backend, self.lease, spool)
        self._bodies = FailureBodies(settings.data_dir / "failures", settings.failure_body_max_kb * 1000)
        self._reload_epoch: int | None = None

    async def prepare(self) -> CycleReport | None:
        """Become the one that writes and load the committed state; a report when that is not possible now.

        Without the database and without a state there is nothing a difference could be made against, so
        the bookmaker is not asked either.
        """
        try:
            if self.lease.token is None:
                other = await asyncio.to_thread(self.lease.acquire)
                if other is not None:
                    self._ledger.forget()
                    self._has_asked = False
                    return CycleReport(standby_of=other, asked=False)
            await self._claim_source(claim=False)
            await self._ledger.ready()
        except StoreError as error:
            return CycleReport(outcome=Outcome.DATABASE, error=str(error), asked=False)
        early_s = self._early_s()
        if early_s > 0:
            reason = "asked within its interval by an earlier process"
            return CycleReport(error=reason, asked=False, resume_in_s=early_s)
        return None

    async def run_cycle(self) -> CycleReport:
        """One cycle within its deadline. Never raises for what a bookmaker or the database does."""
        started_at = now_utc()
        with logger.contextualize(scraper=self.bookmaker.slug, cycle=started_at.isoformat()):
            report = await self._bounded_cycle(started_at)
        report.started_at = started_at
        return report

    async def _bounded_cycle(self, started_at: datetime) -> CycleReport:
        begin = time.monotonic()
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
            late = CycleTimeoutError(f"the cycle took longer than {self.bookmaker.deadline_s} s and was given up")
            report = await self._failed(started_at, begin, late)
        except FleetError as error:
            report = await self._failed(started_at, begin, error)
        except Exception as error:
            logger.exception("a bug in the cycle")
            report = await self._failed(started_at, begin, FleetError(f"bug, see the log: {error!r}"))
        report.duration_ms = _ms_since(begin)
        return report

    @property
    def spooled(self) -> int:
        """How many cycles wait on disk for the database."""
        return self._ledger.waiting

    async def drain(self) -> None:
        """Between cycles: send what waits on disk, if the database is back. Costs nothing when nothing waits."""
        if self.lease.token is None or not self._ledger.waiting:
            return
        try:
            await self._ledger.replay()
        except LeaseLostError as error:
            logger.warning("{}", error)
            self._stand_down()

    async def disconnect(self) -> None:
        """Give the database's connection back until it is needed again."""
        await asyncio.to_thread(self._resources.backend.close)

    def expect_interval(self, seconds: int) -> None:
        """Tell the status view how far apart cycles are now (a sequential round may take longer than declared)."""
        self.interval_s = seconds
        self.lease.expect_interval(seconds)

    async def close(self, *, hand_over: bool = False) -> None:
        """Give everything back: connections, lease, lock. hand_over: another worker goes on with this bookmaker."""
        self._expectation.save()
        try:
            await self._fetcher.aclose()
        finally:
            await asyncio.to_thread(self.lease.release, hand_over=hand_over)

    # -- the steps of a cycle ------------------------------------------------------------------------------

    async def _cycle(self, started_at: datetime, begin: float) -> CycleReport:
        self._has_asked = True
        collected = await collect(
            self.bookmaker,
            self._platform,
            self._fetcher,
            self._leagues,
            budget_s=self.bookmaker.deadline_s * FETCH_SHARE,
            rota=self._rota,
        )
        report = self._report(collected)
        if not collected.seen:
            return await self._send_heartbeat(report, started_at, begin)

        # Which parts of the offer this cycle saw and when, for good: `price_scopes` knows the last time only.
        report.details["pages_ms"] = _seen_ms(collected.seen, started_at)
        phases = report.details["phases_ms"]
        at = time.monotonic()
        decisions = await self._decide(collected, report)
        report.details["unmatched"] = self._linker.waiting
        phases["normalise"] = _ms_since(at)
        for last_try in (False, True):
            state = await self._ledger.ready()
            await self._claim_source(claim=True)
            at = time.monotonic()
            closed = closed_details(state, collected.detail_scopes, now_utc())
            report.details["closed_ms"] = _seen_ms(closed, started_at)
            diff = self._difference(state, [*collected.seen, *closed])
            phases["difference"] = _ms_since(at)
            report.inserted, report.changes = diff.listed, diff.changes
            # A price that a list and an event's own page both show is one price.
            report.collected = diff.listed
            cycle = self._about(started_at, begin) | report.heartbeat() | diff.as_json()
            cycle |= {"links": decisions.as_json(), "catalogue_version": decisions.catalogue_version}
            at = time.monotonic()
            try:
                written = await self._ledger.write(cycle, diff)
            except StateConflictError as error:
                self._ledger.forget()
                self._has_claimed = False  # somebody may have wiped the database
                if last_try:
                    raise
                logger.warning("the committed state is another one, loading it: {}", error)
                continue
            phases["commit"] = _ms_since(at)
            await self._after(written, decisions, state, report)
            break
        return report

    def _difference(self, state: CommittedState, seen: Iterable[SeenScope]) -> Difference:
        platform = self.bookmaker.platform
        return difference(
            state,
            seen,
            bookmaker=self.bookmaker.slug,
            league_key=lambda source_id: self._resources.registry.league_key(platform, source_id),
        )

    async def _decide(self, collected: Collected, report: CycleReport) -> Decisions:
        """Links for the events that have none. Prices do not wait for them, whatever goes wrong here."""
        events = [event for part in collected.seen for event in part.events]
        state = self._ledger.state
        assert state is not None
        try:
            return await asyncio.to_thread(self._linker.decide, events, state)
        except StoreError as error:
            logger.warning("events stay without a match, the catalogue cannot be read: {}", error)
        except Exception as error:
            logger.exception("a bug while matching events; they stay without a match")
            report.error = report.error or f"bug while matching events, see the log: {error!r}"
        return Decisions()

    async def _after(
        self, written: Written, decisions: Decisions, state: CommittedState, report: CycleReport
    ) -> None:
        """What follows from where the cycle went: links and caches, or a database reported away."""
        if written.answer is None:
            report.outcome, report.success, report.error = Outcome.DATABASE, False, written.reason
            report.spooled = written.kept
            return
        token = self.lease.token
        if decisions.links and token is not None:
            try:
                await asyncio.to_thread(self._linker.settle, decisions, written.answer["links"], state, token)
            except StoreUnavailableError as error:
                logger.warning("links not settled, the database is away: {}", error)
        epoch = written.answer["reload_epoch"]
        if self._reload_epoch not in (None, epoch):
            # A verdict may have un-linked events of this scraper: what is linked is read anew with the state.
            self._resources.reload()
            self._ledger.forget()
        self._reload_epoch = epoch
        forget_started(state, time.time() - FORGET_AFTER_S)

    async def _claim_source(self, *, claim: bool) -> None:
        """Ask, and with `claim` say, what the database holds, until it is known to be ours.

        Raises OtherSourceError. An absent database says nothing: the cycle's own write meets that.
        """
        if self._has_claimed:
            return
        backend, source = self._resources.backend, self._resources.settings.source
        try:
            self._has_claimed = await asyncio.to_thread(claim_source, backend, source, claim=claim)
        except StoreUnavailableError as error:
            logger.debug("not known yet what the database holds: {}", error)

    # -- reporting -----------------------------------------------------------------------------------------

    def _report(self, collected: Collected) -> CycleReport:
        report = judge(collected, self.bookmaker, self._expectation)
        failures = list(collected.failures)
        if report.outcome is Outcome.SCHEMA_CHANGED and not failures:
            # Every page could be read, and together they say that the bookmaker changed: the fullest tells most.
            fullest = max(collected.kinds.values(), key=lambda kind: kind.events, default=None)
            if fullest is not None and fullest.request is not None:
                error = PayloadShapeError(report.error or "", body=fullest.body)
                failures.append(Failure(fullest.request, error))
        kept = {
            str(path)
            for failure in failures
            if (path := self._bodies.keep(self.bookmaker.slug, failure.request, failure.error)) is not None
        }
        report.details["failure_bodies"] = sorted(kept)
        use = self._fetcher.last_use
        if use is not None:
            report.details["browser"] = {"seconds": round(use.seconds, 1), "peak_mb": round(use.peak_mb)}
        memory.tell(report, self._memory_limit_mb)
        return report

    async def _failed(self, started_at: datetime, begin: float, error: FleetError) -> CycleReport:
        """The cycle broke off: what the database holds now is read back before the next one."""
        self._ledger.forget()
        if isinstance(error, LeaseLostError):
            self.lease.lost()
        report = CycleReport(outcome=error.outcome, error=str(error))
        memory.tell(report, self._memory_limit_mb)
        return await self._send_heartbeat(report, started_at, begin)

    async def _send_heartbeat(self, report: CycleReport, started_at: datetime, begin: float) -> CycleReport:
        """A heartbeat without data. If it cannot be sent, the scraper carries on."""
        if self.lease.token is not None:
            try:
                await self._ledger.heartbeat(self._about(started_at, begin) | report.heartbeat())
            except LeaseLostError as error:
                logger.warning("{}", error)
                self._stand_down()
            except StoreError as error:
                logger.warning("heartbeat not sent: {}", error)
        return report

    def _about(self, started_at: datetime, begin: float) -> dict[str, Any]:
        return {
            "cycle_id": str(uuid4()),
            "scraper": self.bookmaker.slug,
            "started_at": started_at.isoformat(),
            "duration_ms": _ms_since(begin),
            "mode": self.lease.mode,
            "expected_interval_s": self.interval_s,
        }

    # -- whose turn it is ----------------------------------------------------------------------------------

    def _stand_down(self) -> None:
        self.lease.lost()
        self._ledger.forget()

    def _early_s(self) -> float:
        """Seconds until this process may ask for the first time: neither a restart nor another mode may hurry."""
        if self._has_asked or self._hurry or self.lease.asked_at is None:
            return 0.0
        # Never longer than the interval itself, even if the database's clock was set back meanwhile.
        return min(self._least_s, self.lease.asked_at + self._least_s - time.monotonic())

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


def _seen_ms(parts: Iterable[SeenScope], started_at: datetime) -> dict[str, int]:
    """Scope -> milliseconds from the start of the cycle until it was seen."""
    return {part.scope: round((part.observed_at - started_at).total_seconds() * 1000) for part in parts}


def _ms_since(begin: float) -> int:
    return round((time.monotonic() - begin) * 1000)

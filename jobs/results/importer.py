"""One run: rounds that were asked for, or those that matches without a result are in.

The database is asked first: a round that is whole is not even asked for, a match that is whole is skipped. Each
match is one call, so wherever a run ends, the next one goes on with what no row calls complete.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from loguru import logger

from jobs.fixtures.watching import ChunkWatch, Watch
from jobs.results.answering import Answering
from jobs.results.linking import Linker
from jobs.results.records import ListedMatch, MatchPage, RoundPage
from jobs.results.report import Report
from jobs.results.rows import refused, round_row, row_of
from jobs.results.site import SOURCE, Site
from scrapers.errors import (
    DeclarationError,
    FetchError,
    FleetError,
    PayloadShapeError,
    StoreError,
    StoreUnavailableError,
)
from store.backend import Backend

MOST_BACK = 5
"""Rounds before the current one that a run looks for matches in that still lack a result."""

MOST_REASON = 500


class _Seen(NamedTuple):
    """A round that was looked at: its number, and the day of its first match (None: it lists none)."""

    number: int
    first_day: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read.

    league, round   this league alone, this round alone (with a league only); None: what is due
    leagues         keys of the leagues that the site has
    after_hours     a match that began so long ago has a result
    days            matches that began longer ago are no reason to look
    """

    leagues: Sequence[str]
    league: str | None = None
    round: int | None = None
    after_hours: int = 2
    days: int = 7


class Importer:
    """Reads from the site into a database. Built for one run.

    execution_id  of the ETL monitor, noted at what is written; None: nobody looks on
    on_progress   called with (matches done, matches planned, what is read now) as the run goes on
    """

    def __init__(
        self,
        site: Site,
        backend: Backend,
        watch: Watch,
        plan: Plan,
        *,
        execution_id: str | None = None,
        on_progress: Callable[[int, int, str], None] = lambda done, planned, what: None,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._site = site
        self._backend = backend
        self._watch = watch
        self._plan = plan
        self._execution_id = execution_id
        self._on_progress = on_progress
        self._today = today
        self._linker = Linker(backend, SOURCE)
        self._answering = Answering()
        self._done = self._planned = 0
        self._last_failure: FleetError | None = None
        self.report = Report(links=self._linker.done)

    async def run(self) -> Report:
        """Do what is due. Raises DeclarationError for a league that the site does not have, FetchError when the
        site is away or refuses, the last failure when no round at all could be read, and StoreError when the
        database is away; what was done stays done."""
        plan = self._plan
        if plan.league is not None and plan.league not in plan.leagues:
            known = ", ".join(sorted(plan.leagues))
            raise DeclarationError(
                f"{plan.league}: liga sem resultados / no results of this league; known: {known}"
            )
        try:
            if plan.league is not None and plan.round is not None:
                await self._round(plan.league, plan.round)
            else:
                for due in await self._due():
                    await self._league(due["league_key"], date.fromisoformat(due["oldest"]))
        finally:
            self.report.requests = self._site.requests
        with self._watch.timed("link"):
            await asyncio.to_thread(self._linker.bring_up)
        if self._last_failure is not None and self.report.failed_rounds == self.report.rounds:
            raise self._last_failure
        return self.report

    async def _due(self) -> list[dict[str, Any]]:
        plan = self._plan
        leagues = list(plan.leagues) if plan.league is None else [plan.league]
        due: list[dict[str, Any]] = await self._call(
            "results_due",
            {
                "p_source": SOURCE,
                "p_leagues": leagues,
                "p_after_hours": plan.after_hours,
                "p_days": plan.days,
            },
        )
        if plan.league is not None and not due:
            # Asked for by name, it is looked at whether anything is known to be missing or not.
            due = [{"league_key": plan.league, "matches": 0, "partial": 0, "oldest": self._today().isoformat()}]
        return due

    async def _league(self, league_key: str, oldest: date) -> None:
        """The round that the site shows, and those before it, back to the first day of which a match is missing."""
        seen = await self._round(league_key, None)
        for _ in range(MOST_BACK):
            if seen is None or seen.number <= 1 or (seen.first_day is not None and seen.first_day < oldest):
                return
            seen = await self._round(league_key, seen.number - 1)

    async def _round(self, league_key: str, number: int | None) -> _Seen | None:
        """One round, unless the database has all of it; None when it failed."""
        if number is not None:
            known = await self._call(
                "known_round", {"p_source": SOURCE, "p_league_key": league_key, "p_round": number}
            )
            if known is not None and known["holds"]:
                self.report.whole += 1
                self.report.skipped += known["listed"]
                return _Seen(number, date.fromisoformat(known["first_day"]))
        name = f"{league_key}:{number or 'current'}"
        self.report.rounds += 1
        self._watch.plan(1)
        with logger.contextualize(league=league_key, round=number), self._watch.chunk(name) as watched:
            try:
                with self._watch.timed("list"):
                    page = await self._answering.page(self._site.round(league_key, number))
                await self._take(league_key, page, watched)
            except StoreUnavailableError:
                raise
            except (FetchError, PayloadShapeError, StoreError) as error:
                reason = f"{type(error).__name__}: {error}"[:MOST_REASON]
                watched.fail(reason)
                self.report.failed_rounds += 1
                self._last_failure = error
                self.report.failures[name] = reason
                if number is not None:
                    await self._finish(league_key, RoundPage(0, number, (), ()), reason, whole=False)
                if self._answering.is_away(error):
                    raise
                return None
        return _Seen(page.round, min((match.played_on for match in page.matches), default=None))

    async def _take(self, league_key: str, page: RoundPage, watched: ChunkWatch) -> None:
        """Every finished match of a list that the database does not hold whole."""
        finished = [match for match in page.matches if match.score is not None]
        known: dict[str, Any] = await self._call(
            "known_results", {"p_source": SOURCE, "p_page_ids": [match.page_id for match in finished]}
        )
        due = [match for match in finished if known.get(str(match.page_id), {"again": True})["again"]]
        whole = sum(row["state"] == "complete" for row in known.values())
        self._count(watched, skipped=len(finished) - len(due))
        self.report.to_come += len(page.matches) - len(finished)
        self._planned += len(due)
        where = {
            "league_key": league_key,
            "edition": page.edition,
            "round": page.round,
            "execution_id": self._execution_id,
        }
        await self._reject(f"{SOURCE}:{league_key}:{page.round}:", page, watched)
        for match in due:
            self._on_progress(self._done, self._planned, f"{match.home} x {match.away}")
            with logger.contextualize(match=match.page_id):
                whole += await self._match(match, where, watched)
            self._done += 1
        self._on_progress(self._done, self._planned, "")
        await self._finish(league_key, page, "", whole=whole == len(page.matches) and not page.rejected)

    async def _match(self, listed: ListedMatch, where: dict[str, Any], watched: ChunkWatch) -> bool:
        """One match: its page, then one call. Whether it is whole by then."""
        page: MatchPage | None = None
        try:
            with self._watch.timed("match"):
                page = await self._answering.page(self._site.match(listed))
        except (FetchError, PayloadShapeError) as error:
            self._watch.say(
                "warning",
                "the page of a match cannot be read",
                match=listed.page_id,
                reason=f"{type(error).__name__}: {error}"[:MOST_REASON],
            )
            if self._answering.is_away(error):
                raise
            await self._refuse(listed, type(error).__name__, error)
        for each in page.rejected if page is not None else ():
            self._watch.say(
                "warning",
                "left out",
                match=listed.page_id,
                what=each.source_id,
                reason=each.reason,
                detail=each.detail,
            )
        age_days = (self._today() - listed.played_on).days
        row = row_of(listed, page, where, source=SOURCE, age_days=age_days)
        try:
            with self._watch.timed("record"):
                answer = await self._call("record_result", {"p_result": row})
        except StoreUnavailableError:
            raise
        except StoreError as error:
            self._watch.say("warning", "refused by the database", match=listed.page_id, reason=str(error))
            await self._refuse(listed, "refused_by_database", error)
            self._count(watched, failed=1)
            return False
        if page is None:
            self._count(watched, failed=1)
            return False
        self.report.wrote(answer["written"])
        watched.add(successful=1)
        self._watch.count(f"results.{answer['written']}", 1)
        return bool(row["state"] == "complete")

    async def _reject(self, within: str, page: RoundPage, watched: ChunkWatch) -> None:
        """Rows of a list that cannot be read: named, counted, kept until they can be."""
        rejected = [
            {"reference": f"{within}{each.source_id}", "reason": each.reason, "detail": each.detail}
            for each in page.rejected
        ]
        for each in rejected:
            self._watch.say("warning", "a row of the list cannot be read", **each)
        self._count(watched, failed=len(rejected))
        await self._call("reject_results", {"p_rejected": rejected, "p_within": within})

    async def _refuse(self, listed: ListedMatch, reason: str, error: Exception) -> None:
        row = refused(listed, SOURCE, reason, str(error))
        await self._call("reject_results", {"p_rejected": [row], "p_within": None})

    async def _finish(self, league_key: str, page: RoundPage, error: str, *, whole: bool) -> None:
        row = round_row(page, league_key, source=SOURCE, whole=whole, error=error, execution_id=self._execution_id)
        await self._call("finish_result_round", {"p_round": row})

    def _count(self, watched: ChunkWatch, *, failed: int = 0, skipped: int = 0) -> None:
        self.report.failed += failed
        self.report.skipped += skipped
        watched.add(failed=failed, skipped=skipped)

    async def _call(self, function: str, args: Mapping[str, Any]) -> Any:
        return await asyncio.to_thread(self._backend.call, function, args)

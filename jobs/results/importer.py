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

from jobs.fixtures.watching import Watch
from jobs.results.answering import Answering
from jobs.results.linking import Linker
from jobs.results.records import RoundPage
from jobs.results.report import Report
from jobs.results.rows import round_row
from jobs.results.site import SOURCE, Site
from jobs.results.taking import MOST_REASON, Taker
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


class _Seen(NamedTuple):
    """A round that was looked at: its number, and the last day a match of it ended on (None: none has).

    The first day says nothing: a match may be played weeks before its round.
    """

    number: int
    last_played: date | None


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
    today         UTC
    """

    def __init__(
        self,
        site: Site,
        backend: Backend,
        watch: Watch,
        plan: Plan,
        *,
        execution_id: str | None = None,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._site = site
        self._backend = backend
        self._watch = watch
        self._plan = plan
        self._execution_id = execution_id
        self._today = today
        self._linker = Linker(backend, SOURCE)
        self._answering = Answering()
        self._last_failure: FleetError | None = None
        self.report = Report(links=self._linker.done)
        self._taker = Taker(
            site, backend, watch, self.report, self._answering, execution_id=execution_id, today=today
        )

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
            await self._rounds(plan)
        except FetchError:
            await self._link()
            raise
        finally:
            self.report.requests = self._site.requests
        await self._link()
        if self._last_failure is not None and self.report.failed_rounds == self.report.rounds:
            raise self._last_failure
        return self.report

    async def _rounds(self, plan: Plan) -> None:
        if plan.league is not None and plan.round is not None:
            await self._round(plan.league, plan.round)
            return
        for due in await self._due(plan):
            await self._league(due["league_key"], date.fromisoformat(due["oldest"]))

    async def _link(self) -> None:
        with self._watch.timed("link"):
            await asyncio.to_thread(self._linker.bring_up)

    async def _due(self, plan: Plan) -> list[dict[str, Any]]:
        asked = {
            "p_source": SOURCE,
            "p_leagues": list(plan.leagues) if plan.league is None else [plan.league],
            "p_after_hours": plan.after_hours,
            "p_days": plan.days,
        }
        due: list[dict[str, Any]] = await self._call("results_due", asked)
        if plan.league is not None and not due:
            # Asked for by name, it is looked at whether anything is known to be missing or not.
            due = [{"league_key": plan.league, "oldest": self._today().isoformat()}]
        return due

    async def _league(self, league_key: str, oldest: date) -> None:
        """The round that the site shows, and those before it, back to the first day of which a match is missing."""
        seen = await self._round(league_key, None)
        for _ in range(MOST_BACK):
            if seen is None or seen.number <= 1 or (seen.last_played is not None and seen.last_played < oldest):
                return
            seen = await self._round(league_key, seen.number - 1)

    async def _round(self, league_key: str, number: int | None) -> _Seen | None:
        """One round, unless the database has all of it; None when it failed. number None: the site's first."""
        if number is not None:
            asked = {"p_source": SOURCE, "p_league_key": league_key, "p_round": number}
            known = await self._call("known_round", asked)
            if known is not None and known["holds"]:
                self.report.whole += 1
                self.report.skipped += known["listed"]
                return _Seen(number, date.fromisoformat(known["last_day"]))
        name = f"{league_key}:{number or 'current'}"
        self.report.rounds += 1
        self._watch.plan(1)
        with logger.contextualize(league=league_key, round=number), self._watch.chunk(name) as watched:
            try:
                with self._watch.timed("list"):
                    page = await self._answering.page(self._site.round(league_key, number))
                with logger.contextualize(round=page.round):
                    whole = await self._taker.take(league_key, page, watched)
                await self._finish(league_key, page, "", whole=whole)
            except StoreUnavailableError:
                raise
            except (FetchError, PayloadShapeError, StoreError) as error:
                reason = f"{type(error).__name__}: {error}"[:MOST_REASON]
                watched.fail(reason)
                await self._failed(name, league_key, number, reason)
                self._last_failure = error
                if self._answering.is_away(error):
                    raise
                return None
        played = (match.played_on for match in page.matches if match.score is not None)
        return _Seen(page.round, max(played, default=None))

    async def _failed(self, name: str, league_key: str, number: int | None, reason: str) -> None:
        self.report.failed_rounds += 1
        self.report.failures[name] = reason
        if number is not None:
            await self._finish(league_key, RoundPage(0, number, (), ()), reason, whole=False)

    async def _finish(self, league_key: str, page: RoundPage, error: str, *, whole: bool) -> None:
        row = round_row(page, league_key, source=SOURCE, whole=whole, error=error, execution_id=self._execution_id)
        await self._call("finish_result_round", {"p_round": row})

    async def _call(self, function: str, args: Mapping[str, Any]) -> Any:
        return await asyncio.to_thread(self._backend.call, function, args)

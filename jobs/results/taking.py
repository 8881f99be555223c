"""The matches of a round into the database: those that it does not hold whole, one call for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from loguru import logger

from jobs.fixtures.watching import ChunkWatch, Watch
from jobs.results.answering import Answering
from jobs.results.records import ListedMatch, MatchPage, RoundPage
from jobs.results.report import Report
from jobs.results.rows import refused, row_of
from jobs.results.site import SOURCE, Site
from scrapers.errors import FetchError, FleetError, PayloadShapeError, StoreError, StoreUnavailableError
from store.backend import Backend

MOST_REASON = 500


class Taker:
    """Reads the pages of matches and records them, for one run. report: counts what became of them."""

    def __init__(
        self,
        site: Site,
        backend: Backend,
        watch: Watch,
        report: Report,
        answering: Answering,
        *,
        execution_id: str | None,
        today: Callable[[], date],
    ) -> None:
        self._site = site
        self._backend = backend
        self._watch = watch
        self._report = report
        self._answering = answering
        self._execution_id = execution_id
        self._today = today

    async def take(self, league_key: str, page: RoundPage, watched: ChunkWatch) -> bool:
        """Every finished match of a list that the database does not hold whole; whether it holds all by now.

        Raises FetchError when the site is away, and StoreError; what was done stays done.
        """
        finished = [match for match in page.matches if match.score is not None]
        known: dict[str, Any] = await self._call(
            "known_results", {"p_source": SOURCE, "p_page_ids": [match.page_id for match in finished]}
        )
        due = [match for match in finished if known.get(str(match.page_id), {"again": True})["again"]]
        whole = sum(row["state"] == "complete" for row in known.values())
        self._count(watched, skipped=len(finished) - len(due))
        self._report.to_come += len(page.matches) - len(finished)
        await self._reject(f"{SOURCE}:{league_key}:{page.round}:", page, watched)
        where = {
            "league_key": league_key,
            "edition": page.edition,
            "round": page.round,
            "execution_id": self._execution_id,
        }
        for match in due:
            with logger.contextualize(match=match.page_id):
                whole += await self._match(match, where, watched)
        return whole == len(page.matches) and not page.rejected

    async def _match(self, listed: ListedMatch, where: Mapping[str, Any], watched: ChunkWatch) -> bool:
        """One match: its page, then one call. Whether it is whole by then."""
        page = await self._page(listed)
        age_days = (self._today() - listed.played_on).days
        row = row_of(listed, page, where, source=SOURCE, age_days=age_days)
        try:
            with self._watch.timed("record"):
                answer = await self._call("record_result", {"p_result": row})
        except StoreUnavailableError:
            raise
        except StoreError as error:
            await self._refuse(listed, "refused_by_database", error)
            page = None
        if page is None:
            self._count(watched, failed=1)
            return False
        self._report.wrote(answer["written"])
        watched.add(successful=1)
        return bool(row["state"] == "complete")

    async def _page(self, listed: ListedMatch) -> MatchPage | None:
        """The page of a match; None when it cannot be read: then the list's score is all that is known."""
        try:
            with self._watch.timed("match"):
                page = await self._answering.page(self._site.match(listed))
        except (FetchError, PayloadShapeError) as error:
            if self._answering.is_away(error):
                raise
            await self._refuse(listed, type(error).__name__, error)
            return None
        for each in page.rejected:
            details = {"what": each.source_id, "reason": each.reason, "detail": each.detail}
            self._watch.say("warning", "left out", match=listed.page_id, **details)
        return page

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

    async def _refuse(self, listed: ListedMatch, reason: str, error: FleetError) -> None:
        row = refused(listed, SOURCE, reason, str(error))
        self._watch.say("warning", "a match cannot be taken in", **row)
        await self._call("reject_results", {"p_rejected": [row], "p_within": None})

    def _count(self, watched: ChunkWatch, *, failed: int = 0, skipped: int = 0) -> None:
        self._report.failed += failed
        self._report.skipped += skipped
        watched.add(failed=failed, skipped=skipped)

    async def _call(self, function: str, args: Mapping[str, Any]) -> Any:
        return await asyncio.to_thread(self._backend.call, function, args)

"""Whether the site still answers: one page that fails is its own matter, several in a row are the site's."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from jobs.results.records import MatchPage, RoundPage
from scrapers.errors import BlockedError, FetchError, FleetError, PayloadShapeError

AWAY_AFTER = 5
"""Pages in a row without an answer: then the site is away, and the rest waits for the next run."""

P = TypeVar("P", RoundPage, MatchPage)


class Answering:
    """Counts pages that were not answered, in a row."""

    def __init__(self) -> None:
        self._unanswered = 0

    async def page(self, asked: Awaitable[P]) -> P:
        """The page; raises what asking for it raises."""
        try:
            found = await asked
        except PayloadShapeError:
            self._unanswered = 0  # it is an answer
            raise
        except FetchError:
            self._unanswered += 1
            raise
        self._unanswered = 0
        return found

    def is_away(self, error: FleetError) -> bool:
        """Whether to leave the site alone after this failure: a refusal says so at once."""
        return isinstance(error, BlockedError) or (isinstance(error, FetchError) and self._unanswered >= AWAY_AFTER)

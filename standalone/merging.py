"""Merging teams that were created twice: bookmakers who do not copy from one another print both alike, or the
fixtures have the one where bookmakers list the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loguru import logger

from scrapers.errors import StoreError, StoreUnavailableError
from store.backend import Backend

ACTOR = "evidence"
"""Who merges, as `catalogue_reviews` names it. What was undone once, merge_teams refuses to this one."""
PAGE = 200


class Merger:
    """Merges what the evidence says is one team; `fleet review list --log` shows it, `fleet review undo` takes it
    back."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._refused: set[tuple[int, int]] = set()

    def step(self) -> int:
        """Merge until nothing more can be; how many teams went. Raises StoreUnavailableError."""
        merged = 0
        while True:
            done = sum(self._merge(pair, reason) for pair, reason in list(self._due()))
            merged += done
            if not done:
                return merged

    def _due(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Pairs that are one club, and why."""
        for pair in self._pairs("list_team_witnesses"):
            from normalizer.same_club import witnesses  # most rounds have nothing to judge

            if families := witnesses(pair):
                yield pair, f"printed alike by families {', '.join(families)}"
        for pair in self._pairs("list_fixture_witnesses"):
            from normalizer.same_club import calendar_says_one

            if calendar_says_one(pair):
                yield pair, f"one opponent at one time, as fixtures {', '.join(map(str, pair['fixtures']))} say"

    def _merge(self, pair: dict[str, Any], reason: str) -> bool:
        keep, gone = pair["keep"], pair["gone"]
        if (keep, gone) in self._refused:
            return False
        try:
            answer = self._backend.call(
                "merge_teams", {"p_keep": keep, "p_gone": gone, "p_actor": ACTOR, "p_reason": reason}
            )
        except StoreUnavailableError:
            raise
        except StoreError as refusal:
            # A person said something of their matches, or an earlier merge of this round changed the pair.
            logger.warning("teams {} and {} stay two: {}", keep, gone, refusal)
            self._refused.add((keep, gone))
            return False
        logger.info("review {}: team {} is {} too, {}", answer["review_id"], keep, gone, reason)
        return True

    def _pairs(self, function: str) -> Iterator[dict[str, Any]]:
        low, high = 0, 0
        while True:
            rows = self._backend.call(function, {"p_after_low": low, "p_after_high": high, "p_limit": PAGE})
            yield from rows
            if len(rows) < PAGE:
                return
            low, high = rows[-1]["low"], rows[-1]["high"]

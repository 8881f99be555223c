"""Opportunities in the database: what this process saw goes in, what an earlier one saw comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from board.opportunities.life import REOPEN_S, Life
from board.opportunities.records import Ending, HeldLeg, Opportunity, Sight
from board.records import Match
from store.backend import Backend

RENEW_EVERY_S = 15.0
"""Open rows are seen at least so often, so that those of a process that was killed tell when it last saw them."""
PAGE_ROWS = 500

Row = dict[str, Any]


class Ledger:
    """Keeps the table `surebets` in step with a life."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._written_at = 0.0

    def adopt(self, life: Life) -> int:
        """Give a life the opportunities of the database that are open, or may come back.

        Answers how many rows could not be read: another release may have written them otherwise. They go on when
        they are found again, and are closed as unwatched when not. Raises StoreError.
        """
        known, unreadable = [], 0
        for row in self._rows():
            try:
                known.append(_opportunity(row))
            except (KeyError, TypeError, ValueError):
                unreadable += 1
        life.adopt(known)
        return unreadable

    def record(self, life: Life, now: float) -> None:
        """Write what is new, and that the rest still stands; nothing when nobody needs it.

        now: seconds since the epoch, the time of the life's last update.
        Raises StoreError; nothing is lost then: the next call writes it.
        """
        changed = list(life.unrecorded.values())
        standing = [one.surebet_id for one in life.open() if one.surebet_id is not None]
        if not changed and not (standing and abs(now - self._written_at) >= RENEW_EVERY_S):
            return
        answer = self._backend.call(
            "record_surebets",
            {"p_seen_at": now, "p_standing": standing, "p_changed": [_row(one) for one in changed]},
        )
        for place, surebet_id, opened_at in answer:
            changed[place].surebet_id, changed[place].opened_at = surebet_id, opened_at
        life.unrecorded.clear()
        self._written_at = now

    def _rows(self) -> Iterator[Row]:
        after = 0
        while True:
            page: list[Row] = self._backend.call(
                "surebets_to_adopt", {"p_closed_within_s": REOPEN_S, "p_after_id": after, "p_limit": PAGE_ROWS}
            )
            yield from page
            if len(page) < PAGE_ROWS:
                return
            after = page[-1]["surebet_id"]


def _row(one: Opportunity) -> Row:
    match = one.match
    return {
        "id": one.surebet_id,
        "key": one.key,
        "match_id": match.match_id,
        "period": one.period,
        "sport": match.sport,
        "league_key": match.league_key,
        "league": match.league,
        "country": match.country,
        "home": match.home,
        "away": match.away,
        "starts_at": match.starts_at,
        "opened_at": one.opened_at,
        "confirmed_at": one.confirmed_at,
        "last_seen_at": one.last_seen_at,
        "sight_at": one.sight_at,
        "closed_at": one.closed_at,
        "closed_reason": one.ending,
        "closed_detail": one.detail,
        "sights": one.sights,
        "gaps": one.gaps,
        "gap_s": one.gap_s,
        "first_edge": one.first_edge,
        "last_sight": _sight_row(one.sight),
        "best_sight": _sight_row(one.best_sight),
    }


def _sight_row(sight: Sight) -> Row:
    return {**sight._asdict(), "legs": [leg._asdict() for leg in sight.legs]}


def _sight(row: Row) -> Sight:
    legs = tuple(HeldLeg(**leg) for leg in row["legs"])
    return Sight(**{**row, "legs": legs, "profits": tuple(row["profits"])})


def _opportunity(row: Row) -> Opportunity:
    match = Match(*(row[name] for name in Match._fields))
    return Opportunity(
        row["key"],
        row["period"],
        match,
        _sight(row["last_sight"]),
        _sight(row["best_sight"]),
        row["first_edge"],
        row["opened_at"],
        row["last_seen_at"],
        row["sight_at"],
        row["surebet_id"],
        row["confirmed_at"],
        row["closed_at"],
        None if row["closed_reason"] is None else Ending(row["closed_reason"]),
        row["closed_detail"],
        row["sights"],
        row["gaps"],
        row["gap_s"],
    )

"""Opened, confirmed, closed, come back: what becomes of surebets from round to round.

An opportunity is what is bet on (`Surebet.key`): while it stands, bookmakers may take turns in it and prices may
move. One that comes back within `REOPEN_S` was away for a moment and is the same one still, so a feed that flickers
makes one row and not many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from board.opportunities.finder import FoundSet
from board.opportunities.records import Ending, Opportunity, Sight, held_leg
from board.state import Board
from board.surebets import Surebet
from board.surebets.plain import profits_of

REOPEN_S = 180.0
"""As long as a price stays fresh unseen: a bookmaker's hiccup is no end."""
UNWATCHED_S = 60.0
"""After a longer time without a round nobody knows what happened in between."""


class Life:
    """Every open opportunity, and those that closed so lately that they may come back.

    revision    counts what a reader would see
    unrecorded  what the database does not know yet, in the order it happened, by key and opening
    """

    def __init__(self) -> None:
        self.revision = 0
        self.unrecorded: dict[tuple[str, float], Opportunity] = {}
        self._known: dict[str, Opportunity] = {}
        self._shown: dict[str, Surebet] = {}

    def open(self) -> Iterator[Opportunity]:
        """Those that stand, in no order."""
        return (one for one in self._known.values() if one.ending is None)

    def adopt(self, opportunities: Iterable[Opportunity]) -> None:
        """Take over what was known before this process began, in the order of opening."""
        self._known.update((one.key, one) for one in opportunities)

    def update(
        self,
        board: Board,
        found: Iterable[FoundSet],
        ending_of: Callable[[Opportunity], tuple[Ending, str]],
    ) -> None:
        """Take over what was found in this round. ending_of: why one that was not found ended."""
        now, standing = board.now, set()
        for one in found:
            key = one.surebet.key
            standing.add(key)
            known = self._known.get(key)
            if known is not None and now - known.last_seen_at <= REOPEN_S:
                self._goes_on(board, known, one)
                continue
            if known is not None and known.ending is None:
                self._close(known, known.last_seen_at, Ending.GENERATOR_STOPPED)
            self._open(now, key, one)
        for known in [one for key, one in self._known.items() if key not in standing]:
            if known.ending is None:
                if now - known.last_seen_at > UNWATCHED_S:
                    self._close(known, known.last_seen_at, Ending.GENERATOR_STOPPED)
                else:
                    self._close(known, now, *ending_of(known))
            elif now - known.last_seen_at > REOPEN_S:
                del self._known[known.key]

    def _open(self, now: float, key: str, one: FoundSet) -> None:
        sight, match = _sight(one), one.prices[0].match
        opened = Opportunity(key, one.surebet.period, match, sight, sight, sight.edge, now, now, now)
        self._known[key] = opened
        self._shown[key] = one.surebet
        self._note(opened)

    def _goes_on(self, board: Board, known: Opportunity, one: FoundSet) -> None:
        away_since = known.last_seen_at if known.closed_at is None else known.closed_at
        if known.ending is not None or board.now - known.last_seen_at > UNWATCHED_S:
            known.gaps += 1
            known.gap_s += max(0.0, board.now - away_since)
            known.closed_at, known.ending, known.detail = None, None, ""
            self._note(known)
        known.last_seen_at = board.now
        if self._shown.get(known.key) is not one.surebet:
            self._take_over(known, one)
        seen = [leg.seen_at(board) for leg in known.sight.legs]
        if all(at is not None and at > known.sight_at for at in seen):
            known.sights += 1
            known.sight_at = board.now
            self.revision += 1
            if known.confirmed_at is None:
                known.confirmed_at = board.now
                self._note(known)

    def _take_over(self, known: Opportunity, one: FoundSet) -> None:
        """Legs, prices, stakes and kick-off as the last search gave them."""
        sight, match = _sight(one), one.prices[0].match
        self._shown[known.key] = one.surebet
        if (sight, match) == (known.sight, known.match):
            return
        known.sight, known.match = sight, match
        if sight.edge > known.best_sight.edge:
            known.best_sight = sight
        self._note(known)

    def _close(self, known: Opportunity, at: float, ending: Ending, detail: str = "") -> None:
        known.closed_at, known.ending, known.detail = at, ending, detail
        self._shown.pop(known.key, None)
        self._note(known)

    def _note(self, known: Opportunity) -> None:
        self.revision += 1
        self.unrecorded[known.key, known.opened_at] = known


def _sight(one: FoundSet) -> Sight:
    surebet = one.surebet
    return Sight(
        surebet.edge,
        surebet.outlay,
        surebet.worst,
        surebet.best,
        tuple(map(held_leg, surebet.legs, one.prices)),
        tuple(profits_of(surebet)),
    )

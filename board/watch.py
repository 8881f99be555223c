"""Which matches a list of the board has to look at again: what changed, and what the clock changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from math import inf
from typing import Generic, TypeVar

from board.changes import Changes
from board.freshness import Limits, fresh_scopes
from board.offers import Contract, OfferTable
from board.state import Board

Group = TypeVar("Group", bound=Hashable)


class Watch:
    """Says once a round which matches to look at, and remembers what counts.

    limits  how old a price may be
    fresh   what `fresh_scopes` answered last
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.fresh: dict[int, frozenset[int]] = {}
        self._until: dict[int, float] = {}
        self._heads: object = None
        self._now = 0.0

    def touched(self, board: Board, changes: Changes) -> dict[int, set[int] | None]:
        """Matches to look at again, with the numbers of the contracts concerned; None: the whole match.

        A match that is not on the board any more is among them. The first call names every match.
        """
        now, fresh = board.now, fresh_scopes(board, now=board.now, limits=self.limits)
        heads = {number: (head.slug, head.name, head.family) for number, head in board.heads.items()}
        touched = dict(changes.matches)
        if heads != self._heads or now < self._now:  # a clock set back: kick-offs lie ahead again
            touched |= dict.fromkeys(board.listed)
        for bookmaker_id, counted in fresh.items():
            turned = counted ^ self.fresh.get(bookmaker_id, frozenset())
            if turned:
                touched |= dict.fromkeys(board.matches_in(bookmaker_id, turned))
        touched |= {match_id: None for match_id, until in self._until.items() if until <= now}
        for match_id, contracts in touched.items():
            if contracts is None:
                self._until.pop(match_id, None)
        self.fresh, self._heads, self._now = fresh, heads, now
        return touched

    def until(self, match_id: int, at: float) -> None:
        """What was found in a match holds until then (seconds since the epoch) by the clock."""
        if at < self._until.get(match_id, inf):
            self._until[match_id] = at


class ContractGroups(Generic[Group]):
    """The contracts that a list is about, put together where it compares them.

    numbers  by group: the numbers of its contracts
    """

    def __init__(self, group_of: Callable[[Contract], Group | None]) -> None:
        """group_of: None for contracts that the list is not about."""
        self.numbers: dict[Group, list[int]] = {}
        self._group_of = group_of
        self._groups: list[Group | None] = []

    def learn(self, table: OfferTable) -> None:
        """Take over the contracts that have turned up since."""
        for number in range(len(self._groups), len(table.contracts)):
            group = self._group_of(table.contracts[number])
            self._groups.append(group)
            if group is not None:
                self.numbers.setdefault(group, []).append(number)

    def of(self, contract: int) -> Group | None:
        """The group of a contract, None: of none."""
        return self._groups[contract]

"""What a list need not look at in this round: the next prices wait for no search."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from math import inf
from typing import TypeVar

Contracts = TypeVar("Contracts")


class Backlog:
    """Hands out the matches to look at until a round's time is used up; the rest has its turn in the next ones.

    A match of which something is listed never waits, so that nothing is said of it that is true no more. Where
    nothing is listed, what turns up is only listed later.

    budget_s  how long a round goes on with matches that may wait; one of them has its turn in any case
    clock     monotonic seconds
    """

    def __init__(self, budget_s: float = inf, clock: Callable[[], float] = time.monotonic) -> None:
        self._budget_s = budget_s
        self._clock = clock
        self._waiting: dict[int, None] = {}

    def __len__(self) -> int:
        """How many matches wait."""
        return len(self._waiting)

    def turn(
        self, touched: Mapping[int, Contracts | None], listed: Collection[int]
    ) -> Iterator[tuple[int, Contracts | None]]:
        """The matches of this round: those of which something is `listed` first, then those that wait longest.

        touched: what is to be looked at since the last round, with the contracts concerned; one that waited comes
        back as None, whole.
        """
        work: dict[int, Contracts | None] = {**touched, **self._waiting}
        urgent = [match_id for match_id in work if match_id in listed]
        self._waiting |= dict.fromkeys(touched)
        for match_id in urgent:
            del self._waiting[match_id]
            yield match_id, work[match_id]
        begun = self._clock()
        for match_id in list(self._waiting):
            del self._waiting[match_id]
            yield match_id, work[match_id]
            if self._clock() - begun >= self._budget_s:
                return

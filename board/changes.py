"""What changed on the board since somebody last asked: whoever follows it looks at nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from board.listing import Listing
from board.records import HeldPrice


class Moved(NamedTuple):
    """A price that changed, and where it is listed, or was until now.

    offer  its number, as the match itself sees it
    held   the price as it stands now; None: it is not open any more
    """

    listing: Listing
    offer: int
    held: HeldPrice | None


@dataclass(slots=True)
class Changes:
    """What is different since the changes were last taken.

    matches  by match id: the numbers of the contracts in which a price changed; None: anything may have
    prices   by match id and key: the very prices, of the matches that name contracts
    scopes   parts of offers that were seen at another time than before
    """

    matches: dict[int, set[int] | None] = field(default_factory=dict)
    prices: dict[int, dict[int, Moved]] = field(default_factory=dict)
    scopes: set[int] = field(default_factory=set)

    def touch(self, match_id: int) -> None:
        """Note that anything of a match may have changed."""
        self.matches[match_id] = None
        self.prices.pop(match_id, None)

    def move(self, match_id: int, contract: int, key: int, moved: Moved) -> None:
        """Note that the price under a key changed, came or went."""
        prices = self.prices.get(match_id)
        if prices is None:
            if match_id in self.matches:
                return
            self.matches[match_id] = set()
            prices = self.prices[match_id] = {}
        contracts = self.matches[match_id]
        assert contracts is not None
        contracts.add(contract)
        prices[key] = moved

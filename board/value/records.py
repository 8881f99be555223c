"""What is asked of the search for value, and what a value says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from board.rows import RowPrice
from board.value.novig import METHODS
from scrapers.errors import DeclarationError


@dataclass(frozen=True, slots=True)
class Settings:
    """What counts as an opinion, and what is listed.

    method         how the margin is taken out of prices, a name of METHODS
    min_families   least number of other families behind the consensus
    max_overround  a bookmaker whose market adds up to more says too little to have an opinion on it
    min_edge       least expected profit per unit staked
    max_edge       above it a price is somebody's error
    limit          so many values are listed, those with the greatest edge

    Raises DeclarationError for values that make no sense.
    """

    method: str = "shin"
    min_families: int = 3
    max_overround: float = 1.2
    min_edge: float = 0.02
    max_edge: float = 0.25
    limit: int = 300

    def __post_init__(self) -> None:
        faults = {
            f"method must be one of {', '.join(METHODS)}": self.method not in METHODS,
            "min_families must be at least 1": not self.min_families >= 1,
            "max_overround must be above 1": not self.max_overround > 1,
            "min_edge must be finite and not above max_edge": not -math.inf < self.min_edge <= self.max_edge,
            "limit must be at least 1": not self.limit >= 1,
        }
        if any(faults.values()):
            raise DeclarationError(f"value: {'; '.join(text for text, failed in faults.items() if failed)}")


class Value(NamedTuple):
    """A price that is worth more than it costs, as others see it.

    probability  the consensus of the other families: the chance of the selection, of what is at stake where a line
                 may return a part of it
    edge         expected profit per unit at stake, after commission
    families, bookmakers   how many are behind the consensus
    """

    price: RowPrice
    probability: float
    edge: float
    families: int
    bookmakers: int

"""What is asked of a duplo green, and what it says. Amounts are in the account's currency, all of them exact."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from board.rows import RowPrice
from scrapers.errors import DeclarationError


@dataclass(frozen=True, slots=True)
class Settings:
    """What is listed, and how much is bet.

    stake       base stake: the most that the three legs cost together
    unit        every stake is a multiple of it
    min_return  least profit per unit of outlay when only one leg pays; negative: what the chance may cost
    max_return  above it a price is somebody's error
    hours       how far ahead kick-off may be
    limit       so many are listed, those with the best return

    Raises DeclarationError for values that make no sense.
    """

    stake: float = 100.0
    unit: float = 1.0
    min_return: float = -0.05
    max_return: float = 0.2
    hours: float = 48.0
    limit: int = 300

    def __post_init__(self) -> None:
        faults = {
            "unit must be positive": not 0 < self.unit < math.inf,
            "stake must be at least three units": not 3 * self.unit <= self.stake < math.inf,
            "min_return must lie above -1 and not above max_return": not -1 < self.min_return <= self.max_return,
            "hours must be positive": not self.hours > 0,
            "limit must be at least 1": not self.limit >= 1,
        }
        if any(faults.values()):
            raise DeclarationError(f"duplo green: {'; '.join(text for text, failed in faults.items() if failed)}")


class Leg(NamedTuple):
    """One of the three bets. `returned`: what it pays back, after commission, when it wins."""

    price: RowPrice
    stake: Decimal
    returned: Decimal


class DuploGreen(NamedTuple):
    """The three legs of a match with the stakes to bet, and what follows from them."""

    home: Leg
    draw: Leg
    away: Leg

    @property
    def outlay(self) -> Decimal:
        """What the legs cost together."""
        return self.home.stake + self.draw.stake + self.away.stake

    @property
    def profits(self) -> dict[str, Decimal]:
        """Profit by which legs pay: one by itself (the result), or two of them.

        home_away   a side led by two goals and the other one won
        home_draw   the home side led by two goals and the match ended level
        draw_away   the same of the away side
        """
        home, draw, away, outlay = self.home.returned, self.draw.returned, self.away.returned, self.outlay
        return {
            "home": home - outlay,
            "draw": draw - outlay,
            "away": away - outlay,
            "home_away": home + away - outlay,
            "home_draw": home + draw - outlay,
            "draw_away": draw + away - outlay,
        }

    @property
    def worst(self) -> Decimal:
        """Profit when nothing special happens and the result that pays least comes. Negative: the cost."""
        return min(leg.returned for leg in self) - self.outlay

    @property
    def worst_return(self) -> float:
        """The same per unit of outlay."""
        return float(self.worst / self.outlay)

    @property
    def both(self) -> Decimal:
        """The least profit when two legs pay."""
        returned = sorted(leg.returned for leg in self)
        return returned[0] + returned[1] - self.outlay

    @property
    def break_even(self) -> float:
        """How often two legs must pay for the bets to pay off in the long run, as a share; 0: they cost nothing."""
        if self.worst >= 0:
            return 0.0
        return float(-self.worst / (self.both - self.worst))

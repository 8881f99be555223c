"""Why a market without value need not be looked at again while little changes in it. Pure.

If a few families change their minds altogether, a median of many moves by as many places in its order and no
further. Where no price would be worth its cost even then, only a price that rises above what that consensus could
ask for, or one family more, makes it necessary to look again. Most prices that change do neither.
"""

from __future__ import annotations

ALTERED = 2
"""So many families may change their minds before a market is looked at again."""


class Calm:
    """A market in which nothing is worth its cost. least: below these prices nothing is, selection by selection."""

    __slots__ = ("_altered", "least")

    def __init__(self, least: tuple[float, ...]) -> None:
        self.least = least
        self._altered: tuple[str, ...] = ()

    def holds(self, place: int, price: float | None, family: str | None) -> bool:
        """Whether there is still no value, certainly, with this price of a selection (None: with it gone).

        place: of the selection; family: whose opinion the price is part of, None where it is part of nobody's.
        """
        if price is not None and price >= self.least[place]:
            return False
        if family is not None and family not in self._altered:
            self._altered += (family,)
        return len(self._altered) <= ALTERED

"""The three legs of a duplo green, and stakes that pay back the same whichever of them wins. Pure.

With prices o (after commission) and an outlay T, the stakes T / (o * sum(1 / o)) pay back T / sum(1 / o) each. No
other stakes have a better worst result, so where that is too little, no rounding needs to be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from itertools import product

from board.duplo_green.records import DuploGreen, Leg, Settings
from board.rows import RowPrice

_HIDDEN_BY_ROUNDING = 1e-9


def find_duplo_green(
    homes: Iterable[RowPrice], draws: Iterable[RowPrice], aways: Iterable[RowPrice], settings: Settings
) -> DuploGreen | None:
    """The duplo green of a match with the best worst result; None: there is none, or it costs too much.

    Args:
        homes, aways: early-payout back prices. The two legs are of different bookmakers.
        draws: every back price that a draw pays, whatever its rules.
    """
    pair = _best_pair(_best(homes), _best(aways))
    if pair is None:
        return None
    home, away = pair
    for draw in _best(draws):
        legs = home, draw, away
        if 1 / sum(1 / leg.net for leg in legs) - 1 < settings.min_return - _HIDDEN_BY_ROUNDING:
            return None  # the draws that follow pay less
        found = _staked(legs, settings)
        if found is not None:
            return found if found.worst >= as_decimal(settings.min_return) * found.outlay else None
    return None


@lru_cache(maxsize=1024)
def as_decimal(number: float) -> Decimal:
    """The decimal number that a double is printed as."""
    return Decimal(repr(number))


def _best(prices: Iterable[RowPrice]) -> list[RowPrice]:
    """Prices from the one that pays most on; of equal ones in the order of their bookmakers."""
    return sorted(prices, key=lambda price: (-price.net, price.bookmaker, price.rules, price.price))


def _best_pair(homes: Sequence[RowPrice], aways: Sequence[RowPrice]) -> tuple[RowPrice, RowPrice] | None:
    """The prices of different bookmakers that leave the least to pay for; None when nobody else has the other."""
    pairs = (
        (home, away)
        for home, away in product(_two_bookmakers(homes), _two_bookmakers(aways))
        if home.bookmaker != away.bookmaker
    )
    return min(pairs, key=lambda pair: 1 / pair[0].net + 1 / pair[1].net, default=None)


def _two_bookmakers(best: Sequence[RowPrice]) -> list[RowPrice]:
    """The best price, and the best one of anybody else."""
    return [*best[:1], *(price for price in best[1:] if price.bookmaker != best[0].bookmaker)][:2]


def _staked(legs: tuple[RowPrice, RowPrice, RowPrice], settings: Settings) -> DuploGreen | None:
    """The legs with the rounding that has the best worst result per unit of outlay; None: nothing can be bet."""
    unit, stake = as_decimal(settings.unit), as_decimal(settings.stake)
    nets = [1 + (as_decimal(leg.price) - 1) * (1 - as_decimal(leg.commission)) for leg in legs]
    whole = sum(1 / each for each in nets)
    chosen: tuple[tuple[Decimal, Decimal], DuploGreen] | None = None
    for units in product(*(_whole_units(stake / (each * whole) / unit) for each in nets)):
        amounts = [count * unit for count in units]
        outlay = sum(amounts, Decimal(0))
        if outlay > stake or any(
            leg.available is not None and amount > as_decimal(leg.available)
            for leg, amount in zip(legs, amounts, strict=True)
        ):
            continue
        home, draw, away = (
            Leg(leg, amount, amount * each) for leg, amount, each in zip(legs, amounts, nets, strict=True)
        )
        rank = min(home.returned, draw.returned, away.returned) / outlay, outlay
        if chosen is None or rank > chosen[0]:
            chosen = rank, DuploGreen(home, draw, away)
    return None if chosen is None else chosen[1]


def _whole_units(ideal: Decimal) -> list[Decimal]:
    """The whole numbers beside an ideal number of units, at least one."""
    least = max(Decimal(1), ideal.to_integral_value(ROUND_FLOOR))
    return [least, least + 1]

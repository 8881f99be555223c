"""Stake's vocabulary: the market ids of the Brazilian REST host.

No answer of that host was ever recorded; what is here comes from public clients (2025-2026). Three ids are used
by clients that worked: there the column tells the side. The others are Kambi's ids for the same markets, inferred
because the three and the tournaments' ids equal Kambi's: there the printed label has to tell the selection, and
the line, so that a wrong inference costs rows and makes no price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrapers.records import Market, Rules, Selection, Sport


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a `marketId` means.

    markets  what it can be; of several, the labels tell which one it is
    columns  `columnId` -> selection; None where only the label tells
    """

    markets: tuple[Market, ...]
    columns: Mapping[int, Selection] | None = None
    rules: Rules = Rules.STANDARD


_THREE_WAY = {0: Selection.HOME, 1: Selection.DRAW, 2: Selection.AWAY}
_TWO_WAY = {0: Selection.HOME, 1: Selection.AWAY}

MARKETS: dict[Sport, dict[str, Meaning]] = {
    Sport.FOOTBALL: {
        "1001159858": Meaning((Market.MATCH_RESULT,), _THREE_WAY),
        "2100089307_0": Meaning((Market.MATCH_RESULT,), _THREE_WAY, Rules.EARLY_PAYOUT),
        "1001159926": Meaning((Market.TOTALS,)),
        "1001642858": Meaning((Market.BOTH_TEAMS_TO_SCORE,)),
        "1001159922": Meaning((Market.DOUBLE_CHANCE,)),
        "1001159666": Meaning((Market.DRAW_NO_BET,)),
    },
    Sport.BASKETBALL: {
        "1001159732": Meaning((Market.MONEYLINE,), _TWO_WAY),
        # Total points according to the one who inferred it, the point spread in Kambi's recorded answers (2026-07).
        "1001159512": Meaning((Market.HANDICAP, Market.TOTALS)),
        "1001159711": Meaning((Market.HANDICAP,)),
    },
}
"""`marketId` by sport; in basketball overtime included. Markets with a line may carry it behind a `_`.

Left out on purpose: 1000316018, the match result according to one client (2026), is Kambi's result of the first
half. Two sources that contradict each other are no source.
"""

FROZEN_FLAGS = ("frozen", "isFrozen")
"""Names under which a row may say that it cannot be bet on now."""

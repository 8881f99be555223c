"""What differs between the simulated platforms apart from their formats: ids, price steps, offers, demands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from scrapers.records import Rules

Ladder = tuple[tuple[Decimal, Decimal], ...]
"""(prices below, step of the price), rising."""


class Demand(StrEnum):
    """What a request must bring before it is answered."""

    NOTHING = "nothing"
    TOKEN = "token"
    """The token that the brand's page was given, in the header `authorization`."""
    COOKIE = "cookie"
    """The cookie that the brand's page sets by script."""
    PAGE = "page"
    """The cookie, in a fetch from inside the page."""
    NAVIGATION = "navigation"
    """The cookie, in a navigation of the browser to the address itself."""
    PARAMETER = "parameter"
    """The public access id that stands in the brand's page, as a query parameter."""


def _ladder(*steps: tuple[int, str]) -> Ladder:
    return tuple((Decimal(below), Decimal(step)) for below, step in steps)


_FINE = _ladder((3, "0.01"), (6, "0.02"), (10, "0.1"), (20, "0.25"), (1000, "1"))


@dataclass(frozen=True, slots=True)
class Wire:
    """One platform.

    first_id       from where its event ids count; `shuffle` and `prefix` make them differ from other platforms'
    plain_points   whether the ids of basketball matches have no prefix
    tenant_option  the bookmaker's option that names its brand on the platform's host; "": the slug names it
    early_payout   shares of football matches whose result market pays early, one chosen for each brand
    replaces       whether that market stands in place of the ordinary one (else beside it)
    boosted        share of football matches with a promotional result market
    points_rules   the contracts of the moneyline in basketball
    suspends       whether a suspended market is shown as such; else it is not there
    demand         what a brand whose transport is "browser" demands (PARAMETER: every brand)
    exchange       whether every selection can be laid too (see `simulator.exchange`)
    """

    first_id: int
    shuffle: int = 0
    prefix: str = ""
    plain_points: bool = False
    tenant_option: str = ""
    ladder: Ladder = _FINE
    early_payout: tuple[float, ...] = (0.0,)
    replaces: bool = False
    boosted: float = 0.0
    points_rules: frozenset[Rules] = frozenset({Rules.STANDARD})
    suspends: bool = True
    demand: Demand = Demand.NOTHING
    exchange: bool = False


_ALL_RULES = frozenset(Rules)

WIRES: Mapping[str, Wire] = {
    "altenar": Wire(
        12_000_000,
        tenant_option="integration",
        early_payout=(0.0, 0.5, 1.0),
        replaces=True,
        boosted=0.12,
        demand=Demand.TOKEN,
    ),
    "kambi": Wire(
        1_020_000_000,
        0x2A5,
        tenant_option="offering",
        ladder=_ladder((2, "0.01"), (4, "0.02"), (8, "0.05"), (20, "0.25"), (1000, "1")),
        early_payout=(0.8,),
    ),
    "superbet": Wire(7_000_000, 0x11B),
    "kaizen": Wire(
        64_000_000,
        0x35C,
        early_payout=(1.0,),
        replaces=True,
        boosted=0.3,
        points_rules=frozenset({Rules.EARLY_PAYOUT, Rules.BOOSTED}),
        demand=Demand.COOKIE,
    ),
    "novibet": Wire(
        37_000_000, 0x1D2, early_payout=(0.6,), boosted=0.4, points_rules=_ALL_RULES, demand=Demand.COOKIE
    ),
    "entain_cds": Wire(
        6_100_000, 0x0F7, prefix="2:", plain_points=True, early_payout=(0.7,), demand=Demand.PARAMETER
    ),
    "nsx": Wire(58_000_000, 0x26E, demand=Demand.COOKIE),
    "stake": Wire(1_030_000_000, 0x3A9, early_payout=(0.8,), demand=Demand.NAVIGATION),
    "matchbook": Wire(
        3_100_000_000,
        0x147,
        ladder=_ladder((2, "0.01"), (3, "0.02"), (4, "0.05"), (6, "0.1"), (10, "0.2"), (20, "0.5"), (1000, "1")),
        demand=Demand.COOKIE,
        exchange=True,
    ),
    "tradeball": Wire(810_000, 0x0C3),
    "bet365": Wire(171_000_000, 0x2F8, suspends=False),
}
"""By platform, as `bookmakers.json` names it."""

"""What is believed, and how much is bet. Every gate can be set; `ungated` leaves the mathematics alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scrapers.errors import DeclarationError
from scrapers.records import Rules

RULE_GROUPS: tuple[frozenset[str], ...] = (
    frozenset({Rules.STANDARD, Rules.BOOSTED}),
    frozenset({Rules.EARLY_PAYOUT}),
)
"""Rules that settle alike. A boosted price is a standard contract at a promotional price (Brazilian "super odds",
2026-01). An early payout pays more often than the result says, and each bookmaker by its own margin."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Gates, and what stakes may be.

    max_age_s           the oldest a leg may be
    max_skew_s          the longest time between the legs of one set
    outlier_ratio       how far a price may stand above the median of the other trading desks (a lay price below it)
    outlier_min_others  with fewer other desks nothing is called an outlier
    max_edge            guaranteed profit per unit of outlay above which a set is an error of somebody
    min_profit          least profit per unit of outlay, after rounding
    min_families        least number of trading desks behind a set
    rule_groups         rules that may stand in one set
    outlay              the most that a set may cost, liabilities included
    unit                every stake is a multiple of it
    max_stake           the most to stake on one leg; None: no limit but the bookmaker's
    alternatives        how many sets to list for one period of a match; they differ in what is bet on

    Raises DeclarationError for values that make no sense.
    """

    max_age_s: float = 90.0
    max_skew_s: float = 60.0
    outlier_ratio: float = 1.5
    outlier_min_others: int = 3
    max_edge: float = 0.2
    min_profit: float = 0.0
    min_families: int = 2
    rule_groups: tuple[frozenset[str], ...] = RULE_GROUPS
    outlay: float = 1000.0
    unit: float = 0.01
    max_stake: float | None = None
    alternatives: int = 5

    def __post_init__(self) -> None:
        faults = [
            *(
                f"{name} must not be negative"
                for name in ("max_age_s", "max_skew_s", "max_edge", "min_profit")
                if not getattr(self, name) >= 0
            ),
            *(
                f"{name} must be at least 1"
                for name in ("outlier_ratio", "outlier_min_others", "min_families", "alternatives")
                if not getattr(self, name) >= 1
            ),
            *(
                f"{name} must be positive and finite"
                for name, amount in (("outlay", self.outlay), ("unit", self.unit), ("max_stake", self.max_stake))
                if amount is not None and not 0 < amount < math.inf
            ),
        ]
        if faults:
            raise DeclarationError(f"surebets: {'; '.join(faults)}")

    def ungated(self) -> Settings:
        """The same stakes without any gate on belief; rules and suspended prices stay what they are."""
        return replace(
            self,
            max_age_s=math.inf,
            max_skew_s=math.inf,
            outlier_ratio=math.inf,
            max_edge=math.inf,
            min_profit=0.0,
            min_families=1,
        )

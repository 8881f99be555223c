"""Random boards for property tests: small, near enough to fair that about half of them hold a surebet."""

from __future__ import annotations

from hypothesis import strategies as st

from board.surebets import MatchPrices, Quote, Settings
from scrapers.records import SELECTIONS, Market, Side

MATHEMATICS = Settings(alternatives=1).ungated()
"""Every price is believed, and the best set alone is asked for."""

FAIR = {Market.MATCH_RESULT: 3.0, Market.DOUBLE_CHANCE: 1.5}
"""A price at which nobody profits if all selections are alike; 2 where not said."""
MARKETS = sorted(set(Market) - {Market.MONEYLINE})


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    """A price of any football market but the winner's, on lines up to 4 goals, by one of four bookmakers."""
    market = draw(st.sampled_from(MARKETS))
    line = None
    if market is Market.TOTALS:
        line = draw(st.integers(2, 16)) / 4
    elif market is Market.HANDICAP:
        line = draw(st.integers(-10, 10)) / 4
    side = draw(st.sampled_from((Side.BACK, Side.BACK, Side.BACK, Side.LAY)))
    stretch = draw(st.integers(60, 190)) / 100
    return Quote(
        bookmaker=draw(st.sampled_from("abcd")),
        market=market,
        selection=draw(st.sampled_from(sorted(SELECTIONS[market]))),
        price=round(1 + (FAIR.get(market, 2.0) - 1) * stretch, 2),
        line=line,
        side=side,
        commission=draw(st.sampled_from((0.0, 0.02, 0.045))) if side is Side.LAY else 0.0,
        age_s=draw(st.integers(0, 50)),
    )


def boards(least: int = 2, most: int = 12) -> st.SearchStrategy[MatchPrices]:
    """A football match with some prices."""
    return st.lists(quotes(), min_size=least, max_size=most).map(lambda some: match(*some))


def match(*some: Quote, sport: str = "football") -> MatchPrices:
    """A match with these prices."""
    return MatchPrices(1, sport, some)

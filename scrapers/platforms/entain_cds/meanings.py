"""What a market of a fixture is about, in the common model's terms; None: outside it."""

from __future__ import annotations

from scrapers.platforms.entain_cds.fields import options_of, parameters_of, text_of
from scrapers.platforms.entain_cds.markets import (
    CATEGORIES,
    GOALS,
    LINE_PARAMETERS,
    MARKET_TYPES,
    NAMES,
    OVERTIME_REMARK,
    PART_OF_A_GAME,
    PERIODS,
    PLAIN_PARAMETERS,
    RULES_BY_NAME,
    SUBTYPE,
    SUBTYPES,
    Meaning,
)
from scrapers.platforms.labels import WINNERS
from scrapers.platforms.reading import Row, name_of, object_of
from scrapers.records import MARKETS_WITH_LINE, Market, Period, Rules, Sport


def _named(sport: Sport, row: Row) -> tuple[Meaning | None, Rules]:
    """What a market's name alone says: its meaning where the name is a known one, and its contract."""
    name, rules = OVERTIME_REMARK.sub("", text_of(row.get("name"))), Rules.STANDARD
    for pattern, marked in RULES_BY_NAME:
        if pattern.search(name):
            name, rules = name_of(pattern.sub("", name).strip(" -–()")), marked
            break
    return NAMES[sport].get(name.lower()), rules


def meaning_v2(sport: Sport, row: Row) -> Meaning | None:
    """By the parameters; by name where they say nothing (basketball, whose parameters are not recorded)."""
    parameters = parameters_of(row)
    subtype = parameters.pop(SUBTYPE, None)
    if row.get("fixtureParticipantId") is not None or parameters.keys() - PLAIN_PARAMETERS:
        return None
    named, rules = _named(sport, row)
    if sport is Sport.FOOTBALL and "MarketType" in parameters:
        market = MARKET_TYPES.get(parameters["MarketType"])
        period = PERIODS.get(parameters.get("Period", ""))
        if market is None or period is None or parameters.get("Happening") != GOALS:
            return None
    elif named is None or PART_OF_A_GAME.search(parameters.get("Period", "")):
        return None
    else:
        market, period = named.market, named.period
    if market not in MARKETS_WITH_LINE and LINE_PARAMETERS & parameters.keys():
        return None
    if subtype is not None:
        if (market, subtype) not in SUBTYPES:
            return None
        rules = SUBTYPES[market, subtype]
    return _with_rules(market, period, rules)


def meaning_v1(sport: Sport, row: Row) -> Meaning | None:
    """By name; in basketball the category must agree, and every side of a total must say which it is."""
    named, rules = _named(sport, row)
    if named is None:
        return None
    if sport is Sport.BASKETBALL and row.get("categoryId") != CATEGORIES[named.market]:
        return None
    if named.market is Market.TOTALS and not all(
        object_of(option).get("totalsPrefix") for option in options_of(row)
    ):
        return None
    return _with_rules(named.market, named.period, rules)


def _with_rules(market: Market, period: Period, rules: Rules) -> Meaning | None:
    if rules is not Rules.STANDARD and (market not in WINNERS or period is not Period.MATCH):
        return None
    return Meaning(market, period, rules)

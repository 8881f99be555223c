"""Whether two teams are one club, by what bookmakers print."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from normalizer.same_club import witnesses
from simulator.brands import load_bookmakers
from simulator.clubs import LEAGUE_CLUBS

SPAIN = {"country": "Spain", "leagues": ["Spain"]}
EUROPE = {"country": "", "leagues": ["Europe"]}


def pair(*prints: tuple[str, str, str], one: Any = SPAIN, other: Any = EUROPE) -> dict[str, Any]:
    """A row of list_team_witnesses: (family, name in one, name in the other); names of a bookmaker apart by '/'."""
    seen = [{"family": family, "one": a.split("/"), "other": b.split("/")} for family, a, b in prints]
    return {"one": one, "other": other, "prints": seen}


THREE = [("altenar", "Celta", "Celta"), ("kambi", "Celta Vigo", "Celta Vigo"), ("nsx", "Celta", "Celta")]


def test_three_families_that_print_both_alike_make_them_one() -> None:
    assert witnesses(pair(*THREE)) == ["altenar", "kambi", "nsx"]
    # A bookmaker may print a club in two ways as long as it prints both so.
    assert witnesses(pair(*THREE, ("stake", "Celta/RC Celta", "RC Celta")))


def test_brands_of_one_family_are_one_witness() -> None:
    assert witnesses(pair(*THREE[:2], ("kambi", "Celta", "Celta"))) == []


def test_one_bookmaker_that_prints_them_differently_is_enough_against_it() -> None:
    assert witnesses(pair(*THREE, ("stake", "Portuguesa", "Portuguesa-RJ"))) == []
    assert witnesses(pair(*THREE, ("altenar", "Manchester City", "Manchester Utd"))) == []


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        (SPAIN, SPAIN, True),
        (EUROPE, EUROPE, True),
        (EUROPE, SPAIN, True),
        (SPAIN, {"country": "", "leagues": ["South America"]}, False),
        (SPAIN, {"country": "", "leagues": ["Brazil"]}, False),
        (SPAIN, {"country": "Brazil", "leagues": ["Europe"]}, False),
        (SPAIN, {"country": "", "leagues": []}, False),
        ({"country": "", "leagues": ["Spain", "Brazil"]}, {"country": "", "leagues": ["South America"]}, True),
    ],
)
def test_they_must_be_known_to_play_in_one_part_of_the_world(one: Any, other: Any, may: bool) -> None:
    assert bool(witnesses(pair(*THREE, one=one, other=other))) is may
    assert bool(witnesses(pair(*THREE, one=other, other=one))) is may


def test_no_two_clubs_of_the_simulated_world_are_one() -> None:
    brands = {bookmaker.brand.key: bookmaker.brand for bookmaker in load_bookmakers().values()}.values()
    clubs = {club.name: club for league in LEAGUE_CLUBS.values() for club in league}.values()
    assert len(clubs) > 200
    printed = [[(brand.platform, brand.side(club, "")) for brand in brands] for club in clubs]
    for one, other in product(printed, repeat=2):
        # As if they were of one country, and only those listed both that print them alike.
        alike = [
            (family, name, there) for (family, name), (_, there) in zip(one, other, strict=True) if name == there
        ]
        assert bool(witnesses(pair(*alike, one=SPAIN, other=SPAIN))) is (one is other), alike


def test_names_that_tell_of_two_states_or_countries_are_of_two_clubs() -> None:
    def told(first: str, second: str) -> bool:
        families = ("altenar", "kambi", "nsx")
        prints = [(family, f"América/{first}", f"América/{second}") for family in families]
        return bool(witnesses(pair(*prints, one=SPAIN, other=SPAIN)))

    assert told("América-MG", "América-MG")
    assert told("América-MG", "América")
    assert not told("América-MG", "América-RN")
    assert not told("América (COL)", "América (MEX)")

"""The catalogue in memory: pages in, look-ups out."""

from __future__ import annotations

import time
import tracemalloc
from itertools import product

import pytest

from normalizer.catalogue import Catalogue
from normalizer.names import parse_team
from scrapers.records import Sport
from tests.normalizer.world import KICK_OFF, World, minutes

FOOTBALL = Sport.FOOTBALL
AT = int(KICK_OFF.timestamp())


def near(catalogue: Catalogue, *names: str, after: float = 0) -> list[int]:
    parsed = [parse_team(name) for name in names]
    found = catalogue.matches_near(FOOTBALL, AT + int(after * 60), [(name, name.category) for name in parsed])
    return [match.match_id for match in found]


def test_exact_names_are_those_of_the_team_and_its_confirmed_aliases() -> None:
    world = World()
    city = world.team("Manchester City")
    world.alias(city, "Citizens")
    world.alias(city, "Man City", "proposed")
    world.alias(city, "City", "rejected")
    catalogue = world.catalogue()
    assert catalogue.known_as(FOOTBALL, "manchester city", "") == [city]
    assert catalogue.known_as(FOOTBALL, "citizens", "") == [city]
    assert catalogue.known_as(FOOTBALL, "man city", "") == catalogue.known_as(FOOTBALL, "city", "") == []
    assert catalogue.known_as(FOOTBALL, "manchester city", "women") == []
    assert catalogue.known_as(Sport.BASKETBALL, "manchester city", "") == []
    assert [catalogue.alias_status(city, name, "") for name in ("citizens", "man city", "city", "x")] == [
        "confirmed",
        "proposed",
        "rejected",
        "",
    ]


def test_a_later_row_replaces_an_earlier_one() -> None:
    world = World()
    team = world.team("Atletico")
    match = world.match("Atletico", "Bahia")
    catalogue = world.catalogue()
    assert near(catalogue, "Atletico") == [match]
    catalogue.apply_page("teams", [[2, team, "football", "Mineiro Clube", "mineiro clube", "", ""]])
    assert catalogue.known_as(FOOTBALL, "atletico", "") == []
    assert near(catalogue, "Atletico") == []
    assert near(catalogue, "Mineiro Clube") == [match]
    catalogue.apply_page("matches", [[3, match, "football", None, team, world.team("Bahia"), AT + 86400]])
    assert near(catalogue, "Bahia") == []
    assert near(catalogue, "Bahia", after=24 * 60) == [match]


def test_rows_may_come_in_any_order_of_kinds() -> None:
    world = World()
    match = world.match("Wolverhampton", "Arsenal")
    world.alias(world.team("Wolverhampton"), "Wolves")
    for seed in range(6):
        catalogue = world.catalogue(shuffle=seed)
        assert near(catalogue, "Wolverhampton") == [match]
        assert catalogue.known_as(FOOTBALL, "wolves", "") == [world.team("Wolverhampton")]


def test_matches_are_found_by_a_shared_word_or_a_known_spelling_inside_the_window() -> None:
    world = World()
    match = world.match("Wolverhampton", "Arsenal")
    world.match("Chelsea", "Everton")
    world.alias(world.team("Wolverhampton"), "The Pack", "proposed")
    catalogue = world.catalogue()
    assert (
        near(catalogue, "Arsenal FC")
        == near(catalogue, "The Pack")
        == near(catalogue, "WOLVERHAMPTON W.")
        == [match]
    )
    assert near(catalogue, "Santos") == []
    for late, found in ((180, [match]), (-180, [match]), (181, []), (-181, [])):
        assert near(catalogue, "Arsenal", after=late) == found


def test_old_matches_can_be_forgotten() -> None:
    world = World()
    world.match("Wolverhampton", "Arsenal", after=minutes(-1))
    stays = world.match("Wolverhampton", "Chelsea")
    catalogue = world.catalogue()
    assert catalogue.drop_matches_before(AT) == 1
    assert list(catalogue.matches) == near(catalogue, "Wolverhampton") == [stays]


def test_only_a_national_league_tells_the_country() -> None:
    catalogue = World().catalogue()
    leagues = ("brasileirao_a", "champions_league", "no_such_league", None)
    assert [catalogue.country_of_league(key) for key in leagues] == ["Brazil", "", "", ""]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="teams, aliases, leagues, matches"):
        Catalogue().apply_page("players", [])


def test_fifteen_thousand_spellings_load_at_once_and_stay_small() -> None:
    """Every process carries one."""
    names = [f"{one} {other} {number % 7}" for number, (one, other) in enumerate(product(_syllables(), repeat=2))]
    teams = [[1, n, "football", name, name.casefold(), "", ""] for n, name in enumerate(names[:5000])]
    aliases = [[1, n, n % 5000, name.casefold(), "", "confirmed"] for n, name in enumerate(names[5000:15000])]
    tracemalloc.start()
    try:
        began = time.process_time()
        catalogue = Catalogue()
        catalogue.apply_page("teams", teams)
        catalogue.apply_page("aliases", aliases)
        spent_s = time.process_time() - began
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(teams) + len(aliases) == 15_000
    assert spent_s < 1.0
    assert held < 25e6


def _syllables() -> list[str]:
    return [
        first + second for first, second in product("bcdfglmnprstv", ("alo", "ena", "iro", "ota", "una", "ari"))
    ] * 2

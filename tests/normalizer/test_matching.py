"""Events to matches: as a whole, one to one, precision before recall."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.matching import EventToLink, Link, doubtful_matches, explain, resolve_events
from normalizer.names import league_category, parse_team, with_league
from scrapers.records import Sport
from tests.normalizer.world import KICK_OFF, World, by_number, event, minutes


def decide(world: World, *events: EventToLink, platform: dict[str, Any] | None = None) -> list[Link]:
    return resolve_events(events, world.catalogue(), platform or {}, bookmaker_platform="altenar")


def only(world: World, one: EventToLink, platform: dict[str, Any] | None = None) -> Link:
    (link,) = decide(world, one, platform=platform)
    return link


# --- the same match ------------------------------------------------------------------------------------------


def test_the_same_names_at_the_same_minute_are_the_match() -> None:
    world = World()
    match = world.match("Flamengo", "Vasco", league="brasileirao_a")
    link = only(world, event("Flamengo", "Vasco", league="brasileirao_a"))
    assert link.as_json() == {
        "event": "e1",
        "decision": "match",
        "match_id": match,
        "swapped": False,
        "aliases": [],
        "method": "exact",
        "score": 1.0,
    }


def test_other_spellings_become_proposed_aliases() -> None:
    world = World()
    match = world.match("Manchester City", "Arsenal", league="premier_league")
    link = only(world, event("Man City", "Arsenal", league="premier_league", after=minutes(3)))
    assert (link.decision, link.match_id, link.method) == ("match", match, "names")
    assert link.as_json()["aliases"] == [
        {"team_id": world.team("Manchester City"), "alias": "Man City", "folded": "man city", "category": ""}
    ]


def test_a_confirmed_alias_needs_no_shared_word_and_its_use_is_told() -> None:
    world = World()
    match = world.match("Wolverhampton", "Arsenal", league="premier_league")
    world.alias(world.team("Wolverhampton"), "Wolves")
    link = only(world, event("Wolves", "Arsenal", league="premier_league"))
    assert (link.match_id, link.method) == (match, "exact")
    assert [alias["alias"] for alias in link.aliases] == ["Wolves"]


def test_a_rejected_alias_never_joins_however_alike() -> None:
    world = World()
    world.match("Flamengo", "Vasco", league="brasileirao_a")
    world.alias(world.team("Flamengo"), "CR Flamengo", "rejected")
    assert only(world, event("CR Flamengo", "Vasco", league="brasileirao_a")).reason == "uncertain"


def test_one_sure_side_carries_a_weaker_one() -> None:
    world = World()
    match = world.match("Atlético Madrid", "Getafe", league="la_liga")
    assert only(world, event("Atlético", "Getafe", league="la_liga")).match_id == match
    assert only(world, event("Atlético", "Getafe CD B", league="la_liga")).decision != "match"


def test_no_shared_word_is_a_veto_but_too_near_for_a_new_match() -> None:
    world = World()
    match = world.match("Wolverhampton", "Arsenal", league="premier_league")
    link = only(world, event("Wanderers", "Arsenal"))
    assert (link.decision, link.reason) == ("unmatched", "uncertain")
    assert [candidate["match_id"] for candidate in link.candidates] == [match]
    assert link.as_json()["candidates"][0]["home"] == "Wolverhampton"


# --- what must never be joined -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        (("Manchester City", "Leeds"), ("Manchester United", "Everton")),
        (("Atlético-MG", "Bahia"), ("Atlético-GO", "Bahia")),
        (("Atlético-MG", "Bahia"), ("Athletico", "Bahia")),
        (("América-MG", "Ceará"), ("América-RN", "Ceará")),
        (("Botafogo-SP", "Guarani"), ("Botafogo-PB", "Guarani")),
        (("Corinthians", "Palmeiras"), ("Corinthians (F)", "Palmeiras (F)")),
        (("Corinthians", "Palmeiras"), ("Corinthians Sub-20", "Palmeiras Sub-20")),
        (("Corinthians U17", "Palmeiras U17"), ("Corinthians Sub-20", "Palmeiras Sub-20")),
        (("Barcelona", "Valencia"), ("Barcelona B", "Valencia B")),
        (("Barcelona", "Valencia"), ("Barcelona Atlètic", "Valencia")),
        (("Ajax", "Jong PSV"), ("Jong Ajax", "Jong PSV")),
        (("Atlético Madrid", "Valencia"), ("Athletic Bilbao", "Girona")),
        (("Inter", "Milan"), ("Internacional", "Grêmio")),
        (("Boston Celtics", "Miami Heat"), ("Boston Celtics (Esports)", "Miami Heat (Esports)")),
    ],
)
def test_neighbours_at_the_same_minute_are_never_joined(listed: tuple[str, str], asked: tuple[str, str]) -> None:
    world = World()
    world.match(*listed)
    assert only(world, event(*asked)).decision != "match"


def test_women_u20_and_b_sides_at_the_same_minute_each_find_their_own() -> None:
    world = World()
    pairs = [("Santos", "Bahia"), ("Santos (F)", "Bahia (F)"), ("Santos U20", "Bahia U20"), ("Santos B", "Bahia B")]
    matches = [world.match(*pair) for pair in pairs]
    asked = [
        ("Santos FC", "EC Bahia"),
        ("Santos Feminino", "Bahia Feminino"),
        ("Santos Sub-20", "Bahia Sub-20"),
        ("Santos II", "Bahia II"),
    ]
    links = decide(world, *(event(*pair, number=str(n)) for n, pair in enumerate(asked)))
    assert [link.match_id for link in links] == matches


def test_a_second_side_is_one_by_number_or_by_age_when_its_opponent_is_sure() -> None:
    world = World()
    match = world.match("Gent B", "Anderlecht", league="premier_league")
    link = only(world, event("KAA Gent U23", "Anderlecht", league="premier_league"))
    assert (link.match_id, link.method) == (match, "opponent")
    assert only(world, event("KAA Gent U23", "Anderlecht")).decision != "match"
    assert only(world, event("Gent U17", "Anderlecht", league="premier_league")).decision != "match"


def test_a_league_gives_its_category_to_unmarked_names() -> None:
    world = World()
    senior = world.match("Corinthians", "Palmeiras")
    women = world.match("Corinthians", "Palmeiras", category="women", league="brasileirao_f")
    named = only(world, event("Corinthians", "Palmeiras", league_name="Brasileirão Feminino A1"))
    known = only(world, event("Corinthians", "Palmeiras", league="brasileirao_f", league_name="Série A1"))
    assert (named.match_id, known.match_id) == (women, women)
    assert only(world, event("Corinthians", "Palmeiras", league_name="Paulista")).match_id == senior


def test_one_marked_side_makes_it_a_womens_match() -> None:
    world = World()
    world.match("Arsenal", "Chelsea")
    women = world.match("Arsenal W", "Chelsea W")
    assert only(world, event("Arsenal", "Chelsea (F)")).match_id == women


def test_different_known_leagues_never_join() -> None:
    world = World()
    world.match("Barcelona", "Inter", league="champions_league")
    link = only(world, event("Barcelona", "Inter", league="la_liga"))
    assert link.decision == "create"


def test_an_unknown_league_is_no_contradiction() -> None:
    world = World()
    match = world.match("Barcelona", "Inter", league="champions_league")
    assert only(world, event("Barcelona", "Inter", league_name="Copa")).match_id == match


def test_another_sport_is_another_match() -> None:
    world = World()
    world.match("Flamengo", "Vasco")
    assert only(world, event("Flamengo", "Vasco", sport=Sport.BASKETBALL)).decision == "create"


# --- kick-off -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "league", "late", "decision"),
    [
        (("Flamengo", "Vasco"), "brasileirao_a", 5, "match"),
        (("CR Flamengo", "Vasco da Gama"), "brasileirao_a", 25, "match"),
        (("Flamengo", "Vasco"), "brasileirao_a", 170, "match"),
        (("Flamengo", "Vasco"), None, 170, "match"),
        (("CR Flamengo", "Vasco da Gama"), None, 170, "unmatched"),
        (("Flamengo", "Vasco"), "brasileirao_a", 181, "create"),
        (("Flamengo", "Vasco"), "brasileirao_a", 24 * 60, "create"),
    ],
)
def test_the_later_the_clearer_the_names_must_be(
    names: tuple[str, str], league: str | None, late: int, decision: str
) -> None:
    world = World()
    world.match("Flamengo", "Vasco", league="brasileirao_a")
    for after in (late, -late):
        assert only(world, event(*names, league=league, after=minutes(after))).decision == decision


def test_two_games_of_the_same_teams_on_successive_nights() -> None:
    world = World()
    nights = [
        world.match("Boston Celtics", "Miami Heat", league="nba", after=timedelta(days=day), sport="basketball")
        for day in range(2)
    ]
    links = decide(
        world,
        *(
            event(
                "Celtics",
                "Heat",
                number=str(day),
                league="nba",
                after=timedelta(days=day),
                sport=Sport.BASKETBALL,
            )
            for day in range(3)
        ),
    )
    assert [link.match_id for link in links] == [*nights, None]
    assert links[2].decision == "create"


# --- home and away ------------------------------------------------------------------------------------------


def test_swapped_sides_are_recognised_and_their_aliases_go_to_the_right_teams() -> None:
    world = World()
    match = world.match("Boston Celtics", "Los Angeles Lakers", league="nba", sport="basketball")
    link = only(
        world, event("LA Lakers", "Boston Celtics", league="nba", after=minutes(10), sport=Sport.BASKETBALL)
    )
    assert (link.match_id, link.swapped) == (match, True)
    lakers = world.team("Los Angeles Lakers", sport="basketball")
    assert [alias["team_id"] for alias in link.aliases] == [lakers]


def test_a_reverse_fixture_is_not_a_swap() -> None:
    world = World()
    world.match("Flamengo", "Vasco", league="brasileirao_a")
    assert only(world, event("Vasco", "Flamengo", league="brasileirao_a", after=minutes(2))).swapped
    assert only(world, event("Vasco", "Flamengo", after=minutes(20))).decision != "match"
    assert only(world, event("Vasco", "Flamengo", league="brasileirao_a", after=minutes(100))).decision != "match"


def test_leagues_of_other_countries_need_the_very_names() -> None:
    world = World()
    match = world.match("Arsenal Sarandí", "Racing Club", league="premier_league")
    asked = event("Arsenal", "Racing", league_name="Argentina - Primera Nacional")
    assert only(world, asked).decision == "create"
    assert only(world, event("Arsenal", "Racing")).match_id == match


def test_a_swap_needs_strong_names() -> None:
    world = World()
    world.match("Atlético Madrid", "Getafe", league="la_liga")
    assert only(world, event("Getafe", "Atlético", league="la_liga")).decision != "match"


# --- one to one ----------------------------------------------------------------------------------------------


def test_a_match_is_given_once() -> None:
    world = World()
    match = world.match("Flamengo", "Vasco", league="brasileirao_a")
    twice = [event("Flamengo", "Vasco", number=number, league="brasileirao_a") for number in ("a", "b")]
    links = by_number(decide(world, *twice))
    assert links["a"].match_id == match
    assert (links["b"].decision, links["b"].reason) == ("unmatched", "duplicate")


def test_of_two_listings_the_one_the_right_way_round_wins() -> None:
    world = World()
    match = world.match("Flamengo", "Vasco", league="brasileirao_a")
    links = by_number(
        decide(
            world,
            event("Vasco", "Flamengo", number="a", league="brasileirao_a"),
            event("Flamengo", "Vasco", number="b", league="brasileirao_a"),
        )
    )
    assert (links["b"].match_id, links["b"].swapped) == (match, False)
    assert links["a"].reason == "duplicate"


def test_the_better_of_two_events_takes_the_match_and_the_other_waits() -> None:
    world = World()
    match = world.match("Nacional", "Libertad")
    links = by_number(
        decide(
            world,
            event("Nacional", "Libertad", number="sure"),
            event("Nacional Potosí", "Libertad FC", number="guess"),
        )
    )
    assert links["sure"].match_id == match
    assert (links["guess"].decision, links["guess"].reason) == ("unmatched", "duplicate")


def test_two_matches_that_fit_alike_are_for_a_person() -> None:
    world = World()
    fits = [world.match("Dundee United", "Celtic"), world.match("Dundee", "Celtic Glasgow")]
    link = only(world, event("Dundee Utd FC", "Celtic FC Glasgow"))
    assert (link.decision, link.reason) == ("unmatched", "ambiguous")
    assert {candidate["match_id"] for candidate in link.candidates} == set(fits)


# --- new matches ----------------------------------------------------------------------------------------------


def test_a_new_match_takes_known_teams_and_makes_the_others() -> None:
    world = World()
    flamengo = world.team("Flamengo", country="Brazil")
    link = only(world, event("Flamengo", " Mirassol ", league="brasileirao_a"))
    assert link.as_json() == {
        "event": "e1",
        "decision": "create",
        "league_key": "brasileirao_a",
        "home": {"team_id": flamengo},
        "away": {"name": "Mirassol", "folded": "mirassol", "country": "Brazil", "category": ""},
        "method": "new",
        "score": 1.0,
    }


def test_a_namesake_from_abroad_or_of_another_category_is_not_taken() -> None:
    world = World()
    world.team("Barcelona", country="Ecuador")
    world.team("Girona (F)", country="Spain")
    link = only(world, event("Barcelona", "Girona", league="la_liga"))
    assert link.home["country"] == link.away["country"] == "Spain"
    assert link.away["category"] == ""


def test_a_league_of_a_continent_takes_the_one_team_of_that_name_there() -> None:
    world = World()
    spanish = world.team("Barcelona", country="Spain")
    english = world.team("Liverpool", country="England")
    world.team("Liverpool", country="Uruguay")
    link = only(world, event("Barcelona", "Liverpool", league="champions_league"))
    assert (link.home, link.away) == ({"team_id": spanish}, {"team_id": english})
    world.team("Liverpool", country="Wales")
    link = only(world, event("Barcelona", "Liverpool", league="champions_league"))
    assert link.away == {"name": "Liverpool", "folded": "liverpool", "country": "", "category": ""}


def test_one_match_in_two_spellings_is_made_once() -> None:
    links = decide(
        World(),
        event("Deportivo Riestra", "Boca Juniors", number="a"),
        event("Dep. Riestra", "Boca Jrs", number="b", after=minutes(1)),
        event("Riestra", "River Plate", number="c", after=timedelta(days=4)),
    )
    assert [(link.decision, link.reason) for link in links] == [
        ("create", ""),
        ("unmatched", "duplicate"),
        ("create", ""),
    ]
    assert links[1].candidates[0]["match_id"] is None


def test_two_sides_that_share_words_with_a_match_of_that_minute_wait_unless_prices_tell_of_another() -> None:
    world = World()
    number = world.match("West Bromwich Albion", "Sheffield Wednesday", league="premier_league")
    asked = event("West Brom", "Sheffield Wed", league="premier_league")
    assert only(world, asked).reason == "uncertain"
    asked = replace(asked, chances=(0.2, 0.5, 0.3))
    for chances, decision in (((0.25, 0.47, 0.28), "unmatched"), ((0.6, 0.2, 0.2), "create")):
        (link,) = resolve_events([asked], world.catalogue(), {}, chances={number: chances})
        assert link.decision == decision
    another = event("Sheffield United", "Leeds", league="premier_league")
    assert only(world, another).decision == "create"


def test_one_side_like_that_of_a_match_of_that_minute_makes_none_where_prices_are_alike() -> None:
    world = World()
    number = world.match("CD Nacional", "V. Guimaraes", league="premier_league")
    asked = replace(event("Nacional Madeira", "Vitória SC", league="premier_league"), chances=(0.2, 0.5, 0.3))
    links = decide(world, asked)
    assert (links[0].decision, doubtful_matches(links)) == ("create", [number])
    for chances, decision in (((0.21, 0.48, 0.31), "unmatched"), ((0.3, 0.42, 0.28), "create")):
        (link,) = resolve_events([asked], world.catalogue(), {}, chances={number: chances})
        assert link.decision == decision
    for other in (
        replace(asked, starts_at=asked.starts_at + minutes(15)),
        replace(asked, league_key="la_liga"),
        replace(asked, home="Nacional Madeira U20"),
    ):
        assert doubtful_matches(decide(world, other)) == []


def test_events_without_two_named_sides_wait() -> None:
    links = decide(World(), event("?", "Flamengo", number="a"), event("Flamengo", "FLAMENGO", number="b"))
    assert [link.reason for link in links] == ["unnamed", "same_team"]


# --- teams of new matches ---------------------------------------------------------------------------------------

ENGLISH = (
    "Manchester City FC",
    "Manchester United FC",
    "Leeds United FC",
    "Wolverhampton Wanderers FC",
    "Fulham FC",
)


def england() -> World:
    world = World()
    for name in ENGLISH:
        world.team(name, country="England")
    return world


@pytest.mark.parametrize(
    ("printed", "team"),
    [
        ("Manchester City", "Manchester City FC"),
        ("Wolverhampton Wanderers", "Wolverhampton Wanderers FC"),
        ("Leeds United", "Leeds United FC"),
        ("Manchester", None),
        ("Fulham U21", None),
        ("Fulham (F)", None),
        ("Arsenal", None),
    ],
)
def test_another_spelling_of_a_known_team_makes_no_second_team(printed: str, team: str | None) -> None:
    world = england()
    link = only(world, event(printed, "Everton", league="premier_league"))
    assert link.decision == "create"
    if team is None:
        assert "team_id" not in link.home
    else:
        assert link.home == {"team_id": world.team(team, country="England")}


@pytest.mark.parametrize("printed", ["Athletic-MG", "Athletic Club MG", "Portuguesa da Ilha", "América-MG"])
def test_a_club_of_nearly_the_same_name_is_made_anew(printed: str) -> None:
    world = World()
    for name in ("Atlético Mineiro", "Portuguesa", "América-RJ"):
        world.team(name, country="Brazil")
    assert only(world, event(printed, "Mirassol", league="brasileirao_a")).home["name"] == printed


def test_what_a_bookmaker_calls_a_team_in_one_league_it_calls_it_in_another() -> None:
    def lyon(league: str, country: str, *, days: int = 3, rejected: bool = False) -> Any:
        world = World()
        number = world.team("Lyon")
        world.rows["teams"][number - 1][5] = country
        world.match("Lyon", "Girona", league="la_liga")
        if rejected:
            world.alias(number, "Olympique Lyonnais", "rejected")
        known = event("Olympique Lyonnais", "Girona", number="a", league="la_liga")
        new = event("Olympique Lyonnais", "Porto", number="b", league=league, after=timedelta(days=days))
        return decide(world, known, new)[1].home.get("team_id")

    assert lyon("champions_league", "Spain") == lyon("champions_league", "") == lyon("la_liga", "Spain") == 1
    assert lyon("champions_league", "Brazil") is None
    assert lyon("premier_league", "Spain") is None
    # Not twice on one day, and not against a person's word.
    assert lyon("champions_league", "Spain", days=0) is None
    assert lyon("champions_league", "Spain", rejected=True) is None


def test_where_the_country_is_not_told_only_the_very_name_is_a_known_team() -> None:
    link = only(england(), event("Manchester City", "Fulham FC", league="champions_league"))
    assert link.home["name"] == "Manchester City"
    assert "team_id" in link.away


def test_a_team_of_the_continent_is_met_again_in_its_country() -> None:
    world = World()
    world.match("Barcelona", "Everton", league="champions_league")
    link = only(world, event("Barcelona", "Girona", league="la_liga", after=timedelta(days=3)))
    assert link.home == {"team_id": world.team("Barcelona")}
    # Or at the same time.
    asked = event("Sevilla", "Lyon", number="e2", league="champions_league", after=timedelta(days=3))
    links = decide(world, event("Sevilla", "Girona", league="la_liga"), asked)
    assert [(link.home["name"], link.home["country"]) for link in links] == [("Sevilla", "Spain")] * 2
    assert links[1].away["country"] == ""
    # The Barcelona of Guayaquil is none of Spain's.
    world = World()
    world.rows["leagues"].append([1, 90, "libertadores", "Copa Libertadores", "South America", "football"])
    world.match("Barcelona", "Racing Club", league="libertadores")
    asked = event("Barcelona", "Girona", league="la_liga", after=timedelta(days=3))
    assert "team_id" not in only(world, asked).home
    world.team("Girona", country="Spain")
    asked = event("Girona", "Racing Club", league="libertadores", after=timedelta(days=3))
    assert "team_id" not in only(world, asked).home


def test_a_spelling_that_a_person_rejected_or_a_team_that_plays_elsewhere_that_day_is_not_taken() -> None:
    world = england()
    city = world.team("Manchester City FC", country="England")
    world.alias(city, "Manchester City", "rejected")
    asked = event("Manchester City", "Everton", league="premier_league")
    assert "team_id" not in only(world, asked).home
    world = england()
    leeds = world.team("Leeds United FC", country="England")
    at = int((KICK_OFF + timedelta(hours=6)).timestamp())
    world.rows["matches"].append(
        [1, 99, "football", "premier_league", leeds, world.team("X", country="England"), at]
    )
    assert "team_id" not in only(world, event("Leeds United", "Everton", league="premier_league")).home


def test_names_follow_what_changes_in_the_catalogue() -> None:
    world = england()
    catalogue = world.catalogue()
    asked = event("Tottenham Hotspurs", "Everton", league="premier_league")
    assert "team_id" not in resolve_events([asked], catalogue, {})[0].home
    spurs = [2, 900, "football", "Tottenham Hotspur FC", "tottenham hotspur fc", "England", ""]
    catalogue.apply_page("teams", [spurs])
    assert resolve_events([asked], catalogue, {})[0].home == {"team_id": 900}
    asked = event("The Lilywhites", "Everton", league="premier_league")
    assert "team_id" not in resolve_events([asked], catalogue, {})[0].home
    catalogue.apply_page("aliases", [[3, 1, 900, "lilywhites london", "", "confirmed"]])
    asked = event("Lilywhites (London)", "Everton", league="premier_league")
    assert resolve_events([asked], catalogue, {})[0].home == {"team_id": 900}
    catalogue.apply_page("teams", [[4, *spurs[1:5], "Wales", ""]])
    assert "team_id" not in resolve_events([asked], catalogue, {})[0].home


# --- another brand of the platform --------------------------------------------------------------------------


def platform_link(match: int, home: str, away: str, *, swapped: bool = False, after: int = 0) -> dict[str, Any]:
    at = int((KICK_OFF + minutes(after)).timestamp())
    return {"e1": {"match_id": match, "swapped": swapped, "home": home, "away": away, "starts_at": at}}


def test_what_another_brand_of_the_platform_linked_is_trusted() -> None:
    world = World()
    match = world.match("Wolverhampton", "Arsenal", league="premier_league")
    asked = event("Wolves", "Arsenal", league="premier_league")
    link = only(world, asked, platform_link(match, "Wolves", "Arsenal"))
    assert (link.match_id, link.method) == (match, "platform:altenar")
    assert [alias["alias"] for alias in link.aliases] == ["Wolves"]
    swapped = only(
        world,
        event("Arsenal", "Wolves", league="premier_league"),
        platform_link(match, "Arsenal", "Wolves", swapped=True),
    )
    assert (swapped.match_id, swapped.swapped) == (match, True)


@pytest.mark.parametrize(
    ("asked", "linked"),
    [
        (event("Wolves (F)", "Arsenal (F)"), ("Wolves", "Arsenal")),
        (event("Wolves", "Arsenal", league_name="Women's Super League"), ("Wolves", "Arsenal")),
        (event("Atlético-MG", "Bahia"), ("Atlético-GO", "Bahia")),
        (event("Wolves", "Chelsea"), ("Wolves", "Arsenal")),
        (event("Wolves", "Arsenal", after=timedelta(days=1)), ("Wolves", "Arsenal")),
        (event("Wolves", "Arsenal", league="la_liga"), ("Wolves", "Arsenal")),
    ],
)
def test_a_platform_link_is_still_checked(asked: EventToLink, linked: tuple[str, str]) -> None:
    world = World()
    match = world.match("Wolverhampton", "Gunners", league="premier_league")
    assert only(world, asked, platform_link(match, *linked)).decision != "match"


def test_a_platform_link_to_a_match_that_is_not_in_the_catalogue_holds() -> None:
    link = only(World(), event("Wolves", "Arsenal"), platform_link(77, "Wolves", "Arsenal"))
    assert (link.match_id, link.aliases) == (77, ())


# --- always -----------------------------------------------------------------------------------------------------

CLUBS = ("Atlético-MG", "Atlético-GO", "Atlético Madrid", "Man City", "Manchester United", "Santos", "Santos FC")
SIDES = st.builds(
    lambda club, mark: club + mark, st.sampled_from(CLUBS), st.sampled_from(["", " (F)", " U20", " B"])
)
LEAGUE_KEYS = st.sampled_from([None, None, "brasileirao_a", "brasileirao_f", "la_liga"])
LATE = st.sampled_from([0, 4, 20, 100, 200])
DRAWN = st.tuples(SIDES, SIDES, LEAGUE_KEYS, LATE)


@settings(max_examples=150, deadline=None)
@given(st.lists(DRAWN, max_size=6), st.lists(DRAWN, max_size=6), st.randoms(use_true_random=False))
def test_what_always_holds(listed: list[Any], asked: list[Any], random: Any) -> None:
    world = World()
    for home, away, league, late in listed:
        if home != away:
            world.match(home, away, league=league, after=minutes(late))
    events = [
        event(home, away, number=str(n), league=league, after=minutes(late))
        for n, (home, away, league, late) in enumerate(asked)
    ]
    links = resolve_events(events, world.catalogue(), {})

    # Neither the order of the events nor that of the catalogue's rows matters.
    shuffled = list(events)
    random.shuffle(shuffled)
    assert resolve_events(shuffled, world.catalogue(shuffle=random.randint(0, 9)), {}) == links
    assert [link.event.source_event_id for link in links] == sorted(one.source_event_id for one in events)

    # One to one; never across categories, states or known leagues.
    catalogue = world.catalogue()
    given_away = [link.match_id for link in links if link.decision == "match"]
    assert len(given_away) == len(set(given_away))
    for link in links:
        if link.decision != "match":
            continue
        assert link.match_id is not None
        match = catalogue.matches[link.match_id]
        assert link.event.league_key is None or match.league_key in (None, link.event.league_key)
        teams = [catalogue.name_of(number) for number in (match.home_team_id, match.away_team_id)]
        names = [parse_team(link.event.home), parse_team(link.event.away)]
        league = league_category(dict(_league_names()).get(link.event.league_key, ""))
        if any("women" in name.category for name in names):
            league = with_league("women", league)
        for name, team in zip(names, reversed(teams) if link.swapped else teams, strict=True):
            # "B" and "U20" may be one second side, beside a sure opponent.
            told = {with_league(name.category, league), team.category}
            assert len(told) == 1 or told == {"reserve", "u20"}
            assert not (name.state and team.state) or name.state == team.state


def _league_names() -> list[tuple[str | None, str]]:
    return [(row[2], row[3]) for row in World().rows["leagues"]]


def test_explaining_says_how_names_were_read_what_came_near_and_what_was_decided() -> None:
    world = World()
    match = world.match("Atlético-MG", "Bahia", league="brasileirao_a")
    lines = explain(event("Atlético-GO", "Bahia", league="brasileirao_a"), world.catalogue())
    text = "\n".join(lines)
    assert "state GO" in text
    assert f"match {match}" in text
    assert "states GO and MG" in text
    assert lines[-1] == "decision: unmatched, uncertain"
    assert "no match" in "\n".join(explain(event("Flamengo", "Vasco"), world.catalogue()))

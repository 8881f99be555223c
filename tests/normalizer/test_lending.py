"""One sure side speaks for both in one league at one minute, unless anything contradicts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from normalizer.chances import chances_of
from normalizer.matching import Link, doubtful_matches, explain, resolve_events
from tests.normalizer.world import World, event, minutes

LEAGUE = "premier_league"


def decide(world: World, *asked: Any) -> list[Link]:
    return resolve_events(asked, world.catalogue(), {})


def world_with_wolves() -> tuple[World, int]:
    world = World()
    return world, world.match("Wolverhampton", "Arsenal", league=LEAGUE)


def test_a_nickname_against_a_sure_opponent_is_linked_and_proposed() -> None:
    world, match = world_with_wolves()
    (link,) = decide(world, event("Old Gold", "Arsenal", league=LEAGUE))
    assert (link.decision, link.match_id, link.method) == ("match", match, "opponent")
    assert link.score < 0.9
    assert [alias["alias"] for alias in link.aliases] == ["Old Gold"]


def test_explaining_says_that_one_side_may_speak_for_both() -> None:
    world, match = world_with_wolves()
    text = "\n".join(explain(event("Old Gold", "Arsenal", league=LEAGUE), world.catalogue()))
    assert "its sure side may speak for both" in text
    assert f"decision: match {match} by opponent" in text


@pytest.mark.parametrize(
    "asked",
    [
        event("Old Gold", "Arsenal"),  # the league is not known
        event("Old Gold", "Arsenal", league=LEAGUE, after=minutes(30)),
        event("Arsenal", "Old Gold", league=LEAGUE),  # the other way round
        event("Wolverhampton U21", "Arsenal", league=LEAGUE),
        event("Old Gold (F)", "Arsenal (F)", league=LEAGUE),
        event("Old Gold", "Arsenal Sarandi", league=LEAGUE),  # the opponent is not sure
        event("Old Gold", "Leeds", league=LEAGUE),
    ],
)
def test_it_takes_the_league_the_minute_and_a_sure_opponent(asked: Any) -> None:
    world, _ = world_with_wolves()
    assert decide(world, asked)[0].decision != "match"


def priced(home: str, away: str, *prices: float, league: str | None = LEAGUE) -> Any:
    selections = dict(zip(("home", "draw", "away"), prices, strict=True))
    return replace(event(home, away, league=league), chances=chances_of({"match_result": selections}))


FAVOURITE = chances_of({"match_result": {"home": 1.5, "draw": 4.2, "away": 6.5}})


def test_prices_that_agree_stand_for_a_league_that_is_not_known() -> None:
    world, match = world_with_wolves()
    asked = priced("Old Gold", "Arsenal", 1.53, 4.1, 6.4, league=None)
    (without,) = resolve_events([asked], world.catalogue(), {})
    assert without.decision == "unmatched"
    assert doubtful_matches([without]) == [match]
    assert FAVOURITE is not None
    (link,) = resolve_events([asked], world.catalogue(), {}, chances={match: FAVOURITE})
    assert (link.match_id, link.method) == (match, "opponent")


def test_prices_that_contradict_lend_nothing_and_need_clear_names() -> None:
    world, match = world_with_wolves()
    assert FAVOURITE is not None
    for home, decided in (("Old Gold", False), ("Wolverhampton Wanderers", True)):
        asked = priced(home, "Arsenal", 6.4, 4.1, 1.53)
        (link,) = resolve_events([asked], world.catalogue(), {}, chances={match: FAVOURITE})
        assert (link.match_id == match) is decided


def test_swapped_sides_swap_their_chances() -> None:
    world, match = world_with_wolves()
    assert FAVOURITE is not None
    asked = priced("Arsenal", "Wolverhampton", 6.4, 4.1, 1.53)
    (link,) = resolve_events([asked], world.catalogue(), {}, chances={match: FAVOURITE})
    assert (link.match_id, link.swapped) == (match, True)


def test_a_side_that_is_merely_clear_lends_nothing_unless_prices_agree() -> None:
    """Two matches of one evening: Manchester City - Inter is not Manchester United - Milan."""
    world = World()
    match = world.match("Manchester United", "Milan", league="champions_league")
    asked = priced("Manchester City", "Inter de Milão", 1.53, 4.1, 6.4, league="champions_league")
    (link,) = decide(world, asked)
    assert link.decision == "unmatched"
    sampled = chances_of({"match_result": {"home": 2.6, "draw": 3.3, "away": 2.8}})
    assert sampled is not None
    (link,) = resolve_events([asked], world.catalogue(), {}, chances={match: sampled})
    assert link.decision == "unmatched"


def test_a_rejected_alias_is_not_lent_anything() -> None:
    world, _ = world_with_wolves()
    world.alias(world.team("Wolverhampton"), "Old Gold", "rejected")
    assert decide(world, event("Old Gold", "Arsenal", league=LEAGUE))[0].reason == "uncertain"


def test_a_team_that_plays_elsewhere_that_day_is_not_the_other_side() -> None:
    world, _ = world_with_wolves()
    world.match("Old Gold", "Leeds", league=LEAGUE, after=minutes(200))
    assert decide(world, event("Old Gold", "Arsenal", league=LEAGUE))[0].reason == "uncertain"


def test_a_known_team_of_another_name_is_not_the_other_side_whenever_it_plays() -> None:
    world, match = world_with_wolves()
    world.match("Leeds", "Everton", league=LEAGUE, after=minutes(7000))
    assert decide(world, event("Leeds", "Arsenal", league=LEAGUE))[0].reason == "uncertain"
    # Sharing a word, it may be the same club under the name that another bookmaker brought.
    world.match("Wolverhampton Wanderers", "Everton", league=LEAGUE, after=minutes(7000))
    assert decide(world, event("Wolverhampton Wanderers", "Arsenal", league=LEAGUE))[0].match_id == match


def test_a_fairly_sure_side_is_too_near_for_a_new_match() -> None:
    world = World()
    world.match("Wolverhampton Wande.", "Tottenham", league=LEAGUE)
    (link,) = decide(world, event("Wolverhampton Wanderers", "Spurs", league=LEAGUE))
    assert link.decision == "unmatched"


def test_two_events_of_one_sure_side_both_wait() -> None:
    world, _ = world_with_wolves()
    links = decide(
        world,
        event("Old Gold", "Arsenal", league=LEAGUE, number="e1"),
        event("Black Country", "Arsenal", league=LEAGUE, number="e2"),
    )
    assert {link.decision for link in links} == {"unmatched"}


def test_a_clear_event_takes_the_match_before_it_is_lent() -> None:
    world, match = world_with_wolves()
    links = decide(
        world,
        event("Old Gold", "Arsenal", league=LEAGUE, number="e1"),
        event("Wolverhampton", "Arsenal", league=LEAGUE, number="e2"),
    )
    assert {link.event.source_event_id: link.match_id for link in links} == {"e1": None, "e2": match}


def test_a_c_that_may_be_a_cut_word_is_for_the_opponent_to_decide() -> None:
    world = World()
    city = world.match("Bristol City", "Southampton", league=LEAGUE)
    (link,) = decide(world, event("Bristol C", "Southampton", league=LEAGUE))
    assert (link.match_id, link.method) == (city, "opponent")
    # No team is made of it: another bookmaker has the whole name.
    (link,) = decide(World(), event("Bristol C", "Southampton", league=LEAGUE))
    assert (link.decision, link.reason) == ("unmatched", "uncertain")
    third = World()
    third.match("Real Madrid", "Getafe", league="la_liga")
    (link,) = decide(third, event("Real Madrid C", "Getafe", league="la_liga"))
    assert link.decision == "unmatched"  # a side has one match at a minute: no new one is made of it either


def test_am_in_brackets_is_a_state_in_brazil_and_the_amateurs_elsewhere() -> None:
    world = World()
    amazonas = world.match("Amazonas", "Bahia", league="brasileirao_a")
    (link,) = decide(world, event("Amazonas (AM)", "Bahia", league="brasileirao_a"))
    assert link.match_id == amazonas
    vienna = World()
    vienna.match("Austria Wien", "Getafe", league="la_liga")
    assert decide(vienna, event("Austria Wien (AM)", "Getafe", league="la_liga"))[0].decision == "unmatched"

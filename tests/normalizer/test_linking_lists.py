"""Two lists of events to the pairs that are one match: what makes one, and what must never."""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.lists.events import EventRowError, read_events, read_kickoff
from normalizer.lists.linking import link, link_in_time_order

BENCHMARK = Path(__file__).resolve().parents[3] / "shared" / "benchmarks" / "matching" / "events_dev.csv"


def event(
    number: Any, home: str, away: str, kickoff: str = "2025-04-05T19:00Z", league: str = "Liga", **more: str
) -> dict[str, Any]:
    return {"id": number, "league": league, "home": home, "away": away, "kickoff_utc": kickoff, **more}


ROUNDS = [
    ("2025-03-01", "Everton", "Fulham"),
    ("2025-03-02", "Burnley", "Brentford"),
    ("2025-03-08", "Fulham", "Burnley"),
    ("2025-03-09", "Brentford", "Everton"),
]


def known_leagues(name_a: str = "England 1", name_b: str = "Premier League") -> tuple[list[Any], list[Any]]:
    """Two lists whose clear events make their leagues correspond."""
    a = [event(f"a{n}", home, away, f"{day}T15:00Z", name_a) for n, (day, home, away) in enumerate(ROUNDS)]
    b = [event(f"b{n}", home, away, f"{day}T15:00Z", name_b) for n, (day, home, away) in enumerate(ROUNDS)]
    return a, b


def linked(a: list[Any], b: list[Any], *, learn: bool = False) -> set[tuple[Any, Any]]:
    known_a, known_b = known_leagues()
    found = set(link([*known_a, *a], [*known_b, *b], learn=learn))
    return {pair for pair in found if pair[0] not in {one["id"] for one in known_a}}


# --- names and kick-offs -------------------------------------------------------------------------------------


def test_other_spellings_of_both_sides_are_one_match() -> None:
    assert link([event(1, "Atlético-MG", "Grêmio FBPA")], [event(2, "Atletico Mineiro", "Gremio")]) == [(1, 2)]


@pytest.mark.parametrize(
    ("kickoff", "other", "together"),
    [
        ("2025-04-05T19:00Z", "2025-04-05T19:05Z", True),
        ("2025-04-05T19:00Z", "2025-04-05T22:00Z", True),  # the usual three hours of Brasília
        ("2025-04-05T23:30Z", "2025-04-06T02:30Z", True),
        ("2025-04-05T19:00Z", "2025-04-05", True),
        ("2025-04-06T00:30Z", "2025-04-05", True),  # an evening in America, dated there
        ("2025-04-05T19:00Z", "2025-04-06T19:00Z", True),  # postponed by a day: both names exact
        ("2025-04-05", "2025-04-07", False),
        ("2025-04-05T19:00Z", "2025-04-09T19:00Z", False),
        ("2025-04-05T19:00-03:00", "2025-04-05T22:00Z", True),
    ],
)
def test_kick_offs(kickoff: str, other: str, together: bool) -> None:
    found = link([event(1, "Palmeiras", "Santos", kickoff)], [event(2, "Palmeiras", "Santos", other)])
    assert (found == [(1, 2)]) is together


def test_of_two_games_on_one_day_each_finds_its_own() -> None:
    a = [event(1, "Yokohama", "Chiba", "2025-04-05T04:00Z"), event(2, "Yokohama", "Chiba", "2025-04-05T09:00Z")]
    b = [event(3, "Yokohama", "Chiba", "2025-04-05T09:00Z"), event(4, "Yokohama", "Chiba", "2025-04-05T04:10Z")]
    assert set(link(a, b)) == {(1, 4), (2, 3)}


def test_games_on_successive_nights_are_not_exchanged() -> None:
    nights = [("Lakers", "Suns", f"2025-04-0{day}T02:00Z") for day in (5, 6, 7)]
    a = [event(n, *night) for n, night in enumerate(nights)]
    b = [event(n, *night) for n, night in enumerate(nights)]
    assert set(link(a, b[1:])) == {(1, 1), (2, 2)}


def test_swapped_sides_only_at_the_very_same_time() -> None:
    a = [event(1, "Botafogo", "Vasco da Gama")]
    assert link(a, [event(2, "Vasco da Gama", "Botafogo")]) == [(1, 2)]
    assert link(a, [event(2, "Vasco da Gama", "Botafogo", "2025-04-05T21:00Z")]) == []


# --- one side speaks for the other -----------------------------------------------------------------------------


def test_a_sure_side_speaks_for_both_where_the_leagues_correspond() -> None:
    a = [event(1, "Everton", "Stade Rennais", league="England 1")]
    assert linked(a, [event(2, "Everton", "Rouge et Noir", league="Premier League")]) == {(1, 2)}
    assert linked(a, [event(2, "Everton", "Rouge et Noir", league="Elsewhere")]) == set()
    assert link(a, [event(2, "Everton", "Rouge et Noir", league="Premier League")]) == []


def test_it_does_not_when_both_lists_know_the_other_sides_as_two_teams() -> None:
    a = [event(1, "Everton", "Fulham", league="England 1"), event(2, "Leeds", "Burnley", league="England 1")]
    b = [event(3, "Everton", "Burnley", league="Premier League")]
    assert linked(a, b) == set()


def test_it_does_not_speak_for_another_category() -> None:
    for other in ("Fulham Women", "Fulham U20", "Fulham B"):
        a = [event(1, "Everton", "Fulham", league="England 1")]
        assert linked(a, [event(2, "Everton", other, league="Premier League")]) == set()


def test_a_second_side_is_one_by_number_or_by_age_when_its_opponent_is_sure() -> None:
    a = [event(1, "Everton", "Gent B", league="England 1")]
    b = [event(2, "Everton", "KAA Gent U23", league="Premier League")]
    assert linked(a, b) == {(1, 2)}
    assert linked(a, [event(2, "Everton", "Genk U23", league="Premier League")]) == set()
    assert linked([event(1, "Leeds B", "Gent B")], [event(2, "Leeds U21", "Gent U23")]) == set()


def test_two_that_fit_alike_both_wait() -> None:
    a = [event(1, "Arsenal", "Racing")]
    b = [event(2, "Arsenal", "Racing", league="X"), event(3, "Arsenal", "Racing", league="Y")]
    assert link(a, b) == []


# --- learning --------------------------------------------------------------------------------------------------


def taught() -> tuple[list[Any], list[Any]]:
    """QPR and Queens Park Rangers met twice with sure opponents, and once against a stranger."""
    a = [
        event(1, "Everton", "Wolves", "2025-03-15T15:00Z", "England 1"),
        event(2, "Wolves", "Fulham", "2025-03-22T15:00Z", "England 1"),
        event(3, "Wolves", "Spurs", "2025-03-29T15:00Z", "England 1"),
    ]
    b = [
        event(1, "Everton", "Old Gold", "2025-03-15T15:00Z", "Premier League"),
        event(2, "Old Gold", "Fulham", "2025-03-22T15:00Z", "Premier League"),
        event(3, "Old Gold", "Lilywhites", "2025-03-29T15:00Z", "Premier League"),
    ]
    return a, b


def test_spellings_that_links_agree_on_make_the_next_link() -> None:
    assert linked(*taught(), learn=False) == {(1, 1), (2, 2)}
    assert linked(*taught(), learn=True) == {(1, 1), (2, 2), (3, 3)}


def test_in_time_order_a_day_knows_what_the_days_before_taught() -> None:
    known_a, known_b = known_leagues()
    a, b = taught()
    found = set(link_in_time_order([*known_a, *a], [*known_b, *b]))
    assert (3, 3) in found
    assert (3, 3) not in set(link_in_time_order(a, b))


def test_in_time_order_what_is_open_waits_for_tomorrows_list() -> None:
    a = [event(1, "Palmeiras", "Santos", "2025-04-05T23:50Z"), event(2, "Bahia", "Ceará", "soon")]
    b = [event(3, "Palmeiras", "Santos", "2025-04-06T00:00Z")]
    assert link_in_time_order(a, b) == link_in_time_order(a[:1], b) == [(1, 3)]
    assert link_in_time_order(b, a) == [(3, 1)]


# --- prices ----------------------------------------------------------------------------------------------------


def priced(number: Any, home: str, away: str, *prices: str) -> dict[str, Any]:
    return event(number, home, away) | dict(zip(("home_price", "draw_price", "away_price"), prices, strict=True))


def test_prices_that_agree_stand_for_a_league_that_is_not_known() -> None:
    a = [priced(1, "Cerro Porteño", "Sol de América", "1.50", "4.20", "6.50")]
    assert link(a, [priced(2, "Cerro Porteno", "Olimpia Asunción", "", "", "")]) == []
    assert link(a, [priced(2, "Cerro Porteno", "Olimpia Asunción", "1.52", "4.10", "6.40")]) == [(1, 2)]


def test_prices_that_contradict_need_clear_names() -> None:
    a = [priced(1, "Racing Club", "Union Santa Fe", "1.40", "4.50", "8.00")]
    assert link(a, [priced(2, "Racing Avellaneda", "Union", "", "", "")]) == link(
        a, [priced(2, "Racing Avellaneda", "Union", "1.42", "4.40", "7.80")]
    )
    assert link(a, [priced(2, "Racing Avellaneda", "Union", "8.00", "4.50", "1.40")]) == []


# --- rows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        event(2, "Palmeiras", "Santos", "soon"),
        event(2, "Palmeiras", "..."),
        event(1, "Palmeiras", "Santos"),
        event(2, "Palmeiras", "Santos", home_price="0.5", away_price="2"),
        event(2, "Palmeiras", "Santos", home_price="x", away_price="2"),
    ],
)
def test_a_row_that_is_no_event_is_named_and_left_out(row: dict[str, Any]) -> None:
    events = read_events([event(1, "Bahia", "Vitória"), row])
    assert events.ids == [1]
    assert [number for number, _ in events.rejected] == [2]


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(EventRowError, match="kickoff_utc"):
        read_events([{"id": 1, "league": "", "home": "A", "away": "B"}])


def test_a_kick_off_is_read_to_the_minute() -> None:
    assert read_kickoff("1970-01-02T00:01Z") == (24 * 60 + 1, False)
    assert read_kickoff("1970-01-02") == (24 * 60, True)


# --- what always holds -----------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [
        "Arsenal",
        "Arsenal B",
        "Arsenal (W)",
        "Everton",
        "Racing",
        "Racing Club",
        "Atl. MG",
        "Atletico-GO",
        "Nacional",
    ]
)
KICKOFFS = st.sampled_from(["2025-04-05T19:00Z", "2025-04-05T20:00Z", "2025-04-06T19:00Z", "2025-04-05"])
LISTS = st.lists(st.tuples(NAMES, NAMES, KICKOFFS, st.sampled_from(["L", "M"])), max_size=12)


@settings(max_examples=60, deadline=None)
@given(LISTS, LISTS, st.booleans(), st.randoms(use_true_random=False))
def test_one_to_one_whatever_the_order(one: Any, other: Any, learn: bool, random: Any) -> None:
    a = [event(n, *row) for n, row in enumerate(one)]
    b = [event(n, *row) for n, row in enumerate(other)]
    found = link(a, b, learn=learn)
    assert len({pair[0] for pair in found}) == len({pair[1] for pair in found}) == len(found)
    for x, y in found:
        women = ["W" in each["home"] + each["away"] for each in (a[x], b[y])]
        assert women[0] == women[1]
    shuffled_a, shuffled_b = random.sample(a, len(a)), random.sample(b, len(b))
    assert sorted(link(shuffled_a, shuffled_b, learn=learn)) == sorted(found)


# --- the labelled events, where they lie beside the repository ---------------------------------------------


@pytest.mark.parametrize(("learn", "recall"), [(False, 0.967), (True, 0.975)])
def test_labelled_events_of_a_month(learn: bool, recall: float) -> None:
    if not BENCHMARK.is_file():
        pytest.skip(f"{BENCHMARK.name} is not beside the repository")
    sources = defaultdict(list)
    with BENCHMARK.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["kickoff_utc"].startswith("2025-09"):
                sources[row["source"]].append(row | {"id": row["event_id"]})
    right = wrong = possible = 0
    for one, other in combinations(sorted(sources), 2):
        both = {row["id"] for row in sources[one]} & {row["id"] for row in sources[other]}
        for x, y in link(sources[one], sources[other], learn=learn):
            right += x == y
            wrong += x != y
        possible += len(both)
    assert possible > 1500
    # A month teaches less than the whole set (.983 and .999 in November 2026): .972 and .980. The margin is half a
    # point.
    assert wrong / (right + wrong) <= 1 / 5000
    assert right / possible >= recall

"""BetsAPI's lists and odds of bet365, and the site's records as it hands them on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.bet365.platform import PLATFORM, Bet365Options
from scrapers.records import Event, LeagueName, Sport
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
KICKOFF = datetime(2026, 3, 15, 16, 30, tzinfo=UTC)
ARSENAL = Event(
    "7", Sport.FOOTBALL, LeagueName("premier_league", "England Premier League"), "Arsenal", "Leicester", KICKOFF
)
CELTICS = Event("7", Sport.BASKETBALL, LeagueName("nba", "NBA"), "Boston Celtics", "Miami Heat", KICKOFF)


def parse(payload, *, event=None, options=None):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    context = Context(options, None, {event.source_id: event} if event is not None else {})
    return PLATFORM.parse(body, fetched_at=NOW, context=context)


def answer(sp, *, others=(), **more):
    result = {"FI": "7", "main": {"updated_at": "100", "sp": sp, **more}, "others": list(others)}
    return {"success": 1, "results": [result]}


def v3(*odds, **more):
    return {"id": "1", "name": "A market", "odds": list(odds), **more}


def prices(payload, event=ARSENAL, options=None):
    page = parse(payload, event=event, options=options)
    return [price_as_text(price).removesuffix(" standard open") for price in page.prices()]


def reasons(payload, event=ARSENAL):
    return [str(row.reason) for row in parse(payload, event=event).rejected]


def row(**changes):
    return {
        "id": "7",
        "sport_id": "1",
        "time": "1773592200",
        "time_status": "0",
        "league": {"id": "1", "name": "Brazil Serie A"},
        "home": {"id": "1", "name": "Palmeiras"},
        "away": {"id": "2", "name": "Santos"},
        **changes,
    }


def listing(*rows, **options):
    return parse({"success": 1, "results": list(rows)}, options=Bet365Options(**options))


# Lists


def test_a_list_holds_matches_without_prices():
    (event,) = listing(row()).events
    assert (event.source_id, event.home, event.away, event.sport) == ("7", "Palmeiras", "Santos", "football")
    assert event.league == LeagueName("brasileirao_a", "Brazil Serie A")
    assert event.starts_at == KICKOFF
    assert event.prices == ()


@pytest.mark.parametrize(
    ("league", "expected"),
    [
        ({"id": "10041282", "name": "Premier League (renamed)"}, "premier_league"),
        ({"id": 10041110, "name": ""}, "la_liga"),
        ({"id": "5", "name": "uefa Europa  League"}, "europa_league"),
        ({"name": "Holland Eredivisie"}, "eredivisie"),
    ],
)
def test_a_league_is_known_by_its_number_then_by_its_whole_name(league, expected):
    (event,) = listing(row(league=league)).events
    assert event.league.source_id == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"league": {"id": "5", "name": "UEFA Champions League Women"}}, "other_league"),
        ({"league": {"id": "5", "name": "NBA"}}, "other_league"),
        ({"league": {"id": "5", "name": "Esoccer Battle - 8 mins play"}}, "not_a_match"),
        ({"home": {"name": "Palmeiras (Lalkoff) Esports"}}, "not_a_match"),
        ({"league": {"id": "5", "name": "Brazil Serie A SRL"}}, "not_a_match"),
        ({"sport_id": "13"}, "unknown_sport"),
        ({"sport_id": None}, "unknown_sport"),
        ({"time_status": "3"}, "unknown_event_status"),
        ({"time_status": None}, "unknown_event_status"),
        ({"time": "soon"}, "bad_kickoff"),
        ({"time": "-5"}, "bad_kickoff"),
        ({"time": "99999999999"}, "bad_kickoff"),
        ({"home": {"name": " "}}, "no_sides"),
        ({"away": {"name": "Palmeiras"}}, "no_sides"),
        ({"away": "Santos"}, "no_sides"),
        ({"id": None}, "bad_event"),
    ],
)
def test_what_is_no_match_of_ours_is_left_out_and_counted(changes, reason):
    page = listing(row(**changes))
    assert page.events == ()
    assert [str(rejected.reason) for rejected in page.rejected] == [reason]


def test_a_match_in_play_and_an_interrupted_one_are_live():
    page = listing(row(id="1", time_status="1"), row(id="2", time_status="7"), row(id="3"))
    assert [event.phase for event in page.events] == ["live", "live", "prematch"]


def test_a_saved_list_keeps_every_league_of_our_sports():
    page = PLATFORM.parse(
        json.dumps(
            {"success": 1, "results": [row(league={"id": "678", "name": "Nigeria Premier League"})]}
        ).encode(),
        fetched_at=NOW,
    )
    assert [event.league for event in page.events] == [LeagueName("678", "Nigeria Premier League")]


def test_an_empty_list_is_honest():
    page = listing()
    assert (page.kind, page.events, page.rejected) == ("events", (), ())


# Odds


def test_odds_are_read_with_what_the_list_said():
    page = parse(answer({"full_time_result": v3({"odds": "1.36", "name": "1"})}), event=ARSENAL)
    (event,) = page.events
    assert page.kind == "prematch"
    assert (event.home, event.away, event.starts_at, event.league) == (
        "Arsenal",
        "Leicester",
        KICKOFF,
        ARSENAL.league,
    )


def test_without_a_list_nobody_knows_whose_odds_they_are():
    page = parse(answer({"full_time_result": v3({"odds": "1.36", "name": "1"})}))
    assert page.events == ()
    assert [(r.source_id, str(r.reason)) for r in page.rejected] == [("event:7", "unknown_event")]


def test_a_match_that_was_asked_for_and_is_not_answered_is_counted():
    page = parse({"success": 1, "results": []}, event=ARSENAL)
    assert page.kind == "prematch"
    assert [(r.source_id, str(r.reason)) for r in page.rejected] == [("event:7", "unknown_event")]


@pytest.mark.parametrize(
    ("key", "odds", "expected"),
    [
        ("full_time_result", {"name": "Draw"}, "match_result match - draw 2.5"),
        ("full_time_result", {"opp": "X"}, "match_result match - draw 2.5"),
        ("full_time_result", {"name": "LEICESTER"}, "match_result match - away 2.5"),
        ("half_time_result", {"opp": "2"}, "match_result first_half - away 2.5"),
        ("2nd_half_result", {"opp": "1"}, "match_result second_half - home 2.5"),
        ("double_chance", {"opp": "X2"}, "double_chance match - draw_away 2.5"),
        ("double_chance", {"name": "Leicester or Draw"}, "double_chance match - draw_away 2.5"),
        ("double_chance", {"name": "Arsenal or Leicester"}, "double_chance match - home_away 2.5"),
        ("half_time_double_chance", {"name": "Draw or Arsenal"}, "double_chance first_half - home_draw 2.5"),
        ("draw_no_bet", {"opp": "Arsenal"}, "draw_no_bet match - home 2.5"),
        ("draw_no_bet", {"name": "2"}, "draw_no_bet match - away 2.5"),
        ("both_teams_to_score", {"opp": "No"}, "both_teams_to_score match - no 2.5"),
        ("both_teams_to_score_in_1st_half", {"name": "Sim"}, "both_teams_to_score first_half - yes 2.5"),
        ("goals_over_under", {"header": "Over", "name": "2.5"}, "totals match 2.5 over 2.5"),
        ("alternative_total_goals", {"header": "Over ", "goals": "0.5"}, "totals match 0.5 over 2.5"),
        ("goal_line", {"header": "Under", "name": "2.5, 3.0"}, "totals match 2.75 under 2.5"),
        ("first_half_goals", {"header": "Under", "goals": "1.5"}, "totals first_half 1.5 under 2.5"),
        ("goals_over_under", {"name": "Under  3.5"}, "totals match 3.5 under 2.5"),
        ("asian_handicap", {"header": "Home", "opp": "-1.0, -1.5"}, "handicap match -1.25 home 2.5"),
        ("asian_handicap", {"header": "Away", "opp": "+1.0, +1.5"}, "handicap match -1.25 away 2.5"),
        ("asian_handicap", {"header": "2", "handicap": "-0.5"}, "handicap match 0.5 away 2.5"),
        ("asian_handicap", {"header": "2", "handicap": "0.0"}, "handicap match 0 away 2.5"),
        ("asian_handicap", {"header": "1", "handicap": "0.0, -0.5"}, "handicap match -0.25 home 2.5"),
        ("asian_handicap", {"header": "Leicester", "handicap": "+2"}, "handicap match -2 away 2.5"),
        ("1st_half_asian_handicap", {"header": "1", "name": "+0.5"}, "handicap first_half 0.5 home 2.5"),
    ],
)
@pytest.mark.parametrize("form", ["v1", "v3"])
def test_every_way_to_write_a_selection(key, odds, expected, form):
    rows = [{"odds": "2.50", **odds}]
    assert prices(answer({key: rows if form == "v1" else v3(*rows)})) == [expected]


@pytest.mark.parametrize(
    ("key", "odds", "reason"),
    [
        ("full_time_result", {"name": "Chelsea"}, "unknown_selection"),
        ("full_time_result", {"name": "1", "header": "Leicester"}, "side_conflict"),
        ("double_chance", {"name": "Arsenal or Chelsea"}, "unknown_selection"),
        ("goals_over_under", {"header": "Over", "name": "Under 2.5"}, "side_conflict"),
        ("goals_over_under", {"header": "Over"}, "bad_line"),
        ("goals_over_under", {"header": "Over", "name": "2.6"}, "bad_line"),
        ("goals_over_under", {"header": "Over", "name": "2.5", "handicap": "3.5"}, "line_conflict"),
        ("asian_handicap", {"header": "1", "handicap": "-1.0, -2.0"}, "bad_line"),
        ("asian_handicap", {"handicap": "2"}, "unknown_selection"),
        ("full_time_result", {"name": "1", "odds": "evens"}, "bad_price"),
        ("full_time_result", {"name": "1", "odds": None}, "bad_price"),
        ("full_time_result", {"name": "1", "odds": "1.00"}, "price_out_of_range"),
        ("full_time_result", {"name": "1", "odds": "1002.00"}, "price_out_of_range"),
        ("full_time_result", {"name": "1", "odds": "1e5"}, "bad_price"),
        ("correct_score", {"name": "1-0"}, "unknown_market"),
        ("handicap_result", {"name": "1"}, "unknown_market"),
        ("team_total_goals", {"header": "Over", "name": "2.5"}, "unknown_market"),
        ("game_lines", {"header": "1", "handicap": ""}, "unknown_market"),
        ("full_time_result_1up", {"name": "1"}, "unknown_market"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_reason(key, odds, reason):
    payload = answer({key: v3({"odds": "2.50", **odds})})
    assert prices(payload) == []
    assert reasons(payload) == [reason]


@pytest.mark.parametrize("key", ["goals_over_under", "asian_handicap", "draw_no_bet"])
@pytest.mark.parametrize("third", ["Exactly", "Tie", "Draw"])
def test_a_market_of_three_ways_is_not_one_of_two(key, third):
    sides = [{"odds": "2.00", "header": name, "name": "10"} for name in ("Over", third, "Under")]
    payload = answer({key: v3(*sides)})
    assert prices(payload) == []
    assert reasons(payload) == ["unknown_market"]


def test_of_two_copies_of_a_market_the_later_one_counts():
    def result(price):
        return {"full_time_result": v3({"odds": price, "name": "1"})}

    later = answer(result("2.00"), others=[{"updated_at": "200", "sp": result("3.00")}])
    earlier = answer(result("2.00"), others=[{"updated_at": "50", "sp": result("3.00")}])
    empty = answer({"full_time_result": v3(open=0)}, others=[{"updated_at": "50", "sp": result("3.00")}])
    assert prices(later) == prices(empty) == ["match_result match - home 3"]
    assert prices(earlier) == ["match_result match - home 2"]
    assert reasons(later) == reasons(earlier) == ["duplicate_market"]
    assert reasons(empty) == []


def test_two_markets_about_one_bet_give_the_first_one_s_price():
    over = {"header": "Over", "name": "2.5"}
    payload = answer({"goals_over_under": v3({"odds": "1.53", **over}), "goal_line": v3({"odds": "1.50", **over})})
    assert prices(payload) == ["totals match 2.5 over 1.53"]
    assert reasons(payload) == ["duplicate_selection"]


def test_a_closed_market_and_a_selection_without_odds_are_suspended():
    rows = [{"odds": "1.90", "name": "Yes"}, {"odds": "", "name": "No"}]
    assert prices(answer({"both_teams_to_score": v3(*rows)})) == [
        "both_teams_to_score match - yes 1.9",
        "both_teams_to_score match - no - standard suspended",
    ]
    assert prices(answer({"both_teams_to_score": v3(*rows, open=0)})) == [
        "both_teams_to_score match - yes 1.9 standard suspended",
        "both_teams_to_score match - no - standard suspended",
    ]


def test_no_field_says_early_payout_so_every_price_is_standard():
    payload = answer({"full_time_result": v3({"odds": "2.00", "name": "1"})})
    assert [price.rules for price in parse(payload, event=ARSENAL).prices()] == ["standard"]


# Basketball's grid


def cell(odds, header, handicap, **more):
    return {"id": "1", "odds": odds, "header": header, "handicap": handicap, **more}


def head(name):
    return {"id": "PC1", "odds": "", "name": name, "header": ""}


HOME = [cell("1.40", "1", ""), cell("1.91", "1", "-6.5"), cell("1.87", "1", "O 221.5")]
AWAY = [cell("3.00", "2", ""), cell("1.91", "2", "+6.5"), cell("1.95", "2", "U 221.5")]
HEADS = [head("Money Line"), head("Spread"), head("Total")]
GRID = [
    "moneyline match - home 1.4",
    "handicap match -6.5 home 1.91",
    "totals match 221.5 over 1.87",
    "moneyline match - away 3",
    "handicap match -6.5 away 1.91",
    "totals match 221.5 under 1.95",
]


def grid(*cells):
    return answer({"game_lines": v3(*cells)})


def test_a_grid_is_read_by_its_headers():
    assert prices(grid(*HEADS, *HOME, *AWAY), CELTICS) == GRID


def test_a_grid_may_name_each_cell_instead():
    names = ("Winner", "Handicap", "Total")
    cells = [{**row, "name": name} for rows in (HOME, AWAY) for row, name in zip(rows, names, strict=True)]
    assert prices(grid(*cells), CELTICS) == GRID


def test_a_missing_cell_shifts_nothing():
    found = prices(grid(*HEADS, *HOME[1:], *AWAY), CELTICS)
    assert found == GRID[1:]


def test_a_column_of_another_market_takes_no_price_for_its_own():
    payload = grid(head("Double Result"), *HEADS[1:], *HOME[1:], *AWAY)
    assert prices(payload, CELTICS) == ["handicap match -6.5 away 1.91", "totals match 221.5 under 1.95"]
    assert reasons(payload, CELTICS) == ["unknown_market"] * 3
    swapped = grid(head("Spread"), head("Money Line"), head("Total"), *HOME, *AWAY)
    assert prices(swapped, CELTICS) == [GRID[2], GRID[5]]


def test_quarters_and_team_totals_are_not_the_match():
    payload = answer({"1st_quarter": v3(*HEADS, *HOME, *AWAY), "team_totals": v3(*HOME)})
    assert prices(payload, CELTICS) == []
    assert reasons(payload, CELTICS) == ["unknown_market"] * 2


@pytest.mark.parametrize(("sport", "reason"), [("91", "unknown_sport"), ("18", "unknown_sport"), ("1", None)])
def test_the_page_s_key_has_to_be_of_the_sport(sport, reason):
    payload = answer({"full_time_result": v3({"odds": "2.00", "name": "1"})}, key=f"#AC#B{sport}#C1#D8#E5#F3#")
    assert reasons(payload) == ([reason] if reason else [])


# The site's records through BetsAPI


def in_play(name="Arsenal v Leicester", markets=(), **more):
    rows = [{"type": "EV", "FI": "7", "CL": "1", "NA": name, "CT": "England Premier League", "SS": "0-1", **more}]
    return {"success": 1, "results": [[*rows, *markets]]}


def market(number, name, *cells, **more):
    return [{"type": "MA", "ID": number, "NA": name, "SU": "0", **more}, {"type": "CO", "NA": ""}, *cells]


def pa(name, odds, **more):
    return {"type": "PA", "ID": "9", "NA": name, "OD": odds, "SU": "0", **more}


def test_a_match_in_play_is_read_as_live():
    payload = in_play(
        markets=[
            *market("1777", "Fulltime Result", pa("Arsenal", "13/10", OR="0", N2="1"), pa("Draw", "9/4", OR="1")),
            *market("10124", "Match Goals", pa("Over ", "4/7", HA="2.5", HD=" 2.5"), pa("Under ", "5/4", HA="2.5")),
            *market("10148", "Goal Line (0-1)", pa("Over 2.5,3.0", "31/40", HA="2.75")),
            *market("10115", "Double Chance", pa("Arsenal or Draw", "4/11", N2="1X"), SU="1"),
            *market("1778", "2nd Goal", pa("Arsenal", "1/3")),
        ]
    )
    page = parse(payload, event=ARSENAL)
    (event,) = page.events
    assert event.phase == "live"
    assert [price_as_text(price).removesuffix(" standard open") for price in event.prices] == [
        "match_result match - home 2.3",
        "match_result match - draw 3.25",
        "totals match 2.5 over 1.5714",
        "totals match 2.5 under 2.25",
        "totals match 2.75 over 1.775",
        "double_chance match - home_draw 1.3636 standard suspended",
    ]
    assert [(r.source_id, str(r.reason)) for r in page.rejected] == [("market:7/1778", "unknown_market")]


@pytest.mark.parametrize(("score", "read"), [("0-1", False), ("0-0", True)])
def test_an_asian_handicap_in_play_counts_from_the_score(score, read):
    cells = [pa("Arsenal -1", "7/10", HA="-1"), pa("Leicester +1", "11/10", HA="+1")]
    payload = in_play(markets=market("10147", f"Asian Handicap ({score})", *cells))
    expected = ["handicap match -1 home 1.7", "handicap match -1 away 2.1"]
    assert prices(payload) == (expected if read else [])


def test_a_result_at_the_wrong_place_is_a_conflict():
    assert reasons(in_play(markets=market("1777", "Fulltime Result", pa("Arsenal", "13/10", OR="2")))) == [
        "side_conflict"
    ]


def test_in_play_without_a_list_there_is_no_kick_off():
    page = parse(in_play(BC=""))
    assert [str(row.reason) for row in page.rejected] == ["bad_kickoff"]


def raw_section(*records):
    sections = {"main": {"updated_at": "100", "format": 2, "sp": list(records)}}
    return {"success": 1, "results": [{"FI": "7", **sections}]}


def test_odds_may_come_as_the_site_s_records():
    group = [{"type": "MG", "ID": "G40", "NA": "Full Time Result"}, {"type": "MA", "ID": "M40"}]
    payload = raw_section({"type": "CL", "ID": "1"}, {"type": "EV", "NA": ""}, *group, pa("Leicester", "15/2"))
    assert prices(payload) == ["match_result match - away 8.5"]
    other = raw_section({"type": "CL", "ID": "16"}, {"type": "EV", "NA": ""}, *group, pa("Leicester", "15/2"))
    assert (prices(other), reasons(other)) == ([], ["unknown_sport"])
    assert reasons(raw_section()) == ["unknown_event"]


# What is no answer of these


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty body"),
        (b"<html>", "HTML"),
        (b'{"success":1,"results":[{"id"', "truncated"),
        (b'{"success":0,"error":"TOO_MANY_REQUESTS"}', "BetsAPI's error TOO_MANY_REQUESTS"),
        (b'{"success":1}', "results are not a list"),
        (b'{"success":1,"results":[1,2]}', "no objects"),
        (b'{"success":1,"results":[{"id":"7"}]}', "neither matches nor odds"),
        (b'{"events":[]}', "an object with events"),
        (b'{"success":1,"results":[{"FI":"7","main":{"JsonData":{"F":[]}}}]}', "gave up in 2019"),
        (b"|".join([b"PA;ID=1;OD=1/2;"]), "text that is not JSON"),
        (b"\xff\xfeF|CL;", "text that is not JSON"),
    ],
)
def test_anything_else_is_refused_in_one_line(body, said):
    with pytest.raises(PayloadShapeError, match=said) as refused:
        PLATFORM.parse(body, fetched_at=NOW)
    assert "\n" not in str(refused.value)


@given(st.integers(-400, 400), st.sampled_from(["1", "2"]), st.booleans())
def test_a_handicap_is_the_same_bet_however_it_is_written(quarters, side, halves):
    """`quarters`: the line from the home side's view."""
    own = Decimal(quarters) / 4 * (1 if side == "1" else -1)
    written = f"{own:+}"
    if halves and own % Decimal("0.5"):
        written = f"{own - Decimal('0.25'):+}, {own + Decimal('0.25'):+}"
    payload = answer({"asian_handicap": v3({"odds": "1.90", "header": side, "handicap": written})})
    (price,) = parse(payload, event=ARSENAL).prices()
    assert price.line == Decimal(quarters) / 4
    assert price.selection == ("home" if side == "1" else "away")

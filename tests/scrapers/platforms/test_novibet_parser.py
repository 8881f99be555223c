"""The traps of Novibet's payloads, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.novibet.platform import PLATFORM
from scrapers.registry import load_registry
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
IDS = count(1)
LEAGUES = load_registry().leagues
PREMIER_LEAGUE, NBA = 5909300, 6680221


def parse(root, *, league=None, listed=(), **options):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    events = {event.source_id: event for event in listed}
    context = Context(PLATFORM.options(options), LEAGUES[league] if league else None, events)
    return PLATFORM.parse(body, fetched_at=NOW, context=context)


def item(code, price=2.0, line=None, caption=None, **more):
    shown = code if caption is None else caption
    return {"id": str(next(IDS)), "code": code, "caption": shown, "instanceCaption": line, "price": price, **more}


def market(sysname, *items, **more):
    return {"marketId": next(IDS), "betTypeSysname": sysname, "betItems": list(items), **more}


def event(*markets, **more):
    return {
        "eventBetContextId": 7,
        "additionalCaptions": {"competitor1": "Casa", "competitor2": "Fora "},
        "startTime": "dom. 16:00",
        "startDate": "2026-03-15T19:00:00+00:00",
        "isLive": False,
        "marketTags": [],
        "markets": list(markets),
        **more,
    }


def page(*events, location=PREMIER_LEAGUE, **view):
    return [{"marketViewGroupId": location, "betViews": [{"items": list(events), **view}]}]


def read(*markets, **more):
    """A location feed of one match with these markets."""
    return parse(page(event(*markets, **more)), league="premier_league")


def feed(*markets, **more):
    """An event feed with these markets."""
    own = [{**m, "marketSysname": f"{m['betTypeSysname']}_PRELIVE", "betTypeSysname": None} for m in markets]
    items = [{"betViews": [row]} for row in own]
    return {"betContextId": 7, "marketCategories": [{"sysname": "MAIN", "items": items}], **more}


def prices(found):
    return [price_as_text(price) for price in found.prices()]


def reasons(found):
    return [str(row.reason) for row in found.rejected]


def result(home=2.0, draw=3.2, away=3.6, sysname="SOCCER_MATCH_RESULT"):
    return market(sysname, item("1", home), item("X", draw), item("2", away))


def both(yes, no):
    return market("SOCCER_BOTH_TEAMS_TO_SCORE", yes, no)


def test_tags_are_joined_to_markets_and_an_untagged_one_is_plain():
    boosted, plain, early = result(2.2), result(2.1), result(2.0)
    tags = [
        {"marketId": boosted["marketId"], "tag": "ODDS_KEY_0"},
        {"marketId": early["marketId"], "tag": "SOCCER_2_GOALS_AHEAD_EARLY_PAYOUT"},
    ]
    found = read(boosted, plain, early, marketTags=[None, *tags])
    assert [(str(p.value), p.rules) for p in found.prices() if p.selection == "home"] == [
        ("2.2", "boosted"),
        ("2.1", "standard"),
        ("2", "early_payout"),
    ]
    assert found.rejected == ()


@given(st.data())
def test_the_order_of_markets_items_and_tags_means_nothing(data):
    boosted, early = result(2.2), result(2.0)
    written = [
        boosted,
        early,
        result(2.1),
        market("SOCCER_UNDER_OVER", item("O", 2.0, "2,5"), item("U", 1.8, "2,5")),
    ]
    tags = [
        {"marketId": boosted["marketId"], "tag": "ODDS_KEY_0"},
        {"marketId": early["marketId"], "tag": "SOCCER_2_GOALS_AHEAD_EARLY_PAYOUT"},
    ]
    mixed = [{**row, "betItems": data.draw(st.permutations(row["betItems"]))} for row in written]
    found = read(*data.draw(st.permutations(mixed)), marketTags=data.draw(st.permutations(tags)))
    assert sorted(prices(found)) == sorted(prices(read(*written, marketTags=tags)))


def test_two_markets_that_nothing_tells_apart_are_neither_kept():
    found = read(result(1.77, 4.15, 4.55), result(2.08, 3.5, 3.5))
    assert (prices(found), reasons(found)) == ([], ["ambiguous_market"] * 2)


def test_two_equal_markets_are_one():
    found = read(result(), result())
    assert (len(prices(found)), reasons(found)) == (3, ["duplicate_market"])


def test_totals_of_different_lines_are_different_bets():
    lines = [market("SOCCER_UNDER_OVER", item("O", 2.0, line), item("U", 1.8, line)) for line in ("2,5", "3,5")]
    assert [price.line for price in read(*lines).prices()] == [Decimal("2.5")] * 2 + [Decimal("3.5")] * 2


@pytest.mark.parametrize("tags", [["SOMETHING_NEW"], ["ODDS_KEY_0", "SOCCER_2_GOALS_AHEAD_EARLY_PAYOUT"]])
def test_a_contract_that_nobody_knows_is_left_out(tags):
    row = result()
    found = read(row, marketTags=[{"marketId": row["marketId"], "tag": tag} for tag in tags])
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


def test_a_known_tag_beside_an_unknown_one_counts():
    row = result()
    tags = [{"marketId": row["marketId"], "tag": tag} for tag in ("BET_BUILDER", "ODDS_KEY_0")]
    assert {price.rules for price in read(row, marketTags=tags).prices()} == {"boosted"}


@pytest.mark.parametrize(
    ("sysname", "rules"),
    [
        ("SOCCER_MATCH_RESULT_PRELIVE", "standard"),
        ("SOCCER_MATCH_RESULT_ODDS_KEY", "boosted"),
        ("SOCCER_MATCH_RESULT_PRELIVE_1_ODDS_KEY", "boosted"),
    ],
)
def test_sysnames_say_whether_a_result_is_a_copy_without_margin(sysname, rules):
    assert {price.rules for price in read(result(sysname=sysname)).prices()} == {rules}


@pytest.mark.parametrize(
    "sysname",
    [
        "SOCCER_CORNERS_UNDER_OVER",
        "SOCCER_HOME_UNDER_OVER",
        "SOCCER_MATCH_RESULT_15_MINUTES",
        "SOCCER_UNDER_OVER_ODDS_KEY",
        "SOCCER_ASIAN_HANDICAP",
        "SOCCER_",
    ],
)
def test_sysnames_are_matched_whole(sysname):
    found = read(market(sysname, item("O", 2.0, "2,5"), item("U", 1.8, "2,5")))
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


def test_every_football_market():
    found = read(
        result(),
        market("SOCCER_DOUBLE_CHANCE", item("1X", 1.2), item("12", 1.3), item("X2", 1.7)),
        market("SOCCER_MATCH_RESULT_NODRAW", item("1", 1.4), item("2", 2.9)),
        both(item("Y", 1.8), item("N", 1.9)),
        result(2.6, 2.1, 4.0, "SOCCER_FIRST_HALF_RESULT"),
        market("SOCCER_FIRST_HALF_UNDER_OVER", item("O", 2.6, "1,5"), item("U", 1.4, "1,5")),
    )
    assert prices(found)[3:] == [
        "double_chance match - home_draw 1.2 standard open",
        "double_chance match - home_away 1.3 standard open",
        "double_chance match - draw_away 1.7 standard open",
        "draw_no_bet match - home 1.4 standard open",
        "draw_no_bet match - away 2.9 standard open",
        "both_teams_to_score match - yes 1.8 standard open",
        "both_teams_to_score match - no 1.9 standard open",
        "match_result first_half - home 2.6 standard open",
        "match_result first_half - draw 2.1 standard open",
        "match_result first_half - away 4 standard open",
        "totals first_half 1.5 over 2.6 standard open",
        "totals first_half 1.5 under 1.4 standard open",
    ]


@pytest.mark.parametrize(("yes", "no"), [("GG", "NG"), ("Sim", "Não"), ("Yes", "No")])
def test_yes_and_no_go_by_caption_where_the_code_is_new(yes, no):
    found = read(both(item("?", 1.9, caption=no), item("!", 1.8, caption=yes)))
    assert [price.selection for price in found.prices()] == ["no", "yes"]
    assert reasons(read(both(item("Y", 1.9, caption=no), item("N", 1.8, caption=yes)))) == ["side_conflict"] * 2


@pytest.mark.parametrize(
    ("line", "caption", "said"),
    [
        ("22,5", "Mais de 22,5", "22.5"),
        ("1.5", "Over 1.5", "1.5"),
        (None, "Mais de 2,25", "2.25"),
        (" 3,0 ", "O", "3"),
    ],
)
def test_lines_with_comma_or_dot_in_either_place(line, caption, said):
    (price,) = read(market("SOCCER_UNDER_OVER", item("O", 2.0, line, caption))).prices()
    assert str(price.line) == said


@pytest.mark.parametrize(
    ("line", "caption", "reason"),
    [
        (None, "Mais", "bad_line"),
        ("0", "Mais de 0", "bad_line"),
        ("2,6", "Mais", "bad_line"),
        (2.5, "Mais", "bad_line"),
        ("2,5", "Mais de 3,5", "line_conflict"),
    ],
)
def test_lines_that_are_none(line, caption, reason):
    assert reasons(read(market("SOCCER_UNDER_OVER", item("O", 2.0, line, caption)))) == [reason]


def test_two_lines_in_one_market_are_refused():
    found = read(market("SOCCER_UNDER_OVER", item("O", 2.0, "2,5"), item("U", 1.8, "3,5")))
    assert (prices(found), reasons(found)) == ([], ["line_conflict"] * 2)


def basket(*markets, **options):
    return parse(page(event(*markets), location=NBA), league="nba", **options)


def spread(first, second):
    """Instance caption and caption of both sides."""
    pairs = (("1", first), ("2", second))
    return market("BASKETBALL_MATCH_RESULT_HANDICAP", *(item(code, 1.9, *pair) for code, pair in pairs))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("-5,5", None), ("+5,5", None)),
        (("-5,5", "BOS Celtics -5,5"), ("5,5", "MIA Heat +5,5")),
        # The market's own line on both sides: the captions say what each side gets.
        (("-5,5", "BOS Celtics -5,5"), ("-5,5", "MIA Heat +5,5")),
        ((None, "BOS Celtics (-5,5)"), (None, "MIA Heat (+5,5)")),
    ],
)
def test_handicaps_that_both_sides_agree_on(first, second):
    assert prices(basket(spread(first, second))) == [
        "handicap match -5.5 home 1.9 standard open",
        "handicap match -5.5 away 1.9 standard open",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("-5,5", None), ("-5,5", None)),
        (("-5,5", "BOS Celtics -6,5"), ("5,5", "MIA Heat +5,5")),
        (("5,5", "BOS"), ("5,5", "MIA")),
    ],
)
def test_handicaps_of_doubtful_sign_are_refused(first, second):
    found = basket(spread(first, second))
    assert (prices(found), set(reasons(found))) == ([], {"line_conflict"})


def test_one_side_alone_does_not_tell_whose_view_a_line_is_from():
    alone = market("BASKETBALL_MATCH_RESULT_HANDICAP", item("2", 1.9, "-5,5"))
    assert reasons(basket(alone)) == ["line_conflict"]


def test_a_market_with_a_third_outcome_means_something_else():
    three = market("BASKETBALL_MATCH_RESULT_NODRAW", item("1"), item("X"), item("2"))
    assert reasons(basket(three)) == ["bad_market"]


def test_which_competitor_is_at_home_in_basketball_is_the_brands_to_say():
    winner = market("BASKETBALL_MATCH_RESULT_NODRAW", item("1", 1.5), item("2", 2.6))
    points = market("BASKETBALL_UNDER_OVER", item("O", 1.9, "221,5"), item("U", 1.8, "221,5"))
    markets = winner, spread(("-5,5", None), ("5,5", None)), points
    (first,), (second,) = (basket(*markets, host_in_basketball=host).events for host in (1, 2))
    assert ((first.home, first.away), (second.home, second.away)) == (("Casa", "Fora"), ("Fora", "Casa"))
    assert [price_as_text(price) for price in second.prices] == [
        "moneyline match - away 1.5 standard open",
        "moneyline match - home 2.6 standard open",
        "handicap match 5.5 away 1.9 standard open",
        "handicap match 5.5 home 1.9 standard open",
        "totals match 221.5 over 1.9 standard open",
        "totals match 221.5 under 1.8 standard open",
    ]
    assert parse(page(event(result())), host_in_basketball=2).events[0].home == "Casa"


@given(st.integers(-200, 200).map(lambda quarters: Decimal(quarters) / 4))
def test_a_handicap_is_the_same_whoever_is_named_first(line):
    own, other = (f"{number:+}".replace(".", ",") for number in (line, -line))
    for host, home in ((1, own), (2, other)):
        away = other if host == 1 else own
        sides = (home, away) if host == 1 else (away, home)
        found = basket(spread((sides[0], None), (sides[1], None)), host_in_basketball=host)
        assert {price.line for price in found.prices()} == {line if host == 1 else -line}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"isAvailable": False}, "yes 1.8 standard suspended"),
        ({"isAvailable": False, "price": None}, "yes - standard suspended"),
        ({"isAvailable": False, "price": 1}, "yes - standard suspended"),
        ({"isAvailable": True}, "yes 1.8 standard open"),
        ({}, "yes 1.8 standard open"),
    ],
)
def test_what_is_not_available_is_suspended(more, said):
    assert (
        prices(read(both({**item("Y", 1.8), **more}, item("N", 1.9))))[0] == f"both_teams_to_score match - {said}"
    )


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"price": None}, "bad_price"),
        ({"price": "1.8"}, "bad_price"),
        ({"price": 1}, "price_out_of_range"),
        ({"price": 2000}, "price_out_of_range"),
        ({"isAvailable": "yes"}, "unknown_status"),
        ({"code": "A"}, "unknown_selection"),
    ],
)
def test_bet_items_that_are_left_out(more, reason):
    found = read(both({**item("Y", 1.8), **more}, item("N", 1.9)))
    assert (len(prices(found)), reasons(found)) == (1, [reason])


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"eventBetContextId": None}, "bad_event"),
        ({"additionalCaptions": {"competitor1": "Casa"}}, "no_sides"),
        ({"additionalCaptions": {"competitor1": "Casa", "competitor2": "Casa"}}, "no_sides"),
        ({"additionalCaptions": {"discriminator": "OutrightCaptionModel"}}, "not_a_match"),
        ({"additionalCaptions": {"competitor1": "Casa SRL", "competitor2": "Fora SRL"}}, "not_a_match"),
        ({"additionalCaptions": {"competitor1": "Casa (Zico) Esports", "competitor2": "Fora"}}, "not_a_match"),
        ({"startDate": "qui. 02:00"}, "bad_kickoff"),
        ({"startDate": "2026-03-15T19:00:00"}, "bad_kickoff"),
        ({"markets": [market("TENNIS_SINGLES_MATCH_WINNER")]}, "unknown_sport"),
        ({"markets": [market("AMERICAN_FOOTBALL_UNDER_OVER")]}, "unknown_sport"),
        ({"markets": [market("BASKETBALL_UNDER_OVER")]}, "other_league"),
    ],
)
def test_events_that_are_left_out(more, reason):
    found = read(**more)
    assert (found.events, reasons(found)) == ((), [reason])


def test_one_market_of_no_sport_costs_itself_only():
    found = read(result(), market("PREBUILT_BET", item("1")))
    assert (len(prices(found)), reasons(found)) == (3, ["unknown_market"])
    assert reasons(read(result(), market("BASKETBALL_UNDER_OVER"))) == ["unknown_sport"]


def test_the_kickoff_has_three_names():
    for key in ("startDate", "startDateTime", "startTimeUTC"):
        row = event()
        del row["startDate"]
        row[key] = "2026-03-15T16:00:00-03:00"
        assert parse(page(row), league="premier_league").events[0].starts_at == datetime(
            2026, 3, 15, 19, tzinfo=UTC
        )


@pytest.mark.parametrize(
    ("more", "phase"),
    [
        ({}, "prematch"),
        ({"isLive": True}, "live"),
        ({"liveData": {"isLive": True, "homeGoals": 1}}, "live"),
        ({"liveData": {"homeGoals": 1}}, "live"),
        ({"liveData": {"isLive": False}}, "prematch"),
        ({"liveData": None}, "prematch"),
    ],
)
def test_phases(more, phase):
    assert [found.phase for found in read(**more).events] == [phase]


def test_the_league_of_a_competitions_page_is_the_one_asked_for():
    (found,) = read().events
    assert (found.league.source_id, found.league.name, found.league.country) == (
        "5909300",
        "Premier League",
        "England",
    )
    named = parse(page(event(competitionCaption="Premier League 25/26")), league="premier_league").events[0]
    assert named.league.name == "Premier League 25/26"


def test_the_page_of_another_location_is_refused():
    with pytest.raises(PayloadShapeError, match="location 5910661, asked for 5909300"):
        parse(page(event(), location=5910661), league="premier_league")


def test_a_saved_page_knows_its_location_only():
    (found,) = parse(page(event(result()))).events
    assert (found.league.source_id, found.league.name, len(found.prices)) == ("5909300", "", 3)


def several(*competitions, location=6051394, caption="Futebol"):
    rows = [
        {"betContextId": 100 + n, "caption": f"Liga {n}", "regionCaption": "Brasil", "events": [row]}
        for n, row in enumerate(competitions)
    ]
    view = {"competitions": rows, "competitionContextCaption": caption}
    return [{"marketViewGroupId": location, "betViews": [view]}]


def live_event(number, *markets):
    row = event(*markets, betContextId=number)
    del row["eventBetContextId"]
    return row


def test_a_page_of_several_competitions_names_them():
    found = parse(several(live_event(8, result()), live_event(9)))
    assert [(e.source_id, e.league.source_id, e.league.name, e.league.country) for e in found.events] == [
        ("8", "100", "Liga 0", "Brasil"),
        ("9", "101", "Liga 1", "Brasil"),
    ]
    assert reasons(parse(several(live_event(8), caption="Tênis"))) == ["unknown_sport"]


def test_a_competitions_page_may_come_in_that_form_too():
    one = parse(several(live_event(8), location=PREMIER_LEAGUE), league="premier_league")
    assert [(e.league.source_id, e.league.name) for e in one.events] == [("5909300", "Liga 0")]
    two = parse(several(live_event(8), live_event(9), location=PREMIER_LEAGUE), league="premier_league")
    assert (two.events, reasons(two)) == ((), ["other_league"] * 2)


def test_an_event_feed_takes_its_head_from_the_list():
    (listed,) = read().events
    found = parse(feed(result()), listed=[listed])
    assert (found.kind, len(prices(found))) == ("detail", 3)
    (read_event,) = found.events
    assert (read_event.home, read_event.starts_at, read_event.league) == (
        listed.home,
        listed.starts_at,
        listed.league,
    )


def test_an_event_feed_repeats_its_markets():
    (listed,) = read().events
    row = result()
    found = parse(feed(row, row, both(item("Y"), item("N", 1.8))), listed=[listed])
    assert (len(prices(found)), reasons(found)) == (5, ["duplicate_market"])


def test_an_event_feed_of_another_event_or_with_turned_sides_is_left_out():
    (listed,) = read().events
    assert reasons(parse(feed(result(), betContextId=8), listed=[listed])) == ["unknown_event"]
    turned = {"homeTeam": {"teamCaption": "Fora"}, "awayTeam": {"teamCaption": "Casa"}}
    assert reasons(parse(feed(result(), competitors=turned), listed=[listed])) == ["side_conflict"]


def test_a_saved_event_feed_does_not_say_its_league():
    captions = {"competitor1": "Casa", "competitor2": "Fora"}
    assert reasons(parse(feed(result(), additionalCaptions=captions))) == ["no_league"]
    assert reasons(parse(feed(result()))) == ["no_sides"]


def test_null_rows_are_counted_at_every_level():
    found = parse(page(None, event(None, both(None, item("N", 1.9)))), league="premier_league")
    assert prices(found) == ["both_teams_to_score match - no 1.9 standard open"]
    assert reasons(found) == ["bad_event", "bad_market", "bad_odd"]


def test_an_event_twice_counts_once():
    found = parse(page(event(result()), event(result())), league="premier_league")
    assert (len(found.events), reasons(found)) == (1, ["duplicate_event"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty body"),
        (b"<!DOCTYPE html><title>Just a moment...</title>", "an HTML"),
        (b'[{"betViews": [', "truncated"),
        (b"7", "a JSON number"),
        (b"{}", "without any key"),
        (b'{"code": 5000, "message": "Object reference"}', "code, message"),
        (b"[1]", "something else than blocks"),
        (b'[{"events": []}]', "something else than blocks"),
    ],
)
def test_what_is_no_feed(body, said):
    with pytest.raises(PayloadShapeError, match=said):
        parse(body)


@pytest.mark.parametrize("root", [[], [{"marketViewGroupId": PREMIER_LEAGUE, "betViews": []}], page()])
def test_an_empty_list_is_honest(root):
    found = parse(root, league="premier_league")
    assert (found.kind, found.events, found.rejected) == ("list", (), ())

"""The traps of Kaizen's payloads, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.kaizen.platform import PLATFORM
from scrapers.registry import load_registry
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
KICKOFF_MS = 1_773_601_200_000  # 2026-03-15 19:00 UTC
IDS = count(1)
LEAGUES = load_registry().leagues


def parse(root, *, league=None, listed=(), **options):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    events = {event.source_id: event for event in listed}
    context = Context(PLATFORM.options(options), LEAGUES[league] if league else None, events)
    return PLATFORM.parse(body, fetched_at=NOW, context=context)


def sel(name, price=None, column=0, handicap=0.0, **more):
    return {"id": str(next(IDS)), "name": name, "price": price, "columnIndex": column, "handicap": handicap, **more}


def market(code, *selections, **more):
    return {
        "id": str(next(IDS)),
        "name": code,
        "type": code,
        "handicap": 0.0,
        "selections": list(selections),
        **more,
    }


def event(*markets, **more):
    return {
        "id": "7",
        "sportId": "FOOT",
        "name": "Casa - Fora",
        "participants": [{"name": "Casa", "id": "71"}, {"name": "Fora", "id": "72"}],
        "leagueId": "10016",
        "leagueDescription": "Série A",
        "regionName": "Brasil",
        "startTime": KICKOFF_MS,
        "markets": list(markets),
        **more,
    }


def basket(*columns, **more):
    return event(sportId="BASK", sixPackBlocks=[{"columns": list(columns)}], **more)


def listing(*events):
    return {"data": {"events": list(events)}}


def read(*markets, **more):
    """A list of one football match with these markets."""
    return parse(listing(event(*markets, **more)))


def prices(page):
    return [price_as_text(price) for price in page.prices()]


def reasons(page):
    return [str(row.reason) for row in page.rejected]


def result(code, home=2.0, draw=3.2, away=3.6, draw_name="X"):
    return market(code, sel("1", home), sel(draw_name, draw, 1), sel("2", away, 2))


def test_the_two_results_are_two_contracts():
    page = read(result("MRES"), result("MR12", 2.2, 3.4, 3.9))
    assert prices(page) == [
        "match_result match - home 2 early_payout open",
        "match_result match - draw 3.2 early_payout open",
        "match_result match - away 3.6 early_payout open",
        "match_result match - home 2.2 boosted open",
        "match_result match - draw 3.4 boosted open",
        "match_result match - away 3.9 boosted open",
    ]
    assert page.rejected == ()


@given(st.data())
def test_marked_selections_mean_the_same_in_any_order_of_markets_and_columns(data):
    written = [
        result("MRES"),
        result("MR12", 2.2, 3.4, 3.9),
        market("DBLC", sel("1X", 1.2), sel("X2", 1.7), sel("12", 1.3)),
        market("DNOB", sel("?", 1.4, teamId="71"), sel("?", 2.8, teamId="72")),
        market("HCTG", sel("Mais de 2.5", 2.0, 0, 2.5), sel("Menos de 2.5", 1.8, 1, 2.5)),
        market("AHCP", sel("Casa -0.75", 1.9, 0, -0.75), sel("Fora +0.75", 1.8, 1, 0.75)),
    ]
    mixed = [{**row, "selections": data.draw(st.permutations(row["selections"]))} for row in written]
    assert sorted(prices(read(*data.draw(st.permutations(mixed))))) == sorted(prices(read(*written)))


def test_a_selection_with_a_raised_price_makes_its_market_a_promotion():
    page = read(
        market("HCTG", sel("Mais de 2.5", 2.0, 0, 2.5, originalPrice=1.8), sel("Menos de 2.5", 1.9, 1, 2.5))
    )
    assert {price.rules for price in page.prices()} == {"boosted"}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("1X", "X2", "12"), ["home_draw", "draw_away", "home_away"]),
        (("10", "02", "12"), ["home_draw", "draw_away", "home_away"]),
        (("12", "1X", "X2"), ["home_away", "home_draw", "draw_away"]),
    ],
)
def test_double_chance_goes_by_name_never_by_place(names, found):
    page = read(market("DBLC", *(sel(name, 1.5, place) for place, name in enumerate(names))))
    assert [price.selection for price in page.prices()] == found
    nameless = read(market("DBLC", *(sel(name, 1.5, place) for place, name in enumerate("abc"))))
    assert reasons(nameless) == ["unknown_selection"] * 3


def test_double_chance_of_the_flat_shape_goes_by_type_id():
    selections = [sel("?", 1.5, typeId=28), sel("?", 1.6, typeId=29), sel("?", 1.7, typeId=30)]
    assert [p.selection for p in read(market("DBLC", *selections)).prices()] == [
        "home_draw",
        "draw_away",
        "home_away",
    ]


@pytest.mark.parametrize(
    ("over", "under"),
    [("Mais de", "Menos de"), ("Více než", "Méně než"), ("Plus de", "Moins de"), ("Over", "Under")],
)
def test_totals_in_every_language_and_order(over, under):
    page = read(market("HCTG", sel(f"{under} 2.5", 1.8, 0, 2.5), sel(f"{over} 2.5", 2.0, 1, 2.5)))
    assert prices(page) == ["totals match 2.5 under 1.8 standard open", "totals match 2.5 over 2 standard open"]


def test_the_first_half_is_a_period_of_its_own():
    page = read(market("OUH1", sel("Mais de 1.5", 2.9, 0, 1.5), sel("Menos de 1.5", 1.4, 1, 1.5)))
    assert prices(page)[0] == "totals first_half 1.5 over 2.9 standard open"


def test_a_line_that_the_name_denies_is_another_bet():
    page = read(market("HCTG", sel("Mais de 3,5", 2.0, 0, 2.5), sel("Menos de 2,5", 1.8, 1, 2.5)))
    assert prices(page) == ["totals match 2.5 under 1.8 standard open"]
    assert reasons(page) == ["line_conflict"]


@pytest.mark.parametrize("line", [0.0, -2.5, 2.6, None, "2.5", True, 1e308])
def test_lines_that_are_none(line):
    assert reasons(read(market("HCTG", sel("Mais de", 2.0, 0, line)))) == ["bad_line"]


def test_sides_by_team_id_name_or_place_and_never_against_each_other():
    by_id = market("DNOB", sel("?", 1.4, 0, teamId="72"), sel("?", 2.8, 1, teamId="71"))
    by_name = market("DNOB", sel("Fora", 1.4), sel("Casa ", 2.8))
    by_place = market("DNOB", sel("CAS", 1.4, 1), sel("FOR", 2.8, 0))
    for written in (by_id, by_name, by_place):
        assert [(p.selection, str(p.value)) for p in read(written).prices()] == [("away", "1.4"), ("home", "2.8")]
    torn = read(market("DNOB", sel("Casa", 1.4, 0, teamId="72"), sel("Fora", 2.8, 1, teamId="72")))
    assert prices(torn) == ["draw_no_bet match - away 2.8 standard open"]
    assert reasons(torn) == ["side_conflict"]
    half_known = read(market("DNOB", sel("CAS", 1.4, 0), sel("Fora", 2.8, 1)))
    assert reasons(half_known) == ["unknown_selection"]


def test_a_side_that_ends_in_a_number_is_no_line():
    sides = [{"name": "Schalke 04", "id": "1"}, {"name": "Mainz 05", "id": "2"}]
    handicap = market("AHCP", sel("Schalke 04", 1.9, 0, -0.25), sel("Mainz 05 +0.25", 1.9, 1, 0.25))
    page = read(market("DNOB", sel("Schalke 04", 1.5), sel("Mainz 05", 2.5, 1)), handicap, participants=sides)
    assert prices(page) == [
        "draw_no_bet match - home 1.5 standard open",
        "draw_no_bet match - away 2.5 standard open",
        "handicap match -0.25 home 1.9 standard open",
        "handicap match -0.25 away 1.9 standard open",
    ]


def test_handicaps_are_signed_per_side_and_must_mirror_each_other():
    good = market("FHOT", sel("Casa -7.5", 1.9, 0, -7.5), sel("Fora +7.5", 1.8, 0, 7.5))
    same = market("FHOT", sel("Casa -3.5", 1.9, 0, -3.5), sel("Fora -3.5", 1.8, 0, -3.5))
    alone = market("FHOT", sel("Casa -2.5", 1.9, 0, -2.5))
    page = parse(listing(basket(good, same, alone)))
    assert prices(page) == [
        "handicap match -7.5 home 1.9 standard open",
        "handicap match -7.5 away 1.8 standard open",
    ]
    assert reasons(page) == ["line_conflict"] * 3


def test_a_handicap_with_a_draw_is_no_asian_handicap():
    three = market("AHCP", sel("1", 3.4, 0, -1.0), sel("X", 3.6, 1, -1.0), sel("2", 1.8, 2, 1.0))
    assert reasons(read(three)) == ["bad_market"]


def test_the_basketball_grid_pads_columns_and_lines_with_zeros():
    winner = market("H2HT", sel("CAS", 1.5), sel("FOR", 2.5))
    points = market("FTPO", sel("Mais de 221.5", 1.9, 0, 221.5), sel("Menos de 221.5", 1.8, 0, 221.5))
    page = parse(listing(basket(winner, points)))
    assert prices(page) == [
        "moneyline match - home 1.5 early_payout open",
        "moneyline match - away 2.5 early_payout open",
        "totals match 221.5 over 1.9 standard open",
        "totals match 221.5 under 1.8 standard open",
    ]


def test_a_market_beside_the_grid_and_in_it_counts_once():
    winner = market("H2HT", sel("Casa", 1.5), sel("Fora", 2.5))
    boosted = market("H2H1", sel("Casa", 1.6), sel("Fora", 2.7))
    page = parse(listing(basket(boosted, winner, markets=[winner])))
    assert [price.rules for price in page.prices()] == ["early_payout"] * 2 + ["boosted"] * 2
    assert reasons(page) == ["duplicate_market"]


def test_codes_mean_what_their_sport_says():
    page = parse(listing(basket(market("HCTG", sel("Mais de 2.5", 2.0, 0, 2.5)), result("MRES"))))
    assert (prices(page), reasons(page)) == ([], ["unknown_market"] * 2)


@pytest.mark.parametrize("code", ["INTS", "CNOU", "HCAP", "4187", "", None, 5, ["MRES"]])
def test_other_markets_are_left_out(code):
    page = read({**result("MRES"), "type": code})
    assert (prices(page), reasons(page)) == ([], ["unknown_market"])


@pytest.mark.parametrize("price", [None, 1.0, 0, 0.5])
def test_no_price_to_bet_at_is_suspended(price):
    page = read(market("BTSC", sel("Sim", price), sel("Não", 1.9, 1)))
    assert prices(page) == [
        "both_teams_to_score match - yes - standard suspended",
        "both_teams_to_score match - no 1.9 standard open",
    ]


@pytest.mark.parametrize("where", ["event", "market", "selection"])
@pytest.mark.parametrize("flag", ["suspended", "isSuspended"])
def test_suspended_at_any_level(where, flag):
    more = {flag: True}
    both = market("BTSC", sel("Sim", 1.8, **(more if where == "selection" else {})), sel("Não", 1.9, 1))
    page = read(both | (more if where == "market" else {}), **(more if where == "event" else {}))
    assert prices(page)[0] == "both_teams_to_score match - yes 1.8 standard suspended"


@pytest.mark.parametrize(
    ("price", "reason"), [("1.9", "bad_price"), (True, "bad_price"), (5000, "price_out_of_range")]
)
def test_prices_that_are_none(price, reason):
    assert reasons(read(market("BTSC", sel("Sim", price)))) == [reason]


def test_prices_keep_three_decimals():
    assert prices(read(market("BTSC", sel("Sim", 1.006)))) == [
        "both_teams_to_score match - yes 1.006 standard open"
    ]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"sportId": "TENN"}, "unknown_sport"),
        ({"sportId": ["FOOT"]}, "unknown_sport"),
        ({"isOutrightEvent": True}, "not_a_match"),
        ({"isVirtual": True}, "not_a_match"),
        ({"participants": [{"name": n} for n in ("A (Zico) (Esports)", "B (Bebeto)")]}, "not_a_match"),
        ({"leagueDescription": "NBA 2K Battle (4x5 minutes)"}, "not_a_match"),
        ({"participants": [{"name": n} for n in "ABC"]}, "not_a_match"),
        ({"participants": [], "name": "Casa"}, "no_sides"),
        ({"participants": [{"name": "Casa"}, {"name": "Casa"}]}, "no_sides"),
        ({"startTime": None}, "bad_kickoff"),
        ({"startTime": "2026-03-15"}, "bad_kickoff"),
        ({"startTime": 10**18}, "bad_kickoff"),
        ({"leagueId": None}, "no_league"),
        ({"id": None}, "bad_event"),
    ],
)
def test_events_that_are_left_out(more, reason):
    page = read(result("MRES"), **more)
    assert (page.events, reasons(page)) == ((), [reason])


def test_names_of_real_sides_are_no_computers_matches():
    names = [{"name": "Ferroviária (F)"}, {"name": "Atlético (MG) Sub-20"}]
    (found,) = read(participants=names, leagueDescription="Paulista Feminino A1").events
    assert (found.home, found.away) == ("Ferroviária (F)", "Atlético (MG) Sub-20")


def test_the_kickoff_is_in_milliseconds():
    (found,) = read().events
    assert found.starts_at == datetime(2026, 3, 15, 19, tzinfo=UTC)
    assert (found.phase, found.league.country) == ("prematch", "Brasil")


@pytest.mark.parametrize(
    "mark", [{"liveNow": True}, {"isLive": True}, {"url": "/live/casa-fora/7/"}, {"liveData": {"a": 1}}]
)
def test_live_by_any_mark(mark):
    assert [found.phase for found in read(**mark).events] == ["live"]


def test_will_go_live_is_not_live():
    assert [found.phase for found in read(willGoLive=True, url="/odds/casa-fora/7/").events] == ["prematch"]


def test_an_event_twice_counts_once():
    page = parse(listing(event(result("MRES")), event(result("MRES"))))
    assert (len(page.events), reasons(page)) == (1, ["duplicate_event"])


def test_a_list_holds_no_event_of_another_league():
    page = parse(
        listing(event(), event(id="8", leagueId="10017"), event(id="9", leagueId=None)), league="brasileirao_a"
    )
    assert [(found.source_id, found.league.source_id) for found in page.events] == [("7", "10016"), ("9", "10016")]
    assert reasons(page) == ["other_league"]


def test_a_group_of_leagues_has_one_id_for_all():
    page = parse(listing(basket(leagueId="17455"), event(id="8")), league="nba")
    assert [(found.source_id, found.league.source_id) for found in page.events] == [("7", "441g")]
    assert reasons(page) == ["other_league"]


def test_a_page_takes_its_head_from_the_list_that_led_to_it():
    (listed,) = read(leagueDescription="Brasileirão").events
    bare = {"id": 7, "markets": [market("DNOB", sel("Fora", 2.8), sel("Casa", 1.4))]}
    page = parse({"data": {"event": bare, "markets": []}}, listed=[listed])
    (found,) = page.events
    assert page.kind == "detail"
    assert (found.home, found.away, found.starts_at, found.league) == (
        listed.home,
        listed.away,
        listed.starts_at,
        listed.league,
    )
    assert prices(page) == [
        "draw_no_bet match - away 2.8 standard open",
        "draw_no_bet match - home 1.4 standard open",
    ]


def test_a_page_of_another_event_or_with_turned_sides_is_left_out():
    (listed,) = read().events
    other = parse({"data": {"event": event(result("MRES"), id="8")}}, listed=[listed])
    assert (other.events, reasons(other)) == ((), ["unknown_event"])
    sides = [{"name": "Fora", "id": "72"}, {"name": "Casa", "id": "71"}]
    turned = parse({"data": {"event": event(result("MRES"), participants=sides)}}, listed=[listed])
    assert (turned.events, reasons(turned)) == ((), ["side_conflict"])


def test_a_page_without_its_list_is_read_by_what_it_says():
    page = parse({"data": {"event": event(result("MRES"))}})
    assert (page.kind, len(prices(page))) == ("detail", 3)
    bare = parse({"data": {"event": {"id": "7", "markets": [result("MRES")]}}})
    assert (bare.events, reasons(bare)) == ((), ["unknown_sport"])


def test_blocks_are_lists_too():
    page = parse(
        {"data": {"marketTabs": [], "blocks": [{"id": "1", "events": [event()]}, {"events": [event(id="8")]}]}}
    )
    assert (page.kind, [found.source_id for found in page.events]) == ("list", ["7", "8"])


def flat(**more):
    return {
        "events": {
            "7": {
                "id": 7,
                "sportId": "FOOT",
                "leagueId": 5,
                "zoneId": 6,
                "participants": [{"name": "Fora"}, {"name": "Casa", "isHome": True}],
                "startTime": KICKOFF_MS,
                "isLive": True,
                "marketIdList": [1, 2, 404],
            }
        },
        "markets": {
            "1": {"id": 1, "type": "DNOB", "selectionIdList": [11, 12, 404]},
            "2": {"id": 2, "type": "HCTG", "handicap": 2.5, "selectionIdList": [13]},
        },
        "selections": {
            "11": {"id": 11, "name": "?", "typeId": 31, "price": 1.4},
            "12": {"id": 12, "name": "?", "typeId": 32, "price": 2.8},
            "13": {"id": 13, "name": "Mais de 2.5", "typeId": 39, "price": 2.0, "handicap": 2.5},
        },
        "leagues": {"5": {"id": 5, "name": "Série A"}},
        "zones": {"6": {"id": 6, "name": "Brasil"}},
        **more,
    }


def test_the_flat_shape_is_joined_and_the_home_side_is_the_one_marked():
    page = parse(flat())
    (found,) = page.events
    assert (page.kind, found.phase, found.home, found.away) == ("live", "live", "Casa", "Fora")
    assert (found.league.source_id, found.league.name, found.league.country) == ("5", "Série A", "Brasil")
    assert prices(page) == [
        "draw_no_bet match - home 1.4 standard open",
        "draw_no_bet match - away 2.8 standard open",
        "totals match 2.5 over 2 standard open",
    ]
    assert page.rejected == ()


def test_joins_to_leagues_and_zones_are_optional():
    root = flat()
    del root["leagues"], root["zones"]
    assert [found.league.name for found in parse(root).events] == [""]
    assert len(prices(parse({"data": {"topEventsV2": flat()}}))) == 3
    one = flat()
    one["event"] = one.pop("events")["7"]
    assert len(prices(parse(one))) == 3


def test_what_nothing_names_is_counted():
    root = flat()
    root["events"]["7"]["marketIdList"] = [1]
    root["selections"]["14"] = {"id": 14}
    page = parse(root)
    assert [(row.source_id, str(row.reason)) for row in page.rejected] == [
        ("market:2", "unknown_event"),
        ("odd:14", "unknown_odd"),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty body"),
        (b"<!DOCTYPE html><title>Betano Splash Screen</title>", "an HTML"),
        (b'{"data": {"events": [', "truncated"),
        (b"[]", "a JSON list"),
        (b"{}", "without any key"),
        (b'{"data": {"leagues": []}}', "leagues"),
        (b'{"data": {"events": {}}}', "holds no events"),
        (b'{"data": {"events": [1, 2]}}', "not objects"),
        (b'{"data": {"blocks": [{"id": 1}]}}', "holds no events"),
    ],
)
def test_what_is_no_answer_of_the_platform(body, said):
    with pytest.raises(PayloadShapeError, match=said):
        parse(body)


def test_an_empty_list_is_honest():
    page = parse({"data": {"events": []}}, league="carioca")
    assert (page.kind, page.events, page.rejected) == ("list", (), ())


def test_null_rows_are_counted_at_every_level():
    page = parse(listing(None, event(None, market("BTSC", None, sel("Sim", 1.9)))))
    assert prices(page) == ["both_teams_to_score match - yes 1.9 standard open"]
    assert reasons(page) == ["bad_event", "bad_market", "bad_odd"]


def test_without_a_context_the_contracts_are_brazils():
    page = PLATFORM.parse(orjson.dumps(listing(event(result("MRES")))), fetched_at=NOW)
    assert {price.rules for price in page.prices()} == {"early_payout"}

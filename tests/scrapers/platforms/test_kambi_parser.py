"""The traps of Kambi's payloads, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import orjson
import pytest

from scrapers.errors import PayloadShapeError
from scrapers.platforms.kambi.platform import PLATFORM
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
IDS = count(1)


def parse(root):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    return PLATFORM.parse(body, fetched_at=NOW)


def outcome(kind, odds=None, line=None, **more):
    row = {"id": next(IDS), "type": kind, "status": "OPEN", **more}
    if odds is not None:
        row["odds"] = odds
    if line is not None:
        row["line"] = line
    return row


def offer(criterion, kind, outcomes, label="", **more):
    return {
        "id": 77,
        "eventId": 1,
        "closed": "2026-03-15T19:00:00Z",
        "criterion": {"id": criterion, "englishLabel": label},
        "betOfferType": {"id": kind},
        "outcomes": outcomes,
        "tags": ["OFFERED_PREMATCH"],
        **more,
    }


def event(event_id=1, **more):
    return {
        "id": event_id,
        "name": "Casa - Fora",
        "englishName": "Casa - Fora",
        "homeName": "Casa",
        "awayName": "Fora",
        "start": "2026-03-15T19:00:00Z",
        "group": "Série A",
        "groupId": 1000094569,
        "path": [{"englishName": "Football"}, {"englishName": "Brazil"}, {"englishName": "Serie A"}],
        "sport": "FOOTBALL",
        "tags": ["MATCH"],
        "state": "NOT_STARTED",
        **more,
    }


def view(*offers, **event_more):
    """A list view of one event with these offers."""
    return parse({"events": [{"event": event(**event_more), "betOffers": list(offers)}], "terms": []})


def prices(found):
    return [price_as_text(price) for price in found.prices()]


def reasons(found):
    return [str(row.reason) for row in found.rejected]


FULL_TIME, TOTAL, ASIAN_TOTAL, ASIAN_HANDICAP, BOTH = 1001159858, 1001159926, 1002244276, 1002275572, 1001642858


def test_thousandths_become_decimal_odds_and_the_country_comes_from_the_path():
    found = view(offer(FULL_TIME, 2, [outcome("OT_ONE", 1530), outcome("OT_CROSS", 3600), outcome("OT_TWO", 6000)]))
    assert found.kind == "listView"
    assert prices(found) == [
        "match_result match - home 1.53 standard open",
        "match_result match - draw 3.6 standard open",
        "match_result match - away 6 standard open",
    ]
    league = found.events[0].league
    assert (league.source_id, league.name, league.country) == ("1000094569", "Série A", "Brazil")


@pytest.mark.parametrize(
    ("thousandths", "shown"),
    [(2500, "2.5"), (2250, "2.25"), (3000, "3"), (0, "0"), (10000, "10"), (227500, "227.5")],
)
def test_over_and_under_share_the_line(thousandths, shown):
    found = view(offer(TOTAL, 6, [outcome("OT_UNDER", 1900, thousandths), outcome("OT_OVER", 1910, thousandths)]))
    assert prices(found) == [
        f"totals match {shown} under 1.9 standard open",
        f"totals match {shown} over 1.91 standard open",
    ]


def test_handicaps_are_turned_to_the_home_sides_view_by_participant():
    sides = [
        outcome("OT_UNTYPED", 2000, -1250, participant="Fora"),
        outcome("OT_UNTYPED", 1830, 1250, participant="Casa"),
    ]
    assert prices(view(offer(ASIAN_HANDICAP, 7, sides))) == [
        "handicap match 1.25 away 2 standard open",
        "handicap match 1.25 home 1.83 standard open",
    ]


def test_untyped_sides_are_found_by_participant_id_too():
    people = [{"participantId": 8, "home": True}, {"participantId": 9, "home": False}]
    sides = [outcome("OT_UNTYPED", 2000, -500, participantId=8), outcome("OT_UNTYPED", 1830, 500, participantId=9)]
    assert prices(view(offer(ASIAN_HANDICAP, 7, sides), participants=people)) == [
        "handicap match -0.5 home 2 standard open",
        "handicap match -0.5 away 1.83 standard open",
    ]


def test_an_untyped_side_of_nobody_is_rejected():
    found = view(offer(ASIAN_HANDICAP, 7, [outcome("OT_UNTYPED", 2000, -500, participant="Outro")]))
    assert (prices(found), reasons(found)) == ([], ["unknown_selection"])


def test_a_handicap_whose_sides_do_not_mirror_is_not_believed():
    sides = [outcome("OT_ONE", 1900, -500), outcome("OT_TWO", 1910, -500)]
    found = view(offer(ASIAN_HANDICAP, 7, sides))
    assert (prices(found), reasons(found)) == ([], ["line_conflict"] * 2)


def test_a_type_and_a_participant_that_disagree_are_not_guessed():
    found = view(offer(FULL_TIME, 2, [outcome("OT_ONE", 1900, participant="Fora")]))
    assert (prices(found), reasons(found)) == ([], ["side_conflict"])


def test_away_at_home_names_keep_the_host_first():
    found = view(name="Fora @ Casa", nameDelimiter="@", tags=["MATCH", "AWAY_HOME"])
    assert (found.events[0].home, found.events[0].away) == ("Casa", "Fora")
    found = view(name="Fora @ Casa", nameDelimiter="@", homeName=None, awayName=None)
    assert (found.events[0].home, found.events[0].away) == ("Casa", "Fora")


def test_asian_totals_are_totals_and_the_same_line_is_taken_once():
    first = offer(TOTAL, 6, [outcome("OT_OVER", 1600, 2500), outcome("OT_UNDER", 2350, 2500)])
    same = offer(ASIAN_TOTAL, 21, [outcome("OT_OVER", 1610, 2500), outcome("OT_UNDER", 2340, 2500)])
    quarter = offer(ASIAN_TOTAL, 21, [outcome("OT_OVER", 1750, 2750), outcome("OT_UNDER", 2080, 2750)])
    found = view(first, same, quarter)
    assert prices(found) == [
        "totals match 2.5 over 1.6 standard open",
        "totals match 2.5 under 2.35 standard open",
        "totals match 2.75 over 1.75 standard open",
        "totals match 2.75 under 2.08 standard open",
    ]
    assert reasons(found) == ["duplicate_selection"] * 2


def test_early_payout_stands_beside_the_plain_result():
    plain = offer(FULL_TIME, 2, [outcome("OT_ONE", 2000)])
    early = offer(2100089307, 2, [outcome("OT_ONE", 1900)])
    assert prices(view(plain, early)) == [
        "match_result match - home 2 standard open",
        "match_result match - home 1.9 early_payout open",
    ]


def test_a_label_counts_only_as_a_whole_and_with_its_offer_type():
    whole = offer(1, 2, [outcome("OT_ONE", 1400)], label="Draw No Bet")
    part = offer(1, 2, [outcome("OT_ONE", 1400)], label="Draw No Bet - 75th Minute")
    other = offer(1, 3, [outcome("OT_ONE", 1400)], label="Draw No Bet")
    found = view(whole, part, other)
    assert prices(found) == ["draw_no_bet match - home 1.4 standard open"]
    assert reasons(found) == ["unknown_market"] * 2
    assert "'Draw No Bet - 75th Minute'" in found.rejected[0].detail


def test_american_football_ids_are_not_basketballs():
    found = view(offer(1001159490, 6, [outcome("OT_OVER", 1900, 45500)], label="Total Points"), sport="BASKETBALL")
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


@pytest.mark.parametrize(
    ("outcome_more", "offer_more", "expected"),
    [
        ({"odds": 1850}, {}, "yes 1.85 standard open"),
        ({"odds": 1850, "status": "SUSPENDED"}, {}, "yes 1.85 standard suspended"),
        ({"status": "SUSPENDED"}, {}, "yes - standard suspended"),
        ({"odds": 1850}, {"suspended": True}, "yes 1.85 standard suspended"),
        ({"odds": 1850}, {"suspended": False, "closed": "2020-01-01T00:00:00Z"}, "yes 1.85 standard open"),
        ({"odds": 1850}, {"tags": ["OFFERED_LIVE"]}, "yes 1.85 standard suspended"),
        ({"odds": 1000}, {}, "price_out_of_range"),
        ({"odds": -1}, {}, "price_out_of_range"),
        ({}, {}, "bad_price"),
        ({"odds": 1.85}, {}, "bad_price"),
        ({"odds": 1850, "status": "CLOSED"}, {}, "not_offered"),
        ({"odds": 1850, "status": "SETTLED"}, {}, "not_offered"),
        ({"odds": 1850, "status": "NEW"}, {}, "unknown_status"),
    ],
)
def test_what_counts_as_open(outcome_more, offer_more, expected):
    found = view(offer(BOTH, 18, [outcome("OT_YES", **outcome_more)], **offer_more))
    shown = [text.removeprefix("both_teams_to_score match - ") for text in prices(found)]
    assert shown + reasons(found) == [expected]


def test_a_match_that_has_started_is_live_and_offers_only_what_is_offered_live():
    found = view(
        offer(BOTH, 18, [outcome("OT_YES", 1850)]),
        offer(FULL_TIME, 2, [outcome("OT_ONE", 1850)], tags=["OFFERED_PREMATCH", "OFFERED_LIVE"]),
        state="STARTED",
    )
    assert found.events[0].phase == "live"
    assert [price.status for price in found.prices()] == ["suspended", "open"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"sport": "ESPORTS"}, "unknown_sport"),
        ({"sport": None}, "unknown_sport"),
        ({"tags": ["COMPETITION"]}, "not_a_match"),
        ({"state": "FINISHED"}, "unknown_event_status"),
        ({"start": "soon"}, "bad_kickoff"),
        ({"groupId": None}, "no_league"),
        ({"homeName": "", "englishName": "Brasileirao 2026"}, "no_sides"),
        ({"homeName": "Fora"}, "no_sides"),
    ],
)
def test_an_event_that_is_no_match_of_ours_is_left_out_with_its_reason(more, reason):
    found = parse({"events": [{"event": event(1, **more)}, {"event": event(2)}], "terms": []})
    assert [row.source_id for row in found.events] == ["2"]
    assert [(row.source_id, row.reason) for row in found.rejected] == [("event:1", reason)]


def test_flat_offers_are_joined_to_their_events_and_strays_are_counted():
    offers = [
        offer(BOTH, 18, [outcome("OT_YES", 1850)]),
        offer(BOTH, 18, [outcome("OT_YES", 1850)], eventId=9),
        None,
    ]
    found = parse({"betOffers": offers, "events": [event(1), event(2)], "prePacks": []})
    assert found.kind == "betoffer"
    assert [len(row.prices) for row in found.events] == [1, 0]
    assert reasons(found) == ["unknown_event", "unknown_event"]


@pytest.mark.parametrize(
    ("extent", "cut"),
    [
        ({"start": 0, "size": 2000, "total": 9540}, ["offers 0 to 2000 of 9540"]),
        ({"start": 2000, "size": 2000, "total": 4000}, ["offers 2000 to 4000 of 4000"]),
        ({"start": 0, "size": 2000, "total": 1500}, []),
        ({}, []),
    ],
)
def test_a_cut_answer_does_not_pass_silently(extent, cut):
    found = parse({"betOffers": [], "events": [event(1)], "range": extent})
    assert [row.detail for row in found.rejected if row.reason == "cut_answer"] == cut


def test_a_list_of_events_has_no_odds_and_is_no_error():
    found = parse({"events": [event(1)]})
    assert (found.kind, len(found.events), list(found.prices())) == ("events", 1, [])


def test_an_empty_league_is_an_honest_nothing():
    assert parse({"events": [], "terms": [], "activeTermIds": []}).events == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"events":[{"event":{"id":1}',
        b"[]",
        b"{}",
        b'{"error":{"code":"NOT_FOUND"}}',
        b'{"events":{}}',
        b'{"events":[1,2]}',
        b'{"events":[{"id":1}]}',
        b'{"events":[],"status":"down"}',
        b'{"events":[],"betOffers":{}}',
        b'{"events":[],"markets":[],"odds":[]}',
    ],
)
def test_anything_else_is_refused_in_one_clear_line(body):
    with pytest.raises(PayloadShapeError, match=r"^expected a Kambi answer .*, but this is .+") as refusal:
        parse(body)
    assert "\n" not in str(refusal.value)

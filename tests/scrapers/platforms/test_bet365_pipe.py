"""The site's text protocol: records, masked odds, London's time, lists and grids."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import PayloadShapeError
from scrapers.platforms.bet365.pipe import key_of, read_text
from scrapers.platforms.bet365.platform import PLATFORM
from scrapers.platforms.bet365.selections import fractional_price
from scrapers.platforms.reading import Unreadable
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
TRAIL = "TB=Soccer,#AS#B1#¬England Premier League,#AC#B1#¬Fulham v Manchester City,#ABM#B1#"


def masked(text, key):
    return "".join(chr(ord(letter) ^ key) for letter in text)


def hint(key):
    return b64encode(bytes((key, 91))).decode()


def coupon(*records, head="CL;ID=1;", event=f"EV;NA= ;{TRAIL};FI=7;BC=20260315163000;"):
    return "|".join(["F", head, event, *records, ""])


def parse(text):
    return PLATFORM.parse(text.encode(), fetched_at=NOW)


def prices(text):
    return [price_as_text(price).removesuffix(" standard open") for price in parse(text).prices()]


def reasons(text):
    return [str(row.reason) for row in parse(text).rejected]


def result(*odds, key=0):
    names = ("Fulham", "Draw", "Manchester City")
    rows = [f"PA;ID=5;NA={name};OD={masked(text, key)};" for name, text in zip(names, odds, strict=False)]
    return ["MG;ID=G40;NA=Full Time Result;", "MA;ID=M40;CN=3;", *rows]


# Records


def test_a_value_ends_at_the_next_field_and_may_hold_any_sign():
    (record,) = read_text("EV;ID=E1;NA=A=B;EX=puw~http://x?a=1,b=2;TB=A;, and B;EMPTY;")
    assert record.kind == "EV"
    assert record.fields == {"ID": "E1", "NA": "A=B", "EX": "puw~http://x?a=1,b=2", "TB": "A;, and B;EMPTY"}


def test_several_messages_and_frames_are_one_row_of_records():
    text = "\x14OVInPlay_1_3\x01F|CL;ID=1;|\x08\x14OV1\x01F|CL;ID=18;|"
    assert [record.fields for record in read_text(text) if record.kind == "CL"] == [{"ID": "1"}, {"ID": "18"}]


@pytest.mark.parametrize(
    ("key", "on_the_wire"),
    [(4, "0+3"), (4, "1+="), (4, "<+1"), (2, ";-6"), (3, ";,3"), (2, ";;-;"), (0x4C, "|c}")],
)
def test_a_masked_odd_may_hold_the_protocol_s_own_signs(key, on_the_wire):
    clear = masked(on_the_wire, key)
    records = read_text(
        f"F|CL;TK={hint(key)};ID=1;|PA;ID=1;OD={on_the_wire};FI=3;|PA;ID=2;OD={masked('5/2', key)};|"
    )
    assert [record.fields["OD"] for record in records if record.kind == "PA"] == [clear, "5/2"]
    assert records[2].fields["FI"] == "3"


fractions = st.builds("{}/{}".format, st.integers(0, 999), st.integers(1, 100))


@given(st.lists(fractions, min_size=1, max_size=8), st.integers(1, 25))
def test_the_hint_gives_the_key_whatever_the_odds(odds, key):
    assert key_of(hint(key), [masked(text, key) for text in odds]) == key
    records = read_text(
        "|".join(["F", f"CL;TK={hint(key)};", *(f"PA;OD={masked(text, key)};SU=0;" for text in odds)])
    )
    assert [record.fields["OD"] for record in records if record.kind == "PA"] == odds


def test_the_second_way_to_take_a_key_from_the_hint():
    assert key_of("BFs=", [masked("4/7", 4)]) == 4
    assert key_of("DA!", [masked("4/7", 5)]) == 5


def test_a_wrong_hint_costs_a_search_and_an_ambiguous_mask_the_odds():
    odds = [masked(text, 6) for text in ("4/7", "11/10", "38/5")]
    assert key_of("AAAA", odds) == 6
    assert key_of("AAAA", [*odds, "nothing"]) is None
    assert key_of("AAAA", []) is None


def test_odds_that_no_key_reads_are_rejected():
    text = coupon(*result("4/7", "9/2", "8/13", key=4), head="CL;ID=1;TK=BFs=;")
    assert len(prices(text)) == 3
    spoiled = text.replace(f"OD={masked('9/2', 4)}", "OD=....")
    assert prices(spoiled) == []
    assert reasons(spoiled) == ["bad_price"] * 3


def test_each_section_has_a_key_of_its_own():
    first = coupon(*result("4/7", key=4), head=f"CL;ID=1;TK={hint(4)};")
    second = coupon(*result("9/2", key=2), head=f"CL;ID=1;TK={hint(2)};").replace("FI=7", "FI=8")
    assert prices(first + second) == ["match_result match - home 1.5714", "match_result match - home 5.5"]


@pytest.mark.parametrize(
    ("text", "price"), [("11/10", "2.1"), ("8/13", "1.6154"), ("1/1000", "1.001"), ("0/0", None), ("SP", None)]
)
def test_fractions_are_what_is_won_per_stake(text, price):
    assert fractional_price(text) == (None if price is None else Decimal(price))


@pytest.mark.parametrize("text", ["1/0", "evens", "1/2/3", "-1/2", "1.5", "1234567/1"])
def test_other_odds_are_no_price(text):
    with pytest.raises(Unreadable):
        fractional_price(text)


# Coupons


def test_a_list_names_its_selections():
    text = coupon(*result("9/2", "19/5", "8/13"))
    (event,) = parse(text).events
    assert (event.source_id, event.home, event.away) == ("7", "Fulham", "Manchester City")
    assert (event.league.source_id, event.league.name) == ("premier_league", "England Premier League")
    assert prices(text) == [
        "match_result match - home 5.5",
        "match_result match - draw 4.8",
        "match_result match - away 1.6154",
    ]


@pytest.mark.parametrize(
    ("written", "kickoff"),
    [
        ("BC=20260315163000", "2026-03-15T16:30:00+00:00"),
        ("BC=20260329160000", "2026-03-29T15:00:00+00:00"),
        ("BC=20230519233500", "2023-05-19T22:35:00+00:00"),
        ("CM=Start~20190330123000", "2019-03-30T12:30:00+00:00"),
    ],
)
def test_kick_offs_are_london_s_time(written, kickoff):
    (event,) = parse(coupon(event=f"EV;{TRAIL};FI=7;{written};")).events
    assert event.starts_at.isoformat() == kickoff


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (f"EV;{TRAIL};FI=7;", "bad_kickoff"),
        (f"EV;{TRAIL};FI=7;BC=20261399163000;", "bad_kickoff"),
        (f"EV;{TRAIL};BC=20260315163000;", "not_a_match"),
        ("EV;NA=Top Bets;FI=7;BC=20260315163000;", "no_sides"),
        ("EV;NA=Fulham v Fulham;FI=7;BC=20260315163000;", "no_sides"),
        ("EV;NA=Fulham v Arsenal;FI=7;BC=20260315163000;", "no_league"),
        ("EV;NA=A v B;CT=Esoccer Battle;FI=7;BC=20260315163000;", "not_a_match"),
    ],
)
def test_a_page_that_is_no_match_is_left_out(event, reason):
    text = coupon(*result("9/2"), event=event)
    assert parse(text).events == ()
    assert reasons(text) == [reason]


def test_another_sport_is_said_once():
    text = coupon("MG;ID=1096;NA=Game Lines;", "MA;ID=M1096;NA=PIT;", "PA;ID=1;OD=4/7;", head="CL;ID=16;")
    assert (parse(text).events, reasons(text)) == ((), ["unknown_sport"])


def test_suspended_is_marked_on_the_selection_or_anything_above():
    rows = ["MG;ID=G10150;NA=Both Teams to Score;", "MA;ID=M10150;", "PA;NA=Yes;OD=4/5;SU=1;", "PA;NA=No;OD=0/0;"]
    assert prices(coupon(*rows)) == [
        "both_teams_to_score match - yes 1.8 standard suspended",
        "both_teams_to_score match - no - standard suspended",
    ]
    above = coupon(rows[0], "MA;ID=M10150;SU=1;", "PA;NA=Yes;OD=4/5;", "PA;NA=No;OD=1/1;SU=0;")
    assert {price.status for price in parse(above).prices()} == {"suspended"}


def test_lines_stand_beside_the_selections_or_at_the_head_of_their_rows():
    totals = [
        "MG;ID=G981;NA=Goals Over/Under;",
        "MA;ID=M981;NA= ;PY=da;",
        "PA;ID=PC1;NA=2.5;",
        "PA;ID=PC2;NA=3.5;",
        "MA;ID=M981;NA=Over;",
        "PA;ID=1;OD=4/5;",
        "PA;ID=2;OD=2/1;",
        "MA;ID=M981;NA=Under;",
        "PA;ID=3;OD=1/1;",
    ]
    handicap = [
        "MG;ID=G938;NA=Asian Handicap;",
        "MA;ID=M938;",
        "PA;NA=Fulham;HA=+0.75;HD=+0.5, +1.0;OD=19/20;",
        "PA;NA=Manchester City;HA=-0.75;HD=-0.5, -1.0;OD=19/20;",
        "PA;NA=Manchester City;HA=-1;HD=-0.5, -1.0;OD=19/20;",
    ]
    assert prices(coupon(*totals, *handicap)) == [
        "totals match 2.5 over 1.8",
        "totals match 3.5 over 3",
        "handicap match 0.75 home 1.95",
        "handicap match 0.75 away 1.95",
    ]
    # The column of unders lacks a row: which line its only cell belongs to cannot be told.
    assert reasons(coupon(*totals, *handicap)) == ["bad_line", "line_conflict"]


def test_bet_builders_and_markets_of_three_ways_are_left_out():
    builder = ["CL;IT=#PB#AC#B1#;PV=/PB;", "EV;IT=EV-#PB#;", "MG;NA=Trixie;OD=26/9;", "MA;NA=Fulham;OD=8/13;"]
    corners = ["MG;ID=G981;NA=?;", "MA;ID=M981;", "PA;NA=Over;HA=10;OD=1/1;", "PA;NA=Exactly;HA=10;OD=6/1;"]
    text = coupon(*result("9/2"), *corners, *builder)
    assert prices(text) == ["match_result match - home 5.5"]
    assert reasons(text) == ["unknown_market", "unknown_market"]


def test_an_update_without_its_snapshot_is_not_read():
    text = "U|" + coupon(*result("9/2")).removeprefix("F|")
    assert (parse(text).events, reasons(text)) == ((), ["unknown_event"])


BASKETBALL = "TB=Basketball,#AS#B18#¬NBA,#AC#B18#¬MIA Heat @ BOS Celtics,#ABM#B18#"


def test_a_grid_names_the_guest_first_and_the_host_stays_at_home():
    text = coupon(
        "MG;ID=1453;NA=Game Lines;",
        "MA;ID=M1453;NA= ;PY=da;",
        "PA;ID=PC1;NA=Spread;",
        "PA;ID=PC2;NA=Total;",
        "PA;ID=PC3;NA=Money Line;",
        "MA;ID=M1453;NA=MIA Heat;PY=asc;",
        "PA;ID=1;HD=+6.5;HA=+6.5;OD=10/11;",
        "PA;ID=2;HD=O 221.5;HA=221.5;OD=10/11;",
        "PA;ID=3;OD=9/4;",
        "MA;ID=M1453;NA=BOS Celtics;PY=asc;",
        "PA;ID=4;HD=-6.5;HA=-6.5;OD=10/11;",
        "PA;ID=5;OD=4/11;",
        "MG;ID=1504;NA=1st Quarter;",
        "MA;ID=M1504;NA=MIA Heat;",
        "PA;ID=6;OD=4/11;",
        head="CL;ID=18;",
        event=f"EV;NA= ;{BASKETBALL};FI=7;BC=20260315003000;",
    )
    (event,) = parse(text).events
    assert (event.home, event.away, event.sport) == ("BOS Celtics", "MIA Heat", "basketball")
    assert prices(text) == [
        "handicap match -6.5 away 1.9091",
        "totals match 221.5 over 1.9091",
        "moneyline match - away 3.25",
    ]
    # The host's row lacks a cell, so that nothing says which columns the other two are.
    assert reasons(text) == ["unknown_market"] * 3


@given(st.text(alphabet="FU|CLEVMGPAID;=0123456789/#~¬ \x01\x14NAODTKHBC", max_size=120))
def test_any_text_is_a_page_or_a_shape_error(text):
    try:
        page = parse("F|" + text)
    except PayloadShapeError:
        return
    assert all(1 < price.value <= 1001 for price in page.prices() if price.value is not None)


@given(st.data())
def test_a_damaged_coupon_never_gives_a_price_to_another_selection(data):
    records = ["F", "CL;ID=1;", f"EV;{TRAIL};FI=7;BC=20260315163000;", *result("9/2", "19/5", "8/13")]
    kept = [record for record in records if data.draw(st.booleans())] or records
    text = "|".join(data.draw(st.permutations(kept)) if data.draw(st.booleans()) else kept)
    whole = {"home": Decimal("5.5"), "draw": Decimal("4.8"), "away": Decimal("1.6154")}
    try:
        page = parse(text)
    except PayloadShapeError:
        return
    assert all(whole[price.selection] == price.value for price in page.prices())

"""Real answers that somebody recorded, where they lie beside the repository, through `fleet parse`.

Every number here was read in the sample by eye.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from scrapers.platforms import Context
from scrapers.platforms.bet365.pipe import read_text
from scrapers.records import Event, LeagueName, Sport
from scrapers.registry import load_platform
from standalone.commands.parse import command

PLATFORMS = {
    "altenar": "estrelabet",
    "bet365": "bet365",
    "betano": "betano",
    "betbra": "betbra",
    "betnacional": "betnacional",
    "entain_cds": "sportingbet",
    "kambi": "kto",
    "novibet": "novibet",
    "superbet": "superbet",
}
"""Folder of samples -> a bookmaker whose answers they could be."""
VERDICTS = {
    "altenar": {0: 5, 2: 1},
    "bet365": {0: 10, 2: 1},
    "betano": {0: 4},
    "betbra": {0: 6, 2: 3},
    "betnacional": {0: 3},
    "entain_cds": {0: 3},
    "kambi": {0: 5},
    "novibet": {0: 3},
    "superbet": {0: 5},
}
"""Folder of samples -> exit status -> how many of its files end so."""


@pytest.fixture
def sample(shared):
    """Parse samples, the earlier ones describing the later: exit code, prices, rejected rows, what stderr says."""

    def parse(platform, *names):
        files = [str(shared / "samples" / platform / name) for name in names]
        result = CliRunner().invoke(command, ["--bookmaker", PLATFORMS[platform], "--rejected", *files])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        rejected = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], rejected, result.stderr

    return parse


def quotes(rows, market, *, event=None, period="match", line=None):
    """Selection -> price of one market."""
    return {
        row["selection"]: row["price"]
        for row in rows
        if (row["market"], row["period"], row["line"]) == (market, period, line)
        and event in (None, row["event_id"])
    }


def nameless(rows):
    """Event id and sport of rows that say nothing else about their event."""
    assert {(row["league"], row["home"], row["away"], row["starts_at"]) for row in rows} == {(None,) * 4}
    return {(row["event_id"], row["sport"]) for row in rows}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_sample_is_read_or_refused_in_one_line(shared, sample, platform):
    seen = Counter()
    for file in sorted((shared / "samples" / platform).glob("*.json")):
        code, rows, _, said = sample(platform, file.name)
        seen[code] += 1
        if code == 2:
            assert (rows, len(said.splitlines())) == ([], 1)
            assert said.startswith(f"{file}: ")
        else:
            assert rows or "no odds in this payload" in said or "no odds could be read" in said
    assert seen == VERDICTS[platform]


def test_the_legacy_altenar_api_is_called_by_its_name(sample):
    code, _, _, said = sample("altenar", "legacy_event_details_goldenpalace_20210521.json")
    assert code == 2
    assert "legacy" in said


def test_altenar_upcoming(sample):
    code, rows, rejected, _ = sample("altenar", "getupcoming_doradobet_20260116_excerpt.json")
    assert (code, len(rows), rejected) == (0, 11, [])
    assert quotes(rows, "match_result", event="14120778") == {"home": 3.4, "draw": 4.0, "away": 1.8}
    assert quotes(rows, "totals", event="14120778", line=2.5) == {"over": 1.5556, "under": 2.2858}
    assert quotes(rows, "both_teams_to_score", event="14120778") == {"yes": 1.5455, "no": 2.25}
    assert quotes(rows, "totals", event="15281244", line=3.5) == {"over": 2.2858, "under": 1.5556}
    assert {(row["home"], row["away"]) for row in rows} == {
        ("Western Sydney Wanderers (F)", "Brisbane Roar (F)"),
        ("Garhwal FC", "M2M FC"),
        ("Sheger Ketema", "Fasil Kenema"),
    }


def test_altenar_top_events_carry_early_payout(sample):
    _, (row,), _, _ = sample("altenar", "gettopevents_doradobet_20260112_excerpt.json")
    assert (row["home"], row["away"], row["price"], row["rules"]) == (
        "Liverpool FC",
        "Barnsley",
        1.125,
        "early_payout",
    )


def test_altenar_details_of_a_match_in_play_tell_no_kick_off(sample):
    _, (row,), _, _ = sample("altenar", "geteventdetails_doradobet_20260112_excerpt.json")
    assert (row["home"], row["away"], row["starts_at"]) == ("PSBS Biak", "Bhayangkara Solo FC", None)
    assert (row["market"], row["selection"], row["status"], row["price"]) == (
        "double_chance",
        "home_draw",
        "suspended",
        None,
    )


def test_kambi_football_list(sample):
    code, rows, rejected, _ = sample("kambi", "listview_football_brazil_rsiusil_20260728.json")
    assert (code, len(rows), rejected) == (0, 51, [])
    juventude = [row for row in rows if row["home"] == "Juventude-RS"]
    assert quotes(juventude, "match_result") == {"home": 1.53, "draw": 3.6, "away": 6.0}
    assert juventude[0]["away"] == "Avaí-SC"
    assert juventude[0]["starts_at"] == "2026-07-28T22:30:00Z"


def test_kambi_basketball_keeps_the_host_at_home(sample):
    _, rows, _, _ = sample("kambi", "listview_basketball_wnba_rsiusil_20260728.json")
    assert len(rows) == 14
    seattle = [row for row in rows if row["home"] == "Seattle Storm"]
    assert {row["away"] for row in seattle} == {"Indiana Fever"}
    assert quotes(seattle, "handicap", line=8.5) == {"home": 2.02, "away": 1.79}


def test_kambi_every_offer_of_one_event(sample):
    code, rows, rejected, _ = sample("kambi", "betoffer_event_be_20210530_full.json")
    assert code == 0
    assert {(row["home"], row["away"], row["starts_at"]) for row in rows} == {
        ("Mjøndalen", "Molde", "2021-05-30T13:00:00Z")
    }
    assert quotes(rows, "match_result") == {"home": 5.3, "draw": 4.2, "away": 1.6}
    assert quotes(rows, "draw_no_bet") == {"home": 4.2, "away": 1.24}
    assert quotes(rows, "double_chance") == {"home_draw": 2.38, "home_away": 1.24, "draw_away": 1.17}
    assert quotes(rows, "both_teams_to_score") == {"yes": 1.63, "no": 2.23}
    assert quotes(rows, "handicap", line=1) == {"home": 1.83, "away": 2.0}
    assert quotes(rows, "handicap", line=0.25) == {"home": 2.95, "away": 1.41}
    assert quotes(rows, "handicap", line=-1.75) == {"home": 21.0, "away": 1.02}
    assert quotes(rows, "handicap", period="first_half", line=1.25) == {"home": 1.17, "away": 4.8}
    assert quotes(rows, "totals", line=2.5) == {"over": 1.6, "under": 2.35}
    assert quotes(rows, "totals", line=3.25) == {"over": 2.28, "under": 1.63}
    assert quotes(rows, "totals", line=6.5) == {"over": 20.0, "under": None}
    assert quotes(rows, "totals", period="second_half", line=1.5) == {"over": 1.81, "under": 1.92}
    assert quotes(rows, "match_result", period="first_half") == {"home": 5.0, "draw": 2.43, "away": 2.06}
    reasons = Counter(row["reason"] for row in rejected)
    assert set(reasons) == {"unknown_market", "duplicate_selection"}
    covered = sum(
        int(row["detail"].rpartition(", ")[2].split()[0]) for row in rejected if "selections" in row["detail"]
    )
    assert len(rows) + covered + reasons["duplicate_selection"] == 834


def test_kambi_totals_cut_at_two_thousand_offers(sample):
    _, rows, rejected, _ = sample("kambi", "betoffer_type6_totals_20210113_trimmed.json")
    assert [row["detail"] for row in rejected if row["reason"] == "cut_answer"] == ["offers 0 to 2000 of 9540"]
    kiel = [row for row in rows if row["home"] == "Holstein Kiel"]
    assert quotes(kiel, "totals", line=4.5) == {"over": 1.88, "under": 1.91}


def test_kambi_events_without_odds(sample):
    code, rows, rejected, said = sample("kambi", "event_group_list_be_20210312.json")
    assert (code, rows) == (0, [])
    assert Counter(row["reason"] for row in rejected) == {"not_a_match": 7}
    assert "no odds in this payload (kind events); rejected: not_a_match 7" in said


def test_superbet_main_markets_of_a_trimmed_list(sample):
    code, rows, rejected, _ = sample("superbet", "be_v2_by_date_football_napoleon.json")
    assert (code, len(rows), rejected) == (0, 9, [])
    assert quotes(rows, "match_result", event="13485606") == {"home": 4.4, "draw": 4.0, "away": 1.58}
    assert {(row["home"], row["away"], row["starts_at"]) for row in rows if row["event_id"] == "13240036"} == {
        ("Kamuzu Barracks", "Nyasa Big Bullets", "2026-06-21T12:30:00Z")
    }


def test_superbet_every_market_of_one_basketball_match(sample):
    code, rows, rejected, _ = sample("superbet", "br_v2_event_detail_basketball_wnba_14033464.json")
    assert (code, len(rows)) == (0, 12)
    assert {(row["home"], row["away"], row["starts_at"]) for row in rows} == {
        ("Washington Mystics (F)", "Connecticut Sun (F)", "2026-09-22T23:30:00Z")
    }
    assert quotes(rows, "moneyline") == {"home": 1.07, "away": 7.8}
    assert quotes(rows, "match_result") == {"home": 1.08, "draw": 22.0}
    assert quotes(rows, "handicap", line=-21.5) == {"home": 2.87, "away": 1.31}
    assert quotes(rows, "totals", line=150.5) == {"over": 1.37, "under": 2.67}
    assert {row["reason"] for row in rejected} == {"unknown_market"}
    # Quarter, team and player markets.
    assert sum(int(row["detail"].rpartition(", ")[2].split()[0]) for row in rejected) == 14


def test_superbet_details_that_name_nobody(sample):
    code, rows, rejected, _ = sample("superbet", "be_v2_event_detail_football_14011411.json")
    assert (code, len(rows), nameless(rows)) == (0, 9, {("14011411", "football")})
    assert quotes(rows, "match_result") == {"home": 1.92, "draw": 3.85, "away": 3.9}
    assert quotes(rows, "totals", line=3.5) == {"over": 2.62, "under": 1.5}
    assert quotes(rows, "both_teams_to_score") == {"yes": 1.58, "no": 2.22}
    assert {row["reason"] for row in rejected} == {"unknown_market"}


def test_superbet_v3_list_and_dictionary_hold_no_prices(sample):
    _, rows, rejected, said = sample("superbet", "br_v3_events_list_basketball.json")
    assert (rows, [row["source_id"] for row in rejected]) == ([], ["event:13830376"])
    assert "FINISHED" in said
    assert "no odds in this payload (kind struct)" in sample("superbet", "br_v2_struct_excerpt.json")[3]


def test_entain_football_keeps_halves_teams_and_corners_apart(sample):
    code, rows, rejected, _ = sample("entain_cds", "betmgm_fixture_view_soccer_v2_EXCERPT.json")
    assert (code, len(rows)) == (0, 13)
    assert {(row["home"], row["away"], row["starts_at"], row["league"]) for row in rows} == {
        ("Mazatlan FC", "Club America Mexico", "2023-10-07T03:00:00Z", "Liga MX, Apertura")
    }
    assert quotes(rows, "match_result") == {"home": 4.5, "draw": 4.0, "away": 1.66}
    assert quotes(rows, "match_result", period="first_half") == {"home": 4.4, "draw": 2.3, "away": 2.15}
    assert quotes(rows, "double_chance") == {"home_draw": 2.15, "home_away": 1.23, "draw_away": 1.19}
    assert quotes(rows, "draw_no_bet") == {"home": 3.4, "away": 1.27}
    assert quotes(rows, "both_teams_to_score") == {"yes": 1.6, "no": 2.15}
    assert [(row["source_id"], row["reason"]) for row in rejected] == [
        ("market:117736553", "unknown_market"),  # "Mazatlan FC No Bet"
        ("market:118699609", "unknown_market"),  # corners
    ]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("betmgm_fixture_view_tennis_v1.json", "unknown_sport"),
        ("betmgm_fixture_view_nhl_v1_EXCERPT.json", "bad_event"),  # its head was cut off
    ],
)
def test_entain_fixtures_of_other_sports_or_without_a_head_are_rejected(sample, file, reason):
    code, rows, rejected, said = sample("entain_cds", file)
    assert (code, rows, [row["reason"] for row in rejected]) == (0, [], [reason])
    assert ("no odds in this payload" in said) is (reason == "unknown_sport")


def test_betnacional_rows_in_the_time_of_brasilia(sample):
    code, (row,), rejected, _ = sample("betnacional", "events_by_seasons_row_EXCERPT.json")
    assert (code, rejected) == (0, [])
    assert (row["home"], row["away"], row["league"]) == ("Napoli", "Eintracht Frankfurt", "UEFA Champions League")
    assert row["starts_at"] == "2025-11-04T17:45:00Z"
    assert (row["market"], row["selection"], row["price"]) == ("match_result", "home", 1.62)


def test_betnacional_details_that_name_no_event(sample):
    code, rows, rejected, _ = sample("betnacional", "event_odds_grouped_rows_EXCERPT.json")
    assert (code, len(rows), nameless(rows)) == (0, 5, {(None, "football")})
    assert quotes(rows, "totals", line=2.5) == {"over": 1.85, "under": 1.9}
    assert quotes(rows, "totals", line=1.5) == {"over": 1.25, "under": 3.6}
    # Who of Atlético-MG and Bahia is at home stands nowhere.
    assert quotes(rows, "match_result") == {"draw": 3.6}
    assert Counter(row["reason"] for row in rejected) == {"unknown_selection": 2, "unknown_market": 1}
    assert "no odds in this payload (kind tournaments)" in sample("betnacional", "tournaments_xhr.json")[3]


def test_betano_coming_football_of_another_country(sample):
    code, rows, rejected, _ = sample("betano", "cz_upcoming_calendar_football_excerpt.json")
    assert (code, len(rows), rejected) == (0, 28, [])
    germany = [row for row in rows if row["home"] == "Německo"]
    assert {(row["away"], row["league"], row["starts_at"]) for row in germany} == {
        ("Srbsko", "Liga národů A", "2026-10-01T18:45:00Z")
    }
    assert quotes(germany, "match_result") == {"home": 1.21, "draw": 6.4, "away": 13.5}
    assert quotes(germany, "double_chance") == {"home_draw": 1.05, "draw_away": 4.7, "home_away": 1.11}
    assert quotes(germany, "draw_no_bet") == {"home": 1.05, "away": 8.25}
    assert quotes(germany, "totals", line=3.5) == {"over": 1.87, "under": 1.95}
    assert quotes(germany, "totals", period="first_half", line=1.5) == {"over": 1.88, "under": 1.88}
    assert quotes(germany, "both_teams_to_score") == {"yes": 1.78, "no": 1.95}


def test_betano_basketball_has_its_prices_in_the_grid(sample):
    _, rows, rejected, _ = sample("betano", "cz_upcoming_calendar_basketball_excerpt.json")
    assert (len(rows), rejected) == (6, [])
    assert quotes(rows, "moneyline") == {"home": 3.35, "away": 1.26}
    assert quotes(rows, "handicap", line=7.5) == {"home": 1.82, "away": 1.82}
    assert quotes(rows, "totals", line=143.5) == {"over": 1.78, "under": 1.85}


def test_betano_live_overview_without_outrights_and_computers_matches(sample):
    _, rows, rejected, _ = sample("betano", "cz_live_overview_excerpt.json")
    assert {(row["home"], row["away"]) for row in rows} == {("Zisd Queens (Ž)", "Green Eagles (Ž)")}
    assert quotes(rows, "match_result") == {"home": 26.0, "draw": 9.5, "away": 1.025}
    assert Counter(row["reason"] for row in rejected) == {"not_a_match": 2, "unknown_market": 1, "unknown_sport": 1}
    _, rows, rejected, _ = sample("betano", "be_live_overview_small.json")
    assert quotes(rows, "match_result") == {"home": 1.45, "draw": 3.65, "away": 8.25}
    assert quotes(rows, "moneyline") == {"home": 5.8, "away": 1.11}
    assert quotes(rows, "totals", line=2.5) == {"over": 2.22, "under": 1.57}
    assert [row["reason"] for row in rejected] == ["unknown_sport"]


def test_novibet_event_feed_that_names_nobody(sample):
    _, rows, rejected, _ = sample("novibet", "gr_event_detail_football_doc_excerpt.json")
    assert nameless(rows) == {("46381259", "football")}
    assert quotes(rows, "match_result") == {"home": 3.45, "draw": 2.85, "away": 1.65}
    # The excerpt's total has lost its market's id.
    assert [(row["reason"], row["detail"]) for row in rejected] == [
        ("bad_market", "SOCCER_UNDER_OVER, 2 selections")
    ]


def test_novibet_samples_of_other_sports(sample):
    for name, reasons in (
        ("br_location_v2_tennis_atp_chengdu.json", {"unknown_sport": 3}),
        ("ie_location_v2_american_football_excerpt.json", {"unknown_sport": 2}),
    ):
        code, rows, rejected, said = sample("novibet", name)
        assert (code, rows) == (0, [])
        assert Counter(row["reason"] for row in rejected) == reasons
        assert "no odds in this payload (kind list)" in said


# betbra: Matchbook's own answers, of the same engine


def test_matchbook_soccer_event_has_both_sides_of_its_books(sample):
    code, rows, rejected, _ = sample("betbra", "matchbook_event_soccer.json")
    assert (code, len(rows), rejected) == (0, 6, [])
    assert {(row["home"], row["away"]) for row in rows} == {("CSKA Moscow", "Bayer 04 Leverkusen")}
    assert {row["league"] for row in rows} == {"UEFA Champions League"}
    lays = [row for row in rows if row["side"] == "lay"]
    backs = [row for row in rows if row["side"] == "back"]
    assert quotes(lays, "match_result") == {"home": 3.0, "draw": 2.0}
    assert quotes(lays, "totals", line=1.5) == {"over": 2.01}
    assert quotes(backs, "totals", line=1.5) == {"under": 1.9901}
    assert quotes(backs, "totals", line=5.5) == {"under": 2.0}


@pytest.mark.parametrize(
    ("name", "kind", "reasons"),
    [
        ("matchbook_events_tennis.json", "list", {"unknown_sport": 1}),
        ("matchbook_event_tennis_converted.json", "event", {"unknown_sport": 1}),
        ("matchbook_popular_events_converted.json", "list", {"unknown_sport": 10}),
    ],
)
def test_matchbook_answers_without_odds_of_ours(sample, name, kind, reasons):
    code, rows, rejected, said = sample("betbra", name)
    assert (code, rows) == (0, [])
    assert Counter(row["reason"] for row in rejected) == Counter(reasons)
    assert f"no odds in this payload (kind {kind})" in said


def test_matchbook_markets_alone_know_no_sides_until_their_event_is_named_first(sample):
    _, alone, rejected, _ = sample("betbra", "matchbook_markets.json")
    assert nameless(alone) == {("395729780570010", "football")}
    lays = [row for row in alone if row["side"] == "lay"]
    assert quotes(lays, "match_result") == {"draw": 2.0}
    assert quotes(lays, "totals", line=5.5) == {"over": 2.0}
    assert [row["reason"] for row in rejected] == ["unknown_selection"] * 2
    _, (one,), _, _ = sample("betbra", "matchbook_market.json")
    assert (one["selection"], one["side"], one["price"]) == ("draw", "lay", 2.0)
    _, rows, rejected, _ = sample("betbra", "matchbook_event_soccer.json", "matchbook_markets.json")
    assert (rows[:6], rejected) == (rows[6:], [])


@pytest.mark.parametrize("name", ["matchbook_event_tennis_pyliteral.txt", "matchbook_popular_events_pyliteral.txt"])
def test_python_literals_are_no_answers(sample, name):
    code, rows, _, said = sample("betbra", name)
    assert (code, rows, len(said.splitlines())) == (2, [], 1)
    assert "JSON" in said


@pytest.mark.parametrize(
    ("name", "kind", "reasons"),
    [
        ("betsapi_bet365_upcoming.json", "events", {"unknown_sport": 50}),
        ("betsapi_bet365_inplay_filter.json", "events", {"unknown_sport": 1}),
        ("betsapi_v3_prematch_volleyball.json", "prematch", {"unknown_sport": 1}),
        ("betsapi_v3_prematch_cricket.json", "prematch", {"unknown_sport": 1}),
        ("betsapi_bet365_prematch_odds.baseball.json", "prematch", {"unknown_sport": 1}),
        ("betsapi_bet365_prematch_odds.baseball.raw.json", "prematch", {"unknown_sport": 1}),
        ("coupon_mlb_pipe_tk.txt", "coupon", {"unknown_sport": 1, "unknown_market": 2}),
        ("coupon_soccer_exact_goals_pipe_EXCERPT.txt", "coupon", {"unknown_market": 1}),
    ],
)
def test_bet365_samples_of_other_sports_or_markets(sample, name, kind, reasons):
    code, rows, rejected, said = sample("bet365", name)
    assert (code, rows) == (0, [])
    assert f"no odds in this payload (kind {kind})" in said
    assert Counter(row["reason"] for row in rejected) == reasons


def test_bet365_odds_whose_list_is_not_there(sample):
    code, rows, rejected, _ = sample("bet365", "betsapi_bet365_prematch_odds.json")
    assert (code, len(rows), nameless(rows)) == (0, 139, {("65404844", "football")})
    # Draw no bet is written in the teams' names.
    named = [row["detail"] for row in rejected if row["reason"] == "unknown_selection"]
    assert (named, quotes(rows, "draw_no_bet")) == (["'Arsenal'", "'Leicester'"], {})
    assert quotes(rows, "match_result") == {"home": 1.36, "draw": 4.75, "away": 8.5}
    assert quotes(rows, "handicap", line=-1.25) == {"home": 1.83, "away": 2.07}
    assert quotes(rows, "totals", period="first_half", line=1.25) == {"over": 1.95, "under": 1.9}


def test_bet365_matches_in_play_tell_no_kick_off(sample):
    _, rows, _, _ = sample("bet365", "betsapi_bet365_event.soccer.json")
    assert {(row["home"], row["away"], row["league"], row["starts_at"]) for row in rows} == {
        ("AC Milan U19", "Ujana U19", "Viareggio Cup", None)
    }
    assert len(rows) == 15
    assert quotes(rows, "match_result") == {"home": 2.3, "draw": 3.25, "away": 2.875}
    _, rows, _, _ = sample("bet365", "betsapi_bet365_event.basketball.json")
    assert quotes(rows, "moneyline") == {"home": 1.3333, "away": 3.25}
    _, rows, rejected, _ = sample("bet365", "betsapi_bet365_inplay.json")
    assert (len(rows), len({row["event_id"] for row in rows})) == (71, 26)
    bruges = [row for row in rows if row["home"] == "Club Brugge U19"]
    assert quotes(bruges, "match_result") == {"home": 1.125, "draw": 7.0, "away": 13.0}
    assert Counter(row["reason"] for row in rejected) == {"unknown_sport": 40, "not_a_match": 3}


def bet365_listed(source_id, sport, home, away):
    """What a list said of a sample's match; league and kick-off are made up."""
    kickoff = datetime(2017, 6, 24, tzinfo=UTC)
    return {source_id: Event(source_id, sport, LeagueName("1", "A league"), home, away, kickoff)}


def bet365_quotes(shared, name, events):
    """(market, period, line) -> selection -> price of a sample, read with what a list had said."""
    body = (shared / "samples" / "bet365" / name).read_bytes()
    page = load_platform("bet365").parse(body, fetched_at=datetime.now(UTC), context=Context(events=events))
    found = defaultdict(dict)
    for price in page.prices():
        line = None if price.line is None else float(price.line)
        found[price.market, price.period, line][price.selection] = float(price.value)
    return found


def test_bet365_odds_of_2017_with_what_their_list_had_said(shared):
    arsenal = bet365_listed("65404844", Sport.FOOTBALL, "Arsenal", "Leicester")
    found = bet365_quotes(shared, "betsapi_bet365_prematch_odds.json", arsenal)
    assert sum(map(len, found.values())) == 141
    assert found["match_result", "match", None] == {"home": 1.36, "draw": 4.75, "away": 8.5}
    assert found["double_chance", "match", None] == {"home_draw": 1.08, "draw_away": 3.2, "home_away": 1.2}
    assert found["draw_no_bet", "match", None] == {"home": 1.11, "away": 6.5}
    assert found["both_teams_to_score", "match", None] == {"yes": 1.67, "no": 2.1}
    assert found["totals", "match", 2.5] == {"over": 1.53, "under": 2.4}
    assert found["totals", "match", 1.25] == {"over": 1.105, "under": 6.8}
    assert found["handicap", "match", -1.25] == {"home": 1.83, "away": 2.07}
    assert found["handicap", "match", -3.25] == {"home": 6.4, "away": 1.115}
    assert found["handicap", "first_half", -0.5] == {"home": 1.875, "away": 1.975}
    assert found["totals", "first_half", 1.25] == {"over": 1.95, "under": 1.9}
    assert found["match_result", "first_half", None] == {"home": 1.83, "draw": 2.6, "away": 6.5}
    assert found["match_result", "second_half", None] == {"home": 1.62, "draw": 2.88, "away": 6.5}


def test_bet365_records_of_matches_in_play(shared):
    milan = bet365_listed("63210348", Sport.FOOTBALL, "AC Milan U19", "Ujana U19")
    assert bet365_quotes(shared, "betsapi_bet365_event.soccer.json", milan) == {
        ("match_result", "match", None): {"home": 2.3, "draw": 3.25, "away": 2.875},
        ("double_chance", "match", None): {"home_draw": 1.3636, "draw_away": 1.5333, "home_away": 1.3333},
        ("totals", "match", 2.5): {"over": 1.5714, "under": 2.25},
        ("totals", "match", 2.75): {"over": 1.775, "under": 2.025},
        ("draw_no_bet", "match", None): {"home": 1.6667, "away": 2.1},
        ("match_result", "second_half", None): {"home": 1.3636, "draw": 3.6, "away": 8.0},
    }
    geelong = bet365_listed("65005447", Sport.BASKETBALL, "Geelong Supercats", "NW Tasmania Thunder")
    assert bet365_quotes(shared, "betsapi_bet365_event.basketball.json", geelong) == {
        ("handicap", "match", -6.5): {"home": 1.8333, "away": 1.8333},
        ("totals", "match", 158.5): {"over": 1.8333, "under": 1.8333},
        ("moneyline", "match", None): {"home": 1.3333, "away": 3.25},
    }


def test_bet365_s_masked_odds_of_a_recorded_page(shared):
    text = (shared / "samples" / "bet365" / "coupon_mlb_pipe_tk.txt").read_text()
    odds = [record.fields["OD"] for record in read_text(text) if record.kind == "PA" and "OD" in record.fields]
    assert odds[:6] == ["4/7", "5/6", "20/21", "31/20", "1/1", "20/23"]
    assert "5/9" in odds
    assert "8/5" in odds

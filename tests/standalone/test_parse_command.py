"""`fleet parse` and `fleet bookmakers`, as a person calls them."""

from __future__ import annotations

import json
import subprocess
import sys

import orjson
import pytest
from click.testing import CliRunner

from scrapers.registry import load_registry
from standalone.commands.bookmakers import command as bookmakers
from standalone.commands.parse import command as parse
from standalone.commands.parse import price_row
from tests.support.recordings import FOLDER, page_of, recordings_of

FIELDS = [
    "bookmaker",
    "event_id",
    "sport",
    "league",
    "home",
    "away",
    "starts_at",
    "market",
    "period",
    "line",
    "selection",
    "price",
    "rules",
    "side",
    "status",
]


def run(slug, *files, rejected=False, league=""):
    options = [*(["--rejected"] if rejected else []), *(["--league", league] if league else [])]
    arguments = ["--bookmaker", slug, *options, *map(str, files)]
    return CliRunner().invoke(parse, arguments)


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_object_per_price_with_exactly_the_listed_fields():
    result = run("kto", FOLDER / "kto" / "event_offers.body")
    assert result.exit_code == 0
    assert result.stderr == ""
    found = rows(result)
    assert len(found) == 29
    assert all(list(row) == FIELDS for row in found)
    assert found[0] == {
        "bookmaker": "kto",
        "event_id": "1027000101",
        "sport": "football",
        "league": "Brasileirão Série A",
        "home": "Fluminense",
        "away": "Internacional",
        "starts_at": "2026-03-15T19:00:00Z",
        "market": "match_result",
        "period": "match",
        "line": None,
        "selection": "home",
        "price": 1.95,
        "rules": "standard",
        "side": "back",
        "status": "open",
    }
    quarter = [row for row in found if row["market"] == "handicap" and row["line"] == -0.75]
    assert [(row["selection"], row["price"]) for row in quarter] == [("home", 2.22), ("away", 1.68)]
    (unpriced,) = [row for row in found if row["price"] is None]
    assert (unpriced["line"], unpriced["selection"], unpriced["status"]) == (6.5, "under", "suspended")


def test_rejected_rows_are_json_lines_on_stderr():
    result = run("mcgames_nba", FOLDER / "mcgames_nba" / "nba_not_priced_yet.body", rejected=True)
    found = [json.loads(line) for line in result.stderr.splitlines()]
    assert [row["reason"] for row in found] == ["placeholder_price"] * 4
    assert found[0]["source_id"] == "odd:3561000003"
    assert set(found[0]) == {"file", "source_id", "reason", "detail"}


def test_a_file_that_is_no_answer_is_named_and_the_others_are_still_parsed():
    blocked = FOLDER / "jogodeouro" / "blocked_cloudflare.body"
    absent = FOLDER / "jogodeouro" / "absent.body"
    good = FOLDER / "jogodeouro" / "libertadores.body"
    result = run("jogodeouro", blocked, absent, good)
    assert result.exit_code == 2
    assert len(rows(result)) == 10
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{blocked}: expected an Altenar widget answer")
    assert second.startswith(f"{absent}: cannot be read")


def test_what_a_file_does_not_say_is_null():
    result = run("bet365", FOLDER / "bet365" / "prematch_football.body")
    found = rows(result)
    assert result.exit_code == 0
    assert {tuple(row[name] for name in ("league", "home", "away", "starts_at")) for row in found} == {(None,) * 4}
    assert {row["sport"] for row in found} == {"football"}
    assert {row["selection"]: row["price"] for row in found if row["market"] == "both_teams_to_score"} == {
        "yes": 1.91,
        "no": 1.8,
    }
    # A double chance by the teams' names is anybody's guess without them.
    assert not [row for row in found if row["market"] == "double_chance"]


@pytest.mark.parametrize(
    ("slug", "case"),
    [
        (slug, recording.path.stem)
        for slug in load_registry().bookmakers
        for recording in recordings_of(slug)
        # Rows that do not even say which event they are of; a cycle knows what it asked for.
        if recording.listed_in and recording.path.stem != "event_odds_grouped"
    ],
)
def test_a_list_that_is_named_first_describes_the_odds_after_it(slug, case):
    bookmaker = load_registry().bookmaker(slug)
    cases = {recording.path.stem: recording for recording in recordings_of(slug)}
    odds, listing = cases[case], cases[cases[case].listed_in]
    result = run(slug, listing.path, odds.path, league=listing.league)
    assert result.exit_code == 0
    page = page_of(bookmaker, odds)
    assert page.events
    found = rows(result)
    for event in page.events:
        for price in event.prices:
            assert price_row(slug, event, price) in found


def test_a_league_that_the_bookmaker_has_not_is_refused():
    result = run("stake", FOLDER / "stake" / "nba.body", league="brasileirao_z")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "stake has no league brasileirao_z" in result.stderr


def test_odds_that_cannot_be_read_are_not_called_absent(tmp_path):
    answer = {"betContextId": None, "marketCategories": []}
    file = tmp_path / "saved.json"
    file.write_bytes(orjson.dumps(answer))
    result = run("novibet", file)
    assert result.stderr == f"{file}: no odds could be read in this payload (kind detail); rejected: bad_event 1\n"


def test_another_platforms_answer_is_refused():
    result = run("estrelabet", FOLDER / "kto" / "nba.body")
    assert (result.exit_code, result.stdout) == (2, "")
    result = run("kto", FOLDER / "estrelabet" / "brasileirao.body")
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_page_without_odds_says_so_and_is_no_error(tmp_path):
    empty = FOLDER / "br4bet" / "empty_carioca.body"
    result = run("br4bet", empty)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{empty}: no odds in this payload (kind list); rejected: none\n"
    menu = tmp_path / "menu.json"
    menu.write_bytes(orjson.dumps({"sports": [], "champs": [], "categories": []}))
    assert run("br4bet", menu).stderr == f"{menu}: no odds in this payload (kind menu); rejected: none\n"


def test_an_envelope_is_opened_and_a_cut_answer_is_named(tmp_path):
    answer = orjson.loads((FOLDER / "kto" / "event_offers.body").read_bytes())
    answer["range"] = {"start": 0, "size": 22, "total": 400}
    file = tmp_path / "saved.json"
    file.write_bytes(orjson.dumps({"provider": "KAMBI", "requestType": "BET_OFFER", "data": answer}))
    result = run("kto", file)
    assert len(rows(result)) == 29
    assert result.stderr == f"{file}: this answer is cut: offers 0 to 22 of 400\n"


@pytest.mark.parametrize("arguments", [["--bookmaker", "nobet", "x.json"], ["x.json"], ["--bookmaker", "kto"]])
def test_the_command_line_ends_with_2_and_one_clear_line(arguments):
    fleet = "from standalone.commands import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", fleet, "parse", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_exit_2_reaches_the_shell():
    fleet = "from standalone.commands import main; main()"
    file = FOLDER / "kto" / "blocked_region.body"
    call = [sys.executable, "-c", fleet, "parse", "--bookmaker", "kto", str(file)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_the_registry_is_a_table_or_json():
    table = CliRunner().invoke(bookmakers, [])
    slugs = [line.split()[0] for line in table.stdout.splitlines()]
    assert slugs == ["slug", *load_registry().bookmakers]
    found = json.loads(CliRunner().invoke(bookmakers, ["--json"]).stdout)
    assert [row["slug"] for row in found] == list(load_registry().bookmakers)
    assert found[0]["options"] == {"offering": "ktobr", "early_payout_category": "10028163"}

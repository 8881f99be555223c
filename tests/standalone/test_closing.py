"""Closing prices and results together: margins, closing-line value and returns, against sums made by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from board.orientation import Offer, mirrored
from board.value.records import Settings
from jobs.results.settlement import Result
from scrapers.errors import DeclarationError
from standalone.closing.matches import ClosedMatch, ClosedPrice
from standalone.closing.report import ClosingReport
from standalone.commands.report import command
from store.backend import Backend
from tests.support.cycles import LEAGUE, House, kickoff, listing, parse_offer


def offer(text: str) -> Offer:
    price = parse_offer(text, 2.0)
    line = None if price.line is None else float(price.line)
    return Offer(price.market, price.period, line, price.selection, price.rules, price.side)


def closed(*prices: tuple[str, str, str, float | None, float], score: tuple[int, int] = (2, 1)) -> ClosedMatch:
    """A match with prices (bookmaker, family, offer, opening, closing)."""
    result = Result(regular=score, half=(0, 0), final=score)
    made = [ClosedPrice(slug, family, offer(text), opening, last) for slug, family, text, opening, last in prices]
    return ClosedMatch(1, "Série A", "Flamengo", "Santos", 0, result, made)


def report(*matches: ClosedMatch, **more: Any) -> dict[str, Any]:
    made = ClosingReport(Settings(method="multiplicative", min_families=more.pop("min_families", 1), **more))
    for match in matches:
        made.add(match)
    document = made.as_json()
    return {**document, "by": {row["bookmaker"]: row for row in document["bookmakers"]}}


def pair(slug: str, family: str, over: float, under: float, opening: float | None = None) -> list[Any]:
    return [(slug, family, "totals:over@2.5", opening, over), (slug, family, "totals:under@2.5", None, under)]


def test_margins_are_those_of_whole_markets_at_kickoff() -> None:
    found = report(
        closed(*pair("a", "x", 2.0, 1.9), ("a", "x", "both_teams_to_score:yes", None, 1.8)),
        closed(*pair("a", "x", 2.0, 2.0)),
    )
    row = found["by"]["a"]
    assert row["margin"] == pytest.approx((1 / 2 + 1 / 1.9 - 1 + 0) / 2)
    assert (row["matches"], row["markets"], set(row["margin_by_market"])) == (2, 2, {"totals"})
    assert (found["matches"], found["settled"], row["bets"]) == (2, 5, 5)


def test_an_opening_price_is_judged_by_the_others_closing_opinion() -> None:
    found = report(
        closed(*pair("a", "x", 2.0, 1.9, opening=2.2), *pair("b", "y", 1.8, 2.25), *pair("c", "y", 3.0, 1.5))
    )
    chance = (1 / 1.8 / (1 / 1.8 + 1 / 2.25) + 1 / 3 / (1 / 3 + 1 / 1.5)) / 2  # a family has one voice
    row = found["by"]["a"]
    assert row["opening_value"] == pytest.approx(2.2 * chance - 1)
    assert row["closing_value"] == pytest.approx((2.0 * chance + 1.9 * (1 - chance)) / 2 - 1)
    assert (row["openings_judged"], row["openings_beaten"]) == (1, int(2.2 * chance > 1))
    assert (
        report(closed(*pair("a", "x", 2.0, 1.9), *pair("b", "y", 2.0, 1.9)), min_families=2)["by"]["a"][
            "closing_value"
        ]
        is None
    )


def test_what_bets_paid_and_what_nobody_can_tell() -> None:
    early = closed(
        ("a", "x", "match_result:away!early_payout", None, 3.0),
        ("a", "x", "totals:over@2.75", None, 2.0),
        ("a", "x", "moneyline:home", None, 2.0),
        score=(2, 2),
    )
    found = report(early)
    row = found["by"]["a"]
    assert (found["settled"], found["unsettled"], row["uncertain"]) == (2, 1, 1)
    assert row["paid"] == pytest.approx((-1 + 1) / 2)


def test_offers_turned_round_are_settled_from_the_matchs_own_side() -> None:
    match = closed(("a", "x", "handicap:home@-0.75", None, 2.0), score=(2, 1))
    own = match.settled(offer("handicap:home@-0.75"))
    assert own is not None
    assert own.settled == "half_won"
    assert match.settled(mirrored(offer("handicap:away@0.75"))) == own
    row = {"match_id": 1, "league": None, "home": "A", "away": "B", "starts_at": 0}
    result = {
        side: {"score": goals, "regular": goals, "half": 0, "penalties": None}
        for side, goals in (("home", 2), ("away", 1))
    }
    terms = ["a", "x", "handicap", "match", 0.75, "away", "standard", True, None, 2.0]
    read = ClosedMatch.from_row(
        {**row, "result": {**result, "after_extra_time": False, "goals": None}, "prices": [terms]}
    )
    assert read.prices[0].offer == offer("handicap:home@-0.75")
    assert read.settled(read.prices[0].offer) == own


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch, database_url: str, backend: Backend) -> CliRunner:
    """The command line on a database with one match of twenty hours ago and its result."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("VALUE_MIN_FAMILIES", "1")
    at = kickoff(-20)
    for number, slug in enumerate(("alpha", "gamma", "delta")):
        offers = {"match_result:home": 2.0 + number / 10, "match_result:draw": 3.4, "match_result:away": 4.0}
        House(backend, slug).commit([listing(slug, "Flamengo", "Santos", at, offers)], at=at - timedelta(hours=1))
    row = {
        "source": "ogol", "page_id": 1, "league_key": LEAGUE, "edition": 1, "round": 3, "home_name": "Flamengo",
        "away_name": "Santos", "played_on": at.date().isoformat(), "starts_at": at.isoformat(), "home_score": 2,
        "away_score": 1, "home_regular": 2, "away_regular": 1, "state": "complete", "after_extra_time": False,
    }  # fmt: skip
    backend.call("record_result", {"p_result": row})
    link = {"page_id": 1, "match_id": 1, "swapped": False, "method": "exact", "score": 1}
    assert backend.call("link_results", {"p_source": "ogol", "p_links": [link]}) == {"linked": 1, "taken": 0}
    return CliRunner()


def test_the_report_of_the_command_line(fleet: CliRunner) -> None:
    said = fleet.invoke(command, ["closing"])
    assert said.exit_code == 0, said.output
    assert "1 jogos com resultado" in said.output
    assert "Margem" in said.output
    document = orjson.loads(fleet.invoke(command, ["closing", "--json", "--days", "3"]).output)
    rows = {row["bookmaker"]: row for row in document["bookmakers"]}
    assert rows["alpha"]["margin"] == pytest.approx(1 / 2 + 1 / 3.4 + 1 / 4 - 1)
    assert rows["delta"]["paid"] == pytest.approx((2.2 - 3) / 3)
    assert rows["alpha"]["opening_value"] < rows["gamma"]["opening_value"] < rows["delta"]["opening_value"]
    nothing = fleet.invoke(command, ["closing", "--league", "nba"])
    assert (nothing.exit_code, "nenhum jogo" in nothing.output) == (1, True)


def test_what_the_bets_of_a_match_paid(fleet: CliRunner) -> None:
    said = fleet.invoke(command, ["match", "1"])
    assert "#1 Flamengo 2-1 Santos" in said.output
    assert "ganhou (won)" in said.output
    bets = orjson.loads(fleet.invoke(command, ["match", "1", "--json"]).output)["bets"]
    assert len(bets) == 9
    assert {bet["selection"]: bet["settled"] for bet in bets} == {"home": "won", "draw": "lost", "away": "lost"}
    assert Decimal(str(max(bet["closing"] for bet in bets if bet["selection"] == "home"))) == Decimal("2.2")
    assert fleet.invoke(command, ["match", "99"]).exit_code == 1


def test_own_bets_are_judged_and_bad_rows_named(fleet: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "bets.csv"
    file.write_text(
        "match_id,market,selection,price,line,stake\n1,match_result,home,2.5,,10\n1,totals,over,1.9,2.75,4\n"
        "99,match_result,home,2.5,,1\n1,match_result,over,2,,1\nx,match_result,home,2,,1\n1,match_result,home,1,,1\n"
    )
    said = fleet.invoke(command, ["bets", str(file)])
    assert said.exit_code == 1
    assert [line.split(":")[0] for line in said.stderr.splitlines()] == [f"linha / row {n}" for n in (5, 6, 7)]
    home, over, unknown = orjson.loads(fleet.invoke(command, ["bets", str(file), "--json"]).stdout)
    consensus = sorted(1 / price / (1 / price + 1 / 3.4 + 1 / 4.0) for price in (2.0, 2.1, 2.2))[1]
    assert home["closing_value"] == pytest.approx(2.5 * consensus - 1, abs=0.02)
    assert (home["settled"], home["profit"]) == ("won", 15.0)
    assert (over["settled"], over["profit"], over["closing_value"]) == ("half_won", 1.8, None)
    assert (unknown["settled"], unknown["profit"]) == (None, None)
    file.write_text("match_id,price\n")
    with pytest.raises(DeclarationError, match="market, selection"):
        fleet.invoke(command, ["bets", str(file)], catch_exceptions=False)

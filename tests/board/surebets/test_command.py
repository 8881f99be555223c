"""`fleet surebets`, as a person calls it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from standalone.commands.surebets import COLUMNS, command

OVER = {"match_id": "m1", "bookmaker": "alpha", "market": "totals", "period": "match", "line": "2.5"}
OVER |= {"selection": "over", "side": "back", "price": "2.10", "commission": "0", "rules": "standard", "age_s": "5"}
UNDER = {**OVER, "bookmaker": "beta", "selection": "under"}


def table(rows: Iterable[dict[str, str]], columns: Iterable[str] = COLUMNS) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def call(text: str, *options: str) -> Result:
    return CliRunner().invoke(command, ["--odds", "-", *options], input=text)


def answer(text: str, *options: str) -> dict[str, Any]:
    result = call(text, *options)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_table_of_prices_gives_stakes(tmp_path: Path) -> None:
    file = tmp_path / "odds.csv"
    file.write_text(table([OVER, UNDER]))
    result = CliRunner().invoke(command, ["--odds", str(file), "--outlay", "200", "--unit", "1"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["matches"], found["prices"], found["rejections"], found["unreadable"]) == (1, 2, [], [])
    (one,) = found["surebets"]
    assert (one["match_id"], one["period"], one["outlay"], one["worst"]) == ("m1", "match", 200.0, 10.0)
    assert one["edge"] == pytest.approx(0.05)
    assert [(leg["bookmaker"], leg["stake"], leg["age_s"]) for leg in one["legs"]] == [
        ("alpha", 100.0, 5.0),
        ("beta", 100.0, 5.0),
    ]
    assert [row["profit"] for row in one["profits"]] == [10.0, 10.0]


def test_empty_fields_are_what_is_usual_and_prices_of_other_matches_do_not_meet() -> None:
    bare = {"period": "", "side": "", "commission": "", "rules": "", "age_s": ""}
    assert len(answer(table([OVER | bare, UNDER | bare]))["surebets"]) == 1
    assert answer(table([OVER, UNDER | {"match_id": "m2"}]))["surebets"] == []


def test_gates_are_options_and_can_be_lifted() -> None:
    stale = table([OVER | {"age_s": "120"}, UNDER])
    (rejection,) = answer(stale)["rejections"]
    assert (rejection["reasons"], len(rejection["legs"])) == (["age", "skew"], 2)
    assert rejection["edge"] == pytest.approx(0.05)
    assert len(answer(stale, "--max-age", "120", "--max-skew", "115")["surebets"]) == 1
    assert len(answer(stale, "--no-gates")["surebets"]) == 1
    assert answer(table([OVER, UNDER]), "--min-profit", "0.06")["rejections"][0]["reasons"] == ["min_profit"]


def test_brands_of_one_platform_are_known_from_the_registry() -> None:
    brands = [OVER | {"bookmaker": "br4bet"}, UNDER | {"bookmaker": "mcgames"}]
    assert answer(table(brands), "--strict")["rejections"][0]["reasons"] == ["family"]
    assert len(answer(table(brands), "--strict", "--min-families", "1")["surebets"]) == 1
    own = [row | {"family": row["bookmaker"]} for row in brands]
    assert len(answer(table(own, [*COLUMNS, "family"]), "--strict")["surebets"]) == 1


def test_what_is_too_good_to_be_true_is_doubted_on_demand() -> None:
    wild = table([OVER | {"price": "3.0"}, UNDER])
    assert len(answer(wild)["surebets"]) == 1
    for options in (["--strict"], ["--max-edge", "0.1"]):
        assert answer(wild, *options)["rejections"][0]["reasons"] == ["edge"]


def test_the_sport_decides_what_overtime_is_part_of() -> None:
    winner = OVER | {"market": "moneyline", "selection": "home", "line": ""}
    handicap = UNDER | {"market": "handicap", "selection": "away", "line": "0.5"}
    assert len(answer(table([winner, handicap]))["surebets"]) == 1
    said = [row | {"sport": "football"} for row in (winner, handicap)]
    assert answer(table(said, [*COLUMNS, "sport"]))["surebets"] == []


def test_a_row_that_is_no_price_is_listed_with_its_fault() -> None:
    rows = [OVER, UNDER, OVER | {"price": "abc"}, OVER | {"bookmaker": " "}, OVER | {"price": ""}]
    found = answer(table([*rows, OVER | {"price": "0.5"}]))
    assert found["unreadable"] == [
        {"row": 4, "fault": "price: 'abc' is no number"},
        {"row": 5, "fault": "bookmaker: empty"},
        {"row": 6, "fault": "price: empty"},
    ]
    assert [one["reasons"] for one in found["rejections"]] == [["malformed"]]
    assert len(found["surebets"]) == 1


def test_a_match_of_two_sports_is_told() -> None:
    rows = [OVER | {"sport": "football"}, UNDER | {"sport": "basketball"}]
    (fault,) = answer(table(rows, [*COLUMNS, "sport"]))["unreadable"]
    assert fault == {"row": 3, "fault": "sport: 'basketball' after 'football' in the same match"}


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no column match_id"), ("match_id,price\n1,2\n", "no column bookmaker, market"), ("\x00", "no column")],
)
def test_what_is_no_such_table_ends_with_2(text: str, said: str) -> None:
    result = call(text)
    assert result.exit_code == 2
    assert said in result.stderr


def test_bytes_that_are_no_text_end_with_2(tmp_path: Path) -> None:
    file = tmp_path / "odds.csv"
    file.write_bytes(table([OVER]).encode() + b"\xff\xfe,\n")
    assert CliRunner().invoke(command, ["--odds", str(file)]).exit_code == 2


def test_a_setting_that_makes_no_sense_is_told() -> None:
    result = call(table([OVER]), "--unit", "0")
    assert "unit must be positive" in str(result.exception)


def test_the_table_shows_stakes_and_the_least_profit() -> None:
    result = call(table([OVER, UNDER]), "--table", "--outlay", "200")
    assert result.exit_code == 0
    for text in ("m1 match", "alpha", "back totals over +2.5", "100.00", "10.00 (5.00%)"):
        assert text in result.stdout

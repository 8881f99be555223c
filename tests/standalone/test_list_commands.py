"""`fleet duplo-green`, `fleet value` and `fleet coverage` on a real database: JSON and tables."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
import pytest
from click.testing import CliRunner, Result

from standalone.commands import group
from store.postgres import PostgresBackend
from tests.support.cycles import House, kickoff, listing

USUAL = {"match_result:home": 2.1, "match_result:draw": 3.3, "match_result:away": 3.6}


@pytest.fixture
def fleet(backend: PostgresBackend, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Four bookmakers of three families (alpha's and beta's is one); alpha has a good price and no second match."""
    early = {"match_result:home!early_payout": 2.4, "match_result:draw!early_payout": 3.0}
    brackets = "Bahia [BA]"
    derby = [
        ("alpha", USUAL | early | {"match_result:home": 2.4, "match_result:draw": 3.1, "match_result:away": 3.2}),
        ("beta", USUAL | {"match_result:away!early_payout": 3.5}),
        ("gamma", USUAL),
        ("delta", USUAL),
    ]
    for slug, offers in derby:
        listed = [listing(f"{slug}1", "Flamengo", brackets, kickoff(2), offers)]
        if slug != "alpha":
            listed.append(listing(f"{slug}2", "Santos", "Grêmio", kickoff(3), dict(USUAL)))
        House(backend, slug).commit(listed)
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(group, list(arguments))

    return run


def test_duplo_green_now(fleet: Any) -> None:
    document = orjson.loads(fleet("duplo-green", "--json").stdout)
    [row] = document["duplo_greens"]
    assert [(leg["bookmaker"], leg["selection"], leg["price"]) for leg in row["legs"]] == [
        ("alpha", "home", 2.4),
        ("beta", "draw", 3.3),
        ("beta", "away", 3.5),
    ]
    shown = fleet("duplo-green")
    assert (shown.exit_code, "Flamengo x Bahia [BA]" in shown.stdout, "1 PA" in shown.stdout) == (0, True, True)
    assert "odds simuladas" in shown.stdout


def test_value_now(fleet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert orjson.loads(fleet("value", "--json").stdout)["values"] == [], "two other families are too few"
    monkeypatch.setenv("VALUE_MIN_FAMILIES", "2")
    document = orjson.loads(fleet("value", "--json").stdout)
    [row] = document["values"]
    assert (row["bookmaker"], row["selection"], row["price"], row["families"]) == ("alpha", "home", 2.4, 2)
    shown = fleet("value")
    assert (shown.exit_code, "match_result home match" in shown.stdout) == (0, True)
    assert f"{row['edge']:.1%}" in shown.stdout


def test_coverage_now(fleet: Any, database_url: str) -> None:
    document = orjson.loads(fleet("coverage", "--json").stdout)
    first = document["bookmakers"][0]
    assert (first["slug"], first["missing"], first["expected"]) == ("alpha", 1, 2)
    assert [row["missing"] for row in document["missed"]] == [["alpha"]]
    ranking = fleet("coverage")
    assert (ranking.exit_code, "alpha 1" in ranking.stdout, "sem dados" in ranking.stdout) == (0, True, False)
    one = fleet("coverage", "alpha")
    assert "Santos x Grêmio" in one.stdout
    assert "beta, delta, gamma" in one.stdout
    assert "Santos" not in fleet("coverage", "beta").stdout
    nobody = fleet("coverage", "nobody")
    assert (nobody.exit_code, "'nobody' is not in the database" in nobody.output) == (2, True)
    with psycopg.connect(database_url, autocommit=True) as connection:
        silent = "update scraper_status set last_success = now() - interval '1 h' where scraper_name = 'delta'"
        connection.execute(silent)
    assert "sem dados" in fleet("coverage").stdout

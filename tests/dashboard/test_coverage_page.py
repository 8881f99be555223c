"""`/admin/coverage`: what `coverage.json` says, narrowed by the address; plain words where there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from dashboard.config import DashboardConfig
from tests.support.operator import Operator

PAGE = "/admin/coverage"


def publish(config: DashboardConfig, *, age_s: float = 0) -> None:
    made = datetime.now(UTC) - timedelta(seconds=age_s)
    rows: list[dict[str, Any]] = [
        {"slug": "alpha", "name": "Alpha", "family": "altenar", "status": "ok", "no_data": False, "expected": 10,
         "listed": 7, "unpriced": 1, "missing": 2, "unmatched": 1, "leagues": []},
        {"slug": "gamma", "name": "Gamma", "family": "kambi", "status": "offline", "no_data": True, "expected": 0,
         "listed": 0, "unpriced": 0, "missing": 0, "unmatched": 0, "leagues": []},
    ]  # fmt: skip
    league = {"key": "nba", "name": "NBA"}
    match = {"sport": "football", "starts_at": made.isoformat(), "listed": ["beta", "delta"], "families": 2}
    document = {
        "generated_at": made.isoformat(), "valid_until": (made + timedelta(seconds=60)).isoformat(),
        "content_hash": "x", "bookmakers": rows,
        "leagues": [{"key": "nba", "name": "NBA", "country": "USA", "matches": 1, "bookmakers": 3, "missing": 1,
                     "by_bookmaker": [{"slug": "alpha", "missing": 1}]}],
        "missed": [
            {**match, "match_id": 1, "league": league, "home": "Lakers", "away": "Bulls", "missing": ["alpha"]},
            {**match, "match_id": 2, "league": None, "home": "<b>Foo", "away": "Bar", "missing": ["epsilon"]},
        ],
    }  # fmt: skip
    assert config.published is not None
    (config.published / "coverage.json").write_bytes(orjson.dumps(document))


def test_who_misses_what(operator: Operator, config: DashboardConfig) -> None:
    publish(config)
    page = operator.client.get(PAGE).text
    assert page.index("Alpha") < page.index("Gamma")
    assert "70%" in page
    assert "sem dados" in page
    assert "&lt;b&gt;Foo" in page
    assert "2 de 2" in page
    assert 'href="/match/1"' in page
    assert "Lakers" in operator.page(f"{PAGE}?bookmaker=alpha")
    assert "Foo" not in operator.page(f"{PAGE}?bookmaker=alpha")
    assert "Foo" not in operator.page(f"{PAGE}?league=nba")
    assert "Nada falta" in operator.page(f"{PAGE}?bookmaker=nobody")


def test_an_open_page_gets_304_while_nothing_changed(operator: Operator, config: DashboardConfig) -> None:
    publish(config)
    part = "/admin/parts/coverage"
    etag = operator.client.get(part).headers["etag"]
    assert operator.client.get(part, headers={"if-none-match": etag}).status_code == 304


def test_nothing_published_and_nothing_fresh(operator: Operator, config: DashboardConfig) -> None:
    assert "Ainda não há coverage.json" in operator.page(PAGE)
    publish(config, age_s=600)
    assert "perdeu a validade" in operator.page(PAGE)

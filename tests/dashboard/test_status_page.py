"""`/admin/scraper-status`: each status with its own reason, found and sorted by the address, live and small."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from dashboard.admin.rows import COLUMNS, View, chosen, summed
from scrapers.errors import StoreUnavailableError
from store.postgres import PostgresBackend
from tests.support.cycles import House, kickoff, listing
from tests.support.dashboard import ServedPages
from tests.support.operator import Operator

PAGE, PART = "/admin/scraper-status", "/admin/parts/overview"
PRICES = {"match_result:home": 2.0, "match_result:draw": 3.1, "match_result:away": 4.0}
HOSTILE = ('<script>alert("1")</script>', "\u202egolpe\u202c", "A" * 500)
ROW = re.compile(r'<th scope="row" class="nowrap"><a [^>]*><bdi>([^<]+)')


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def shown(page: str) -> list[str]:
    """Names of the scrapers that the table lists, in its order."""
    return list(ROW.findall(page.partition('id="services"')[0]))


def four_states(backend: PostgresBackend, owner: psycopg.Connection[Any]) -> None:
    """alpha ok, beta warning (its last cycles failed), gamma in error (silent), delta offline (never heard of)."""
    for slug in ("alpha", "beta", "gamma"):
        House(backend, slug).commit([listing("1", "Flamengo", "Santos", kickoff(5), PRICES)])
    House(backend, "beta").fail("blocked", "403: Access Denied")
    owner.execute("update scraper_status set last_success = now() - interval '90 s' where scraper_name = 'beta'")
    owner.execute(
        "update scraper_status set (last_heartbeat, last_success) = "
        "(now() - interval '5 min', now() - interval '5 min') where scraper_name = 'gamma'"
    )


def test_every_status_is_told_by_word_and_reason(
    operator: Operator, backend: PostgresBackend, owner: psycopg.Connection[Any]
) -> None:
    four_states(backend, owner)
    page = operator.page(PAGE)
    for chip in ("chip ok", "chip warning", "chip error", "chip offline"):
        assert chip in page
    assert {"ok", "atenção", "erro", "parado"} <= set(re.findall(r'class="chip \w+">(\w+)<', page))
    assert "403: Access Denied" in page
    assert "bloqueado" in page
    assert re.search(r'class="value">2 <small>/ 4', page), "two are active: ok and warning"
    assert "há 5 min" in page
    assert "nunca" in page
    assert "Odds simuladas" in page


def test_the_address_filters_and_sorts(
    operator: Operator, backend: PostgresBackend, owner: psycopg.Connection[Any]
) -> None:
    four_states(backend, owner)
    assert shown(operator.page(PAGE)) == ["Delta", "Gamma", "Beta", "Alpha"], "the worst first"
    assert shown(operator.page(f"{PAGE}?sort=-status")) == ["Alpha", "Beta", "Gamma", "Delta"]
    assert shown(operator.page(f"{PAGE}?sort=scraper")) == ["Alpha", "Beta", "Delta", "Gamma"]
    assert shown(operator.page(f"{PAGE}?sort=heartbeat"))[0] == "Gamma"
    assert shown(operator.page(f"{PAGE}?status=error")) == ["Gamma"]
    assert shown(operator.page(f"{PAGE}?status=problems&sort=scraper")) == ["Beta", "Delta", "Gamma"]
    assert shown(operator.page(f"{PAGE}?q=LPH")) == ["Alpha"]
    assert shown(operator.page(f"{PAGE}?sort=nonsense&status=nonsense")) == ["Delta", "Gamma", "Beta", "Alpha"]
    assert shown(operator.page(f"{PART}?status=error&sort=scraper")) == ["Gamma"]
    assert 'href="/admin/scraper-status?status=error&sort=-scraper"' in operator.page(
        f"{PART}?status=error&sort=scraper"
    )


def test_columns_sort_every_kind_of_value() -> None:
    unknown = ("seconds_since_heartbeat", "last_heartbeat", "completeness", "duration_ms", "outcome")
    row: dict[str, Any] = {"scraper_name": "a", "bookmaker_display_name": "A", "computed_status": "ok"}
    row |= {"odds_collected": 1, "odds_inserted": 1, "extra_data": {}, **dict.fromkeys(unknown)}
    other = {**row, "scraper_name": "b", "bookmaker_display_name": "B", "completeness": 0.5, "outcome": "ok"}
    for column in COLUMNS:
        for sort in (column.key, f"-{column.key}"):
            assert len(chosen([row, other], View(sort))) == 2
    assert [found["scraper_name"] for found in chosen([row, other], View("completeness"))] == ["b", "a"]
    assert [found["scraper_name"] for found in chosen([row, other], View("-completeness"))] == ["b", "a"]
    assert summed([]).updated_s is None


def test_an_open_page_asks_for_little_and_gets_nothing_new_as_304(
    operator: Operator, backend: PostgresBackend
) -> None:
    House(backend, "alpha").commit([listing("1", "Flamengo", "Santos", kickoff(5), PRICES)])
    first = operator.client.get(PART, headers={"accept-encoding": "gzip"})
    assert int(first.headers["content-length"]) < 4000
    again = operator.client.get(PART, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert operator.client.get(f"{PART}?q=alpha").headers["etag"] != first.headers["etag"]
    assert (
        operator.client.get(PART, headers={"cookie": cookies(operator, lang="en")}).headers["etag"]
        != first.headers["etag"]
    )
    page = operator.page(PAGE)
    assert re.search(r'hx-trigger="every (\d+)s', page)[1] in ("10", "15", "20", "30")  # type: ignore[index]


def test_what_changed_is_seen_at_once(operator: Operator, backend: PostgresBackend, pages: ServedPages) -> None:
    house = House(backend, "alpha")
    house.commit([listing("1", "Flamengo", "Santos", kickoff(5), PRICES)])
    etag = operator.client.get(PART).headers["etag"]
    house.fail("schema_changed", "no events in it")
    pages.site.database.forget()
    changed = operator.client.get(PART, headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert "formato mudou" in changed.text


@pytest.mark.parametrize("name", HOSTILE, ids=["script", "right-to-left", "long"])
def test_hostile_names_and_errors_stay_text(
    operator: Operator, backend: PostgresBackend, owner: psycopg.Connection[Any], name: str
) -> None:
    house = House(backend, "alpha")
    house.commit([listing("1", name, f"{name} 2", kickoff(5), PRICES)])
    house.fail("network", f"{name} did not answer")
    owner.execute("update bookmakers set name = %s where slug = 'alpha'", (name,))
    for path in (PAGE, f"{PAGE}/alpha", "/admin/audit", "/admin/matching/teams", f"{PAGE}?q={name[:50]}"):
        answer = operator.client.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text
        outside = re.sub(r"<bdi[^>]*>[^<]*</bdi>|<title>[^<]*</title>|\"[^\"]*\"", "", answer.text)
        assert name[:40] not in outside, f"{path}: stands free"
        assert "A" * 401 not in re.sub(r'title="[^"]*"|value="[^"]*"', "", answer.text), f"{path}: not cut"


def test_english_and_the_choice_is_kept(operator: Operator) -> None:
    first = operator.client.get(f"{PAGE}?lang=en&theme=dark")
    assert "Is every scraper really producing data?" in first.text
    assert '<html lang="en" data-theme="dark">' in first.text
    assert '<html lang="en" data-theme="dark">' in operator.client.get(PAGE).text
    assert '<html lang="pt-BR" data-theme="dark">' in operator.client.get(f"{PAGE}?lang=pt").text
    assert "pt-BR" in operator.client.get(f"{PAGE}?lang=xx").text


def test_the_database_away(operator: Operator, pages: ServedPages, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailableError("the database is not reached: connection refused")

    operator.page(PAGE)
    monkeypatch.setattr(pages.site.backend, "call", away)
    known = operator.page(PAGE, status=200)
    assert "Alpha" in known, "a fresh answer is shared for a moment"
    age_answers(pages)
    stale = operator.page(PAGE, status=503)
    assert "Alpha" in stale
    assert "O banco não responde" in stale
    assert operator.client.get(PART).status_code == 503, "the open page is told that it is not live"
    nothing = operator.client.get("/admin/matching/reviews")
    assert (nothing.status_code, nothing.headers["retry-after"]) == (503, "5")
    assert "Banco de dados fora" in nothing.text
    assert "Traceback" not in nothing.text
    assert operator.client.get("/health").status_code == 200


def test_what_is_not_there(operator: Operator) -> None:
    for path in (
        "/admin/nothing",
        f"{PAGE}/nobody",
        f"{PAGE}/No-Slug",
        "/admin/matching/teams/99",
        "/admin/matching/reviews/99",
    ):
        assert "Página não encontrada" in operator.page(path, status=404)


def age_answers(pages: ServedPages) -> None:
    """As if every kept answer were an hour old."""
    kept = pages.site.database._kept
    for key, (at, value) in list(kept.items()):
        kept[key] = (at - 3600, value)


def cookies(operator: Operator, **more: str) -> str:
    """The session's cookies and these, as one header."""
    return "; ".join(f"{name}={value}" for name, value in {**dict(operator.client.cookies), **more}.items())


def test_an_unknown_reader_learns_nothing(client: httpx.Client) -> None:
    assert client.get(PART).status_code == 401

"""The board's pages as a reader gets them: what they show, hostile names, what moved."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from board.orientation import Offer
from dashboard.board.offers import offer_query, read_offer
from tests.support.cycles import House, kickoff, listing
from tests.support.dashboard import ServedPages

RESULT = {"match_result:home": 2.0, "match_result:draw": 3.1, "match_result:away": 4.0}
HAVE = re.compile(r'name="have" value="([^"]+)"')
HOSTILE = ('<script>alert("1")</script>', "\u202egolpe\u202c", "A" * 500)


def have(page: str) -> list[str]:
    return HAVE.findall(page)


def test_a_board_without_odds_says_why(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "Nenhum jogo com odds válidas" in page.text
    assert "No match with a valid price" in client.get("/?lang=en").text


def test_prices_with_their_links_and_rules(client: httpx.Client, houses: dict[str, House]) -> None:
    houses["alpha"].commit([listing("11", "Flamengo", "Santos", kickoff(5), RESULT)])
    houses["gamma"].commit(
        [listing("22", "Flamengo", "Santos", kickoff(5), {**RESULT, "match_result:home!early_payout": 1.95})]
    )
    page = client.get("/").text
    assert page.count("2,00") == 2
    assert "1,95" in page
    assert 'href="https://alpha.example/event/11"' in page
    assert "pagamento antecipado" in page
    assert "1.95" in client.get("/?lang=en").text


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_outside_stay_text(client: httpx.Client, houses: dict[str, House], name: str) -> None:
    houses["alpha"].commit([listing("1", name, "Santos", kickoff(5), RESULT)])
    for path in ("/", "/match/1", f"/?q={name[:60]}"):
        page = client.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert f"<bdi>{name}" not in page.text or len(name) < 60, "long names are cut"
    assert name[:20] in unescape(client.get("/").text)


def test_what_moved_comes_alone(pages: ServedPages, houses: dict[str, House]) -> None:
    at, client = kickoff(5), pages.client
    first = [listing("1", "Flamengo", "Santos", at, RESULT), listing("2", "Bahia", "Sport", at, RESULT)]
    houses["alpha"].commit(first)
    held = have(client.get("/").text)
    assert len(held) == 2
    houses["alpha"].commit(first)
    pages.site.database.forget()
    quiet = client.get("/board/live", params={"have": held}).text
    assert (have(quiet), "data-seen" in quiet) == ([], True)
    moved = [listing("1", "Flamengo", "Santos", at, {**RESULT, "match_result:home": 2.3}), first[1]]
    houses["alpha"].commit(moved)
    pages.site.database.forget()
    (only,) = have(client.get("/board/live", params={"have": held}).text)
    assert only.split(".")[0] == held[0].split(".")[0]
    assert only not in held
    everything = client.get("/board/live", params={"have": held[:1]}).text
    assert len(have(everything)) == 2, "other matches than the page has: all of them come"


def test_a_match_with_the_movement_of_a_selection(client: httpx.Client, houses: dict[str, House]) -> None:
    at, earlier = kickoff(5), datetime.now(UTC) - timedelta(minutes=30)
    houses["alpha"].commit([listing("1", "Flamengo", "Santos", at, RESULT)], at=earlier)
    houses["alpha"].commit([listing("1", "Flamengo", "Santos", at, {**RESULT, "match_result:home": 2.4})])
    page = client.get("/").text
    href = re.search(r'href="(/match/[^"#]+)#movement"', page)
    assert href is not None
    chart = client.get(unescape(href.group(1))).text
    assert '<path class="line' in chart
    assert chart.count("2,40") >= 2
    assert client.get("/match/999999").status_code == 404


def test_an_offer_in_an_address() -> None:
    offer = Offer("handicap", "first_half", -0.25, "away", "standard", "lay")
    query = dict(part.split("=") for part in offer_query(offer).split("&"))
    assert read_offer(query) == offer
    assert read_offer({**query, "line": "nan"}) is None
    assert read_offer({**query, "market": "<script>"}) is None


def document(name: str, folder: Path, *, valid_s: float = 60, **content: Any) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    times = {"generated_at": now.isoformat(), "valid_until": (now + timedelta(seconds=valid_s)).isoformat()}
    (folder / name).write_bytes(orjson.dumps({"version": 1, "sequence": 7, **times, **content}))


def leg(bookmaker: str, selection: str, price: float) -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat()
    return {
        "bookmaker": bookmaker,
        "family": bookmaker,
        "market": "moneyline",
        "line": None,
        "selection": selection,
        "side": "back",
        "rules": "standard",
        "price": price,
        "stake": 50.0,
        "outlay": 50.0,
        "last_seen": moment,
        "last_changed": moment,
        "url": f"https://{bookmaker}.example/1",
    }


def surebet() -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat()
    league = {"key": "nba", "name": "NBA", "country": "USA"}
    match = {"match_id": 1, "sport": "basketball", "league": league, "home": "Heat", "away": "Bulls"}
    return {
        "key": "1|match|x",
        "match": {**match, "starts_at": kickoff(5).isoformat()},
        "period": "match",
        "edge": 0.05,
        "outlay": 100.0,
        "worst": 5.0,
        "best": 5.0,
        "opened_at": moment,
        "confirmed_at": None,
        "legs": [leg("alpha", "home", 2.1), leg("gamma", "away", 2.1)],
    }


def test_surebets_as_long_as_the_document_holds(client: httpx.Client, published: Path) -> None:
    assert "Nada foi publicado ainda" in client.get("/surebets").text
    document("surebets.json", published, surebets=[surebet()])
    page = client.get("/surebets").text
    assert "5,00%" in page
    assert 'href="https://gamma.example/1"' in page
    calculator = re.search(r'href="(/calculator[^"]+)"', page)
    assert calculator is not None
    assert "5,00" in client.get(unescape(calculator.group(1))).text
    document("surebets.json", published, valid_s=-1, surebets=[surebet()])
    stale = client.get("/surebets").text
    assert "já não vale" in stale
    assert "gamma.example" not in stale


def test_a_part_that_did_not_change_is_not_sent(client: httpx.Client, published: Path) -> None:
    document("surebets.json", published, surebets=[])
    part = client.get("/surebets/part")
    again = client.get("/surebets/part", headers={"if-none-match": part.headers["etag"]})
    assert (part.status_code, again.status_code) == (200, 304)


def test_a_document_that_cannot_be_read_is_an_error_page(client: httpx.Client, published: Path) -> None:
    (published / "surebets.json").write_text("{")
    answer = client.get("/surebets")
    assert answer.status_code == 503
    assert "Traceback" not in answer.text


def test_the_calculator_says_what_it_cannot_read(client: httpx.Client) -> None:
    page = client.get("/calculator?kind=split&price1=2,10&price2=abc&amount=100").text
    assert 'aria-invalid="true"' in page
    assert "não é um número" in page
    good = client.get("/calculator?kind=split&price1=2,10&price2=2.10&amount=100").text
    assert "50,00" in good
    assert "5,00%" in good

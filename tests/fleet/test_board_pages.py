"""The odds board in a real browser, while scrapers, generator and dashboard are at work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import orjson
import pytest
from playwright.sync_api import Browser, expect

from tests.support.postgres import TestServer, open_folder
from tests.support.scraping import free_port, until, workplace
from tests.support.screen import Look, Screen, browser, screen

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(400)]

SLUGS = ("kto", "betano", "superbet")
PAGES = {
    "board": "/",
    "basketball": "/?sport=basketball",
    "surebets": "/surebets",
    "duplo-green": "/duplo-green",
    "calculator": "/calculator",
    "free-bet": "/calculator?kind=free&outcomes=three",
}
SEVERAL_LOOKS = {"board", "surebets", "calculator"}
"""One of each kind of page; in light all are looked at."""


@pytest.fixture(scope="module")
def address(postgres_server: TestServer) -> Iterator[str]:
    """The dashboard of a fleet at work."""
    with open_folder() as folder, workplace(postgres_server, folder) as place, ExitStack() as running:
        for slug in SLUGS:
            running.enter_context(place.scraper(slug))
        running.enter_context(place.start("run_json_generator.py"))
        port = free_port()
        dashboard = running.enter_context(place.start("run_dashboard.py", DASHBOARD_PORT=str(port)))
        published = folder / "var" / "public" / "odds.json"
        until(lambda: published.exists() and offering(orjson.loads(published.read_bytes())) == len(SLUGS))
        until(lambda: "serving" in dashboard.messages())
        yield f"http://127.0.0.1:{port}"


def offering(odds: dict[str, list[dict[str, int]]]) -> int:
    return sum(1 for bookmaker in odds["bookmakers"] if bookmaker["prices"])


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def reader(chromium: Browser, address: str) -> Iterator[Screen]:
    """A window of somebody who is not logged in."""
    with screen(chromium, address) as shown:
        yield shown


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_every_page_reads_well(chromium: Browser, address: str, look: Look) -> None:
    with screen(chromium, address, look) as shown:
        for name, path in PAGES.items():
            if look == "light" or name in SEVERAL_LOOKS:
                shown.visit(path, name)
        shown.visit("/")
        shown.page.locator("h3 a").first.click()
        shown.page.wait_for_url("**/match/*")
        shown.check("match")


def test_prices_stand_side_by_side_with_links_to_bet(reader: Screen) -> None:
    reader.visit("/")
    card = reader.page.locator("#cards section").filter(has_text="KTO").filter(has_text="Betano").first
    expect(card.locator("tbody tr").first).to_contain_text("1")
    link = card.locator("thead a", has_text="KTO").get_attribute("href")
    assert link is not None
    assert link.startswith("https://")
    assert card.locator("time[data-seen]").count() >= 2
    assert reader.page.locator(".price.best").count() > 0


def test_filters_stay_in_the_address(reader: Screen) -> None:
    reader.visit("/")
    page = reader.page
    page.locator("summary", has_text="Casas").click()
    page.get_by_label("KTO").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Mostrar").click()
    assert "bookmaker=kto" in page.url
    expect(page.locator("#cards thead a").first).to_have_text("KTO")
    assert set(page.locator("#cards thead a").all_inner_texts()) == {"KTO"}
    name = page.locator("h3 bdi").first.inner_text()
    page.get_by_label("Time").fill(name)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert all(name in title for title in page.locator("#cards h3").all_inner_texts())
    page.get_by_role("link", name="Limpar").click()
    page.wait_for_url("**/")


def test_the_board_stays_true_while_it_is_open(reader: Screen) -> None:
    reader.visit("/")
    page = reader.page
    before = page.locator("#cards input[name=have]").evaluate_all("all => all.map(one => one.value)")

    def moved() -> bool:
        with page.expect_response("**/board/live*") as answer:
            page.evaluate("htmx.trigger(document.body, 'looked')")
        assert answer.value.ok
        expect(page.locator("#seen")).to_have_attribute("data-now", re.compile(r"\d"))
        return page.locator("#cards input[name=have]").evaluate_all("all => all.map(one => one.value)") != before

    until(moved, within_s=60)
    ages = page.locator("#cards time[data-seen]").evaluate_all("all => all.map(one => Number(one.dataset.age))")
    assert max(ages) < 60


def test_the_movement_of_a_selection_is_drawn(reader: Screen) -> None:
    reader.visit("/")
    reader.page.locator("#cards tbody th a").first.click()
    reader.page.wait_for_url("**#movement")
    expect(reader.page.locator("#movement svg.chart path.line").first).to_be_attached()
    reader.page.get_by_role("navigation", name="Período").get_by_role("link", name="3 d").click()
    reader.page.wait_for_url("**hours=72**")
    reader.check("movement")


def test_calculators_are_shared_by_their_link(chromium: Browser, reader: Screen, address: str) -> None:
    reader.visit("/calculator")
    page = reader.page
    page.get_by_label("Odd 1").fill("2,20")
    page.get_by_label("Odd 2").fill("2,20")
    page.get_by_role("button", name="Calcular").click()
    expect(page.locator("caption")).to_contain_text("10,00")
    with screen(chromium, address) as friend:
        friend.visit(page.url.removeprefix(address))
        expect(friend.page.locator("caption")).to_contain_text("10,00")


def test_a_reader_is_notified_of_new_surebets_on_request(chromium: Browser, address: str) -> None:
    with screen(chromium, address) as shown:
        page = shown.page
        page.context.grant_permissions(["notifications"])
        page.add_init_script(
            "window.told = []; window.Notification = class { constructor(title) { told.push(title); } "
            "static permission = 'granted'; static async requestPermission() { return 'granted'; } };"
        )
        shown.visit("/surebets")
        button = page.locator("#notify")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        part = (
            '<section class="match panel" data-key="new"><strong class="edge">3,10%</strong>'
            "<h3><bdi>A</bdi> × <bdi>B</bdi></h3></section>"
        )
        page.route("**/surebets/part", lambda route: route.fulfill(body=part, content_type="text/html"))
        page.evaluate("htmx.trigger(document.body, 'looked')")
        until(lambda: page.evaluate("told") == ["Surebets: 3,10%"])
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")

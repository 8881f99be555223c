"""The operator's pages in a real browser, over what real scrapers brought from the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
import pytest
from playwright.sync_api import Browser, expect

from store.postgres import PostgresBackend
from tests.support.operator import TOKEN
from tests.support.postgres import TestServer, open_folder
from tests.support.queue import HandWorker, enqueue
from tests.support.scraping import Workplace, free_port, until, workplace
from tests.support.screen import Look, Screen, browser, screen

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(240)]

SLUGS = ("kto", "superbet")
FAILING = "br4bet"
LOGO = "https://logo.example/flamengo.svg"
FIRST_VIEW_BYTES = 100_000
MEMORY_MB = 90
"""Aimed at: 70. With some room for another machine's libraries."""

PAGES = {
    "status": "/admin/scraper-status",
    "scraper": "/admin/scraper-status/kto",
    "coverage": "/admin/coverage",
    "waiting": "/admin/matching",
    "spellings": "/admin/matching/spellings",
    "duplicates": "/admin/matching/duplicates",
    "reviews": "/admin/matching/reviews",
    "teams": "/admin/matching/teams?q=a",
    "team": "/admin/matching/teams/1",
    "leagues": "/admin/matching/leagues",
    "bookmakers": "/admin/matching/bookmakers",
    "executions": "/admin/etl",
    "execution-processes": "/admin/etl/services",
    "execution-logs": "/admin/etl/logs",
    "jobs": "/admin/jobs",
    "job": "/admin/jobs/job?id=1",
    "cause": "/admin/jobs/cause?fingerprint=f-page",
    "requeue": "/admin/jobs/dead?verdict=requeue&fingerprint=f-page",
    "alerts": "/admin/alerts",
    "audit": "/admin/audit",
}

SEVERAL_LOOKS = {"status", "scraper", "coverage", "waiting", "spellings", "team", "alerts", "jobs"}
"""One of each kind of page; in light all are looked at."""

LINKED = """
    select from bookmaker_events e join bookmakers b using (bookmaker_id)
    where b.slug = %s and e.match_id is not null and e.starts_at > now() limit 1
"""
WAITS = """
    with unlinked as (
      update bookmaker_events set match_id = null where event_id in (
        select max(event_id) from bookmaker_events e join bookmakers b using (bookmaker_id)
        where b.slug = 'superbet' and e.match_id is not null and e.starts_at > now())
      returning event_id, home_name, away_name
    )
    insert into unmatched_events (event_id, reason, candidates)
    select u.event_id, 'uncertain',
           jsonb_build_array(jsonb_build_object('match_id', m.match_id, 'home', 'x', 'away', 'y'))
    from unlinked u, lateral (select match_id from matches order by starts_at desc limit 1) m
    on conflict (event_id) do update set candidates = excluded.candidates
"""
"""One event waits, with a match as its candidate."""

TWICE = """
    insert into teams (sport, name, folded, category, country)
    select sport, name, folded, category, country || 'Elsewhere' from teams order by team_id limit 2
"""
"""Two teams look like two others: of one name, where the country of one is not known."""


@dataclass(frozen=True)
class Running:
    """The pages of a database that real scrapers filled."""

    place: Workplace
    address: str
    pid: int


@pytest.fixture(scope="module")
def running(postgres_server: TestServer) -> Iterator[Running]:
    """Some scrapers ran, one of them in vain; the files are published; the dashboard is up."""
    with open_folder() as folder, workplace(postgres_server, folder) as place:
        place.fault(FAILING, "challenge_403")
        with place.scraper(SLUGS[0]), place.scraper(SLUGS[1]), place.scraper(FAILING):
            for slug in SLUGS:
                until(lambda slug=slug: place.rows(LINKED, slug))
            until(lambda: place.status(FAILING)["outcome"] == "blocked")
        published = folder / "var" / "public" / "coverage.json"
        with place.start("run_json_generator.py"):
            until(lambda: published.exists() and orjson.loads(published.read_bytes())["bookmakers"])
        place.database.execute(WAITS)
        place.database.execute(TWICE)
        fire_an_alert(place)
        give_up_a_job(place)
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        with place.start("run_dashboard.py", ADMIN_TOKEN=TOKEN, DASHBOARD_PORT=str(port)) as dashboard:
            until(lambda: answers(address), what=dashboard.messages)
            yield Running(place, address, dashboard.pid)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def fire_an_alert(place: Workplace) -> None:
    place.database.execute(
        "insert into alerts (key, topic, subject, rule, severity, phase, title, since, fired_at) values "
        "('scraper/br4bet', 'scraper', 'br4bet', 'blocked', 'error', 'firing', 'Br4bet: bloqueado', now(), now())"
    )


def give_up_a_job(place: Workplace) -> None:
    """One job died, one runs, one waits that nobody takes; their arguments are long words."""
    backend = PostgresBackend(place.url)
    worker = HandWorker(
        backend, "default", kinds=[{"kind": "import_round", "queue": "default", "cron": "0 5 * * *"}]
    )
    enqueue(backend, *({"kind": "import_round", "args": {"league": "x" * 300}} for _ in range(2)))
    died, _ = worker.take()
    worker.bury(died, "<b>" + "PayloadShapeError" * 40, "f-page", "at " + "y" * 2000)
    enqueue(backend, {"kind": "import_fixtures", "queue": "browser"})
    backend.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def operator(chromium: Browser, running: Running) -> Iterator[Screen]:
    """A window whose reader is logged in."""
    with screen(chromium, running.address) as shown:
        log_in(shown)
        yield shown


def log_in(shown: Screen) -> None:
    shown.visit("/login")
    shown.page.get_by_label("Seu nome").fill("Ana")
    shown.page.get_by_label("ADMIN_TOKEN").fill(TOKEN)
    shown.page.get_by_role("button", name="Entrar").click()
    shown.page.wait_for_url("**/admin/scraper-status")


def test_the_login_refuses_and_lets_in(chromium: Browser, running: Running) -> None:
    with screen(chromium, running.address) as shown:
        page = shown.page
        shown.visit("/login", "login")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Ir para o conteúdo")).to_be_focused()
        page.get_by_label("ADMIN_TOKEN").fill("not it")
        page.get_by_role("button", name="Entrar").click()
        expect(page.get_by_role("alert")).to_have_text("O token não confere.")
        assert shown.complaints == [
            "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
        ], "that is how a browser takes a refusal"
        shown.complaints.clear()
        log_in(shown)
        page.get_by_role("button", name="Sair").click()
        page.wait_for_url(f"{running.address}/")


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_every_page_reads_well(chromium: Browser, running: Running, look: Look) -> None:
    with screen(chromium, running.address, look) as shown:
        log_in(shown)
        for name, path in PAGES.items():
            if look == "light" or name in SEVERAL_LOOKS:
                shown.visit(path, name)


def test_the_first_page_is_light(chromium: Browser, running: Running) -> None:
    with screen(chromium, running.address) as shown:
        received: list[float] = []
        session = shown.page.context.new_cdp_session(shown.page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        log_in(shown)
        assert 10_000 < sum(received) < FIRST_VIEW_BYTES


def test_the_table_is_filtered_sorted_and_stays_true(operator: Screen, running: Running) -> None:
    page = operator.page
    rows = page.locator("table.scrapers tbody tr")
    expect(rows).to_have_count(19)
    page.get_by_role("link", name="com problema").click()
    page.get_by_role("searchbox", name="Nome").fill("br4")
    page.get_by_role("button", name="Filtrar").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Br4bet")
    assert "status=problems" in page.url
    page.get_by_role("link", name="Coletor", exact=True).click()
    expect(page.get_by_role("columnheader", name="Coletor")).to_have_attribute("aria-sort", "ascending")
    running.place.database.execute(
        # Ages of more than two minutes would count on by the minute.
        "update scraper_status set last_error = 'fresh words', last_heartbeat = now() where scraper_name = 'br4bet'"
    )
    page.evaluate("setInterval(() => htmx.trigger(document.body, 'looked'), 500)")  # sooner than by itself
    expect(rows.first).to_contain_text("fresh words")
    age = page.locator("table.scrapers time").first
    before = age.text_content()
    expect(age).not_to_have_text(str(before))  # it counts on by itself
    page.get_by_role("link", name="Br4bet", exact=True).click()
    expect(page.get_by_role("heading", name="Br4bet")).to_be_visible()


def test_a_page_that_is_not_live_any_more_says_so(operator: Screen) -> None:
    page = operator.page
    page.route("**/admin/parts/**", lambda route: route.abort())
    page.evaluate("htmx.trigger(document.body, 'looked')")
    expect(page.get_by_role("status")).to_contain_text("Sem contato com o servidor")
    page.unroute("**/admin/parts/**")
    with page.expect_response("**/admin/parts/**"):
        page.evaluate("htmx.trigger(document.body, 'looked')")
    expect(page.locator(".banner.stale")).to_be_hidden()
    assert all("ERR_FAILED" in complaint or "htmx:" in complaint for complaint in operator.complaints)
    operator.complaints.clear()


def test_what_failed_is_seen(operator: Screen) -> None:
    page = operator.page
    operator.visit(f"/admin/scraper-status/{FAILING}", "failing")
    page.get_by_role("link", name="ver ").click()
    expect(page.get_by_role("heading", name="Resposta guardada: bloqueado")).to_be_visible()
    operator.check("failure")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Salvar o arquivo").click()
    assert saved.value.suggested_filename == f"{FAILING}-blocked.body"
    operator.visit("/admin/scraper-status/kto?hours=168")
    page.get_by_role("link", name="6 h", exact=True).click()
    expect(page.locator("svg.chart path.curve")).to_have_count(1)


def test_alerts_are_acknowledged_and_silenced(operator: Screen) -> None:
    page = operator.page
    operator.visit("/admin/alerts")
    page.locator("summary", has_text="Agir").click()
    page.get_by_label("Observação").fill("já vi")
    page.get_by_role("button", name="Dar ciência").click()
    expect(page.get_by_role("status").first).to_contain_text("Ciência registrada")
    expect(page.get_by_text("ciente: Ana")).to_be_visible()
    page.get_by_label("Alertas", exact=True).fill("scraper/*")
    page.get_by_label("Por").last.select_option(label="8 h")
    page.get_by_role("button", name="Silenciar").click()
    expect(page.get_by_role("heading", name="Silêncios em vigor")).to_be_visible()
    operator.check("silenced")
    page.get_by_role("button", name="Encerrar").click()
    expect(page.get_by_role("heading", name="Silêncios em vigor")).to_have_count(0)


def test_a_job_is_started_and_one_given_up_goes_back(operator: Screen) -> None:
    page = operator.page
    operator.visit("/admin/jobs")
    page.get_by_label("Temporadas no máximo").fill("3")
    page.get_by_role("button", name="Iniciar: importar jogos").click()
    expect(page.get_by_role("status").first).to_contain_text("na fila")
    page.locator("a[href*='cause?']").click()
    page.get_by_role("checkbox", name="Escolher a tarefa 1").check()
    page.get_by_role("button", name="Devolver à fila").click()
    expect(page.get_by_role("heading", name="Devolver 1 à fila?")).to_be_visible()
    page.get_by_role("button", name="Devolver 1").click()
    expect(page.get_by_role("status").first).to_contain_text("Devolvidas à fila: 1.")
    expect(page.get_by_text("Nenhuma tarefa morta.")).to_be_visible()


def test_verdicts_are_given_and_taken_back(operator: Screen, running: Running) -> None:
    page = operator.page
    operator.visit("/admin/matching")
    case = page.get_by_role("article").filter(has=page.get_by_role("button", name="É esta")).first
    case.get_by_role("link", name="Por que não?").click()
    expect(page.get_by_role("heading", name="Passo a passo")).to_be_visible()
    operator.check("diagnosis")
    page.get_by_label("Motivo").first.fill("os mesmos")
    page.get_by_role("button", name="É esta").first.click()
    expect(page.get_by_role("status").first).to_contain_text("gravada")
    page.get_by_role("link", name="Ver o que mudou").click()
    expect(page.get_by_role("heading", name="O que a decisão")).to_be_visible()
    operator.check("effects")
    page.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_text("desfeita pela").first).to_be_visible()

    for tab, button in (("spellings", "Confirmar"), ("spellings", "Rejeitar"), ("duplicates", "São um só")):
        operator.visit(f"/admin/matching/{tab}")
        page.get_by_role("button", name=button).first.click()
        expect(page.get_by_role("status").first).to_contain_text("gravada")
        page.get_by_role("button", name="Desfazer").first.click()
        page.wait_for_url("**/reviews?done=*")
    operator.visit("/admin/matching/duplicates")
    page.get_by_role("button", name="São dois").first.click()
    expect(page.get_by_role("status").first).to_contain_text("gravada")
    undone = running.place.rows("select count(*)::int as n from catalogue_reviews where undone_by is not null")
    assert undone == [{"n": 4}]


def test_the_catalogue_is_corrected(operator: Screen, running: Running) -> None:
    page = operator.page
    page.route(
        LOGO,
        lambda route: route.fulfill(body="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml"),
    )
    operator.visit("/admin/matching/teams")
    page.get_by_role("searchbox").fill("flamengo")
    page.get_by_role("button", name="Procurar").click()
    page.locator("tbody a").first.click()
    page.get_by_label("Nome", exact=True).fill("Clube Flamengo")
    page.get_by_label("Logo").fill(LOGO)
    page.get_by_role("button", name="Gravar").click()
    expect(page.get_by_role("heading", name="Clube Flamengo")).to_be_visible()
    page.get_by_label("Outra grafia").fill("Mengão do teste")
    page.get_by_role("button", name="Acrescentar").click()
    expect(page.get_by_role("rowheader", name="Mengão do teste")).to_be_visible()
    operator.visit("/admin/matching/leagues")
    page.get_by_label("Nome nba").fill("N.B.A.")
    page.get_by_role("button", name="Gravar nba").click()
    expect(page.get_by_role("rowheader", name="N.B.A.")).to_be_visible()
    written = running.place.rows("select action from dashboard_audit where result = 'done' and action ~ 'edit$'")
    assert {row["action"] for row in written} == {"team.edit", "league.edit"}


def test_language_and_theme_are_chosen_and_kept(operator: Screen) -> None:
    page = operator.page
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Scrapers", exact=True)).to_be_visible()
    page.get_by_role("link", name="Theme: auto").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert "lang=" not in page.url
    assert "theme=" not in page.url
    operator.visit("/admin/alerts")
    expect(page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_memory_stays_small(running: Running) -> None:
    used: Any = psutil.Process(running.pid).memory_full_info()
    assert used.pss / 1e6 < MEMORY_MB


def test_screenshots_are_kept() -> None:
    from tests.support.screen import PICTURES

    pictures: list[Path] = list(PICTURES.glob("*.png"))
    assert len(pictures) >= len(PAGES) + 2 * len(SEVERAL_LOOKS)

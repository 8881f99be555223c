"""Who may enter and who may write: without the token nobody, and nobody in another's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from starlette.routing import Route

from dashboard.admin import routes as admin_routes
from dashboard.app import create_app
from dashboard.config import DashboardConfig
from dashboard.security.headers import SECURITY_HEADERS
from dashboard.security.sessions import COOKIE, Gate
from dashboard.security.throttle import LoginThrottle
from store.postgres import PostgresBackend
from tests.support.dashboard import ServedPages, served_pages
from tests.support.operator import TOKEN, Operator, csrf_of, send_login

VALUES = {"slug": "alpha", "outcome": "blocked", "league_key": "nba", "name": "odds.json"}
"""What stands for a parameter of a path; numbers otherwise."""


def address_of(route: Route) -> str:
    return route.path_format.format(**{name: VALUES.get(name, 1) for name in route.param_convertors})


def routes_of(routes: list[Route], method: str) -> list[Route]:
    found = [route for route in routes if method in (route.methods or ())]
    assert found
    return found


def audit(backend: PostgresBackend) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = backend.call("audit_page", {"p_before_id": None, "p_limit": 100})
    return rows


@contextmanager
def reader(backend: PostgresBackend, config: DashboardConfig) -> Iterator[httpx.Client]:
    with served_pages(backend, config) as pages:
        yield pages.client


def test_no_admin_page_without_the_token(client: httpx.Client) -> None:
    for route in routes_of(admin_routes, "GET"):
        answer = client.get(address_of(route))
        assert (answer.status_code, "ADMIN_TOKEN" in answer.text) == (401, True), route.path


@pytest.mark.parametrize(
    "path", ["/%61dmin/audit", "//admin/audit", "/admin%2faudit", "/ADMIN/audit", "/x/../admin/audit"]
)
def test_no_other_way_to_write_the_address(client: httpx.Client, path: str) -> None:
    answer = client.send(httpx.Request("GET", httpx.URL(client.base_url).copy_with(raw_path=path.encode())))
    assert answer.status_code in (401, 404)
    assert "Auditoria</h1>" not in answer.text


def test_no_write_without_the_token(client: httpx.Client, backend: PostgresBackend) -> None:
    for route in routes_of(admin_routes, "POST"):
        answer = client.post(address_of(route), data={"csrf": "x", "verdict": "accept", "reason": "because"})
        assert answer.status_code == 401, route.path
    assert audit(backend) == []


def test_no_write_without_a_token_of_the_session(operator: Operator, backend: PostgresBackend) -> None:
    other = Gate("another-secret")
    forged = other.form_token(other.enter(httpx_response(), "Eva", secure=False))
    before = audit(backend)
    for route in routes_of(admin_routes, "POST"):
        for token in ("", "x", forged):
            answer = operator.client.post(address_of(route), data={"csrf": token, "verdict": "accept"})
            assert (answer.status_code, "Nada foi gravado" in answer.text) == (403, True), route.path
    assert audit(backend) == before


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
    ids=["other-origin", "no-origin", "cross-site"],
)
def test_no_write_from_another_site(operator: Operator, backend: PostgresBackend, headers: dict[str, str]) -> None:
    form = {"csrf": operator.token(), "pattern": "*", "minutes": "30"}
    answer = operator.client.post("/admin/alerts/silence", data=form, headers=headers)
    assert (answer.status_code, "outro site" in answer.text) == (403, True)
    assert [row["action"] for row in audit(backend)] == ["login"]
    assert operator.client.post("/admin/alerts/silence", data=form).status_code == 303


def test_a_forged_cookie_is_nobody(client: httpx.Client) -> None:
    answer = httpx_response()
    Gate("another-secret").enter(answer, "Eva", secure=False)
    foreign = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    send_login(client, TOKEN)
    mine = client.cookies[COOKIE]
    for cookie in (foreign, mine[:-2] + "xx", mine + "x", "", "x.y.z"):
        client.cookies.set(COOKIE, cookie, domain="127.0.0.1")
        assert client.get("/admin/audit", headers={"cookie": f"{COOKIE}={cookie}"}).status_code == 401


def test_cookies_are_kept_from_scripts_and_other_sites(client: httpx.Client) -> None:
    answer = send_login(client, TOKEN)
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(COOKIE))
    assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "secure" not in cookie.lower()
    forwarded = {"x-forwarded-proto": "https"}
    form = client.get("/login", headers=forwarded)
    token = {"csrf": csrf_of(form.text), "token": TOKEN}
    visit = form.headers["set-cookie"].partition(";")[0]  # a Secure one, which this client keeps to itself
    behind_tls = client.post("/login", data=token, headers={**forwarded, "cookie": visit})
    cookies = behind_tls.headers.get_list("set-cookie")
    assert "secure" in next(cookie for cookie in cookies if cookie.startswith(COOKIE)).lower()


def test_a_login_leads_back_and_never_elsewhere(client: httpx.Client) -> None:
    refused = client.get("/admin/alerts?about=scraper/kto")
    assert 'name="next" value="/admin/alerts?about=scraper%2Fkto"' in refused.text
    for target, leads_to in {
        "/admin/audit": "/admin/audit",
        "https://evil.example/": "/admin/scraper-status",
        "//evil.example/": "/admin/scraper-status",
        "/\\evil.example": "/admin/scraper-status",
        "/x\r\nSet-Cookie: a=b": "/admin/scraper-status",
    }.items():
        assert send_login(client, TOKEN, next=target).headers["location"] == leads_to


def test_logging_out_ends_it(operator: Operator) -> None:
    assert operator.send("/logout").status_code == 303
    assert operator.client.get("/admin/audit").status_code == 401


def test_a_login_needs_a_form_of_ours(client: httpx.Client) -> None:
    form = client.get("/login")
    client.cookies.clear()
    assert client.post("/login", data={"csrf": csrf_of(form.text), "token": TOKEN}).status_code == 403
    assert client.post("/login", json={"token": TOKEN}).status_code == 403
    large = client.post("/login", data={"token": "x" * 70_000})
    assert (large.status_code, "64 kB" in large.text) == (403, True)


def test_wrong_tokens_are_counted_and_slowed_down(client: httpx.Client, backend: PostgresBackend) -> None:
    for _ in range(5):
        answer = send_login(client, "not it")
        assert (answer.status_code, "não confere" in answer.text) == (401, True)
    answer = send_login(client, TOKEN)
    assert answer.status_code == 429, "the right token waits, too: else trying would go on"
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert client.get("/metrics", headers={"authorization": "Bearer not it"}).status_code == 429
    assert audit(backend) == []


def test_throttling_is_by_address_and_in_all() -> None:
    now = [0.0]
    throttle = LoginThrottle(per_address=2, overall=3, per_s=60, clock=lambda: now[0])
    for _ in range(2):
        assert throttle.wait_s("a") == 0
        throttle.failed("a")
    assert throttle.wait_s("a") == 30
    assert throttle.wait_s("b") == 0
    throttle.failed("b")
    assert throttle.wait_s("c") == 20, "too many in all"
    now[0] = 20.0
    assert (throttle.wait_s("a"), throttle.wait_s("c")) == (10, 0)
    now[0] = 30.0
    assert throttle.wait_s("a") == 0


def test_the_token_itself_reads_and_never_writes(client: httpx.Client, backend: PostgresBackend) -> None:
    mine = {"authorization": f"Bearer {TOKEN}"}
    assert client.get("/admin/audit", headers=mine).status_code == 200
    assert client.get("/admin/audit", headers={"authorization": "Bearer not it"}).status_code == 401
    written = client.post("/admin/alerts/silence", data={"pattern": "*", "minutes": "30"}, headers=mine)
    assert written.status_code == 401
    assert audit(backend) == []


def test_without_a_token_set_admin_says_how_to_set_one(backend: PostgresBackend, config: DashboardConfig) -> None:
    with reader(backend, replace(config, admin_token=None)) as client:
        for path in ("/admin/scraper-status", "/login"):
            answer = client.get(path)
            assert (answer.status_code, "openssl rand -hex 24" in answer.text) == (403, True)
        assert client.post("/login", data={"token": ""}).status_code == 403
        empty = {"authorization": "Bearer"}
        assert client.get("/admin/audit", headers=empty).status_code == 403
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("change", [{"host": "0.0.0.0"}, {"url": "https://odds.example"}], ids=["bound", "proxied"])
def test_beyond_loopback_everything_asks_who_is_there(
    backend: PostgresBackend, config: DashboardConfig, change: dict[str, str]
) -> None:
    exposed = replace(config, **change)  # type: ignore[arg-type]
    open_to_all = {"/health", "/health/ready", "/login", "/static/{name}"}
    with reader(backend, exposed) as client:
        every: list[Any] = create_app(backend, exposed).routes
        for route in routes_of(every, "GET"):
            if route.path_format not in open_to_all:
                assert client.get(address_of(route)).status_code == 401, route.path
        assert client.get("/health").status_code == 200
        assert client.get("/feed/odds.json").headers["www-authenticate"] == "Bearer"
        Operator(client)
        assert client.get("/").status_code == 200
    with reader(backend, replace(exposed, admin_token=None)) as client:
        assert client.get("/").status_code == 403
        assert client.get("/health").status_code == 200


def test_another_name_for_this_machine_is_refused(backend: PostgresBackend, config: DashboardConfig) -> None:
    with reader(backend, replace(config, url="https://odds.example")) as client:
        for host, status in {
            "evil.example": 421,
            "127.0.0.1.evil.example": 421,
            "": 421,
            "localhost:9": 200,
            "[::1]:8080": 200,
            "192.168.0.7": 200,
            "odds.example": 200,
            "ODDS.example:443": 200,
        }.items():
            assert client.get("/health", headers={"host": host}).status_code == status, host


def test_every_answer_carries_the_headers(operator: Operator) -> None:
    for path, status in {
        "/": 200,
        "/admin/scraper-status": 200,
        "/no-such-page": 404,
        "/static/app.css": 200,
        "/feed/odds.json": 404,
        "/health": 200,
        "/metrics": 200,
    }.items():
        answer = operator.client.get(path)
        assert answer.status_code == status, path
        assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, path
    policy = operator.client.get("/").headers["content-security-policy"]
    assert "unsafe" not in policy


def test_pages_hold_nothing_inline(operator: Operator) -> None:
    for path in ("/", "/admin/scraper-status", "/admin/alerts", "/admin/matching", "/admin/coverage", "/login"):
        page = operator.client.get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert "onclick" not in page
        assert "http://cdn" not in page


def test_what_fails_is_told_without_a_trace(pages: ServedPages, operator: Operator, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(
            "create or replace function public.audit_page(p_before_id bigint, p_limit integer) returns jsonb "
            'language sql as $$ select \'[{"at": "never"}]\'::jsonb $$'
        )
    page = operator.page("/admin/audit", status=500)
    assert "Algo falhou aqui" in page
    assert "Traceback" not in page
    assert "KeyError" not in page
    assert pages.site.traffic.failures == 1


def httpx_response() -> Any:
    """A response that cookies can be put on."""
    from starlette.responses import Response

    return Response()

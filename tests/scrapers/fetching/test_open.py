"""Which fetcher a bookmaker gets, and what that costs in imports."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from scrapers.declarations import Bookmaker
from scrapers.errors import BlockedError, DeclarationError, MissingSecretError
from scrapers.fetching.breaker import BreakerFetcher
from scrapers.fetching.open import open_fetcher
from scrapers.fetching.recorded import ReplayFetcher
from scrapers.records import PageRequest, Sport

from .web import Asked, Writer, always, response, serving

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Settings:
    """The settings that fetching reads."""

    odds_source: str
    data_dir: Path
    simulator_port: int = 1
    browser_path: Path | None = None
    browsers_at_once: int = 1
    response_max_mb: int = 1
    http_cache_max_mb: int = 1
    page_secrets: Mapping[str, str] = field(default_factory=dict)
    proxy_list: SecretStr | None = None


def acme(**more: Any) -> Bookmaker:
    """A bookmaker of our own."""
    declared: dict[str, Any] = {
        "slug": "acme",
        "name": "Acme",
        "platform": "altenar",
        "sports": (Sport.FOOTBALL,),
        "leagues": ("x",),
        "site": "https://www.acme.example",
    }
    return Bookmaker(**{**declared, **more})


def test_the_source_and_the_transport_decide(tmp_path: Path) -> None:
    async def kind(bookmaker: Bookmaker, source: str) -> type:
        fetcher = open_fetcher(bookmaker, settings=Settings(source, tmp_path))
        await fetcher.aclose()
        return type(fetcher)

    browser = acme(transport="browser", options={"session_page": "/esportes"})
    assert asyncio.run(kind(acme(), "live")) is BreakerFetcher
    assert asyncio.run(kind(acme(), "simulator")) is BreakerFetcher
    assert asyncio.run(kind(browser, "live")) is BreakerFetcher
    assert asyncio.run(kind(browser, f"replay:{tmp_path}")) is ReplayFetcher
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_process_left_behind_is_cleared_at_the_start(tmp_path: Path) -> None:
    left = tmp_path / "browsers" / "browser-1-aa"
    left.mkdir(parents=True)
    (left / "owner").write_text("1 0")
    browser = acme(transport="browser", options={"session_page": "/esportes"})
    fetcher = open_fetcher(browser, settings=Settings("live", tmp_path))
    asyncio.run(fetcher.aclose())
    assert not left.exists()


@pytest.mark.parametrize("wrong", [{}, {"options": {"session_page": "/x"}, "platform": "kambi"}])
def test_a_browser_needs_a_page_and_a_recipe(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="acme"):
        open_fetcher(acme(transport="browser", **wrong), settings=Settings("live", tmp_path))


def test_the_simulator_is_asked_in_place_of_the_host(tmp_path: Path) -> None:
    async def run() -> Asked:
        async with serving(always(response())) as web:
            fetcher = open_fetcher(acme(), settings=Settings("simulator", tmp_path, simulator_port=web.port))
            await fetcher.fetch(PageRequest("s", "https://api.example/list"))
            await fetcher.aclose()
            return web.asked[0]

    asked = asyncio.run(run())
    assert asked.target == "/api.example/list"
    assert asked.headers["x-fleet-bookmaker"] == "acme"


def test_the_simulator_gets_no_real_secret_and_a_real_host_none_that_is_missing(tmp_path: Path) -> None:
    request = PageRequest("s", "https://api.example/list", secrets=(("token", "ACME_TOKEN"),))

    async def run() -> list[str]:
        async with serving(always(response())) as web:
            for source, token in (("simulator", ""), ("simulator", "re4l"), ("live", "")):
                settings = Settings(source, tmp_path, web.port, page_secrets={"ACME_TOKEN": token})
                fetcher = open_fetcher(acme(), settings=settings)
                with nullcontext() if source == "simulator" else pytest.raises(MissingSecretError):
                    await fetcher.fetch(request)
                await fetcher.aclose()
            return [asked.target for asked in web.asked]

    assert asyncio.run(run()) == ["/api.example/list?token=simulated"] * 2


def test_what_outlives_a_process_lies_in_the_data_folder(tmp_path: Path) -> None:
    """The breaker, the host's turns, and answers to be asked about again: of a bookmaker that soon refuses."""
    refuses_from = 2

    async def run() -> list[Asked]:
        async def answer(asked: Asked, writer: Writer) -> None:
            good = len(web.asked) <= refuses_from
            writer.write(response(ETag='"v1"') if good else response(403, b"no"))

        async with serving(answer) as web:
            settings = Settings("simulator", tmp_path, web.port)
            refusals = []
            for _ in range(2):
                fetcher = open_fetcher(acme(), settings=settings)
                for _ in range(7):
                    try:
                        await fetcher.fetch(PageRequest("s", "https://api.example/list"))
                    except BlockedError as error:
                        refusals.append(str(error))
                await fetcher.aclose()
            assert ["not asked until" in refusal for refusal in refusals] == [False] * 5 + [True] * 7
            return web.asked

    assert "if-none-match" in asyncio.run(run())[1].headers
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/**/*.json")) == [
        "breakers/acme.json",
        "hosts/simulator/api.example.json",
    ]
    assert len(list((tmp_path / "http-cache" / "acme").glob("*.body"))) == 1


def test_a_machine_without_chromium_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapers.fetching.chromium.find_chromium", lambda configured=None: None)
    browser = acme(transport="browser", options={"session_page": "/esportes"})

    async def run() -> None:
        async with serving(always(response(403, b"no"))) as web:
            settings = Settings("simulator", tmp_path, simulator_port=web.port)
            fetcher = open_fetcher(browser, settings=settings)
            with pytest.raises(BlockedError, match=r"^no Chromium.*install_browser\.sh") as caught:
                await fetcher.fetch(PageRequest("s", "https://api.example/list"))
            assert (caught.value.status, caught.value.body) == (403, b"no")
            await fetcher.aclose()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("source", "transport", "absent"),
    [
        ("live", "http", "playwright psutil"),
        ("live", "browser", "playwright psutil"),
        ("replay:.", "http", "playwright psutil httpx"),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(source: str, transport: str, absent: str) -> None:
    program = f"""
import asyncio, sys
from pathlib import Path
from types import SimpleNamespace
from scrapers.fetching.open import open_fetcher
bookmaker = SimpleNamespace(slug="acme", platform="altenar", transport={transport!r}, interval_s=30,
                            requests_per_s=5, burst=3, proxy_tiers=("direct",),
                            site="https://acme.example", options={{"session_page": "/x"}})
settings = SimpleNamespace(odds_source={source!r}, data_dir=Path("/nonexistent"), simulator_port=1,
                           browser_path=None, browsers_at_once=1, response_max_mb=1,
                           http_cache_max_mb=1, page_secrets={{}}, proxy_list=None)
fetcher = open_fetcher(bookmaker, settings=settings)
asyncio.run(fetcher.aclose())
loaded = [name for name in {absent!r}.split() if name in sys.modules]
sys.exit(f"imported: {{loaded}}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_refused_bookmaker_gets_its_session_from_its_own_page(tmp_path: Path, chromium: Path) -> None:
    """The whole way with a real browser: refusal, page, token, page of odds; then a restart without a browser."""
    script = "fetch('/sb2frontend.biahosted.com/api/widget/GetEvents', {headers: {authorization: 'tok-1'}})"
    brand_page = f"<!doctype html><title>Acme</title><script>{script}</script>".encode()

    async def answer(asked: Asked, writer: Writer) -> None:
        if asked.target == "/www.acme.example/esportes":
            writer.write(response(body=brand_page, Content_Type="text/html"))
        elif asked.headers.get("authorization") == "tok-1":
            writer.write(response(body=b'{"events": [1]}'))
        else:
            writer.write(response(401, b"token"))

    async def run() -> list[Asked]:
        async with serving(answer) as web:
            settings = Settings("simulator", tmp_path, simulator_port=web.port, browser_path=chromium)
            browser = acme(transport="browser", options={"session_page": "/esportes"})
            request = PageRequest("s", "https://sb2frontend.biahosted.com/api/widget/GetEvents")
            for _ in range(2):
                fetcher = open_fetcher(browser, settings=settings)
                page = await fetcher.fetch(request)
                assert page.body == b'{"events": [1]}'
                await fetcher.aclose()
            return web.asked

    asked = asyncio.run(run())
    assert [one.target for one in asked].count("/www.acme.example/esportes") == 1

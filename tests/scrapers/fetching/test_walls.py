"""Every kind of wall, as the simulated bookmakers put it up, passed by the real fetchers and a real browser."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from scrapers.fetching import Fetcher
from scrapers.fetching.open import open_fetcher
from scrapers.records import Page, PageRequest
from scrapers.registry import load_platform, load_registry
from simulator.faults import Kind
from simulator.server import Simulator
from simulator.truth import read_entries
from standalone.process import Stop
from standalone.run_simulator import HOST, listen, serve
from standalone.settings import Settings


@dataclass
class Guarded:
    """Simulated bookmakers that demand what their pages hand out; `refused` grows."""

    port: int
    folder: Path

    def refused(self) -> int:
        """How many requests for prices were refused so far."""
        entries = read_entries(self.folder / "served.jsonl")
        return sum(entry.fault == Kind.TOKEN_REQUIRED for entry in entries)

    def renew(self, slug: str, generation: int) -> None:
        """Let what the bookmaker's page handed out so far run out."""
        fault = {"bookmaker": slug, "kind": "token_required", "generation": generation}
        httpx.post(f"http://{HOST}:{self.port}/control/faults", json=fault).raise_for_status()


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder, listener, stop = tmp_path_factory.mktemp("simulator"), listen(0), Stop()
    guarded = Simulator(1, folder, guarded=True)

    def work() -> None:
        with listener:
            asyncio.run(serve(guarded, listener, stop))

    thread = threading.Thread(target=work)
    thread.start()
    yield Guarded(listener.getsockname()[1], folder)
    stop.set()
    thread.join(timeout=5)
    guarded.close()
    assert not thread.is_alive()


def lists(slug: str, *leagues: str) -> list[PageRequest]:
    """The bookmaker's requests for these leagues."""
    registry = load_registry()
    bookmaker = registry.bookmaker(slug)
    wanted = load_platform(bookmaker.platform).requests(bookmaker, [registry.leagues[key] for key in leagues])
    assert len(wanted) >= len(leagues)
    return wanted


def opened(slug: str, simulator: Guarded, data_dir: Path) -> Fetcher:
    """The bookmaker's fetcher, as a scraper opens it."""
    settings = Settings(_env_file=None, odds_source="simulator", simulator_port=simulator.port, data_dir=data_dir)
    return open_fetcher(load_registry().bookmaker(slug), settings=settings)


async def answered(fetcher: Fetcher, slug: str, requests: list[PageRequest]) -> None:
    """Ask for these at once; every answer must be a page of the bookmaker's platform that lists something."""
    platform = load_platform(load_registry().bookmaker(slug).platform)
    pages: list[Page] = await asyncio.gather(*map(fetcher.fetch, requests))
    for page in pages:
        parsed = platform.parse(page.body, fetched_at=page.fetched_at)
        assert parsed.kind in page.request.kinds


@pytest.mark.parametrize(
    ("slug", "leagues", "refusals", "afterwards"),
    [
        # A token, cookies, and an id that the page prints: after a restart plain HTTP does.
        ("aposta1", ("serie_a", "la_liga", "nba"), 1, "no browser"),
        ("sportingbet", ("serie_a", "la_liga"), 1, "no browser"),
        ("betbra", ("serie_a", "la_liga"), 1, "no browser"),
        # Cookies for football, the page itself for basketball: refused without, refused with, then asked there.
        ("betano", ("serie_a", "la_liga", "nba"), 3, "browser"),
        ("stake", ("serie_a", "la_liga"), 0, "browser"),
    ],
)
def test_a_wall_is_passed_and_after_a_restart_not_run_into_again(
    slug: str, leagues: tuple[str, ...], refusals: int, afterwards: str, folder: Path, simulator: Guarded
) -> None:
    requests = lists(slug, *leagues)

    async def run() -> None:
        refused_before = simulator.refused()
        fetcher = opened(slug, simulator, folder.parent)
        await answered(fetcher, slug, requests)
        await fetcher.aclose()
        assert simulator.refused() - refused_before == refusals
        again = opened(slug, simulator, folder.parent)
        await answered(again, slug, requests)
        assert (again.last_use is not None) == (afterwards == "browser")
        await again.aclose()
        assert simulator.refused() - refused_before == refusals

    asyncio.run(run())


@pytest.mark.parametrize("slug", ["mcgames", "sportingbet"])
def test_what_runs_out_within_a_cycle_is_renewed_in_it(slug: str, folder: Path, simulator: Guarded) -> None:
    async def run() -> None:
        fetcher = opened(slug, simulator, folder.parent)
        requests = lists(slug, "serie_a", "la_liga")
        await answered(fetcher, slug, requests)
        simulator.renew(slug, 1)
        await answered(fetcher, slug, requests)
        await fetcher.aclose()

    asyncio.run(run())


def test_bookmakers_of_one_brand_open_one_browser_and_one_to_renew_it(folder: Path, simulator: Guarded) -> None:
    leagues = {"br4bet": "serie_a", "br4bet_nba": "nba"}

    async def run() -> None:
        fetchers = {slug: opened(slug, simulator, folder.parent) for slug in leagues}
        for generation in (1, 2):
            uses = [fetcher.last_use for fetcher in fetchers.values()]
            await asyncio.gather(
                *(answered(fetcher, slug, lists(slug, leagues[slug])) for slug, fetcher in fetchers.items())
            )
            changed = [fetcher.last_use for fetcher in fetchers.values()]
            assert sum(before is not after for before, after in zip(uses, changed, strict=True)) == 1
            for slug in leagues:
                simulator.renew(slug, generation)
        for fetcher in fetchers.values():
            await fetcher.aclose()

    asyncio.run(run())

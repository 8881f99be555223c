"""Which fetcher a bookmaker gets: by where the odds come from, and by its transport."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from scrapers.fetching import Fetcher

if TYPE_CHECKING:
    from pydantic import SecretStr

    from scrapers.declarations import Bookmaker
    from scrapers.fetching.proxies import ProxyPool


SIMULATED_PER_S, SIMULATED_BURST = 200.0, 50
"""The simulator is one's own machine: its hosts have a rate and pauses like the real ones, far above theirs."""

SIMULATED_SECRET = "simulated"
"""Sent to the simulator in place of every key and token."""


class FetchSettings(Protocol):
    """The settings that fetching reads; `standalone.settings.Settings` has them."""

    @property
    def odds_source(self) -> str:
        """ "simulator", "live" or "replay:<folder>"."""

    @property
    def simulator_port(self) -> int:
        """Where the simulator listens on 127.0.0.1."""

    @property
    def data_dir(self) -> Path:
        """Where sessions and browser profiles are kept."""

    @property
    def browser_path(self) -> Path | None:
        """The Chromium to use; None finds one."""

    @property
    def browsers_at_once(self) -> int:
        """How many browsers this machine may have open."""

    @property
    def response_max_mb(self) -> int:
        """How long an answer may be, unpacked."""

    @property
    def http_cache_max_mb(self) -> int:
        """How much of a bookmaker's answers may be kept on disk to be asked about again; 0: none."""

    @property
    def page_secrets(self) -> Mapping[str, str]:
        """Keys and tokens for `PageRequest.secrets`, by the name of their setting; empty where not set."""

    @property
    def proxy_list(self) -> SecretStr | None:
        """The ways out, as `proxy_list.parse_proxies` reads them; None or empty: directly."""


def open_fetcher(bookmaker: Bookmaker, *, settings: FetchSettings) -> Fetcher:
    """The fetcher of `bookmaker`. Nothing is connected yet; close it with `aclose()`.

    A relative replay folder is taken from the working directory. For a bookmaker with transport "browser",
    browsers that a dead process left behind on this machine are ended.

    Modules are imported as they are needed: replaying needs no HTTP client, plain HTTP no psutil.

    Raises DeclarationError when the replay folder is missing, or when the bookmaker's transport is
    "browser" and it declares no `session_page`, or its platform has no recipe for a session.
    """
    kind, _, folder = settings.odds_source.partition(":")
    if kind == "replay":
        from scrapers.fetching.recorded import ReplayFetcher

        return ReplayFetcher(Path(folder), bookmaker.slug)

    from scrapers.fetching.breaker import BreakerFetcher, BreakerFile
    from scrapers.fetching.conditional import KeptAnswers
    from scrapers.fetching.hosts import HostFiles
    from scrapers.fetching.http import HttpFetcher, Limits, simulator_rewrite
    from scrapers.fetching.pace import Pace, Rate
    from scrapers.fetching.recipes import has_recipe

    proxies = _proxies(bookmaker, settings, kind)
    rewrite = simulator_rewrite(settings.simulator_port) if kind == "simulator" else None
    rate, hosts = Rate(bookmaker.requests_per_s, bookmaker.burst), settings.data_dir / "hosts"
    secrets = settings.page_secrets
    if rewrite is not None:
        rate, hosts = Rate(SIMULATED_PER_S, SIMULATED_BURST), hosts / "simulator"
        secrets = dict.fromkeys(secrets, SIMULATED_SECRET)
    pace = Pace(rate, HostFiles(hosts))
    kept_mb = settings.http_cache_max_mb
    limits = Limits(max_bytes=settings.response_max_mb * 1024 * 1024)
    transport = None
    if proxies is not None:
        from scrapers.fetching.proxy_transport import ProxyTransport

        transport = ProxyTransport(http2=rewrite is None)
    plain = HttpFetcher(
        bookmaker.slug,
        limits=limits,
        rewrite=rewrite,
        pace=pace,
        kept=KeptAnswers(settings.data_dir / "http-cache" / bookmaker.slug, kept_mb * 1024 * 1024)
        if kept_mb
        else None,
        secrets=secrets,
        proxies=proxies,
        transport=transport,
    )
    fetcher: Fetcher = plain
    if has_recipe(bookmaker):
        from scrapers.fetching.walls import through_walls

        fetcher = through_walls(plain, bookmaker, settings=settings, pace=pace, rewrite=rewrite, proxies=proxies)
        if proxies is not None:
            from scrapers.fetching.proxies import WatchedFetcher

            fetcher = WatchedFetcher(fetcher, proxies)
    return BreakerFetcher(
        fetcher,
        slug=bookmaker.slug,
        source=kind,
        file=BreakerFile(settings.data_dir / "breakers" / f"{bookmaker.slug}.json"),
        at_once=limits.concurrency,
    )


def _proxies(bookmaker: Bookmaker, settings: FetchSettings, source: str) -> ProxyPool | None:
    """The bookmaker's ways out; None when everything goes out directly and may do so."""
    from scrapers.fetching.proxy_list import Tier, proxies_in_use

    listed = "" if settings.proxy_list is None else settings.proxy_list.get_secret_value()
    folder = settings.data_dir / "proxies"
    ways = proxies_in_use(listed, folder, source)
    may_go_directly = source == "simulator" or Tier.DIRECT in bookmaker.proxy_tiers
    if may_go_directly and all(way.is_direct for way in ways):
        return None

    from scrapers.fetching.proxies import pool_of
    from scrapers.fetching.recipes import RECIPES, has_recipe

    return pool_of(bookmaker, ways, folder, RECIPES.get(bookmaker.platform) if has_recipe(bookmaker) else None)

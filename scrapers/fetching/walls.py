"""How a bookmaker's walls are met: plain HTTP, then a session, then its own page, as its recipe says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scrapers.errors import DeclarationError
from scrapers.fetching import Fetcher
from scrapers.fetching.http import BOOKMAKER_HEADER
from scrapers.fetching.recipes import RECIPES, PrintedValue, Recipe, SeenHeaders
from scrapers.fetching.session import SessionFetcher
from scrapers.fetching.session_file import SessionFile

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker
    from scrapers.fetching.browser import Browsers
    from scrapers.fetching.open import FetchSettings
    from scrapers.fetching.pace import Pace
    from scrapers.fetching.proxies import ProxyPool


def through_walls(
    plain: Fetcher,
    bookmaker: Bookmaker,
    *,
    settings: FetchSettings,
    pace: Pace,
    rewrite: Callable[[str], str] | None = None,
    proxies: ProxyPool | None = None,
) -> Fetcher:
    """`plain`, and behind it what its refusals are met with; closing it closes `plain`.

    Browsers that a dead process left behind on this machine are ended.

    Args:
        pace: shared with everything on this machine that asks the same hosts.
        rewrite: how addresses lead to the simulator; None: they are the bookmaker's own.
        proxies: the bookmaker's ways out, which its browsers take too; None: directly.

    Raises DeclarationError when the platform has no recipe or the bookmaker declares no `session_page`.
    """
    recipe, session_page = RECIPES.get(bookmaker.platform), bookmaker.options.get("session_page")
    if recipe is None or not session_page:
        raise DeclarationError(
            f"{bookmaker.slug}: a session needs the option session_page, "
            f"and platform {bookmaker.platform} a recipe in scrapers/fetching/recipes.py"
        )
    # By host: bookmakers of one brand share its session.
    path = settings.data_dir / "sessions" / f"{bookmaker.site.removeprefix('https://')}.json"
    file = SessionFile(path, bookmaker.site if rewrite is None else rewrite(bookmaker.site))
    page = f"{bookmaker.site}{session_page}"
    if isinstance(recipe.grant, PrintedValue):
        from scrapers.fetching.printed import PrintedSession

        printed = PrintedSession(plain, page, recipe.grant, site=file.site)
        return SessionFetcher(
            plain, printed, file=file, interval_s=bookmaker.interval_s, lifted=recipe.lifted, rewrite=rewrite
        )
    return _with_browsers(
        plain, bookmaker, recipe, file, page, settings=settings, pace=pace, rewrite=rewrite, proxies=proxies
    )


def _with_browsers(
    fetcher: Fetcher,
    bookmaker: Bookmaker,
    recipe: Recipe,
    file: SessionFile,
    page: str,
    *,
    settings: FetchSettings,
    pace: Pace,
    rewrite: Callable[[str], str] | None,
    proxies: ProxyPool | None,
) -> Fetcher:
    from scrapers.fetching.browser import BrowserSession
    from scrapers.fetching.courier import PageCourier, PageLimits
    from scrapers.fetching.inpage import InPageFetcher
    from scrapers.fetching.ways import WayFile

    browsers = _browsers(bookmaker, settings, simulated=rewrite is not None, proxies=proxies)
    goes_to = page if rewrite is None else rewrite(page)
    if recipe.grant is not None:
        seen = recipe.grant if isinstance(recipe.grant, SeenHeaders) else None
        fetcher = SessionFetcher(
            fetcher,
            BrowserSession(browsers, goes_to, site=file.site, seen=seen),
            file=file,
            interval_s=bookmaker.interval_s,
            lifted=recipe.lifted,
            browsers=browsers,
            rewrite=rewrite,
            way=None if proxies is None else proxies.next_way,
        )
    if recipe.ways:
        limits = PageLimits(life_s=bookmaker.deadline_s, max_bytes=settings.response_max_mb * 1024 * 1024)
        fetcher = InPageFetcher(
            fetcher,
            PageCourier(browsers, goes_to, limits=limits, pace=pace, rewrite=rewrite),
            ways=recipe.ways,
            lifted=recipe.lifted,
            memory=WayFile(file.path.with_name(f"{bookmaker.slug}.ways.json")),
            way_out=None if proxies is None else proxies.next_way,
        )
    return fetcher


def _browsers(
    bookmaker: Bookmaker, settings: FetchSettings, *, simulated: bool, proxies: ProxyPool | None
) -> Browsers:
    from scrapers.fetching.browser import Bounds, Browsers
    from scrapers.fetching.chromium import find_chromium, reap_orphans

    folder = settings.data_dir / "browsers"
    # Here too, not only before the next browser: with a session on disk that may be days away.
    reap_orphans(folder)
    return Browsers(
        folder=folder,
        find=lambda: find_chromium(settings.browser_path),
        bounds=Bounds(at_once=settings.browsers_at_once),
        headers={BOOKMAKER_HEADER: bookmaker.slug} if simulated else None,
        proxies=proxies,
    )

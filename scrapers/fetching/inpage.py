"""Pages that only answer inside a bookmaker's own page: when that is asked instead of plain HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from scrapers.errors import (
    BlockedError,
    FetchError,
    FetchTimeoutError,
    FleetError,
    NetworkError,
    NoBrowserError,
    NoProxyError,
)
from scrapers.fetching import BrowserUse, Fetcher
from scrapers.fetching.answers import named
from scrapers.fetching.chromium import HOW_TO_INSTALL
from scrapers.fetching.courier import NoPageError, PageCourier
from scrapers.fetching.recipes import Way, page_class
from scrapers.fetching.scouting import SOON_S, Rest, Scouts
from scrapers.fetching.ways import WayFile
from scrapers.records import Page, PageRequest

COOL_DOWN_S = 300.0


class InPageFetcher:
    """A fetcher that asks from inside the bookmaker's page where plain requests are hopeless. Satisfies `Fetcher`.

    What `inner` (with a session or without) is refused is asked for in the page, in the given ways one after the
    other. Once a way has worked, its class of pages goes that way at once, until `WayFile` forgets it. A page
    that cannot be opened, and a class that is refused in the page too, are left alone for `cool_down_s`; after
    other failures the next cycle tries again, then after growing rests.

    lifted      statuses of the refusals that asking in the page may lift
    way_out     name of the next browser's way out, empty when there is none; rests end when it changes
    """

    def __init__(
        self,
        inner: Fetcher,
        courier: PageCourier,
        *,
        ways: Sequence[Way],
        lifted: Collection[int],
        memory: WayFile,
        way_out: Callable[[], str] | None = None,
        cool_down_s: float = COOL_DOWN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._courier = courier
        self._way_out = way_out or (lambda: "")
        self._last_way_out = ""
        self._ways = tuple(ways)
        self._lifted = lifted
        self._memory = memory
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._scouts = Scouts()
        self._learnt: set[str] = set()
        self._page_rest = Rest(clock)
        self._class_rests: dict[str, Rest] = {}

    async def fetch(self, request: PageRequest) -> Page:
        """The page, plain or from inside the bookmaker's own.

        Raises what the inner fetcher or the courier raises; a refusal that asking in the page should have
        lifted says why it did not.
        """
        kind = page_class(request)
        self._notice_way_out()
        way = self._memory.way(kind)
        if way is not None:
            self._learnt.add(kind)
        elif kind in self._learnt:
            self._learnt.remove(kind)
            self._scouts.forget(kind)
        async with self._scouts.turn(kind):
            way = self._memory.way(kind)
            if way is not None:
                return await self._in_page(request, kind, self._ways[self._ways.index(way) :], None)
            try:
                return await self._inner.fetch(request)
            except BlockedError as refusal:
                if refusal.status not in self._lifted:
                    raise
                return await self._in_page(request, kind, self._ways, refusal)

    @property
    def last_use(self) -> BrowserUse | None:
        """What the bookmaker's last browser cost, for whatever it was opened; None before the first."""
        return self._courier.last_use

    async def aclose(self) -> None:
        """Close the browser and the inner fetcher."""
        await self._courier.aclose()
        await self._inner.aclose()

    def _notice_way_out(self) -> None:
        way_out = self._way_out()
        if way_out in (self._last_way_out, ""):
            return
        if self._last_way_out:
            # Who was refused was the other address.
            self._page_rest.over()
            self._class_rests.clear()
        self._last_way_out = way_out

    async def _in_page(
        self, request: PageRequest, kind: str, ways: Sequence[Way], refusal: BlockedError | None
    ) -> Page:
        class_rest = self._class_rests.setdefault(kind, Rest(self._clock))
        for rest in (self._page_rest, class_rest):
            if rest.resting:
                raise _in_vain(request, refusal, BlockedError(rest.reason))
        try:
            page = await self._first_answered(request, kind, ways)
        except NoPageError as error:
            self._left_alone(error.reason)
            raise _in_vain(request, refusal, error.reason) from error
        except BlockedError as error:
            class_rest.failed(str(error), first_s=self._cool_down_s, longest_s=self._cool_down_s)
            raise _in_vain(request, refusal, error) from error
        self._page_rest.over()
        class_rest.over()
        return page

    async def _first_answered(self, request: PageRequest, kind: str, ways: Sequence[Way]) -> Page:
        *mild, last = ways
        for way in mild:
            try:
                page = await self._courier.fetch(request, way)
            except (BlockedError, NetworkError):
                # A fetch that the page's own rules forbid ends like one without a connection.
                continue
            return self._answered(kind, way, page)
        return self._answered(kind, last, await self._courier.fetch(request, last))

    def _answered(self, kind: str, way: Way, page: Page) -> Page:
        if self._memory.way(kind) is not way:
            self._memory.remember(kind, way)
        return page

    def _left_alone(self, reason: FleetError) -> None:
        first_s = SOON_S if reason.retryable else self._cool_down_s
        if not self._page_rest.resting:  # else another request of the same visit has said it already
            self._page_rest.failed(str(reason), first_s=first_s, longest_s=self._cool_down_s)


def _in_vain(request: PageRequest, refusal: BlockedError | None, reason: FleetError) -> FetchError:
    """The refusal with the reason why the page did not help; of the reason's own kind where nothing was refused."""
    if HOW_TO_INSTALL in str(reason):
        return NoBrowserError(str(reason), body=b"" if refusal is None else refusal.body)
    if refusal is not None:
        return BlockedError(f"{refusal}; in the page: {reason}", body=refusal.body, status=refusal.status)
    kind = (
        type(reason)
        if isinstance(reason, BlockedError | FetchTimeoutError | NetworkError | NoProxyError)
        else BlockedError
    )
    body, status = (reason.body, reason.status) if isinstance(reason, FetchError) else (b"", None)
    return kind(f"{named(request)}: answers in the page only: {reason}", body=body, status=status)

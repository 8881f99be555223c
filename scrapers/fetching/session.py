"""Sessions: what a bookmaker's own page may ask for and a plain client may not, kept and renewed.

Some brands answer their API only to who brings what their page was given: on Altenar a token in `authorization`,
bound to the brand and the client's address; elsewhere cookies, or an id that stands in the page. `recipes` says
which. A page that is opened for a moment mints it; everything else goes on over plain HTTP.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scrapers.errors import BlockedError, DeclarationError, FetchError, NoBrowserError
from scrapers.fetching import BrowserUse, Fetcher
from scrapers.fetching.chromium import HOW_TO_INSTALL
from scrapers.fetching.locks import LockedError
from scrapers.fetching.proxy_list import DIRECT
from scrapers.fetching.recipes import page_class
from scrapers.fetching.scouting import SOON_S, Rest, Scouts
from scrapers.fetching.session_file import Session, SessionFile
from scrapers.records import Page, PageRequest

if TYPE_CHECKING:
    from scrapers.fetching.browser import Browsers

COOL_DOWN_S = 300.0
LONGEST_S = 3600.0
"""The most that growing rests grow to."""

FRESH_S = 60.0
"""A session this young has not run out: what it does not lift, no session lifts."""

PER_INTERVAL = 2
"""Sessions that may be obtained within one interval: the cycle's, and one more where that runs out under way."""

_LOCK_WAIT_S = 240.0
"""For another bookmaker of the brand to obtain the session: its place among the browsers, and then the page."""

Obtain = Callable[[], Awaitable[Session]]
"""Opens the page and gives its session; raises FetchError with the reason when it could not be had."""


@dataclass(slots=True)
class _Trial:
    """A session in use: since when (monotonic s), and for which classes of pages it has worked."""

    session: Session
    since: float
    proven: set[str] = field(default_factory=set)


class SessionFetcher:
    """A fetcher that puts a session on the requests once plain ones are refused. Satisfies `Fetcher`.

    Without a session requests go out plain. The first refusal obtains one, for all that wait for it together and
    for every bookmaker of the brand, whose file it is kept in; it serves until it is refused in turn. A class of
    pages that refuses it on its first use is left to its refusals for `cool_down_s`, longer each time, while others
    go on using it; likewise a page that refuses to give one. A page that could not be reached is opened again in
    the next cycle, then after growing rests. Until then the refusals stand, with the reason in their message.

    A cycle that is given up does not stop the browser at work: the next cycle finds what it brought.

    interval_s  from one cycle to the next; `PER_INTERVAL` sessions may be obtained in it
    lifted      statuses of the refusals that a session may lift; with any other a refusal stands
    browsers    what sessions are obtained with; None where none is needed
    rewrite     where requests really go: cookies belong to that address
    way         name of the way out of the next request, empty when there is none; a session that was obtained over
                another one is given up. None: directly
    """

    def __init__(
        self,
        inner: Fetcher,
        obtain: Obtain,
        *,
        file: SessionFile,
        interval_s: float,
        lifted: Collection[int],
        browsers: Browsers | None = None,
        rewrite: Callable[[str], str] | None = None,
        way: Callable[[], str] | None = None,
        cool_down_s: float = COOL_DOWN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._obtain = obtain
        self._file = file
        self._interval_s = interval_s
        self._lifted = lifted
        self._browsers = browsers
        self._rewrite = rewrite
        self._way = way or (lambda: DIRECT.name)
        self._last_way = ""
        self._cool_down_s = cool_down_s
        self._clock = clock
        stored = file.load()
        self._trial = None if stored is None else _Trial(stored, float("-inf"))
        self._refused_last: Session | None = None
        self._scouts = Scouts()
        self._at_work: asyncio.Task[None] | None = None
        self._rest = Rest(clock)
        self._useless: dict[str, Rest] = {}
        self._obtained: deque[float] = deque(maxlen=PER_INTERVAL)

    async def fetch(self, request: PageRequest) -> Page:
        """The page, with a session where one is needed.

        Raises what the inner fetcher raises; a BlockedError that a session should have lifted says why
        there is none.
        """
        kind = page_class(request)
        async with self._scouts.turn(kind):
            self._notice_way()
            trial = self._trial
            try:
                return await self._with(trial, kind, request)
            except BlockedError as refusal:
                if refusal.status not in self._lifted:
                    raise
                self._refused(trial, kind, refusal)
                await self._renewed(refusal)
            trial = self._trial
            try:
                return await self._with(trial, kind, request)
            except BlockedError as refusal:
                if refusal.status in self._lifted:
                    self._refused(trial, kind, refusal)
                    raise _hopeless(refusal, "it has run out already") from refusal
                raise

    @property
    def last_use(self) -> BrowserUse | None:
        """What the last browser cost that obtained a session, or the one at work; None before the first."""
        return None if self._browsers is None else self._browsers.last_use

    async def aclose(self) -> None:
        """Stop a browser at work and close the inner fetcher."""
        if self._at_work is not None:
            self._at_work.cancel()
            await asyncio.wait([self._at_work])
        await self._inner.aclose()

    async def _with(self, trial: _Trial | None, kind: str, request: PageRequest) -> Page:
        if trial is None:
            return await self._inner.fetch(request)
        goes_to = None if self._rewrite is None else self._rewrite(request.url)
        page = await self._inner.fetch(trial.session.applied_to(request, goes_to))
        trial.proven.add(kind)
        self._useless.pop(kind, None)
        return replace(page, request=request)

    def _refused(self, trial: _Trial | None, kind: str, refusal: BlockedError) -> None:
        """Give up the session that was refused if it has run out and is still in use.

        Raises BlockedError when another session would not help these pages.
        """
        if kind in self._useless and self._useless[kind].resting:
            raise _hopeless(refusal, self._useless[kind].reason) from refusal
        if trial is None or trial is not self._trial:
            return
        if kind in trial.proven or self._clock() - trial.since > FRESH_S:
            self._trial = None
            self._refused_last = trial.session
            self._file.drop(trial.session)
            return
        rest = self._useless.setdefault(kind, Rest(self._clock))
        rest.failed("the last one was refused on its first use", first_s=self._cool_down_s, longest_s=LONGEST_S)
        raise _hopeless(refusal, "the one just obtained is refused too") from refusal

    def _notice_way(self) -> None:
        """Forget what was obtained and what was refused over another way out than the next request takes."""
        way = self._way()
        if way in (self._last_way, ""):
            return
        if self._last_way:
            self._rest.over()
            self._useless.clear()
        self._last_way = way
        if self._trial is not None and self._trial.session.way != way:
            self._refused_last = self._trial.session
            self._file.drop(self._trial.session)
            self._trial = None

    async def _renewed(self, refusal: BlockedError) -> None:
        """Wait until there is a session; raises BlockedError when there will be none now."""
        if self._trial is not None:
            return
        if self._at_work is None:
            if self._rest.resting:
                raise _hopeless(refusal, self._rest.reason)
            if len(self._obtained) == PER_INTERVAL and self._clock() - self._obtained[0] < self._interval_s:
                raise _hopeless(
                    refusal, f"{PER_INTERVAL} were obtained within {self._interval_s:g} s and are refused already"
                )
            self._at_work = asyncio.create_task(self._obtain_one())
        # Shielded: whoever waits may be cancelled, the browser goes on for the others.
        await asyncio.shield(self._at_work)
        if self._trial is None:
            raise _hopeless(refusal, self._rest.reason)

    async def _obtain_one(self) -> None:
        try:
            async with self._file.locked(_LOCK_WAIT_S):
                session = self._another_ones()
                if session is None:
                    session = await self._obtain()
                    self._obtained.append(self._clock())
                    self._file.save(session)
        except BlockedError as error:
            self._rest.failed(str(error), first_s=self._cool_down_s, longest_s=LONGEST_S)
        except (FetchError, DeclarationError, LockedError, OSError) as error:
            # DeclarationError: BROWSER_PATH names no browser. LockedError: another one holds the lock. OSError:
            # a disk that refuses.
            self._rest.failed(str(error), first_s=SOON_S, longest_s=self._cool_down_s)
        else:
            self._trial = _Trial(session, self._clock())
            self._rest.over()
        finally:
            self._at_work = None

    def _another_ones(self) -> Session | None:
        """The session on disk, if another bookmaker of the brand has put it there since ours was refused."""
        stored = self._file.load()
        if stored is None or self._way() not in (stored.way, ""):
            return None
        if self._refused_last is None:
            return stored
        return stored if stored.obtained_at > self._refused_last.obtained_at else None


def _hopeless(refusal: BlockedError, reason: str) -> BlockedError:
    if HOW_TO_INSTALL in reason:
        return NoBrowserError(reason, body=refusal.body, status=refusal.status)
    return BlockedError(f"{refusal}; no session: {reason}", body=refusal.body, status=refusal.status)

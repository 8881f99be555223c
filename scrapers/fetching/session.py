"""Sessions: what a bookmaker's own page may ask for and a plain client may not, kept and renewed.

Some brands answer their API only with a header that their page was given (on Altenar a token in
`authorization`, bound to the brand and the client's address; a stale one is refused with 400, 401 or 403).
A page opened in a browser mints it; everything else goes on over plain HTTP.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from loguru import logger
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from scrapers.errors import BlockedError, DeclarationError, FetchError
from scrapers.fetching import Fetcher
from scrapers.records import Page, PageRequest

SESSION_STATUSES = frozenset({400, 401, 403})
"""Refusals that a session may lift. With any other status a refusal stands: challenges are not solved."""

COOL_DOWN_S = 300.0


class Cookie(BaseModel):
    """A cookie that the page left in the browser. `domain` as the browser gives it, perhaps with a leading dot."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    value: str
    domain: str


class Session(BaseModel):
    """What a page was given. Secret: it is written to a file of mode 0600 and to nothing else.

    page         the address it was obtained at; a session of another address is not used
    headers      sent with every request of the bookmaker
    cookies      sent to the hosts they belong to
    obtained_at  aware UTC
    """

    model_config = ConfigDict(frozen=True)

    page: str
    headers: Mapping[str, str]
    cookies: tuple[Cookie, ...] = ()
    obtained_at: AwareDatetime

    def applied_to(self, request: PageRequest) -> PageRequest:
        """`request` with the session's headers, over its own of the same name, and its cookies."""
        extra = dict(self.headers)
        host = urlsplit(request.url).hostname or ""
        cookies = [c for c in self.cookies if f".{host}".endswith(f".{c.domain.lstrip('.')}")]
        if cookies:
            extra["cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)
        names = {name.lower() for name in extra}
        own = tuple(pair for pair in request.headers if pair[0].lower() not in names)
        return replace(request, headers=(*own, *extra.items()))


class SessionFile:
    """A session on disk, so that a restart need not open a browser."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, page: str) -> Session | None:
        """The session obtained at `page`; None when there is none. An unreadable file counts as none."""
        try:
            session = Session.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            logger.warning("the session in {} is not readable and will be replaced: {}", self.path, error)
            return None
        return session if session.page == page else None

    def save(self, session: Session) -> None:
        """Replace the file atomically. A disk that refuses is logged: the session in memory still works."""
        half = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            half.unlink(missing_ok=True)
            with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(session.model_dump_json().encode())
            os.replace(half, self.path)
        except OSError as error:
            logger.warning("the session could not be kept in {}: {}", self.path, error)

    def drop(self) -> None:
        """Forget the session on disk."""
        self.path.unlink(missing_ok=True)


Obtain = Callable[[], Awaitable[Session]]
"""Opens the page and gives its session; raises FetchError with the reason when it could not be had."""


@dataclass(slots=True)
class _Trial:
    """The session in use, and whether a page has come with it yet."""

    session: Session
    proven: bool


class SessionFetcher:
    """A fetcher that puts a session on the requests once plain ones are refused. Satisfies `Fetcher`.

    Without a session requests go out plain. The first refusal obtains one, for all that wait for it
    together; it serves until it is refused in turn. A session is obtained at most once in `interval_s`, so
    at most once in a cycle, and not again for `cool_down_s` after it could not be had or was refused on its
    first use. Until then the refusals stand, with the reason in their message.

    A cycle that is given up does not stop the browser at work: the next cycle finds what it brought.
    """

    def __init__(
        self,
        inner: Fetcher,
        obtain: Obtain,
        *,
        page: str,
        file: SessionFile,
        interval_s: float,
        cool_down_s: float = COOL_DOWN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._obtain = obtain
        self._file = file
        self._interval_s = interval_s
        self._cool_down_s = cool_down_s
        self._clock = clock
        stored = file.load(page)
        self._trial = None if stored is None else _Trial(stored, proven=True)
        self._at_work: asyncio.Task[None] | None = None
        self._not_before = float("-inf")
        self._reason = ""

    async def fetch(self, request: PageRequest) -> Page:
        """The page, with a session where one is needed.

        Raises what the inner fetcher raises; a BlockedError that a session should have lifted says why
        there is none.
        """
        trial = self._trial
        try:
            return await self._with(trial, request)
        except BlockedError as refusal:
            if refusal.status not in SESSION_STATUSES:
                raise
            self._refused(trial)
            await self._renewed(refusal)
        trial = self._trial
        try:
            return await self._with(trial, request)
        except BlockedError as refusal:
            if refusal.status in SESSION_STATUSES:
                self._refused(trial)
                raise self._hopeless(refusal, "the one just obtained is refused too") from refusal
            raise

    async def aclose(self) -> None:
        """Stop a browser at work and close the inner fetcher."""
        if self._at_work is not None:
            self._at_work.cancel()
            await asyncio.wait([self._at_work])
        await self._inner.aclose()

    async def _with(self, trial: _Trial | None, request: PageRequest) -> Page:
        if trial is None:
            return await self._inner.fetch(request)
        page = await self._inner.fetch(trial.session.applied_to(request))
        trial.proven = True
        return replace(page, request=request)

    def _refused(self, trial: _Trial | None) -> None:
        """Give up the session that was refused, unless another took its place in the meantime."""
        if trial is None or trial is not self._trial:
            return
        self._trial = None
        self._file.drop()
        if not trial.proven:
            self._rest("the last one was refused on its first use")

    async def _renewed(self, refusal: BlockedError) -> None:
        """Wait until there is a session; raises BlockedError when there will be none now."""
        if self._trial is not None:
            return
        if self._at_work is None:
            wait = self._not_before - self._clock()
            if wait > 0:
                raise self._hopeless(refusal, f"{self._reason}; next try in {wait:.0f} s")
            self._at_work = asyncio.create_task(self._obtain_one())
        # Shielded: whoever waits may be cancelled, the browser goes on for the others.
        await asyncio.shield(self._at_work)
        if self._trial is None:
            raise self._hopeless(refusal, self._reason)

    async def _obtain_one(self) -> None:
        started = self._clock()
        try:
            session = await self._obtain()
        except (FetchError, DeclarationError) as error:  # the latter: BROWSER_PATH names no browser
            self._rest(str(error))
        else:
            self._trial = _Trial(session, proven=False)
            self._file.save(session)
            self._not_before = started + self._interval_s
            self._reason = f"a session was obtained {datetime.now(UTC):%H:%M:%S} UTC and is refused already"
        finally:
            self._at_work = None

    def _rest(self, reason: str) -> None:
        self._not_before = self._clock() + self._cool_down_s
        self._reason = reason

    @staticmethod
    def _hopeless(refusal: BlockedError, reason: str) -> BlockedError:
        return BlockedError(f"{refusal}; no session: {reason}", body=refusal.body, status=refusal.status)

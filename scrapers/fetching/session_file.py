"""A session as it is kept: what a brand's page handed out, and the file that its bookmakers share."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from loguru import logger
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from scrapers.fetching.locks import one_of
from scrapers.fetching.proxy_list import DIRECT
from scrapers.records import PageRequest

WITH_THE_BROWSER = -1.0
"""The end of a cookie that has none of its own."""


class Cookie(BaseModel):
    """A cookie that the page left in the browser.

    domain   as the browser gives it: with a leading dot for a host and everything below it, else the host alone
    expires  epoch s; `WITH_THE_BROWSER` for none
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    value: str
    domain: str
    path: str = "/"
    expires: float = WITH_THE_BROWSER

    def belongs_to(self, url: str, now: float) -> bool:
        """Whether a browser would send it to `url` at `now` (epoch s)."""
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path or "/"
        below = self.domain.startswith(".") and f".{host}".endswith(self.domain)
        folder = self.path.rstrip("/")
        return (
            (host == self.domain or below)
            and (path == folder or path.startswith(f"{folder}/"))
            and (self.expires == WITH_THE_BROWSER or now < self.expires)
        )


class Session(BaseModel):
    """What a brand's page was given. Secret: it is written to a file of mode 0600 and to nothing else.

    site         whose page it was; a session of another site is not used
    headers      sent with every request of the brand's bookmakers
    params       query parameters, likewise
    cookies      sent to the hosts they belong to
    obtained_at  aware UTC
    way          the way out that it was obtained over; it is refused from any other address
    """

    model_config = ConfigDict(frozen=True)

    site: str
    headers: Mapping[str, str] = {}
    params: Mapping[str, str] = {}
    cookies: tuple[Cookie, ...] = ()
    obtained_at: AwareDatetime
    way: str = DIRECT.name

    def applied_to(self, request: PageRequest, url: str | None = None) -> PageRequest:
        """`request` with the session's headers and parameters over its own of the same name, and its cookies.

        Args:
            url: where the request really goes, when that is not its own address.
        """
        extra = {name.lower(): value for name, value in self.headers.items()}
        now = time.time()
        cookies = [f"{c.name}={c.value}" for c in self.cookies if c.belongs_to(url or request.url, now)]
        if cookies:
            own_cookies = [value for name, value in request.headers if name.lower() == "cookie"]
            extra["cookie"] = "; ".join([*own_cookies, *cookies])
        headers = tuple(pair for pair in request.headers if pair[0].lower() not in extra)
        params = tuple(pair for pair in request.params if pair[0] not in self.params)
        return replace(request, headers=(*headers, *extra.items()), params=(*params, *self.params.items()))


class SessionFile:
    """A session on disk, so that a restart need not open a browser, and that bookmakers of one brand share it.

    site  whose page hands the session out
    """

    def __init__(self, path: Path, site: str) -> None:
        self.path = path
        self.site = site

    def load(self) -> Session | None:
        """The session of the site; None when there is none. An unreadable file counts as none."""
        try:
            session = Session.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            # Not the error's own words: they would quote the file, which is secret.
            logger.warning("the session in {} is not readable and will be replaced: {}", self.path, type(error))
            return None
        return session if session.site == self.site else None

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

    def drop(self, session: Session) -> None:
        """Forget this session; one that another process has put in its place meanwhile stays."""
        if self.load() == session:
            self.path.unlink(missing_ok=True)

    @asynccontextmanager
    async def locked(self, wait_s: float) -> AsyncIterator[None]:
        """While no other process, nor other bookmaker of this one, obtains the brand's session.

        Raises LockedError when another holds the lock for longer than `wait_s` seconds.
        """
        async with one_of([self.path.with_suffix(".lock")], wait_s):
            yield

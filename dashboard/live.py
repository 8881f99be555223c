"""Pages that stay true while they are open: a part of them is asked for again and again, and only if it changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.site import site_of
from scrapers.errors import StoreError

PARTS = "/admin/parts"


@dataclass(frozen=True, slots=True)
class Content:
    """What a page's templates need.

    version  JSON-like: equal while the page would say the same, ages apart
    failure  why there is nothing newer than this, None when it is new
    age_s    seconds since it was new
    """

    context: Mapping[str, Any]
    version: object
    failure: StoreError | None = None
    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LivePage:
    """A page of the operator's with a live part.

    path     its address
    name     of its templates: `admin/<name>.html` includes `admin/<name>_part.html` in an element of parts.live()
    every_s  how often an open page asks
    build    what it shows now; raises StoreError when there is nothing to show
    """

    path: str
    name: str
    every_s: int
    build: Callable[[Request], Awaitable[Content]]

    @property
    def routes(self) -> list[Route]:
        """The page and its part."""
        return [Route(self.path, self.page), Route(f"{PARTS}/{self.name}", self.part)]

    async def page(self, request: Request) -> Response:
        """The whole page; 503 with the last known state where the database is away. Raises StoreError."""
        content = await self.build(request)
        return site_of(request).templates.page(
            request, f"admin/{self.name}.html", self._context(content), status=503 if content.failure else 200
        )

    async def part(self, request: Request) -> Response:
        """The part alone. Raises StoreError where only an older state is known: the page then says so."""
        content = await self.build(request)
        if content.failure is not None:
            raise content.failure
        return site_of(request).templates.live(
            request,
            f"admin/{self.name}_part.html",
            self._context(content),
            page=self.path,
            version=content.version,
        )

    def _context(self, content: Content) -> Mapping[str, Any]:
        return {
            **content.context,
            "part": f"{PARTS}/{self.name}",
            "every_s": self.every_s,
            "stale_s": content.age_s if content.failure else None,
        }

"""What stands between a plain client and a platform's odds, and what lifts it. Data; nothing is loaded here.

The facts are from working clients of the platforms (2025-11 to 2026-02), as the platform modules name them.
Nothing here is needed where plain HTTP is answered: every recipe is for a request that was refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapers.records import PageRequest

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker


class Way(StrEnum):
    """How a request is made inside the page of a bookmaker."""

    FETCH = "fetch"
    """`fetch(url, {credentials: "include"})`, as the page's own scripts ask."""
    NAVIGATE = "navigate"
    """A tab of the same browser goes to the address itself."""


@dataclass(frozen=True, slots=True)
class SeenHeaders:
    """The page was given something that its requests carry.

    api    part of the address of the requests that carry it
    names  of the headers, lower case; all must be there
    """

    api: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftCookies:
    """What the page leaves in the browser, once it has loaded and fallen silent, is what lets a client in."""


@dataclass(frozen=True, slots=True)
class PrintedValue:
    """A value that stands in the page as it is sent; no browser is needed to read it.

    pattern    its first group is the value
    parameter  the query parameter that carries it
    """

    pattern: re.Pattern[bytes]
    parameter: str


REFUSED = frozenset({401, 403})
_DAY = re.compile(r"\d{4}-\d\d-\d\d-")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the platform's refusals are met, mildest first.

    grant   what the brand's page hands out for plain requests; None: nothing that helps
    ways    how to ask from inside the page, for requests that are refused with the grant too; in this order
    lifted  the statuses of refusals that this may lift; any other refusal stands
    """

    grant: SeenHeaders | LeftCookies | PrintedValue | None
    ways: tuple[Way, ...] = ()
    lifted: frozenset[int] = REFUSED

    @property
    def needs_browser(self) -> bool:
        """Whether the recipe can only be followed with a browser."""
        return bool(self.ways) or not isinstance(self.grant, PrintedValue)


RECIPES: dict[str, Recipe] = {
    # A missing or stale token is answered with any of the three (2026-02).
    "altenar": Recipe(SeenHeaders("biahosted.com/api/", ("authorization",)), lifted=frozenset({400, 401, 403})),
    # Basketball lists are refused to plain clients whatever cookies they bring (2026-01).
    "kaizen": Recipe(LeftCookies(), (Way.FETCH,)),
    "novibet": Recipe(LeftCookies(), (Way.FETCH,)),
    # The API is on another host than the page, which may be forbidden to fetch from it (2026-01).
    "nsx": Recipe(LeftCookies(), (Way.FETCH, Way.NAVIGATE)),
    "matchbook": Recipe(LeftCookies(), (Way.FETCH, Way.NAVIGATE)),
    # Copied cookies and scripts' requests are refused, a navigation is answered (2026-01).
    "stake": Recipe(None, (Way.NAVIGATE,)),
    # A results site behind Cloudflare: some addresses are let in plainly, others asked for a browser (2026-09).
    "ogol": Recipe(LeftCookies(), (Way.NAVIGATE,)),
    # A stale id is answered with 400; it is the brand's, not the client's, and changes rarely (2026-01).
    "entain_cds": Recipe(
        PrintedValue(re.compile(rb'"publicAccessId"\s*:\s*"([A-Za-z0-9+/=_-]{8,200})"'), "x-bwin-accessid"),
        lifted=frozenset({400, 401, 403}),
    ),
}
"""Platform -> recipe. A bookmaker with transport "browser" needs one; so does one whose page prints a value."""


def has_recipe(bookmaker: Bookmaker) -> bool:
    """Whether refusals of this bookmaker are met: its transport says so, or its page prints what is wanted."""
    recipe = RECIPES.get(bookmaker.platform)
    return bookmaker.transport == "browser" or (recipe is not None and not recipe.needs_browser)


def page_class(request: PageRequest) -> str:
    """The part of a bookmaker's offer that one wall stands before: kind of scope, host, beginning of the path, in
    which a name that begins with a day is that of one match ("/jogo/2026-04-12-...")."""
    parts = urlsplit(request.url)
    beginning = "/".join("*" if _DAY.match(name) else name for name in parts.path.split("/")[:3])
    return f"{request.scope.partition(':')[0]} {parts.hostname}{beginning}"

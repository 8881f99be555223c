"""Platforms: how a vendor's feed is asked for and read. They know no bookmaker.

A platform is a package: `platform.py` (its options and which pages to ask for), `parser.py` (pure: bytes in,
records out), `markets.py` (the vendor's vocabulary as tables), and modules for the parts of a parser that stand by
themselves. `platform.py` ends in `PLATFORM`, an object that satisfies `Platform`.

What parsers share: `reading` (values of JSON), `quotes` (what is built from them), `labels` (printed names) and
`unsaid` (what saved files leave out).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from scrapers.records import Event, PageRequest, ParsedPage

if TYPE_CHECKING:
    from pydantic import BaseModel

    from scrapers.declarations import Bookmaker, League


@dataclass(frozen=True, slots=True)
class Context:
    """What a payload does not say itself: whose it is, and what was asked for.

    options  the bookmaker's validated options (what `Platform.options` gave)
    league   the league asked for; None when the page is not about one, or when nobody knows (a saved file)
    events   the events asked for, by source id, as their list described them; empty for lists
    saved    whether this is a saved file that nobody asked for: an event's absent head is filled with the
             stand-ins of `unsaid` instead of rejecting its odds. `fleet parse` alone sets it
    """

    options: Any = None
    league: League | None = None
    events: Mapping[str, Event] = field(default_factory=dict)
    saved: bool = False


class Platform(Protocol):
    """What the cycle needs of a vendor's feed."""

    name: str

    def options(self, declared: Mapping[str, Any]) -> BaseModel:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        ...

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """The lists to ask for at the start of a cycle. Each scope appears once."""
        ...

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """The pages that lists lead to, for these events: what the lists do not show. Empty: lists are all.

        In the order in which they are needed, soonest kick-off first; a cycle asks for as many as the
        bookmaker's `details_per_cycle` allows. Each request names the `events` it is about; its scope begins
        with "event:" or "events:" and stays the same from cycle to cycle.

        Args:
            events: upcoming ones in the order of their kick-off, as the lists described them.
        """
        ...

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read one body of any kind the platform answers. Pure.

        Args:
            fetched_at: when the last byte arrived, aware UTC, for payloads that tell times by their age; those of
                today's platforms tell by themselves whether an event is live.
            context: None when nothing is known but the body; whatever can be read without is read.

        Raises PayloadShapeError when the body is not what the platform sends.
        """
        ...

"""Platforms: how a vendor's feed is asked for and read. They know no bookmaker.

A platform is a package of three files: `platform.py` (its options and which pages to ask for),
`parser.py` (pure: bytes in, records out) and `markets.py` (the vendor's vocabulary as tables).
`platform.py` ends in `PLATFORM`, an object that satisfies `Platform`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from scrapers.records import PageRequest, ParsedPage

if TYPE_CHECKING:
    from pydantic import BaseModel

    from scrapers.declarations import Bookmaker, League


class Platform(Protocol):
    """What the cycle needs of a vendor's feed."""

    name: str

    def options(self, declared: Mapping[str, Any]) -> BaseModel:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        ...

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """The pages to ask for in one cycle. Each scope appears once."""
        ...

    def parse(self, body: bytes, *, fetched_at: datetime) -> ParsedPage:
        """Read one body of any kind the platform answers. Pure.

        Raises PayloadShapeError when the body is not what the platform sends.
        """
        ...

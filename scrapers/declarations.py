"""What is declared: the form of one league in `leagues.json` and one bookmaker in `bookmakers.json`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scrapers.fetching.proxy_list import Tier
from scrapers.records import Sport

SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

Slug = Annotated[str, Field(pattern=f"^{SLUG.pattern}$", max_length=40)]


class League(BaseModel):
    """A league the fleet collects. Ids are its identity; names only help people and matching.

    ids    platform -> the league's id in that platform's payloads
    paths  platform -> how its list is asked for, where that differs from the id
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Slug
    name: str
    country: str
    sport: Sport
    ids: Mapping[str, str]
    paths: Mapping[str, str] = {}


class Bookmaker(BaseModel):
    """One bookmaker, declared once. `slug` is the database key, PM2 suffix, log name and recording folder.

    family           brands whose prices come from one trading desk; not independent of each other
    transport        "browser": a page must hand out the session when plain HTTP is refused
    interval_s       seconds from one cycle's start to the next; the bookmaker is never asked more often
    deadline_s       a cycle that takes longer is given up
    memory_mb        what the scraper's process may hold; above it, it ends after a cycle and PM2 starts it anew
    requests_per_s   of this machine at the bookmaker's host, all bookmakers of that host taken together: Altenar's
                     served 5 and answered 429 to four times as many (2026-01)
    burst            how many requests may follow one another at once after a rest
    proxy_tiers      what kinds of address it may be asked from, in this order; what PROXY_LIST does not have is
                     passed over. An empty PROXY_LIST has "direct" alone; the simulator is asked from anywhere
    details_per_cycle  how many pages beyond the lists one cycle may ask for; 0: none
    empty_is_normal  whether a cycle without any event counts as a success (out of season)
    event_url        template of the match page; fields: event_id, home, away (slugs), sport (Portuguese), sport_id,
                     sportradar_id (numbers)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: Slug
    name: str
    platform: str
    options: Mapping[str, Any] = {}
    family: str = ""
    sports: tuple[Sport, ...] = Field(min_length=1)
    leagues: tuple[str, ...] = Field(min_length=1)
    transport: Literal["http", "browser"] = "http"
    interval_s: int = Field(30, ge=5, le=3600)
    deadline_s: int = Field(120, ge=5, le=600)
    memory_mb: int = Field(200, ge=50, le=2000)
    requests_per_s: float = Field(5.0, ge=0.1, le=100)
    burst: int = Field(3, ge=1, le=50)
    proxy_tiers: tuple[Tier, ...] = Field(tuple(Tier), min_length=1)
    details_per_cycle: int = Field(0, ge=0, le=500)
    empty_is_normal: bool = False
    site: str = Field(pattern=r"^https://[^/]+$")
    event_url: str = ""
    logo: str = ""

    @model_validator(mode="after")
    def _family_defaults_to_platform(self) -> Bookmaker:
        if not self.family:
            object.__setattr__(self, "family", self.platform)
        return self

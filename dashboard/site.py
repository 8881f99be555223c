"""What every page shares: made once, found on each request through `site_of`."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from dashboard.config import DashboardConfig
from dashboard.database import Database
from dashboard.documents import Documents
from dashboard.rendering import Templates
from dashboard.security.sessions import Gate
from dashboard.security.throttle import LoginThrottle
from store.backend import Backend


@dataclass(slots=True)
class Traffic:
    """What the process served since it started, for its heartbeat."""

    requests: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """The parts that pages work with. `backend` is for threads; coroutines ask `database`."""

    config: DashboardConfig
    backend: Backend
    database: Database
    documents: Documents
    templates: Templates
    gate: Gate
    throttle: LoginThrottle
    traffic: Traffic = field(default_factory=Traffic)


def site_of(request: Request) -> Site:
    """The site that a request reached."""
    site: Site = request.app.state.site
    return site

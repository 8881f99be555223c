"""The web application: which address leads to which page, and what stands before all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard import admin, api, board
from dashboard.assets import load_assets
from dashboard.config import DashboardConfig
from dashboard.database import Database
from dashboard.documents import Documents
from dashboard.error_pages import ErrorPages, error_page
from dashboard.feed import published_file
from dashboard.health import Readiness, alive
from dashboard.login import log_in, log_out, show_login
from dashboard.metrics import MetricsPage
from dashboard.rendering import Templates
from dashboard.security.access import Access
from dashboard.security.headers import HostGuard, SecurityHeaders
from dashboard.security.sessions import Gate
from dashboard.security.throttle import LoginThrottle
from dashboard.site import Site
from store.backend import Backend


def create_app(backend: Backend, config: DashboardConfig) -> Starlette:
    """The application. It connects to nothing before the first page is asked for."""
    site = Site(
        config=config,
        backend=backend,
        database=Database(backend),
        documents=Documents(config.published, config.bucket_url),
        templates=Templates(config),
        gate=Gate(config.admin_token),
        throttle=LoginThrottle(),
    )
    app = Starlette(
        routes=[
            Route("/login", show_login, methods=["GET"]),
            Route("/login", log_in, methods=["POST"]),
            Route("/logout", log_out, methods=["POST"]),
            Route("/health", alive),
            Route("/health/ready", Readiness().page),
            Route("/metrics", MetricsPage().page),
            Route("/feed/{name}", published_file),
            Route("/static/{name:path}", load_assets().serve),
            *api.routes,
            *board.routes,
            *admin.routes,
        ],
        # From the outside in.
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(HostGuard, names=config.host_names),
            Middleware(GZipMiddleware, minimum_size=800, compresslevel=6),
            Middleware(ErrorPages, site=site),
            Middleware(Access, site=site),
        ],
        exception_handlers={HTTPException: _not_routed},
        lifespan=_lifespan,
    )
    app.state.site = site
    return app


async def _not_routed(request: Request, error: Exception) -> Response:
    return error_page(request, error)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    app.state.site.database.close()

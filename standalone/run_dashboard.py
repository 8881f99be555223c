"""`dashboard`: the web pages, `/health`, `/metrics` and the published files over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import psutil
import uvicorn
from loguru import logger

from dashboard.app import create_app
from dashboard.config import DashboardConfig
from scrapers.errors import DeclarationError
from scrapers.fetching.proxy_list import parse_proxies
from scrapers.registry import load_registry
from standalone.connect import open_backend
from standalone.etl import etl_thresholds, open_service_run
from standalone.log_rotation import pm2_log_files
from standalone.logs import configure_logs
from standalone.pm2_apps import every_name, service_names
from standalone.process import Stop, end_after
from standalone.redaction import Redactor
from standalone.service import Service
from standalone.settings import Settings, load_settings

if TYPE_CHECKING:
    from dashboard.site import Traffic

NAME = "dashboard"
HEARTBEAT_S = 30.0
GRACE_S = 2
"""How long a request under way may go on after the stop signal."""
ENDED_AFTER_S = 4.0
"""A call that hangs in the database ends with the process, before PM2 kills it after 5 s."""
QUEUE = 128
CONNECTIONS = 256
"""Open at once; whoever comes beyond that is answered 503."""
OUTBOUND_TRIED = 3
"""Addresses that are tried before the machine counts as offline."""


def dashboard_config(settings: Settings) -> DashboardConfig:
    """What the pages are told of the settings."""
    serves_files = settings.publish_dir is not None or settings.supabase_url is None
    token = settings.admin_token
    return DashboardConfig(
        host=settings.dashboard_host,
        port=settings.dashboard_port,
        url=settings.dashboard_url,
        admin_token=token.get_secret_value() if token else None,
        published=settings.published if serves_files else None,
        services=tuple(service_names()),
        spool_max_mb=settings.spool_max_mb,
        bucket_url=None if serves_files else settings.bucket_url,
        data_dir=settings.data_dir,
        logs={name: files[0] for name in every_name() if (files := pm2_log_files([name]))},
        source=settings.source,
        price_max_age_s=settings.price_max_age_s,
        outbound=outbound_targets(settings),
        etl=etl_thresholds(settings),
        timezone=ZoneInfo(settings.dashboard_timezone),
        redact=Redactor(settings.secrets).value,
    )


def outbound_targets(settings: Settings) -> tuple[tuple[str, int], ...]:
    """Who to knock at to know whether the machine is online, as the scrapers go out: by proxy, or directly."""
    if settings.source == "simulator":
        return (("127.0.0.1", settings.simulator_port),)
    if settings.source == "replay":
        return ()
    listed = parse_proxies(settings.proxy_list.get_secret_value() if settings.proxy_list else "")
    proxies = [urlsplit(proxy.server) for proxy in listed if not proxy.is_direct]
    sites = [urlsplit(bookmaker.site) for bookmaker in load_registry().bookmakers.values()]
    asked = (proxies or sites)[:OUTBOUND_TRIED]
    return tuple((parts.hostname or "", parts.port or 443) for parts in asked)


def listen(settings: Settings) -> socket.socket:
    """The socket that the pages are served on. Raises DeclarationError when it cannot be had."""
    host, port = settings.dashboard_host, settings.dashboard_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=QUEUE)
    except OSError as error:
        raise DeclarationError(
            f"o painel não pode ouvir em {host}:{port}; mude DASHBOARD_HOST ou DASHBOARD_PORT / "
            f"the dashboard cannot listen there; set DASHBOARD_HOST or DASHBOARD_PORT ({error.strerror})"
        ) from error
    # What it accepts inherits this; else an answer's second write waits 40 ms for the client's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class Heartbeat:
    """One round: what the process serves, and what it costs. The pages themselves are served by another thread."""

    def __init__(self, traffic: Traffic, server: Thread) -> None:
        self._traffic = traffic
        self._server = server

    def step(self) -> Mapping[str, Any]:
        """Raises RuntimeError when the server's thread has ended: PM2 then starts the process anew."""
        if not self._server.is_alive():
            raise RuntimeError("the web server has ended")
        return {
            "requests": self._traffic.requests,
            "failures": self._traffic.failures,
            "memory_mb": round(psutil.Process().memory_info().rss / 1e6, 1),
        }


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    settings = load_settings()
    configure_logs(NAME, settings.log_level, settings.secrets)
    stop = Stop().listen()
    app = create_app(open_backend(settings, name=NAME), dashboard_config(settings))
    opened = listen(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            limit_concurrency=CONNECTIONS,
            # A proxy on this machine may say who it asks for; nobody else is believed.
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1,::1",
        )
    )
    serving = Thread(target=server.run, kwargs={"sockets": [opened]}, name="web-server", daemon=True)
    serving.start()
    logger.info("serving {}", settings.dashboard_address)
    end_after(stop, ENDED_AFTER_S)
    heartbeat = Heartbeat(app.state.site.traffic, serving)
    backend = open_backend(settings, name=NAME)
    life = open_service_run(settings, backend, NAME, address=settings.dashboard_address)
    Service(NAME, backend, heartbeat.step, interval_s=HEARTBEAT_S, heartbeat_s=HEARTBEAT_S, life=life).run(stop)
    server.should_exit = True
    serving.join(GRACE_S + 0.5)


if __name__ == "__main__":
    main()

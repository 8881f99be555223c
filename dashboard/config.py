"""What the dashboard must be told; filled in by its process, which alone reads settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitoring.etl.alerts import Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardConfig:
    """Where the dashboard listens, what it serves, who may enter.

    host, port   the address it is bound to
    url          how people reach it where that is another address (a proxy with TLS before it), None: host and port
    admin_token  opens `/admin` and every write; None or empty: nobody may enter there
    published    the folder of published files, None where they go to a bucket and are not served from here
    bucket_url   the bucket's public address then, without a slash at its end
    services     names of the processes beside the scrapers that should be at work
    spool_max_mb  what the spool of one scraper may hold
    data_dir     the fleet's folder on this machine: failures, spools
    logs         process -> the file that its supervisor writes what it prints to; empty: there is none
    source       "live", "simulator" or "replay"
    price_max_age_s  a price seen longer ago is not shown (at the standard interval; longer ones scale it)
    outbound     (host, port) pairs; the machine is online when one of them takes a connection; empty: not asked
    etl          what of executions is still well
    timezone     the zone that pages show times in
    redact       takes secrets out of text and JSON that others wrote
    """

    host: str = "127.0.0.1"
    port: int = 8080
    url: str | None = None
    admin_token: str | None = field(default=None, repr=False)
    published: Path | None = None
    bucket_url: str | None = None
    services: tuple[str, ...] = ()
    spool_max_mb: float = 64.0
    data_dir: Path = Path("var")
    logs: Mapping[str, Path] = field(default_factory=dict)
    source: str = "live"
    price_max_age_s: float = 180.0
    outbound: tuple[tuple[str, int], ...] = ()
    etl: Thresholds = field(default_factory=Thresholds)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Sao_Paulo"))
    redact: Callable[[Any], Any] = field(default=lambda value: value, repr=False)

    @property
    def exposed(self) -> bool:
        """Whether others than this machine's own users may reach it; then every page asks who is there."""
        return not _is_loopback(self.host) or (self.url is not None and not _is_loopback(_host_of(self.url)))

    @property
    def simulated(self) -> bool:
        """Whether the odds come from anything but bookmakers."""
        return self.source != "live"

    @property
    def host_names(self) -> frozenset[str]:
        """Names that requests may be addressed to. An address is always fine: nobody can rebind it."""
        names = {"localhost", self.host}
        if self.url is not None:
            names.add(_host_of(self.url))
        return frozenset(name.lower() for name in names)


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

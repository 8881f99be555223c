"""`alerts`: watches the fleet, tells whoever is to be told, and restarts what hangs (docs/alerts.md)."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from loguru import logger
from pydantic import SecretStr

from monitoring.alerts.deadline import DeadlineBackend
from monitoring.alerts.deciding import Decider
from monitoring.alerts.delivery import Target
from monitoring.alerts.delivery.deadman import DeadMan
from monitoring.alerts.delivery.open import open_targets
from monitoring.alerts.delivery.postman import Postman
from monitoring.alerts.memory import DatabaseMemory, FileMemory
from monitoring.alerts.readings.local import LocalReader, Places
from monitoring.alerts.readings.scrapers import About
from monitoring.alerts.round import SERVICE, Watch
from monitoring.alerts.rules import RULES, load_rules
from monitoring.watchdog.guard import Watchdog
from monitoring.watchdog.pm2 import Pm2
from scrapers.fetching.proxy_list import parse_proxies
from scrapers.registry import load_registry
from standalone.connect import open_backend, open_files
from standalone.etl import etl_thresholds, open_service_run
from standalone.logs import configure_logs
from standalone.process import FileLock, Stop
from standalone.service import Service, wait_for_turn
from standalone.settings import ROOT, Settings, load_settings
from store.files import DirectoryFileStore

DELIVERY_ENDS_WITHIN_S = 5.0
"""What a message under way is granted at the end; PM2 kills after 10 s."""


class Alerts:
    """One round: look, wake those who deliver, restart what hangs, say that we live."""

    def __init__(
        self, watch: Watch, local: LocalReader, postman: Postman, deadman: DeadMan, watchdog: Watchdog | None
    ) -> None:
        """watchdog: None when it is switched off."""
        self._watch = watch
        self._local = local
        self._postman = postman
        self._deadman = deadman
        self._watchdog = watchdog

    def step(self) -> Mapping[str, Any]:
        """Raises StoreError while the database is away, after everything was done that can be done without it."""
        look = self._watch.look()
        if look.said:
            self._postman.notify()
        if self._watchdog is not None and look.status is not None and look.settled:
            self._watchdog.consider(look.status.scrapers, look.status.services)
        self._deadman.alive()
        if look.away is not None:
            raise look.away
        phases = [alert.phase for alert in look.alerts.values()]
        return {
            "firing": phases.count("firing"),
            "pending": phases.count("pending"),
            "unreadable": dict(self._local.unreadable),
        }


def configured_targets(settings: Settings) -> list[Target]:
    """Every receiver that is configured. Raises DeclarationError when an address is none."""
    return open_targets(
        _secret(settings.alert_urls), _secret(settings.alert_webhook_url), _secret(settings.alert_webhook_secret)
    )


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()


def _places(settings: Settings) -> Places:
    files = open_files(settings)
    return Places(
        data_dir=settings.data_dir,
        published=files.folder if isinstance(files, DirectoryFileStore) else None,
        spool_max_mb=settings.spool_max_mb,
    )


def _declared(settings: Settings) -> dict[str, About]:
    """What alerts need to know of each bookmaker. Its tier is the first that it may use and our list has."""
    proxies = _secret(settings.proxy_list)
    ours = {proxy.tier for proxy in parse_proxies(proxies)} if proxies else set()
    return {
        slug: About(
            family=bookmaker.family,
            tier=next((str(tier) for tier in bookmaker.proxy_tiers if tier in ours), ""),
            memory_mb=bookmaker.memory_mb,
        )
        for slug, bookmaker in load_registry().bookmakers.items()
    }


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    settings = load_settings()
    configure_logs(SERVICE, settings.log_level, settings.secrets)
    stop = Stop().listen()
    with FileLock(settings.data_dir / "locks" / f"{SERVICE}.lock") as lock:
        if not wait_for_turn(lock, stop):
            return
        targets = configured_targets(settings)
        if not targets:
            logger.warning("nobody is told: neither ALERT_URLS nor ALERT_WEBHOOK_URL is set")
        names = [target.name for target in targets]
        book = load_rules(settings.alert_rules or RULES)
        backend = DeadlineBackend(open_backend(settings, name=SERVICE))
        database = DatabaseMemory(backend, names)
        file = FileMemory(settings.data_dir / "alerts" / "state.json", names)
        local = LocalReader(_places(settings))
        decider = Decider(book, dashboard=settings.dashboard_address, new_key=lambda: str(uuid4()))
        declared, etl = _declared(settings), etl_thresholds(settings)
        watch = Watch(book, decider, backend, database, file, local, declared=declared, etl=etl)
        postman = Postman(targets, [file, database])
        deadman = DeadMan(_secret(settings.deadman_url) or None)
        watchdog = None
        if settings.watchdog_enabled:
            watchdog = Watchdog(backend, Pm2(ROOT), book.watchdog, here=socket.gethostname())
        postman.start()
        try:
            alerts = Alerts(watch, local, postman, deadman, watchdog)
            interval_s = settings.alerts_interval_s
            life = open_service_run(settings, backend, SERVICE, interval_s=interval_s)
            Service(SERVICE, backend, alerts.step, interval_s=interval_s, life=life).run(stop)
        finally:
            postman.stop(DELIVERY_ENDS_WITHIN_S)


if __name__ == "__main__":
    main()

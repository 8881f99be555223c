"""Who may enter the operator's pages, and who is told when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from standalone.doctor.findings import Finding
from standalone.settings import Settings

SHORTEST_TOKEN = 16


def check_openings(settings: Settings) -> Iterator[Finding]:
    """One finding for each thing."""
    token = settings.admin_token.get_secret_value() if settings.admin_token else ""
    if not token:
        yield Finding(
            "admin token",
            "warning",
            "as páginas do operador estão fechadas / the operator's pages are closed",
            "ADMIN_TOKEN=$(openssl rand -hex 24) no .env; pm2 restart dashboard",
        )
    elif len(token) < SHORTEST_TOKEN:
        yield Finding(
            "admin token", "warning", "curto demais / too short", "ADMIN_TOKEN=$(openssl rand -hex 24) no .env"
        )
    else:
        yield Finding("admin token", "ok", "definido / set")
    if settings.alert_urls or settings.alert_webhook_url:
        yield Finding("alerts", "ok", "há quem seja avisado / somebody is told; fleet alerts test URL")
    else:
        yield Finding(
            "alerts",
            "warning",
            "ninguém é avisado / nobody is told",
            "ALERT_URLS no .env (docs/alerts.md); fleet alerts test URL; pm2 restart alerts",
        )

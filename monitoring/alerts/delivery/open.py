"""From settings to targets."""

from __future__ import annotations

from monitoring.alerts.delivery import Target
from monitoring.alerts.delivery.apprise_target import AppriseTarget
from monitoring.alerts.delivery.webhook import Webhook
from scrapers.errors import DeclarationError

WEBHOOK = "webhook+"
"""Before an address of our own webhook among those of Apprise: webhook+https://..."""


def split_addresses(urls: str) -> list[str]:
    """Addresses separated by commas; a comma within one (several mail recipients) is followed by no scheme."""
    addresses: list[str] = []
    for part in urls.split(","):
        if addresses and "://" not in part and part.strip():
            addresses[-1] += "," + part.strip()
        elif part.strip():
            addresses.append(part.strip())
    return addresses


def open_targets(urls: str, webhook_url: str, webhook_secret: str) -> list[Target]:
    """Every configured receiver, each once; '' stands for a setting that is not set.

    Raises DeclarationError when an address is none, or a webhook has no secret to sign with.
    """
    addresses = split_addresses(urls)
    if webhook_url:
        addresses.append(WEBHOOK + webhook_url)
    return [_open(address, webhook_secret) for address in dict.fromkeys(addresses)]


def _open(address: str, webhook_secret: str) -> Target:
    if not address.startswith(WEBHOOK):
        return AppriseTarget(address)
    url = address.removeprefix(WEBHOOK)
    if not url.startswith(("https://", "http://")):
        raise DeclarationError("ALERT_WEBHOOK_URL: expected https://...")
    if not webhook_secret:
        raise DeclarationError("ALERT_WEBHOOK_SECRET is not set: a webhook is always signed")
    return Webhook(url, webhook_secret)

"""From settings to targets."""

from __future__ import annotations

from monitoring.alerts.delivery import Target
from monitoring.alerts.delivery.apprise_target import AppriseTarget
from monitoring.alerts.delivery.webhook import Webhook


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

    Raises DeclarationError when an address is none.
    """
    targets: list[Target] = [AppriseTarget(url) for url in dict.fromkeys(split_addresses(urls))]
    if webhook_url:
        targets.append(Webhook(webhook_url, webhook_secret))
    return targets

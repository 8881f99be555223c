"""Discord, Slack, Telegram, e-mail and a hundred others, through Apprise, in a process of its own.

Apprise and its plugins take 30 MB (measured 2026-11-22) that would stay for good, and a receiver that hangs cannot
be given up from within. A message is rare, so a process per message is cheap: about a second, then it is gone.

python -m monitoring.alerts.delivery.apprise_target < {"url", "title", "body", "type"}
"""

from __future__ import annotations

import logging
import re
import signal
import subprocess
import sys
from collections.abc import Mapping

import orjson

from monitoring.alerts.delivery import DeliveryError, target_name
from monitoring.alerts.messages import Message
from scrapers.errors import DeclarationError

TIMEOUT_S = 45.0
LONGEST_BODY = 1800
"""Discord takes 2,000 letters, Telegram 4,096, with title and markup."""

GAPS_S: Mapping[str, float] = {
    # Telegram: 20 a minute to one group. Discord: 5 in 2 s, 30 a minute to one channel. Slack: one a second.
    "tgram": 3.0,
    "discord": 2.0,
    "slack": 1.0,
    "mailto": 5.0,
    "mailtos": 5.0,
}
DEFAULT_GAP_S = 1.0
TYPES: Mapping[str, str] = {"error": "failure", "warning": "warning", "info": "info"}


class AppriseTarget:
    """One address in Apprise's form: `discord://id/token`, `tgram://token/chat`, `mailtos://user:password@host`."""

    def __init__(self, url: str) -> None:
        """Raises DeclarationError when it is no address at all; the first message shows if Apprise knows it."""
        scheme, sign, rest = url.partition("://")
        if not (sign and rest and re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme)):
            raise DeclarationError("ALERT_URLS: expected addresses like discord://id/token, separated by commas")
        self.name = target_name(scheme, url)
        self.gap_s = GAPS_S.get(scheme, DEFAULT_GAP_S)
        self._url = url

    def send(self, message: Message) -> None:
        """See Target.send."""
        body = message.body if len(message.body) <= LONGEST_BODY else message.body[: LONGEST_BODY - 1] + "…"
        order = {"url": self._url, "title": message.title, "body": body or message.title}
        order["type"] = "success" if message.kind == "recovered" else TYPES[message.severity]
        try:
            # The address is a secret: it travels by stdin, where no process list shows it.
            done = subprocess.run(
                [sys.executable, "-m", __name__],
                input=orjson.dumps(order),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise DeliveryError(f"no answer within {TIMEOUT_S:g} s") from None
        if done.returncode != 0:
            said = without_secrets(done.stdout.decode(errors="replace").strip(), self._url)
            raise DeliveryError(said or "Apprise could not deliver it")


def without_secrets(text: str, url: str) -> str:
    """The text with every part of the address in it as stars."""
    for part in sorted({word for word in re.split(r"[/:@?&=]+", url) if len(word) >= 4}, key=len, reverse=True):
        text = text.replace(part, "***")
    return text


def _deliver() -> int:
    """The child: what Apprise says against it on stdout, 0 when it took it."""
    import apprise

    # PM2 stops a process with everything below it; a message under way is brought to its end all the same.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = orjson.loads(sys.stdin.buffer.read())
    sender = apprise.Apprise()
    capture = apprise.LogCapture(level=logging.WARNING, fmt="%(message)s")  # type: ignore[no-untyped-call]
    with capture as log:
        if not sender.add(order["url"]):
            sys.stdout.write("not an address that Apprise knows")
            return 2
        arrived = sender.notify(
            title=order["title"], body=order["body"], notify_type=order["type"], body_format="text"
        )
        if not arrived:
            sys.stdout.write(log.getvalue().strip().partition("\n")[0])
    return 0 if arrived else 1


if __name__ == "__main__":
    sys.exit(_deliver())

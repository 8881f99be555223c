"""The signed webhook: a JSON document by POST, with a signature that its receiver can check.

Headers:
    Odds-Event-Id    the message's key (a UUID), the same in every try: drop what you have seen
    Odds-Timestamp   when it was sent, epoch s: refuse what is older than some minutes
    Odds-Signature   'v1=' and the HMAC-SHA256, in hex, of '<timestamp>.<body>' under the shared secret

docs/alerts.md shows how to check it.
"""

from __future__ import annotations

import hmac
import time
from hashlib import sha256

import orjson

from monitoring.alerts.delivery import DeliveryError, target_name
from monitoring.alerts.messages import Message

TIMEOUT_S = 10.0


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `Odds-Signature`."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()
    return f"v1={digest}"


class Webhook:
    """A receiver of our own form."""

    gap_s = 0.0

    def __init__(self, url: str, secret: str) -> None:
        self.name = target_name("webhook", url)
        self._url = url
        self._secret = secret

    def send(self, message: Message) -> None:
        """See Target.send. Any 2xx answer means that it arrived; redirects are not followed."""
        import httpx  # two megabytes that a fleet without a webhook does not need

        timestamp = str(int(time.time()))
        body = orjson.dumps({"event_id": message.message_key, **message.model_dump(exclude={"message_key"})})
        headers = {
            "Content-Type": "application/json",
            "Odds-Event-Id": message.message_key,
            "Odds-Timestamp": timestamp,
            "Odds-Signature": signature(self._secret, timestamp, body),
        }
        try:
            answer = httpx.post(self._url, content=body, headers=headers, timeout=TIMEOUT_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryError(f"webhook: {type(error).__name__}") from error
        if not answer.is_success:
            raise DeliveryError(f"webhook: HTTP {answer.status_code}")

"""A webhook receiver on loopback: takes signed messages, checks them, and can be down."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import orjson

from monitoring.alerts.delivery.webhook import signature
from tests.support.patience import patient

SECRET = "not-so-secret"


class Receiver:
    """What was received. `down`: every request is answered with 503. `on_get`: called for each GET."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.refused = 0
        self.down = False
        self.on_get: Callable[[], None] = lambda: None
        self.news = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                receiver.on_get()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                expected = signature(SECRET, self.headers.get("Odds-Timestamp", ""), body)
                with receiver.news:
                    if receiver.down or self.headers["Odds-Signature"] != expected:
                        receiver.refused += 1
                    else:
                        message = orjson.loads(body)
                        assert message["event_id"] == self.headers["Odds-Event-Id"]
                        receiver.messages.append(message)
                    self.send_response(503 if receiver.down else 204)
                    self.end_headers()
                    receiver.news.notify_all()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?key=abc"

    def told(self, kind: str | None = None) -> list[str]:
        """'<kind> <key>' for each alert of each message so far, in order; of one kind, or all."""
        with self.news:
            return [
                f"{message['kind']} {key}"
                for message in self.messages
                for key in message["alerts"]
                if kind in (None, message["kind"])
            ]

    def wait(self, count: int, within_s: float, kind: str | None = None) -> None:
        """Until there are `count` messages, of one kind or at all; fails, showing them, when patience ends."""
        within_s = patient(within_s)
        with self.news:
            arrived = self.news.wait_for(
                lambda: sum(kind in (None, one["kind"]) for one in self.messages) >= count, within_s
            )
            shown = [(one["kind"], one["alerts"], one["title"]) for one in self.messages]
            assert arrived, f"not {count} messages within {within_s:g} s: {shown}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

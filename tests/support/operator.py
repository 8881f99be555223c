"""A logged-in person at the dashboard, without a browser: pages, and forms with their tokens."""

from __future__ import annotations

import re
from html import unescape

import httpx

TOKEN = "the-operators-secret"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Operator:
    """Holds a session. `client` is a reader of the pages; it is logged in from now on."""

    def __init__(self, client: httpx.Client, name: str = "Ana") -> None:
        self.client = client
        answer = send_login(client, TOKEN, name=name)
        assert answer.status_code == 303, answer.text

    def page(self, path: str, status: int = 200) -> str:
        """A page's text as a person reads it, entities resolved."""
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:500]}"
        return unescape(answer.text)

    def token(self) -> str:
        """A form token of this session."""
        return csrf_of(self.client.get("/admin/alerts").text)

    def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form with this session's token."""
        return self.client.post(path, data={"csrf": self.token(), **fields})


def send_login(client: httpx.Client, token: str, **fields: str) -> httpx.Response:
    """Fill in the login form."""
    form = client.get("/login")
    assert form.status_code == 200, form.text
    return client.post("/login", data={"csrf": csrf_of(form.text), "token": token, **fields})


def csrf_of(page: str) -> str:
    """The token of the page's last form."""
    return unescape(_CSRF.findall(page)[-1])

"""Secrets out of log lines: what the settings hold as secret, and whatever looks like a secret anyway. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

STARS = "***"
SHORTEST_SECRET = 4
"""Letters of a secret that is looked for word by word: a shorter one would take half of every line with it."""
SHORTEST_IN_PATH = 16
"""Letters of a part of a web address that is taken for a key: webhooks carry theirs in the path."""
SHORTEST_IN_TARGET = 8
"""The same where the scheme is a messenger's (Apprise): `tgram://TOKEN/CHAT`, `discord://ID/TOKEN`."""
DATABASE_SCHEMES = frozenset({"postgres", "postgresql"})
WEB_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})
LARGEST_INTEGER = 2**63 - 1

_NAMED = r"(?:[a-z]+[_-])*(?:token|secret|password|passwd|pwd|api[_-]?key|access[_-]?key|signature|jwt)"
_NAME = rf"(?:{_NAMED}|key|sig|auth|authorization|session|cookie)"
_KEYS = re.compile(rf"(?i){_NAMED}|(?:[a-z]+[_-])*(?:authorization|cookies?|session)")
_HEADER = r"(?:proxy-)?authorization|(?:set-)?cookie|(?:x-)?api-?key"
_MESSENGERS = r"discord|tgrams?|telegram|slack|mailtos?|pover|ntfys?|gotifys?|matrixs?|whatsapp|signals?"
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # user and password, or a token, before the host of an address
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)[^\s/@\"']+@"), rf"\1{STARS}@"),
    # an address of a messenger: all of it is a secret
    (re.compile(rf"(?i)\b({_MESSENGERS})://[^\s\"']+"), rf"\1://{STARS}"),
    # keys in the path of a webhook: Discord, Slack, Telegram
    (re.compile(r"(?i)(/webhooks/|/services/|/bot)(?=[\w:/-]{16,})[\w:/-]+"), rf"\1{STARS}"),
    # a parameter of a query or form
    (re.compile(rf"(?i)(?<![\w-])({_NAME}=)[^&\s\"'<>]+"), rf"\1{STARS}"),
    # an entry of a printed mapping
    (re.compile(rf"(?i)([\"']{_NAME}[\"']\s*[:,]\s*[bu]?[\"'])[^\"']+"), rf"\1{STARS}"),
    (re.compile(rf"(?i)\b({_HEADER})(\s*:\s*)[^\r\n\"']+"), rf"\1\2{STARS}"),
    (re.compile(r"(?i)\bbearer\s+[\w.~+/-]{8,}=*"), f"bearer {STARS}"),
    # a JSON web token
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), STARS),
)
"""What looks like a secret wherever it stands, and what is printed instead. Order matters: wholes before parts."""

_ADDRESS = re.compile(r"[A-Za-z][\w+.-]*://[^\s,]+")


class Redactor:
    """Puts stars in the place of secrets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """secrets: values of settings: a word, an address, or several separated by commas."""
        words = {word for secret in secrets for word in words_of(secret)}
        # Longest first, so that a secret that holds another one goes whole.
        listed = sorted(words, key=lambda word: (-len(word), word))
        self._words = re.compile("|".join(map(re.escape, listed))) if listed else None

    def text(self, text: str) -> str:
        """The text without secrets; what UTF-8 cannot say is a question mark."""
        if self._words is not None:
            text = self._words.sub(STARS, text)
        for pattern, instead in PATTERNS:
            text = pattern.sub(instead, text)
        return text.encode(errors="replace").decode()

    def value(self, value: Any, key: str = "") -> Any:
        """A value of a line's context as plain JSON data without secrets, however deep they lie.

        key: under which it stands; text under a secret's name is all stars.
        """
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int):
            return int(value) if abs(value) <= LARGEST_INTEGER else str(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.value(inner, str(name)) for name, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(inner, key) for inner in value]
        if isinstance(value, date):  # datetime is one
            return value.isoformat()
        text = value.decode(errors="replace") if isinstance(value, bytes | bytearray) else str(value)
        return STARS if text and _KEYS.fullmatch(key) else self.text(text)


def words_of(secret: str) -> Iterator[str]:
    """The words by which a secret setting is known again, also where only a part of it is printed."""
    addresses = _ADDRESS.findall(secret)
    words = (
        [word for address in addresses for word in _words_of_address(address)] if addresses else [secret.strip()]
    )
    for word in words:
        if len(word) >= SHORTEST_SECRET:
            yield word
            yield unquote(word)


def _words_of_address(address: str) -> Iterator[str]:
    try:
        parts = urlsplit(address)
        password = parts.password or ""
    except ValueError:
        yield address
        return
    yield password
    if parts.scheme in DATABASE_SCHEMES:
        return
    in_query = [value for _, value in parse_qsl(parts.query)]
    in_path = [part for part in parts.path.split("/") if part]
    if parts.scheme in WEB_SCHEMES:
        yield from (word for word in (*in_query, *in_path) if len(word) >= SHORTEST_IN_PATH)
        return
    yield address
    named = parts.username or "", parts.hostname or "", *in_path, *in_query
    yield from (word for word in named if len(word) >= SHORTEST_IN_TARGET)

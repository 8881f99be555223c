"""Answers made fit to be kept in the repository: without what identifies whoever asked. Pure."""

from __future__ import annotations

import re
from typing import Any

import orjson

STARS = "***"
SECRET_KEYS = re.compile(
    r"(?i)(token|secret|password|passwd|api_?key|access_?(id|key)|session|cookie|authorization|csrf|jwt|"
    r"(client|user|remote)_?ip|ip_?address|user_?name|e_?mail|cpf|device_?id|fingerprint)"
)
"""Keys whose text values are replaced, wherever they stand."""
SECRET_VALUES = re.compile(
    r"(?i)\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JSON web token
    r"|\b[\w.+-]+@[\w-]+\.[\w.-]+\b"  # an e-mail address
    r"|\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"  # an IPv4 address
)
"""Texts that are replaced under any key."""


def sanitised(body: bytes) -> bytes:
    """The body with `***` in place of tokens, addresses and names; the very same bytes when there are none.

    JSON stays JSON of the same shape; numbers are never touched. Anything else is treated as text.
    """
    try:
        root = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode(errors="surrogateescape")
        return SECRET_VALUES.sub(STARS, text).encode(errors="surrogateescape")
    clean = _clean(root, secret=False)
    return body if clean == root else orjson.dumps(clean)


def _clean(value: Any, *, secret: bool) -> Any:
    if isinstance(value, dict):
        return {key: _clean(inner, secret=SECRET_KEYS.search(key) is not None) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner, secret=secret) for inner in value]
    if isinstance(value, str):
        return STARS if secret and value else SECRET_VALUES.sub(STARS, value)
    return value

"""Saved responses: bodies as they were received, or wrapped by the tool that recorded them."""

from __future__ import annotations

import orjson

ENVELOPE_MARKS = frozenset({"provider", "requestType"})
"""An object with `data` and one of these keys is a recorder's envelope, not a bookmaker's answer."""


def unwrap(body: bytes) -> bytes:
    """The bookmaker's own body: `data` of an envelope, anything else unchanged (JSON or not)."""
    if not body.lstrip().startswith(b"{") or b'"data"' not in body:
        return body
    try:
        root = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body  # whether it should have been JSON is the parser's to say
    if "data" not in root or not ENVELOPE_MARKS & root.keys():
        return body
    data = root["data"]
    return data.encode() if isinstance(data, str) else orjson.dumps(data)

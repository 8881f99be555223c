"""Where these pages lie, what their addresses may say, and what they show in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

PATH = "/admin/jobs"
JOB = f"{PATH}/job"
CAUSE = f"{PATH}/cause"
DEAD = f"{PATH}/dead"

CHIPS = {"waiting": "plain", "running": "plain", "done": "ok", "dead": "error", "cancelled": "offline"}
"""The database's word for a state -> the colour of its chip."""
STATUSES = tuple(CHIPS)

DIGITS = 17
"""Of the largest number that is taken from an address; the database's end at 19."""
TEXT_MAX = 200
JSON_MAX = 20_000
"""Letters of a job's arguments or result that its page shows."""


def number_of(text: str) -> int | None:
    """An id; None where it is none that the database can hold."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


def text_of(params: Mapping[str, str], name: str) -> str | None:
    """What an address says under a name; None: nothing. Postgres knows no NUL."""
    return params.get(name, "").replace("\0", "").strip()[:TEXT_MAX] or None


def pretty(value: Any) -> str:
    """JSON for people, its beginning where it is long; `/api/jobs/<id>` has the whole."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return text if len(text) <= JSON_MAX else f"{text[:JSON_MAX]}\n…"


def brief(value: Any) -> str:
    """JSON on one line; nothing for nothing."""
    return orjson.dumps(value).decode() if value else ""

"""The small forms that Entain's rows share: display strings, parameters, options, written numbers."""

from __future__ import annotations

import re
from typing import Any

from scrapers.platforms.reading import Row, name_of, object_of, rows_of

_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


def text_of(value: object) -> str:
    """A display string: `{value, sign}`; plain text is accepted too."""
    return name_of(value.get("value")) if isinstance(value, dict) else name_of(value)


def options_of(market: Row) -> list[Any]:
    """A market's options: `options` in V2, `results` in V1."""
    return [*rows_of(market.get("options")), *rows_of(market.get("results"))]


def parameters_of(market: Row) -> dict[str, str]:
    """A market's parameters by key; a list of `{key, value}`, at some brands an object."""
    given = market.get("parameters")
    if isinstance(given, dict):
        pairs = list(given.items())
    else:
        rows = (object_of(row) for row in rows_of(given))
        pairs = [(row.get("key"), row.get("value")) for row in rows]
    return {name_of(key): name_of(value) if isinstance(value, str) else str(value) for key, value in pairs if key}


def dotted(value: object) -> str:
    """A number or a text with numbers, which are then written with a dot and an ASCII minus."""
    text = str(value) if isinstance(value, int | float) else text_of(value)
    return _DECIMAL_COMMA.sub(".", text.replace("\N{MINUS SIGN}", "-"))

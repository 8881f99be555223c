"""A selection in an address: market, period, line, selection, rules, side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from urllib.parse import urlencode

from board.orientation import Offer
from scrapers.records import Market, Period, Rules, Selection, Side

_WORDS = {"market": Market, "period": Period, "selection": Selection, "rules": Rules, "side": Side}
_USUAL = {"period": Period.MATCH, "rules": Rules.STANDARD, "side": Side.BACK}
MAX_LINE = 1000.0


def offer_query(offer: Offer) -> str:
    """The query that names the offer; what is usual is left out."""
    words = {name: getattr(offer, name) for name in _WORDS}
    query = {name: word for name, word in words.items() if _USUAL.get(name) != word}
    if offer.line is not None:
        query["line"] = f"{offer.line:g}"
    return urlencode(query)


def read_offer(query: Mapping[str, str]) -> Offer | None:
    """The offer that an address names; None where it names none, or one that cannot be."""
    words = {}
    for name, known in _WORDS.items():
        word = query.get(name, _USUAL.get(name, ""))
        if word not in tuple(known):
            return None
        words[name] = str(word)
    try:
        line = float(query["line"]) if query.get("line") else None
    except ValueError:
        return None
    if line is not None and not (math.isfinite(line) and abs(line) <= MAX_LINE):
        return None
    return Offer(line=line, **words)

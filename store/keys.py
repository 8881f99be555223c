"""The key of a selection: a hash of its natural key, so that a price travels as two numbers."""

from __future__ import annotations

from hashlib import blake2b

from scrapers.records import Price


def selection_key(bookmaker: str, source_event_id: str, price: Price) -> int:
    """A signed 64-bit integer that names this selection for good (Postgres bigint).

    The first 8 bytes, big-endian, of BLAKE2b over the natural key joined by newlines: bookmaker, source
    event id, market, period, line (canonical decimal, empty when none), selection, rules, side. At a
    million rows the chance of any collision is 3e-8; the database compares the natural key and refuses one.
    """
    line = "" if price.line is None else format(price.line.normalize() + 0, "f")
    natural = "\n".join(
        (
            bookmaker,
            source_event_id,
            price.market,
            price.period,
            line,
            price.selection,
            price.rules,
            price.side,
        )
    )
    return int.from_bytes(blake2b(natural.encode(), digest_size=8).digest(), "big", signed=True)

"""The board's prices of a match, as the surebet engine wants them."""

from __future__ import annotations

from board.freshness import STANDARD_INTERVAL_S, FreshPrice
from board.records import BookmakerHead
from board.surebets import Quote


def quote_of(price: FreshPrice, now: float) -> Quote:
    """A price for the engine. `now`: seconds since the epoch, the database's clock.

    The link is left empty: it is made for the few prices that become legs.
    """
    market, period, line, selection, rules, side = price.offer
    return Quote(
        price.head.slug,
        market,
        selection,
        price.price,
        line,
        period,
        side,
        rules,
        price.commission,
        paced_age(price.head, now - price.seen_at),
        price.head.family,
        available=price.available,
    )


def paced_age(head: BookmakerHead, age_s: float) -> float:
    """An age in the rhythm of its scraper: what it would be at the standard interval of 30 s.

    A price is read again once an interval, so its age says whether cycles were missed, and the limits on age and
    skew are about that. By plain seconds, a scraper that comes round every 300 s would take part for the first 90
    of them; its prices would leave every surebet and come back with each cycle.
    """
    return max(0.0, age_s) * STANDARD_INTERVAL_S / max(head.expected_interval_s, STANDARD_INTERVAL_S)

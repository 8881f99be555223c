"""The history of a match's prices as tables for a terminal: figures, and a small chart of each price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich import box
from rich.table import Table
from rich.text import Text

from board.history import MatchHistory, PriceHistory
from board.history.chart import steps
from board.orientation import Offer
from scrapers.records import Market, Period, Rules, Side

BARS = "▁▂▃▄▅▆▇█"
SPARKLINE_COLUMNS = 16


def rendered(history: MatchHistory, shown: Sequence[PriceHistory], *, now: float) -> Iterator[Table | Text]:
    """The match and its prices as tables for people, one for each contract; times in UTC."""
    match = history.match
    yield Text(f"#{match.match_id} {match.home} x {match.away}", style="bold")
    state = "" if now < match.starts_at else ", já começou (kicked off)"
    yield Text(f"{match.league or '-'}, {short_time(match.starts_at)} UTC{state}")
    contracts: dict[tuple[object, ...], list[PriceHistory]] = {}
    for price in shown:
        offer = price.offer
        contracts.setdefault((offer.market, offer.period, offer.line, offer.rules, offer.side), []).append(price)
    until = min(now, float(match.starts_at))
    for prices in contracts.values():
        yield _table(prices, until=until, closed=now >= match.starts_at)
    yield from _notes(history, shown)


def sparkline(price: PriceHistory, *, until: float, columns: int = SPARKLINE_COLUMNS) -> str:
    """The price on offer from the first kept change to `until` (epoch s); blank while nothing was on offer."""
    if not price.changes or price.changes[0].at >= until:
        return ""
    begin = price.changes[0].at
    points = steps(price.changes, begin, until)
    held: list[float | None] = []
    for column in range(1, columns + 1):
        at = begin + (until - begin) * column / columns
        held.append(next((point.price for point in reversed(points) if point.at < at), None))
    offered = [value for value in held if value is not None]
    if not offered:
        return ""
    low, width = min(offered), max(offered) - min(offered)
    top = len(BARS) - 1
    level = [None if value is None else round((value - low) / width * top) if width else top // 2 for value in held]
    return "".join(" " if place is None else BARS[place] for place in level).rstrip()


def _table(prices: Sequence[PriceHistory], *, until: float, closed: bool) -> Table:
    table = Table(title=_contract(prices[0].offer), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    last = "Fecham. (closing)" if closed else "Última (last)"
    for heading in ("Seleção", "Casa"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Abertura", "Mín.", "Máx.", last, "Var.", "Mudanças"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("Movimento", "Desde (UTC)"):
        table.add_column(heading, no_wrap=True)
    before = None
    for price in prices:
        final = price.closing if closed else price.last
        table.add_row(
            "" if price.offer.selection == before else price.offer.selection,
            Text(price.name, "dim" if price.status in ("suspended", "gone") and not closed else ""),
            *map(_odds, (price.opening, price.lowest, price.highest, final)),
            f"{final / price.opening - 1:+.1%}" if final and price.opening else "",
            str(len(price.changes)),
            sparkline(price, until=until),
            short_time(price.first_seen_at),
        )
        before = price.offer.selection
    return table


def _contract(offer: Offer) -> str:
    words = [offer.market, "" if offer.period == Period.MATCH else offer.period]
    words += [
        "" if offer.line is None else f"{offer.line:+g}" if offer.market == Market.HANDICAP else f"{offer.line:g}"
    ]
    words += ["" if offer.rules == Rules.STANDARD else offer.rules, "" if offer.side == Side.BACK else offer.side]
    return " ".join(word for word in words if word)


def _notes(history: MatchHistory, shown: Sequence[PriceHistory]) -> Iterator[Text]:
    """What the tables do not show."""
    if any(price.put_away for price in shown):
        yield Text("Partida já arquivada: valem os resumos, e as mudanças enquanto guardadas. (put away)", "dim")
    if any(not history.is_whole(price) for price in shown):
        since = "nunca" if history.history_from is None else f"{short_time(history.history_from)} UTC"
        yield Text(f"Mudanças guardadas desde {since}; antes disso só os resumos. (changes kept since)", "dim")
    hidden = Counter(price.offer.market for price in history.prices)
    hidden.subtract(price.offer.market for price in shown)
    others = ", ".join(f"{market} {n}" for market, n in sorted(hidden.items()) if n)
    if others:
        yield Text(f"Outros mercados (--market): {others}", "dim")


def _odds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def short_time(at: float) -> str:
    """A time (epoch s) as day and minute, UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%d/%m %H:%M}"

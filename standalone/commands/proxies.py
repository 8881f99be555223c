"""`fleet proxies`: the ways out, as the processes of this machine know them together."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrapers.declarations import Bookmaker
from scrapers.fetching.proxy_list import DIRECT, Proxy, proxies_in_use
from scrapers.fetching.proxy_scores import Record, Standing
from scrapers.fetching.proxy_state import ProxyState, StateFile, key_of
from scrapers.registry import load_registry
from standalone.commands.status import PLAIN_WIDTH, age
from standalone.settings import load_settings

WORDS = {
    Standing.UP: ("ok", "green"),
    Standing.DUE: ("a testar", "yellow"),
    Standing.PROBED: ("em teste", "yellow"),
    Standing.RESTING: ("fora", "red"),
}
"""Standing -> word and colour in the table; `--json` keeps the standing's own."""


@click.command("proxies")
@click.option("--json", "as_json", is_flag=True, help="print the same as JSON")
def command(as_json: bool) -> None:
    """The ways out and how they do; no credentials are shown. / As saídas e como estão, sem credenciais.

    Exit code: 0 every bookmaker has a way out, 1 some bookmaker has none.
    """
    settings = load_settings()
    listed = settings.proxy_list.get_secret_value() if settings.proxy_list is not None else ""
    folder = settings.data_dir / "proxies"
    used = proxies_in_use(listed, folder, settings.source)
    report = about(
        used or (DIRECT,),
        list(load_registry().bookmakers.values()),
        StateFile(folder).read(),
        time.time(),
        anywhere=not used and settings.source != "live",
    )
    if as_json:
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    else:
        console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
        if listed and not used:
            console.print(f"ODDS_SOURCE={settings.odds_source}: PROXY_LIST não é usada (not used)")
        for part in _rendered(report):
            console.print(part)
    sys.exit(0 if report["ok"] else 1)


def about(
    proxies: Sequence[Proxy],
    bookmakers: Sequence[Bookmaker],
    state: ProxyState,
    now: float,
    *,
    anywhere: bool = False,
) -> dict[str, Any]:
    """The report: each way, who keeps it, for whom it is set aside, and which bookmakers have none at all.

    Args:
        anywhere: every request goes out directly, whatever the bookmakers declare.
    """
    stuck = [] if anywhere else [slug for slug in bookmakers if not _has_a_way(slug, proxies, state, now)]
    return {
        "ok": not stuck,
        "proxies": [_row(proxy, bookmakers, state, now) for proxy in proxies],
        "without_a_way": [bookmaker.slug for bookmaker in stuck],
    }


def _has_a_way(bookmaker: Bookmaker, proxies: Iterable[Proxy], state: ProxyState, now: float) -> bool:
    return any(
        state.standing(key_of(bookmaker), proxy.name, now) is not Standing.RESTING
        for proxy in proxies
        if proxy.tier in bookmaker.proxy_tiers
    )


def _row(proxy: Proxy, bookmakers: Iterable[Bookmaker], state: ProxyState, now: float) -> dict[str, Any]:
    names: dict[str, list[str]] = {}
    for bookmaker in bookmakers:
        names.setdefault(key_of(bookmaker), []).append(bookmaker.slug)
    # A key that no declaration has any more is shown as it is.
    keeping = [key for key, way in state.sticks.items() if way == proxy.name]
    apart = {
        key: scores[proxy.name]
        for key, scores in state.bookmakers.items()
        if proxy.name in scores and scores[proxy.name].score < 1
    }
    return {
        "proxy": proxy.name,
        "tier": proxy.tier,
        **_score(state.own(proxy.name), now),
        "bookmakers": sorted(slug for key in keeping for slug in names.get(key, [key])),
        "with_bookmakers": [
            {"bookmakers": names.get(key, [key]), **_score(record, now)} for key, record in sorted(apart.items())
        ],
    }


def _score(record: Record, now: float) -> dict[str, Any]:
    return {
        "score": round(record.score, 2),
        "state": record.standing(now),
        "cool_down_s": round(record.rest_s(now)),
        "reason": record.reason if record.score < 1 else None,
    }


def _rendered(report: Mapping[str, Any]) -> Iterable[Table | Text]:
    """The report as a table for people, and what is wrong below it."""
    table = Table(title="Saídas (ways out)", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Proxy", "Tipo", "Nota", "Estado", "Volta em", "Casas"):
        numbers = heading in ("Nota", "Volta em")
        table.add_column(heading, justify="right" if numbers else "left", overflow="fold", no_wrap=numbers)
    for row in report["proxies"]:
        table.add_row(
            Text(row["proxy"]),  # an IPv6 address in brackets is no markup
            row["tier"],
            f"{row['score']:.0%}",
            Text(*WORDS[row["state"]]),
            age(row["cool_down_s"]) if row["cool_down_s"] else "",
            ", ".join(row["bookmakers"]),
        )
    yield table
    for row in report["proxies"]:
        if row["reason"]:
            yield Text.assemble((f"{row['proxy']}: ", "bold"), row["reason"])
        for pair in row["with_bookmakers"]:
            back = f", volta em {age(pair['cool_down_s'])}" if pair["cool_down_s"] else ""
            word, colour = WORDS[pair["state"]]
            who = ", ".join(pair["bookmakers"])
            yield Text.assemble(
                (f"{row['proxy']} / {who}: ", "bold"),
                (word, colour),
                f" {pair['score']:.0%}{back}: {pair['reason']}",
            )
    if report["without_a_way"]:
        yield Text(f"Sem saída (no way out): {', '.join(report['without_a_way'])}", style="red")

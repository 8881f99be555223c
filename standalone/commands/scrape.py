"""`fleet scrape SLUG --once [--dry-run]`: one cycle of one bookmaker, on the terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click
import orjson


@click.command("scrape")
@click.argument("slug")
@click.option("--once", is_flag=True, help="one cycle, then end (the only way this command works; say so)")
@click.option("--dry-run", is_flag=True, help="fetch and parse only; the database is not touched")
@click.option("--json", "as_json", is_flag=True, help="print the report as JSON")
def command(slug: str, once: bool, dry_run: bool, as_json: bool) -> None:
    """Collect SLUG's odds once. Exit code 0 when the cycle was a success, 1 when not, 3 when another is at work."""
    from standalone.logs import configure_logs
    from standalone.shared_resources import SharedResources

    if not once:
        raise click.UsageError(
            "say --once; a scraper that keeps running is: standalone/run_scraper.py --scraper SLUG"
        )
    resources = SharedResources()
    configure_logs("fleet", "WARNING", resources.settings.secrets)
    bookmaker = resources.registry.bookmaker(slug)
    report = asyncio.run(_dry(bookmaker, resources) if dry_run else _cycle(bookmaker, resources))
    if as_json:
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    else:
        for name, value in report.items():
            click.echo(f"{name:>12}  {value}")
    sys.exit(3 if report.get("standby_of") else 0 if report["success"] else 1)


async def _cycle(bookmaker: Any, resources: Any) -> dict[str, Any]:
    from dataclasses import asdict

    from standalone.cycle.scraper import Scraper

    scraper = Scraper(bookmaker, resources, mode="once", hurry=True)
    try:
        return asdict(await scraper.run_cycle())
    finally:
        await scraper.close()


async def _dry(bookmaker: Any, resources: Any) -> dict[str, Any]:
    from scrapers.fetching.open import open_fetcher
    from scrapers.registry import load_platform
    from standalone.cycle.collect import collect

    fetcher = open_fetcher(bookmaker, settings=resources.settings)
    try:
        collected = await collect(
            bookmaker,
            load_platform(bookmaker.platform),
            fetcher,
            resources.registry.leagues_of(bookmaker),
            budget_s=bookmaker.deadline_s,
        )
    finally:
        await fetcher.aclose()
    outcome = collected.outcome()
    return {
        "outcome": str(outcome),
        "success": outcome in ("ok", "partial") or (outcome == "empty" and bookmaker.empty_is_normal),
        "events": collected.events,
        "collected": collected.prices,
        "rejected": {str(reason): count for reason, count in collected.rejected.items() if count},
        "failed_pages": {f.request.scope: str(f.error) for f in collected.failures},
        "fetch_ms": collected.fetch_ms,
        "parse_ms": collected.parse_ms,
    }

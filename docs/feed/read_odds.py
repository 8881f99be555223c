"""Reads odds.json and the files beside it, and refuses what is stale. Needs Python 3.11 alone; copy it.

    from read_odds import prices, read_odds, StaleFeed
    document = read_odds("https://<project>.supabase.co/storage/v1/object/public/odds/odds.json")
    for row in prices(document):
        print(row["home"], row["selection"], row["bookmaker"], row["price"], row["last_seen"], row["url"])

Or on the command line, which prints one line: python read_odds.py ADDRESS [--simulated]
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

VERSIONS = {"matches": 3, "surebets": 1, "duplo_greens": 1, "values": 1, "missed": 1, "files": 1}
"""The versions this reader understands, by the field that holds what a file lists."""
CLOCK_TOLERANCE_S = 10
"""By so much this machine's clock may be ahead or behind. A document from further in the future is refused."""


class FeedError(Exception):
    """The feed must not be used; the message says why."""


class StaleFeed(FeedError):
    """The document is past its validity: nobody refreshes it any more, and its prices may be gone."""


def read_odds(
    source: str, *, simulated: bool = False, newer_than: int = 0, now: datetime | None = None, timeout_s: float = 10
) -> dict[str, Any]:
    """Fetch and check a document; use it only until its `valid_until`.

    Args:
        source: an address, or the path of a file; a name that ends with .gz is unpacked.
        simulated: whether invented odds are welcome. Nobody can bet on them.
        newer_than: the sequence of the last document read; an older one (from some cache) is refused.
        now: aware; this machine's clock by default.

    Raises:
        StaleFeed: past its validity, or older than the last one read.
        FeedError: of another version, simulated, or not such a document at all.
        OSError: it cannot be fetched.
    """
    if source.startswith(("http://", "https://")):
        asked = Request(source, headers={"Cache-Control": "no-cache"})
        with urlopen(asked, timeout=timeout_s) as answer:
            body = answer.read()
    else:
        body = Path(source).read_bytes()
    try:
        document = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    except (ValueError, EOFError) as error:
        raise FeedError(f"{source} is not JSON: {error}") from error
    check(document, simulated=simulated, newer_than=newer_than, now=now)
    return document


def check(document: Any, *, simulated: bool = False, newer_than: int = 0, now: datetime | None = None) -> None:
    """Raise FeedError unless a document may be used now; arguments as for `read_odds`."""
    if not isinstance(document, dict):
        raise FeedError("not a document of the feed")
    try:
        version, sequence = document["version"], int(document["sequence"])
        begin, end = (_time(document[name]) for name in ("generated_at", "valid_until"))
        invented = document["simulated"]
    except (KeyError, TypeError, ValueError) as error:
        raise FeedError(f"not a document of the feed: {error!r}") from error
    expected = next((known for listed, known in VERSIONS.items() if listed in document), None)
    if version != expected:
        raise FeedError(f"version {version!r}; this reader understands {expected}")
    now = now or datetime.now(UTC)
    if now > end:
        raise StaleFeed(f"valid until {document['valid_until']}, {(now - end).total_seconds():.0f} s ago")
    if (begin - now).total_seconds() > CLOCK_TOLERANCE_S:
        raise FeedError(f"generated at {document['generated_at']}, in the future; is this machine's clock right?")
    if sequence < newer_than:
        raise StaleFeed(f"sequence {sequence}, older than {newer_than}")
    if invented is not False and not simulated:
        raise FeedError("simulated odds; nobody can bet on them")


def prices(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every price of a document with matches as one flat row: what it is for, whose, both its clocks and its link.

    side: "back" or "lay"; url: "" where none is known; available and commission: None where nothing is said.
    """
    for match in document["matches"]:
        about = {name: match[name] for name in ("match_id", "sport", "league", "home", "away", "starts_at")}
        for market in match["markets"]:
            contract = {name: market[name] for name in ("market", "period", "line", "rules")}
            for selection in market["selections"]:
                for side, listed in (("back", selection["prices"]), ("lay", selection.get("lay", ()))):
                    for price in listed:
                        yield {
                            **about,
                            **contract,
                            "selection": selection["selection"],
                            "side": side,
                            "bookmaker": price["bookmaker"],
                            "price": price["price"],
                            "last_seen": document["last_seen"][price["scope"]],
                            "last_changed": price["last_changed"],
                            "url": price.get("url") or match["links"].get(price["bookmaker"], ""),
                            "available": price.get("available"),
                            "commission": price.get("commission"),
                        }


def _time(text: Any) -> datetime:
    moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"{text} names no time zone")
    return moment


def main(arguments: list[str]) -> int:
    """Print what a document holds; exit code 1 if it must not be used."""
    simulated = "--simulated" in arguments
    [source] = [argument for argument in arguments if not argument.startswith("--")]
    try:
        document = read_odds(source, simulated=simulated)
    except FeedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    listed = next(len(document[name]) for name in VERSIONS if name in document)
    sys.stdout.write(f"sequence {document['sequence']}, valid until {document['valid_until']}, {listed} listed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

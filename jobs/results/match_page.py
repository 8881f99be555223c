"""The page of a match to records. Pure: equal bytes and sides, equal result.

The head names the sides in `.match-header-team.right` and `.left`; which of them is the home side, its own name
tells, since readers of the site report both. Bars (`.graph-bar`) hold the statistics, home first. What a page may
lack (statistics, scorers, an attendance) is empty; what it holds and cannot be read is rejected with a reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jobs.results.goals import read_goals
from jobs.results.html import (
    address_of,
    classes_of,
    folded,
    penalties_in,
    score_in,
    shape_error,
    text_of,
    tree_of,
)
from jobs.results.records import ListedMatch, MatchPage
from jobs.results.vocabulary import CARDS, MOST, MOST_COUNTED, SHARES, STATISTICS
from normalizer.names import fold
from scrapers.records import Rejected

EXPECTED = "the page of a match (.match-header-team, .match-header-vs)"
SITE_ZONE = ZoneInfo("America/Sao_Paulo")
"""Times are printed in it (compared with the UTC day in the address, 2026-02)."""

HOME_FIRST, AWAY_FIRST = ("right", "left"), ("left", "right")
MOST_ATTENDANCE = 250_000

_KICKOFF = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)[-/](\d\d)[-/](\d{4}))\D{1,20}?(\d{1,2})[:h](\d\d)\b",
)
_ATTENDANCE = re.compile(r"(\d[\d.\s]{0,12})\s*espectadores", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?)\s*%?")


def parse_match(body: bytes, listed: ListedMatch) -> MatchPage:
    """The page of the match that a round lists so.

    Raises PayloadShapeError when it is no page of a match, one of another match, or of one without a score.
    """
    tree = tree_of(body)
    names = {place: folded(_team(tree, place)) for place in HOME_FIRST}
    vs = tree.css_first(".match-header-vs")
    if vs is None or not all(names.values()):
        raise shape_error(EXPECTED, f"the page {text_of(tree.css_first('title'))!r} has none", body)
    home, away = _places(tree, names, listed, body)
    shown = vs.css_first("a") or vs
    score = score_in(text_of(shown, deep=False)) or score_in(text_of(shown.css_first(".result")))
    if score is None:
        raise shape_error("the score of a finished match", f"found {text_of(vs)!r}", body)
    blocks = [tree.css_first(f".match-header-scorers.{place}") for place in (home, away)]
    rejected: list[Rejected] = []
    return MatchPage(
        score,
        listed.extra_time or "prol" in classes_of(shown),
        penalties_in(text_of(vs)) or listed.penalties,
        _kickoff(tree, listed.played_on, rejected),
        read_goals(blocks[0], blocks[1], score),
        {**_bars(tree, rejected), **_cards(tree)},
        text_of(tree.css_first("#stadium .name a") or tree.css_first('a[href*="/estadio/"]')),
        text_of(tree.css_first('a[href*="/arbitro/"]') or tree.css_first('a[href*="referee.php"]')),
        _attendance(tree),
        tuple(rejected),
    )


def _team(tree: LexborHTMLParser, place: str) -> LexborNode | None:
    team = tree.css_first(f".match-header-team.{place}")
    return None if team is None else team.css_first(".match-header-team-name a") or team.css_first("a") or team


def _places(tree: LexborHTMLParser, names: Mapping[str, str], listed: ListedMatch, body: bytes) -> tuple[str, str]:
    """Where the home and the away side stand in the head: by the names that the list has, or where the page says by
    its address that it is the match, by those of its own line-ups."""
    own = address_of(tree.css_first("link[rel=canonical]")).rstrip("/")
    wanted = [(fold(listed.home), fold(listed.away))]
    if own.endswith(f"/{listed.page_id}"):
        columns = [folded(node) for node in tree.css("#game_report .subtitle")[:2]]
        wanted += [(columns[0], columns[1])] if len(columns) == 2 else []
    elif "/jogo/" in own:
        wanted = []
    for told in wanted:
        fits = [
            order
            for order in (HOME_FIRST, AWAY_FIRST)
            if any(names[place] == name for place, name in zip(order, told, strict=True))
        ]
        if len(fits) == 1:
            return fits[0]
    found = f"found {names['right']!r} and {names['left']!r} at {own!r}"
    raise shape_error(f"the match {listed.home!r} against {listed.away!r}", found, body)


def _kickoff(tree: LexborHTMLParser, played_on: date, rejected: list[Rejected]) -> datetime | None:
    told = text_of(tree.css_first(".dateauthor"))
    found = _KICKOFF.search(told)
    if not found:
        if told:
            rejected.append(Rejected("kickoff", "bad_kickoff", told))
        return None
    year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
    try:
        at = datetime(int(year), int(month), int(day), int(found[7]), int(found[8]), tzinfo=SITE_ZONE).astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        rejected.append(Rejected("kickoff", "bad_kickoff", told))
        return None
    if abs(at.date() - played_on) > timedelta(days=1):
        rejected.append(Rejected("kickoff", "other_day", f"{told}, the address says {played_on}"))
        return None
    return at


def _bars(tree: LexborHTMLParser, rejected: list[Rejected]) -> dict[str, tuple[float, float]]:
    """Statistics by name. A label that stands twice (in a summary, then in full) counts as it stands first."""
    found: dict[str, tuple[float, float]] = {}
    for bar in tree.css(".graph-bar"):
        name = STATISTICS.get(folded(bar.css_first(".bars-title")))
        if name is None or name in found:
            continue
        texts = [text_of(node) for node in bar.css(".num")]
        values = [_value(name, text) for text in texts]
        if len(values) != 2 or None in values:
            rejected.append(Rejected(f"statistic:{name}", "bad_statistic", " / ".join(texts)))
            continue
        first, second = (value or 0.0 for value in values)
        if name in SHARES and not math.isclose(first + second, 100, abs_tol=1.5):
            rejected.append(Rejected(f"statistic:{name}", "not_a_whole", " / ".join(texts)))
            continue
        found[name] = first, second
    return found


def _value(name: str, text: str) -> float | None:
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    value = float(found[1].replace(",", "."))
    return value if value <= MOST.get(name, MOST_COUNTED) else None


def _cards(tree: LexborHTMLParser) -> dict[str, tuple[float, float]]:
    """Cards by the icons beside the players; the two columns of each row of line-ups are home and away."""
    counted = {name: [0, 0] for name in CARDS.values()}
    rows = tree.css("#game_report .zz-tpl-row.game_report")
    for row in rows:
        for side, column in enumerate(row.css(".zz-tpl-col")[:2]):
            for icon in column.css(".player .events span[title]"):
                name = CARDS.get(fold(icon.attributes.get("title") or ""))
                if name is not None:
                    counted[name][side] += 1
    return {name: (float(each[0]), float(each[1])) for name, each in counted.items()} if rows else {}


def _attendance(tree: LexborHTMLParser) -> int | None:
    body = tree.body
    found = _ATTENDANCE.search(body.text(deep=True, separator=" ")) if body is not None else None
    digits = re.sub(r"\D", "", found[1]) if found else ""
    return int(digits) if digits and int(digits) <= MOST_ATTENDANCE else None

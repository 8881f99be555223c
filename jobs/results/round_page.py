"""The list of a round to records. Pure: equal bytes, equal result.

The table stands in `#fixture_games`; its cell `result` (or `vs`, before the match) holds the link to the match, two
cells before it stands the home side, two after it the away side (in between the crests). What cannot be read is
rejected with a reason, and takes no other row with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jobs.results.html import (
    address_of,
    classes_of,
    number_in,
    penalties_in,
    score_in,
    shape_error,
    text_of,
    tree_of,
)
from jobs.results.records import ListedMatch, RoundPage, Standing
from jobs.results.vocabulary import OFF_MARKS
from scrapers.records import Rejected

EXPECTED = "the list of a round (#fixture_games)"
RESULT_CLASSES = frozenset({"result", "vs"})
BESIDE = 2
"""Cells from the result to a side's name."""

_PAGE = re.compile(r"(?:https?://[^/]+)?(/jogo/(\d{4}-\d\d-\d\d)-[^/?#]*/(\d{1,12}))/?(?:[?#].*)?")
_HEADING = re.compile(r"\b(?:rodada|jornada)\s+(\d{1,4})\b", re.IGNORECASE)


class _Unreadable(Exception):
    """A row that cannot become a record: reason, detail."""


def parse_round(body: bytes) -> RoundPage:
    """A page of `/competicao/<name>?jornada_in=<round>`. Raises PayloadShapeError when it is no such page."""
    tree = tree_of(body)
    tables = tree.css("#fixture_games")
    if not tables:
        raise shape_error(EXPECTED, f"the page {text_of(tree.css_first('title'))!r} has none", body)
    rounds, selected = _rounds(tree)
    shown = selected if selected is not None else _heading(tree)
    matches: dict[int, ListedMatch] = {}
    rejected: list[Rejected] = []
    for number, row in enumerate(row for table in tables for row in table.css("tr")):
        try:
            match = _match(row)
        except _Unreadable as why:
            rejected.append(Rejected(f"row:{number}", *why.args))
        else:
            if match is not None:
                # A list that moves while it is read shows a row twice; the later one is newer.
                matches[match.page_id] = match
    edition = number_in(tree.css_first("input[name=id_edicao]"), "value") or 0
    return RoundPage(edition, shown or 0, rounds, tuple(matches.values()), tuple(rejected))


def _rounds(tree: LexborHTMLParser) -> tuple[tuple[int, ...], int | None]:
    """The rounds that the page offers, and the one it shows."""
    offered: list[int] = []
    selected = None
    for option in tree.css("select[name=jornada_in] option"):
        number = number_in(option, "value")
        if number:
            offered.append(number)
            if "selected" in option.attributes:
                selected = number
    return tuple(sorted(set(offered))), selected


def _heading(tree: LexborHTMLParser) -> int | None:
    found = (_HEADING.search(text_of(node)) for node in tree.css("h1, h2, h3, h4, .round"))
    return next((int(each[1]) for each in found if each), None)


def _match(row: LexborNode) -> ListedMatch | None:
    """None for a row without a match: a heading, an advertisement."""
    cells = row.css("td")
    place = next((number for number, cell in enumerate(cells) if classes_of(cell) & RESULT_CLASSES), None)
    if place is None:
        if any(_PAGE.fullmatch(address_of(link)) for link in row.css("a")):
            raise _Unreadable("no_result_cell", text_of(row))
        return None
    links = cells[place].css("a")
    link, address = _page_link(links, text_of(row))
    try:
        played_on = date.fromisoformat(address[2])
    except ValueError:
        raise _Unreadable("bad_day", address[2]) from None
    sides = [_side(cells, place + step) for step in (-BESIDE, BESIDE)]
    if not all(sides) or sides[0] == sides[1]:
        raise _Unreadable("bad_sides", f"{sides[0]!r} against {sides[1]!r}")
    shown = text_of(link, deep=False)
    score, standing = score_in(shown), _standing(shown)
    if score is None and standing is Standing.FINISHED:
        raise _Unreadable("bad_score", shown)
    return ListedMatch(
        int(address[3]),
        address[1],
        sides[0],
        sides[1],
        played_on,
        standing,
        score,
        extra_time=score is not None and "prol" in classes_of(link),
        penalties=penalties_in(text_of(link.css_first("span"))) if score is not None else None,
    )


def _page_link(links: Iterable[LexborNode], where: str) -> tuple[LexborNode, re.Match[str]]:
    for link in links:
        address = _PAGE.fullmatch(address_of(link))
        if address:
            return link, address
    raise _Unreadable("no_page", where)


def _side(cells: list[LexborNode], place: int) -> str:
    return text_of(cells[place].css_first("a") or cells[place]) if 0 <= place < len(cells) else ""


def _standing(shown: str) -> Standing:
    """By what stands in place of a score: a time or "vs" before the match, a mark where there is none."""
    if score_in(shown) is not None:
        return Standing.FINISHED
    mark = shown.strip().lower()
    if not mark or mark in ("vs", "-", "x") or re.fullmatch(r"\d{1,2}[:h]\d{2}", mark):
        return Standing.TO_COME
    return OFF_MARKS.get(mark[:3], Standing.FINISHED)

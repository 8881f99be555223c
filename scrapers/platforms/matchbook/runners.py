"""What a runner stands for: its selection and its line, from participant ids, names and handicaps."""

from __future__ import annotations

import re
from decimal import Decimal

from scrapers.platforms.labels import DRAW_WORDS, OVER_UNDER, YES_NO, double_chance, without_line
from scrapers.platforms.matchbook.sides import Sides
from scrapers.platforms.quotes import home_view
from scrapers.platforms.reading import Reason, Row, Unreadable, id_of, name_of, object_of, written_line
from scrapers.records import Market, Selection

_WITH_REMARK = re.compile(r"(.+?) \([^)]*\)")


def is_draw(runner: object) -> bool:
    """Whether a runner is the draw: "Empate", "DRAW (Rea/Bar)"."""
    row = object_of(runner)
    name = name_of(row.get("name")).casefold()
    remark = _WITH_REMARK.fullmatch(name)
    drawn = name in DRAW_WORDS or (remark is not None and remark[1] in DRAW_WORDS)
    return drawn and id_of(row.get("event-participant-id")) in (None, "0")


def selection_of(market: Market, sides: Sides, runner: Row) -> Selection:
    """The runner's selection in a market of this kind; raises Unreadable when it has none, or two."""
    if market is Market.MATCH_RESULT and is_draw(runner):
        return Selection.DRAW
    label, _ = _split(sides, runner)
    if market is Market.TOTALS:
        found = OVER_UNDER.get(label)
    elif market is Market.BOTH_TEAMS_TO_SCORE:
        found = YES_NO.get(label)
    elif market is Market.DOUBLE_CHANCE:
        found = double_chance(label, sides.home, sides.away)
    else:
        found = _side(sides, runner, label)
    if found is None:
        raise Unreadable(Reason.UNKNOWN_SELECTION, f"{market} {name_of(runner.get('name'))!r}")
    return found


def line_of_runner(market: Row, sides: Sides, runner: Row, selection: Selection) -> Decimal:
    """The line from the home side's view; raises Unreadable without one, or when two places tell different ones.

    It stands in `handicap` of the market and of the runner, and in the runner's name. In totals all are one
    number. In handicaps the runner's is its own side's (signed), the market's may be either side's.
    """
    _, written = _split(sides, runner)
    own = {written_line(runner.get("handicap")), written} - {None}
    shared = written_line(market.get("handicap"))
    is_total = selection in (Selection.OVER, Selection.UNDER)
    if is_total and shared is not None:
        own.add(shared)
    if not own:
        raise Unreadable(Reason.BAD_LINE, f"{name_of(runner.get('name'))!r}, handicap {runner.get('handicap')!r}")
    line = own.pop()
    if own or line is None or (shared is not None and abs(shared) != abs(line)):
        detail = f"{name_of(runner.get('name'))!r}, {runner.get('handicap')!r}, market {market.get('handicap')!r}"
        raise Unreadable(Reason.LINE_CONFLICT, detail)
    return home_view(line, selection)


def _split(sides: Sides, runner: Row) -> tuple[str, Decimal | None]:
    """The runner's name in small letters, and the line that it ends with ("Schalke 04" ends with none)."""
    name = name_of(runner.get("name"))
    return (name.casefold(), None) if name.casefold() in sides.by_name else without_line(name)


def _side(sides: Sides, runner: Row, label: str) -> Selection | None:
    by_id = sides.by_id.get(id_of(runner.get("event-participant-id")) or "")
    by_name = sides.by_name.get(label)
    if by_id is not None and by_name is not None and by_id is not by_name:
        raise Unreadable(Reason.SIDE_CONFLICT, f"participant {by_id}, name {name_of(runner.get('name'))!r}")
    return by_id or by_name

"""Who scored and when, out of the head of a match's page. Pure.

Each side has a block with the players whose goals count for it, each followed by the minutes: "9' 45+2' (pen.)". An
own goal stands with the side that it counts for; on some pages it stands on both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborNode

from jobs.results.html import address_of, classes_of, text_of
from jobs.results.records import Goal, GoalKind, Score
from jobs.results.vocabulary import GOAL_KINDS

LAST_MINUTE = 120
_MINUTE = re.compile(r"(\d{1,3})\s*'?\s*(?:\+\s*(\d{1,2}))?\s*'?\s*(?:\(([^)]*)\))?")


def read_goals(home: LexborNode | None, away: LexborNode | None, score: Score) -> tuple[Goal, ...] | None:
    """The goals in order of time; None unless they make up the score."""
    sides = {"home": list(_goals(home, "home")), "away": list(_goals(away, "away"))}
    wanted = dict(zip(("home", "away"), score, strict=True))
    if any(len(sides[side]) != wanted[side] for side in sides):
        sides = _without_repeats(sides, wanted)
    goals = [goal for side in sides.values() for goal in side]
    if any(len(sides[side]) != wanted[side] for side in sides) or any(goal.minute > LAST_MINUTE for goal in goals):
        return None
    return tuple(sorted(goals, key=lambda goal: (goal.minute, goal.added)))


def _goals(block: LexborNode | None, side: str) -> Iterator[Goal]:
    scorer = ""
    for node in () if block is None else block.traverse():
        if node.tag == "a" and "/jogador/" in address_of(node):
            scorer = text_of(node)
        elif node.tag == "span" and "time" in classes_of(node):
            for minute, added, note in _MINUTE.findall(text_of(node)):
                yield Goal(side, int(minute), int(added or 0), _kind(note), scorer)


def _kind(note: str) -> GoalKind:
    begins = note.strip().lower()
    return next((kind for mark, kind in GOAL_KINDS.items() if begins.startswith(mark)), GoalKind.PLAIN)


def _without_repeats(sides: dict[str, list[Goal]], wanted: dict[str, int]) -> dict[str, list[Goal]]:
    """Own goals that stand on both sides left to the one that lacks them, where that makes up the score."""
    both = _own(sides["home"]) & _own(sides["away"])
    for kept in ("home", "away"):
        tried = {
            side: goals if side == kept else [goal for goal in goals if _mark(goal) not in both]
            for side, goals in sides.items()
        }
        if all(len(tried[side]) == wanted[side] for side in tried):
            return tried
    return sides


def _own(goals: Iterable[Goal]) -> set[tuple[str, int, int]]:
    return {_mark(goal) for goal in goals if goal.kind is GoalKind.OWN}


def _mark(goal: Goal) -> tuple[str, int, int]:
    return goal.scorer, goal.minute, goal.added

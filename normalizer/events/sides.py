"""The sides of an event, and how far one side agrees with another: categories, known spellings, then names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from normalizer.names import TeamName, with_league
from normalizer.similarity import Agreement, compare_names

SideKey = tuple[str, str]
"""Folded name and category: what makes two printed names the same side."""

ALIAS_WORTH = {"confirmed": 1.0, "taught": 0.96, "proposed": 0.85}
"""What a spelling is worth that is known for a team: sure; shown by several links; somebody's fuzzy hit."""
SECOND_SIDE_AGES = frozenset({"u19", "u20", "u21", "u22", "u23"})
"""A club's second side is "B" or "II" for one desk and, by its players' age, "U23" for another."""
_ONE_OF_TWO = 0.5
"""What "Gent B" is worth for "Gent U23", and "Bristol C" for Bristol City: enough beside a sure opponent, nothing
by themselves."""
_CLEARLY_ONE_CLUB = 0.8
_ENDS_WITH_C = re.compile(r"(?<=\s)C\.?$")


@dataclass(frozen=True, slots=True)
class Side:
    """A team as an event names it. `category` is with what the league says; `team_id` where the catalogue has
    it."""

    name: TeamName
    category: str
    team_id: int | None = None

    @property
    def key(self) -> SideKey:
        """What makes two printed names the same side."""
        return self.name.folded, self.category


def category_between(league: str, home: TeamName, away: TeamName) -> str:
    """The category that a league (of category `league`) gives to these two sides.

    Women play women: one marked side tells the other. Age and reserve sides do meet seniors.
    """
    if "women" in home.category or "women" in away.category:
        return with_league("women", league)
    return league


def compare_sides(side: Side, known: Side, alias: str = "") -> Agreement:
    """How far two sides agree. `alias`: what is known of the first one's spelling for the second one's team: a key
    of ALIAS_WORTH, 'rejected', or '' for nothing."""
    if alias == "confirmed":
        return Agreement(ALIAS_WORTH[alias], "alias")
    if alias == "rejected":
        return Agreement(0.0, "rejected alias", veto=True)
    if side.category != known.category:
        return _other_category(side, known)
    agreement = compare_names(side.name, known.name)
    if alias and not agreement.veto and agreement.score < ALIAS_WORTH[alias]:
        return Agreement(ALIAS_WORTH[alias], alias)
    return agreement


def is_third_or_cut(side: Side) -> bool:
    """Whether a side reads as a third one by its "C" alone: it may be a word cut to its first letter as well."""
    return side.category == "third" and _ENDS_WITH_C.search(side.name.raw) is not None


def _other_category(side: Side, known: Side) -> Agreement:
    if _may_be_cut(side, known) or _may_be_cut(known, side):
        return Agreement(_ONE_OF_TWO, "third side or a word cut to its first letter")
    second = _is_second_side(side.category) and _is_second_side(known.category)
    if second and compare_names(side.name, known.name).score >= _CLEARLY_ONE_CLUB:
        return Agreement(_ONE_OF_TWO, f"second side: {side.category}, {known.category}")
    return Agreement(0.0, f"category {side.category or 'senior'} is not {known.category or 'senior'}", veto=True)


def _is_second_side(category: str) -> bool:
    return category == "reserve" or category in SECOND_SIDE_AGES


def _may_be_cut(cut: Side, whole: Side) -> bool:
    """Whether the "C" that reads as a third side may be the beginning of a word: Bristol C, Bristol City."""
    if whole.category or not is_third_or_cut(cut):
        return False
    words, known = cut.name.folded.split(), whole.name.folded.split()
    return words == known[: len(words)] and len(known) > len(words) and known[len(words)].startswith("c")

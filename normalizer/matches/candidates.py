"""Which matches an event could be: each match near it in the catalogue, held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from normalizer.catalogue import Catalogue
from normalizer.chances import PriceEvidence
from normalizer.events.assigning import Claim
from normalizer.events.judging import CLEAR, SHARED_WORD, SURE, Nearness, Relation, Verdict, apart, judge
from normalizer.matches.sides import (
    PreparedEvent,
    Sides,
    Target,
    as_printed,
    of_declared_other_leagues,
    relation_of,
    target_of,
)
from normalizer.similarity import Agreement

NEAR = 0.55
"""Sides that agree this far on average are too near for a new match."""
AT_ONCE_S = 5 * 60
"""Kick-offs this near are of one minute, as for `judge`."""
OPPONENT = "opponent"
"""The method of a link for which one sure side alone speaks."""
_REFUSED = Verdict(0.0, False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One match that an event could be.

    near    too near to make a new match beside it
    why     in words, for a person
    linked  'platform:<name>': another brand of the platform linked the same event to it; '' for names alone
    """

    target: Target
    swapped: bool
    home: Agreement
    away: Agreement
    verdict: Verdict
    near: bool
    why: str
    linked: str = ""

    @property
    def method(self) -> str:
        """What a link to it rests on."""
        if self.linked:
            return self.linked
        if self.verdict.lent:
            return OPPONENT
        return "exact" if self._exact else "names"

    @property
    def fits(self) -> bool:
        """Whether both sides speak for it."""
        return self.verdict.accepted and not self.verdict.lent

    @property
    def _exact(self) -> bool:
        return self.home.exact and self.away.exact

    def rank(self) -> tuple[float, int]:
        """Best first."""
        return (-self.verdict.score, self.target.match_id or 0)

    def claim(self, event: str, *, may_be_lent: bool) -> Claim:
        """The candidate as this event's claim on the match. Not `may_be_lent`: one side alone does not speak for
        it, and it only stands in the way of others."""
        return Claim(
            event,
            self.target.match_id,
            self.verdict.score,
            bool(self.linked) or self._exact,
            self.swapped,
            self.verdict.lent,
            self.verdict.accepted and (may_be_lent or not self.verdict.lent),
        )

    def as_json(self) -> dict[str, Any]:
        """As `list_unmatched` shows it; `score` rounded, `starts_at` in epoch seconds."""
        return {
            "match_id": self.target.match_id,
            "home": self.target.home.name.raw,
            "away": self.target.away.name.raw,
            "starts_at": self.target.at,
            "swapped": self.swapped,
            "score": round(self.verdict.score, 4),
            "why": self.why,
        }


def hold_against(one: PreparedEvent, target: Target, swapped: bool, sides: Sides) -> Candidate:
    """Everything about one event and one match, one way round."""
    first, second = as_printed(target, swapped)
    home, away = sides.compare(one.home, first), sides.compare(one.away, second)
    kickoffs = apart(abs(one.at - target.at) // 60)
    why = f"home {home.score:.2f} ({home.why}), away {away.score:.2f} ({away.why})"
    if kickoffs is None:
        return Candidate(target, swapped, home, away, _REFUSED, False, f"{why}, another day")
    why += f", {kickoffs.late} min apart"
    if of_declared_other_leagues(one, target):
        return Candidate(target, swapped, home, away, _REFUSED, False, f"{why}, other league")
    relation = relation_of(one, target)
    if relation is Relation.OTHER:
        why += ", leagues of other countries"
    prices = sides.prices(one, target, swapped=swapped)
    if prices is not PriceEvidence.NOTHING:
        why += f", prices {prices.value}"
    verdict = judge(home.strength, away.strength, kickoffs, relation, prices, swapped=swapped)
    near = verdict.accepted or _too_near(home, away, kickoffs.near, relation, prices, swapped=swapped)
    return Candidate(target, swapped, home, away, verdict, near, f"{why}, swapped" if swapped else why)


def _too_near(
    home: Agreement, away: Agreement, near: Nearness, relation: Relation, prices: PriceEvidence, *, swapped: bool
) -> bool:
    """Whether a new match must not be made beside this one, though it is not sure to be the same.

    A team does not play twice within hours: one sure side in the same league, or at the same minute, is too near
    even when the other side's name or category says otherwise. So is a word that both sides share, in one league at
    one minute, unless prices tell of another match: "West Brom x Sheffield Wed". Where prices are alike, one near
    side is enough: "Nacional Madeira x Vitória SC" beside "CD Nacional x V. Guimaraes".
    """
    low, high = sorted((home.strength, away.strength))
    at_once = near is Nearness.SAME
    if swapped:
        return at_once and low >= CLEAR
    if relation is Relation.OTHER:
        return False
    same_league = relation is Relation.SAME
    if same_league and at_once and low >= SHARED_WORD and prices is not PriceEvidence.UNLIKE:
        return True
    if same_league and at_once and low >= 0 and high >= NEAR and prices is PriceEvidence.ALIKE:
        return True
    one_sure_side = high >= (SURE if same_league and at_once else CLEAR) and (same_league or at_once)
    return one_sure_side or (low >= 0 and (low + high) / 2 >= NEAR)


def better_way_round(one: PreparedEvent, target: Target, sides: Sides) -> Candidate:
    """The event and the match as both print them, or swapped where only that comes near."""
    direct = hold_against(one, target, False, sides)
    if direct.near:
        return direct
    swapped = hold_against(one, target, True, sides)
    return swapped if swapped.near else direct


def targets(one: PreparedEvent, catalogue: Catalogue) -> list[Target]:
    """The matches of the catalogue that share a word with the event and start within hours of it."""
    names = [(side.name, side.category) for side in (one.home, one.away)]
    return [target_of(match, catalogue) for match in catalogue.matches_near(one.event.sport, one.at, names)]


def beside(one: PreparedEvent, catalogue: Catalogue, sides: Sides) -> list[Candidate]:
    """The matches of the event's league and minute with one side near its own, the best first. Too near for a new
    match where prices are alike, whether they share a word that tells or not ("Nacional")."""
    found = []
    for match in catalogue.matches_at(one.event.league_key, one.at, AT_ONCE_S):
        candidate = hold_against(one, target_of(match, catalogue), False, sides)
        low, high = sorted((candidate.home.strength, candidate.away.strength))
        if low >= 0 and high >= NEAR:
            found.append(candidate)
    return sorted(found, key=Candidate.rank)


def candidates_of(one: PreparedEvent, catalogue: Catalogue, sides: Sides) -> list[Candidate]:
    """Those of them that come near, the best first."""
    found = [better_way_round(one, target, sides) for target in targets(one, catalogue)]
    return sorted((each for each in found if each.near), key=Candidate.rank)

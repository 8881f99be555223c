"""Whether an event is a match: names, kick-off and league together. Every threshold of the fleet stands here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from normalizer.catalogue import WINDOW_S
from normalizer.chances import PriceEvidence
from normalizer.matches.sides import PreparedEvent, Sides, Target, as_printed
from normalizer.similarity import Agreement
from scrapers.records import Sport

SAME_KICK_OFF_S = 5 * 60
"""Sources differ by a few minutes about the same kick-off; within this it is the same."""
CLOSE_KICK_OFF_S = 30 * 60
"""A delay that needs clear names on both sides. Beyond, up to WINDOW_S, it is a postponement: strong names."""

MARGIN = 0.06
"""Two candidates closer than this are ambiguous, unless only one of them is exact."""

CERTAIN = 0.95
"""The same name, but for a form or an accent: such a side lends its certainty to whatever the other is."""
CLEAR = 0.9
"""A side this sure lets the other be weaker."""
SURE = 0.8
"""Enough to be too near for a new match, in one league at one minute."""
NEAR = 0.55
"""Sides that agree this far on average are too near for a new match."""
_NO_WORD = "no shared word"
"""The one objection that a sure opponent outweighs: a nickname shares no word with the name."""
_LENT_FACTOR = 0.85
OPPONENT = "opponent"
"""The method of a link for which one sure side alone speaks."""
_LATE_PENALTY = 0.15
_SAME_LEAGUE_BONUS = 0.02
_SWAPPED_PENALTY = 0.03


@dataclass(frozen=True, slots=True)
class Candidate:
    """One match that an event could be.

    accepted  the evidence is enough, if nothing else fits as well
    near      too near to make a new match beside it
    lends     one side is sure, in the same league at the same minute, and nothing speaks against the other
    total     0 to 1, for ranking
    why       in words, for a person
    """

    target: Target
    swapped: bool
    home: Agreement
    away: Agreement
    total: float
    accepted: bool
    near: bool
    why: str
    method: str = "names"
    lends: bool = False

    @property
    def exact(self) -> bool:
        """Whether neither side needed anything fuzzy."""
        return self.home.exact and self.away.exact

    def rank(self) -> tuple[float, int]:
        """Best first."""
        return (-self.total, self.target.match_id or 0)

    def by_opponent(self) -> Candidate:
        """The same, taken because of its sure side."""
        high = max(self.home.score, self.away.score)
        return replace(self, method=OPPONENT, accepted=True, total=round(high * _LENT_FACTOR, 6))

    def as_json(self) -> dict[str, Any]:
        """As `list_unmatched` shows it; `score` rounded, `starts_at` in epoch seconds."""
        return {
            "match_id": self.target.match_id,
            "home": self.target.home.name.raw,
            "away": self.target.away.name.raw,
            "starts_at": self.target.at,
            "swapped": self.swapped,
            "score": round(self.total, 4),
            "why": self.why,
        }


def judge(one: PreparedEvent, target: Target, swapped: bool, sides: Sides) -> Candidate:
    """Everything about one event and one match, one way round."""
    first, second = as_printed(target, swapped)
    home = sides.compare(one.home, first)
    away = sides.compare(one.away, second)
    late = abs(one.at - target.at)
    leagues_known = one.event.league_key is not None and target.league_key is not None
    why = f"home {home.score:.2f} ({home.why}), away {away.score:.2f} ({away.why}), {late // 60} min apart"
    if leagues_known and one.event.league_key != target.league_key:
        return Candidate(target, swapped, home, away, 0.0, False, False, f"{why}, other league")
    total = (home.score + away.score) / 2 * (1 - _LATE_PENALTY * late / WINDOW_S)
    total += _SAME_LEAGUE_BONUS if leagues_known else 0.0
    total -= _SWAPPED_PENALTY if swapped else 0.0
    total = round(min(1.0, max(0.0, total)), 6)
    low, high = sorted((home.score, away.score))
    prices = sides.prices(one, target, swapped=swapped)
    if prices is not PriceEvidence.NOTHING:
        why += f", prices {prices.value}"
    contradicted = prices is PriceEvidence.UNLIKE and low < CLEAR
    vetoed = home.veto or away.veto or contradicted
    exact = home.exact and away.exact
    if swapped:
        # Football has a reverse fixture with the same names: only the very same kick-off can be a swap.
        tolerance = SAME_KICK_OFF_S if one.event.sport is Sport.FOOTBALL else CLOSE_KICK_OFF_S
        accepted = not vetoed and low >= CLEAR and late <= tolerance and (leagues_known or exact)
        near = not vetoed and low >= CLEAR and late <= tolerance
        return Candidate(target, swapped, home, away, total, accepted, near, f"{why}, swapped")
    if late <= SAME_KICK_OFF_S:
        enough = (
            low >= (0.55 if leagues_known else 0.65) if high >= CLEAR else low >= (0.7 if leagues_known else 0.75)
        )
    elif late <= CLOSE_KICK_OFF_S:
        enough = low >= (0.8 if leagues_known else 0.85)
    else:
        enough = low >= CLEAR and (leagues_known or exact)
    accepted = enough and not vetoed
    # A team does not play twice within the window: one sure side in the same league, or at the same minute, is
    # too near for a new match even when the other side's name or category says otherwise.
    at_once = late <= SAME_KICK_OFF_S
    one_sure_side = high >= (SURE if leagues_known and at_once else CLEAR) and (leagues_known or at_once)
    near = accepted or one_sure_side or (not vetoed and (home.score + away.score) / 2 >= NEAR)
    # Nobody offers the chances of another match at this minute: prices that agree stand for a league not known.
    one_league = leagues_known or prices is PriceEvidence.ALIKE
    lends = not (accepted or contradicted) and one_league and at_once and _lends(home, away, prices)
    method = "exact" if exact else "names"
    return Candidate(target, swapped, home, away, total, accepted, near or lends, why, method, lends)


def _lends(home: Agreement, away: Agreement, prices: PriceEvidence) -> bool:
    """Whether one side is sure, and nothing speaks against the other: a certain name, or a clear one whose match
    has the same prices. Not a clear one alone: Inter de Milão is that near to Milan, who may play at that minute.
    """
    weak, sure = sorted((home, away), key=lambda side: side.score)
    if sure.veto or (weak.veto and weak.why != _NO_WORD):
        return False
    return sure.score >= CERTAIN or (prices is PriceEvidence.ALIKE and sure.score >= (CLEAR if weak.veto else SURE))


def better_way_round(one: PreparedEvent, target: Target, sides: Sides) -> Candidate:
    """The event and the match as both print them, or swapped where only that comes near."""
    direct = judge(one, target, False, sides)
    if direct.accepted or direct.near:
        return direct
    swapped = judge(one, target, True, sides)
    return swapped if swapped.accepted or swapped.near else direct

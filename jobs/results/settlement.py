"""What a bet paid, by the score. Pure.

Rules, as `scrapers.records` and `board.surebets.contracts` have them: football markets are about the period's
regular time, stoppage time included; its two-way winner counts extra time and the shoot-out. In basketball totals,
handicap and winner of the match include overtime, the three-way result does not. A whole line that is met is void;
a quarter line is half a stake on each neighbour. Early payout (PA) is paid as soon as the side leads by the agreed
margin; a boosted price (SO) is settled as any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from jobs.results.records import Goal, Score
from scrapers.records import Market, Period, Rules, Selection, Sport

EARLY_LEAD = 2
"""Goals ahead at which football's early payout is due, at every bookmaker that has it (docs/duplo-green.md). For
basketball they differ, so the score alone never tells."""

HALF = Decimal("0.5")


class Settled(StrEnum):
    """What became of a stake. Half: of a quarter line's two halves one is void."""

    WON = "won"
    HALF_WON = "half_won"
    VOID = "void"
    HALF_LOST = "half_lost"
    LOST = "lost"


RETURNS = {
    Settled.WON: (Decimal(1), Decimal(0)),
    Settled.HALF_WON: (HALF, HALF),
    Settled.VOID: (Decimal(0), Decimal(1)),
    Settled.HALF_LOST: (Decimal(0), HALF),
    Settled.LOST: (Decimal(0), Decimal(0)),
}
"""Shares of a stake that are paid at the price, and that come back as they were."""


class Unsettled(StrEnum):
    """Why a bet cannot be settled."""

    SCORE_UNKNOWN = "score_unknown"
    """The source does not tell the score of the period that the bet is about."""
    UNCLEAR = "unclear"
    """Bookmakers differ in what the bet is about (the second half in basketball), or there is no such bet."""


@dataclass(frozen=True, slots=True)
class Result:
    """The score of a match by what bets are about. None: not known.

    regular    at the end of regular time; half: at half time; final: overtime included
    penalties  of the shoot-out; None: there was none
    goals      in order of time, as far as regular time goes they make up its score
    """

    regular: Score | None
    half: Score | None = None
    final: Score | None = None
    penalties: Score | None = None
    goals: tuple[Goal, ...] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a bet is settled. certain: False where the early payout may have been due and the score does not tell;
    then `settled` is what the final score says."""

    settled: Settled
    certain: bool = True


def settle(
    selection: Selection,
    market: Market,
    line: Decimal | None,
    period: Period,
    result: Result,
    *,
    rules: Rules = Rules.STANDARD,
    sport: Sport = Sport.FOOTBALL,
) -> Outcome | Unsettled:
    """How the bet is settled. `line`: goals or points from the home side; None for markets without one."""
    score = _score_for(market, period, result, sport)
    if isinstance(score, Unsettled):
        return score
    settled = _by_score(selection, market, line, score)
    if isinstance(settled, Unsettled):
        return settled
    if rules is not Rules.EARLY_PAYOUT or settled is Settled.WON or period is not Period.MATCH:
        return Outcome(settled)
    return _early(selection, market, settled, result, sport)


def profit(outcome: Settled, price: Decimal) -> Decimal:
    """What a stake of 1 gains at a price (decimal, stake included); negative when it loses."""
    paid, returned = RETURNS[outcome]
    return paid * price + returned - 1


def _score_for(market: Market, period: Period, result: Result, sport: Sport) -> Score | Unsettled:
    """The score that settles a market of a period."""
    if period is Period.FIRST_HALF:
        if market is Market.MONEYLINE:
            return Unsettled.UNCLEAR  # what a level half does to it, bookmakers say differently
        score = result.half
    elif period is Period.SECOND_HALF:
        if sport is Sport.BASKETBALL or market is Market.MONEYLINE:
            return Unsettled.UNCLEAR
        score = _second_half(result)
    elif market is Market.MONEYLINE:
        score = _decided(result)
    elif sport is Sport.BASKETBALL and market in (Market.TOTALS, Market.HANDICAP):
        score = result.final
    else:
        score = result.regular
    return Unsettled.SCORE_UNKNOWN if score is None else score


def _second_half(result: Result) -> Score | None:
    if result.regular is None or result.half is None:
        return None
    return result.regular[0] - result.half[0], result.regular[1] - result.half[1]


def _decided(result: Result) -> Score | None:
    """The score after which somebody has won: the shoot-out's after a level end."""
    if result.final is not None and result.final[0] == result.final[1] and result.penalties is not None:
        return result.penalties
    return result.final


def _by_score(selection: Selection, market: Market, line: Decimal | None, score: Score) -> Settled | Unsettled:
    home, away = score
    ahead = (home > away) - (home < away)
    if market is Market.MONEYLINE and ahead == 0:
        return Unsettled.SCORE_UNKNOWN  # nobody has won yet: the source does not tell how it went on
    if (market, selection) in _WINS:
        if market is Market.DRAW_NO_BET and ahead == 0:
            return Settled.VOID
        return Settled.WON if ahead in _WINS[market, selection] else Settled.LOST
    if market is Market.BOTH_TEAMS_TO_SCORE and selection in (Selection.YES, Selection.NO):
        return Settled.WON if (home > 0 and away > 0) is (selection is Selection.YES) else Settled.LOST
    if line is None or (line * 4) % 1:
        return Unsettled.UNCLEAR
    if market is Market.TOTALS and selection in (Selection.OVER, Selection.UNDER):
        return _by_line(home + away - line, 1 if selection is Selection.OVER else -1)
    if market is Market.HANDICAP and selection in (Selection.HOME, Selection.AWAY):
        return _by_line(home - away + line, 1 if selection is Selection.HOME else -1)
    return Unsettled.UNCLEAR


def _by_line(margin: Decimal, sign: int) -> Settled:
    """By how far the line was passed, in quarters: half of a quarter line's stake lies a quarter on either side."""
    sides = (margin - Decimal("0.25"), margin + Decimal("0.25")) if (margin * 2) % 1 else (margin, margin)
    halves = sum(sign * ((side > 0) - (side < 0)) for side in sides)
    return _BY_HALVES[halves]


def _early(selection: Selection, market: Market, settled: Settled, result: Result, sport: Sport) -> Outcome:
    """A bet with early payout that the final score does not pay."""
    side = {Selection.HOME: 0, Selection.AWAY: 1}.get(selection)
    if side is None or market not in (Market.MATCH_RESULT, Market.MONEYLINE, Market.DRAW_NO_BET):
        return Outcome(settled)  # a draw leads by nothing
    if sport is not Sport.FOOTBALL:
        return Outcome(settled, certain=False)
    if result.regular is not None and result.regular[side] < EARLY_LEAD:
        return Outcome(settled)
    led = None if result.goals is None else led_by(result.goals, "home" if side == 0 else "away", EARLY_LEAD)
    if led is None:
        return Outcome(settled, certain=False)
    return Outcome(Settled.WON if led else settled)


def led_by(goals: Iterable[Goal], side: str, margin: int) -> bool | None:
    """Whether a side led by `margin` at any time of regular time; None when that hangs on the order of goals of one
    minute."""
    ahead, may_have = 0, False
    regular = sorted((goal.minute, goal.added, goal.side) for goal in goals if goal.minute <= 90)
    for _, together in groupby(regular, key=lambda goal: goal[:2]):
        sides = [scored for *_, scored in together]
        own = sides.count(side)
        # At the best its own goals came first, at the worst the others' did.
        may_have = may_have or ahead + own >= margin
        ahead += own - (len(sides) - own)
        if ahead >= margin:
            return True
    return None if may_have else False


_S = Selection
_WINS: dict[tuple[Market, Selection], frozenset[int]] = {
    (Market.MATCH_RESULT, _S.HOME): frozenset({1}),
    (Market.MATCH_RESULT, _S.DRAW): frozenset({0}),
    (Market.MATCH_RESULT, _S.AWAY): frozenset({-1}),
    (Market.MONEYLINE, _S.HOME): frozenset({1}),
    (Market.MONEYLINE, _S.AWAY): frozenset({-1}),
    (Market.DOUBLE_CHANCE, _S.HOME_DRAW): frozenset({1, 0}),
    (Market.DOUBLE_CHANCE, _S.HOME_AWAY): frozenset({1, -1}),
    (Market.DOUBLE_CHANCE, _S.DRAW_AWAY): frozenset({0, -1}),
    (Market.DRAW_NO_BET, _S.HOME): frozenset({1}),
    (Market.DRAW_NO_BET, _S.AWAY): frozenset({-1}),
}
"""Market and selection -> signs of the home side's lead with which it wins."""

_BY_HALVES = {
    2: Settled.WON,
    1: Settled.HALF_WON,
    0: Settled.VOID,
    -1: Settled.HALF_LOST,
    -2: Settled.LOST,
}
"""Halves of the stake that won less those that lost -> result."""

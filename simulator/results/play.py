"""What happened in a match of the world, as a pure function of the seed and the match."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from simulator import chance
from simulator.fixtures import Fixture
from simulator.provider.world import goals

KNOCKOUT = frozenset({"fa_cup", "efl_cup", "copa_del_rey"})
"""Leagues in which a level match may go on."""

EXTRA_TIME_SHARE = 0.6
FIGURES = {
    "Chutes": (5, 22),
    "Chutes a gol": (1, 9),
    "Chutes Fora": (2, 10),
    "Escanteios": (1, 12),
    "Faltas": (6, 20),
    "Impedimentos": (0, 5),
    "Defesas": (0, 8),
    "Total Passes": (220, 640),
    "Divididas ganhas": (20, 60),
}
"""Label of a bar -> its least and greatest value for one side. The last one is of no use to us."""

_NAMES = ("Silva", "Souza", "Costa", "Lima", "Rocha", "Alves", "Araújo", "Barbosa", "Ribeiro", "Teixeira", "Gómez")
_REFEREES = ("Anderson Prado", "Raquel Menezes", "Wilton Azevedo", "Braulio Nunes", "Edina Farias")


@dataclass(frozen=True, slots=True)
class Goal:
    """side 0: the home side's; note: 'pen.', 'g.c.' (an own goal) or ''. `added`: minutes after 45 or 90."""

    side: int
    minute: int
    added: int
    note: str
    scorer: str

    @property
    def shown(self) -> str:
        """As the site prints the minute."""
        note = f" ({self.note})" if self.note else ""
        return f"{self.minute}{f'+{self.added}' if self.added else ''}'{note}"


@dataclass(frozen=True, slots=True)
class Play:
    """A whole match. cards: (side, minute, red); penalties: of the shoot-out; figures: label -> both sides."""

    score: tuple[int, int]
    goals: tuple[Goal, ...]
    cards: tuple[tuple[int, int, bool], ...]
    extra_time: bool
    penalties: tuple[int, int] | None
    figures: dict[str, tuple[int, int]]
    possession: int
    referee: str
    attendance: int

    @property
    def half(self) -> tuple[int, int]:
        """The score at half time."""
        early = [goal.side for goal in self.goals if goal.minute <= 45]
        return early.count(0), early.count(1)


@lru_cache(maxsize=1024)
def play_of(seed: int, match: Fixture) -> Play:
    """The match as it went."""
    name = (seed, match.code)
    score = goals(*name)
    scored = sorted(
        (_goal(side, number, *name) for side in (0, 1) for number in range(score[side])),
        key=lambda goal: (goal.minute, goal.added),
    )
    cards = tuple(
        (
            side,
            5 + chance.number("card-at", side, number, *name) % 85,
            chance.unit("red", side, number, *name) < 0.06,
        )
        for side in (0, 1)
        for number in range(chance.number("cards", side, *name) % 5)
    )
    extra = match.league in KNOCKOUT and score[0] == score[1] and chance.unit("extra", *name) < EXTRA_TIME_SHARE
    lost = chance.number("shoot-out", *name) % 4
    shoot_out = (5, lost) if chance.unit("won", *name) < 0.5 else (lost, 5)
    return Play(
        score,
        tuple(scored),
        cards,
        extra,
        shoot_out if extra else None,
        {label: _figure(label, *name) for label in FIGURES},
        30 + chance.number("possession", *name) % 41,
        chance.pick(_REFEREES, "referee", *name),
        1_500 + chance.number("attendance", *name) % 60_000,
    )


def _goal(side: int, number: int, *name: object) -> Goal:
    mark = ("goal", side, number, *name)
    minute = 1 + chance.number("at", *mark) % 90
    added = 1 + chance.number("added", *mark) % 6 if minute in (45, 90) else 0
    kind = chance.unit("kind", *mark)
    note = "pen." if kind < 0.08 else "g.c." if kind < 0.11 else ""
    return Goal(side, minute, added, note, chance.pick(_NAMES, "scorer", *mark))


def _figure(label: str, *name: object) -> tuple[int, int]:
    low, high = FIGURES[label]
    home, away = (low + chance.number("figure", label, side, *name) % (high - low + 1) for side in (0, 1))
    return home, away

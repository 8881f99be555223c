"""The site's words, folded (small letters, no accents), and ours. Tables; docs/results.md says how sure each is."""

from __future__ import annotations

from jobs.results.records import GoalKind, Standing

STATISTICS = {
    "posse de bola": "possession",
    "posse": "possession",
    "chutes": "shots",
    "remates": "shots",
    "chutes a gol": "shots_on_target",
    "remates a baliza": "shots_on_target",
    "chutes fora": "shots_off_target",
    "chutes bloqueados": "shots_blocked",
    "escanteios": "corners",
    "cantos": "corners",
    "faltas": "fouls",
    "impedimentos": "offsides",
    "foras de jogo": "offsides",
    "defesas": "saves",
    "total passes": "passes",
    "passes certos": "passes_completed",
    "gols esperados": "expected_goals",
}
"""Label of a bar -> name. Other bars are left alone: there are dozens, and nobody here asks for them."""

SHARES = frozenset({"possession"})
"""Statistics in per cent of the whole."""

MOST = {"possession": 100.0, "passes": 2000.0, "passes_completed": 2000.0}
MOST_COUNTED = 200.0
"""More of anything in one match is an error of the page."""

CARDS = {"amarelos": "yellow_cards", "vermelhos": "red_cards"}
"""Title of a player's icon -> name of the statistic that counts it."""

GOAL_KINDS = {
    "pen": GoalKind.PENALTY,
    "g.p": GoalKind.PENALTY,
    "g.c": GoalKind.OWN,
    "p.b": GoalKind.OWN,
    "a.g": GoalKind.OWN,
}
"""How the note behind a minute begins -> kind of goal."""

OFF_MARKS = {
    "adi": Standing.OFF,
    "anu": Standing.OFF,
    "can": Standing.OFF,
    "int": Standing.OFF,
    "sus": Standing.OFF,
}
"""How the cell of a result begins in place of a score or a time -> where the match stands: adiado, anulado,
cancelado, interrompido, suspenso."""

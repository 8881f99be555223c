"""The odds board for readers: matches with prices side by side, surebets, duplo green, calculators."""

from __future__ import annotations

from starlette.routing import Route

from dashboard.board.calculator_page import calculator
from dashboard.board.pages import board, board_live, match

routes = [
    Route("/", board),
    Route("/board/live", board_live),
    Route("/match/{match_id:int}", match),
    Route("/calculator", calculator),
]

"""The odds board for readers: matches with prices side by side, surebets, duplo green, calculators."""

from __future__ import annotations

from starlette.routing import Route

from dashboard.board.calculator_page import calculator
from dashboard.board.opportunities import duplo_green, duplo_green_part, surebets, surebets_part
from dashboard.board.pages import board, board_live, match

routes = [
    Route("/", board),
    Route("/board/live", board_live),
    Route("/match/{match_id:int}", match),
    Route("/surebets", surebets),
    Route("/surebets/part", surebets_part),
    Route("/duplo-green", duplo_green),
    Route("/duplo-green/part", duplo_green_part),
    Route("/calculator", calculator),
]

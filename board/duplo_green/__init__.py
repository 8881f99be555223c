"""Duplo green: an early payout on either side and the best draw, which together may pay twice. docs/duplo-green.md.

records  what goes in and what comes out
search   the three legs of a match and their stakes; pure
maker    `duplo-green.json`, kept in step with the board
"""

from board.duplo_green.maker import DuploGreenMaker
from board.duplo_green.records import DuploGreen, Leg, Settings
from board.duplo_green.search import find_duplo_green

__all__ = ["DuploGreen", "DuploGreenMaker", "Leg", "Settings", "find_duplo_green"]

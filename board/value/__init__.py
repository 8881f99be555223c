"""Value: a price that is better than the other bookmakers' own opinion makes it worth. docs/value.md.

novig      prices to chances, without the bookmaker's margin; three methods, pure
records    what is asked, and what a value says
consensus  the opinion of the others: one voice for each family, the own one left out; pure
search     the prices of one market above that opinion; pure
maker      `value.json`, kept in step with the board
"""

from board.value.maker import ValueMaker
from board.value.novig import METHODS, multiplicative, power, shin
from board.value.records import Settings, Value
from board.value.search import find_values

__all__ = ["METHODS", "Settings", "Value", "ValueMaker", "find_values", "multiplicative", "power", "shin"]

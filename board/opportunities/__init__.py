"""The life of surebets: found on the board round by round, opened, confirmed, closed, published and recorded.

The engine that finds them is `board.surebets`, pure. The parts, in the order they are used:

    quotes      the board's prices of a match as the engine wants them
    headroom    how far each price of a match may rise before it is searched again
    finder      searches the matches that changed, and keeps what they hold
    records     an opportunity and its legs
    endings     why one ended
    life        opened, confirmed, closed, come back
    document    surebets.json
    ledger      the same in the database, and back after a restart
    maker       all of it as a maker of documents
"""

from board.opportunities.ledger import Ledger
from board.opportunities.maker import SurebetMaker

__all__ = ["Ledger", "SurebetMaker"]

"""Surebets from the board to their document and their rows."""

from __future__ import annotations

from math import inf

from board.changes import Changes
from board.feed import Feed
from board.freshness import Limits
from board.opportunities.document import surebets_feed
from board.opportunities.endings import ending_of
from board.opportunities.finder import Finder
from board.opportunities.ledger import Ledger
from board.opportunities.life import Life
from board.opportunities.records import Ending, Opportunity
from board.state import Board
from board.surebets import Settings


class SurebetMaker:
    """Makes `surebets.json`, and keeps the life of each surebet in the database once that is connected.

    simulated  whether the odds come from anything but the bookmakers themselves
    finder     what every match holds
    life       what became of it
    """

    def __init__(self, limits: Limits, settings: Settings, *, simulated: bool, budget_s: float = inf) -> None:
        """budget_s: see `Finder`."""
        self.finder = Finder(limits, settings, budget_s=budget_s)
        self.life = Life()
        self._simulated = simulated
        self._made = -1, 0

    def adopt(self, ledger: Ledger) -> int:
        """Go on with what the database holds; before the first update. How many rows could not be read.

        Raises StoreError.
        """
        return ledger.adopt(self.life)

    def update(self, board: Board, changes: Changes) -> bool:
        """Take over what changed since the last call; whether the document says something else now.

        The first call takes over the whole board, whatever `changes` says.
        """
        self.finder.update(board, changes, {one.match.match_id for one in self.life.open()})

        def why(opportunity: Opportunity) -> tuple[Ending, str]:
            refused = self.finder.refused_in(opportunity.match.match_id)
            return ending_of(opportunity, board, self.finder.fresh, refused)

        self.life.update(board, self.finder.found(), why)
        made = self.life.revision, len(self.finder.backlog)
        different = self._made != made or self.finder.searches > 0
        self._made = made
        return different

    def feeds(self, board: Board) -> list[Feed]:
        """The document as of the last update."""
        return [surebets_feed(board, self.life.open(), self.finder, simulated=self._simulated)]

    def record(self, ledger: Ledger, now: float) -> None:
        """Write what is new. now: the board's time. Raises StoreError; the next call then writes it."""
        ledger.record(self.life, now)

"""What is made of the board beside `odds.json`: each maker is told once a round what changed."""

from __future__ import annotations

from typing import Protocol

from board.changes import Changes
from board.feed import Feed
from board.state import Board


class Maker(Protocol):
    """Makes documents of the board and keeps them in step with it."""

    def update(self, board: Board, changes: Changes) -> bool:
        """Take over what changed since the last call; whether any of its documents says something else now.

        The first call takes over the whole board, whatever `changes` says.
        """
        ...

    def feeds(self, board: Board) -> list[Feed]:
        """Its documents as of the last update. Write them before the next one."""
        ...

"""A board with surebets on it: three houses of three desks, one match, and the maker that follows it."""

from __future__ import annotations

from typing import Any

import orjson

from board.freshness import Limits
from board.opportunities import SurebetMaker
from board.orientation import Offer
from board.records import Description, HeldPrice
from board.state import Part
from board.surebets import Settings
from tests.board.sketch import NOW, Sketch, head, offer, schema, written

LIMITS = Limits(max_age_s=180.0)
SETTINGS = Settings(unit=1.0)
OVER, UNDER = offer("totals", "over", 2.5), offer("totals", "under", 2.5)


class Stage(Sketch):
    """`tick` makes a round. Houses 1, 2 and 3 (kto, betano, novibet) have desks of their own."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        super().__init__()
        for number, slug in ((1, "kto"), (2, "betano"), (3, "novibet")):
            self.board.set_heads({**self.board.heads, number: head(number, slug, family=slug)})
        self.board.set_part(3, Part(seq=1, scopes={3: NOW - 5}))
        self.describe(2, swapped=False)
        self.board.describe(3, 33, Description("e3", 7, False, "São Paulo", "Santos", int(NOW) + 3600))
        self.maker = SurebetMaker(LIMITS, settings, simulated=False)

    def put(self, house: int, what: Offer, price: float, **changes: Any) -> None:
        """A house's price for an offer, new or in place of its last one."""
        key = house * 1000 + self.board.offers.number(what)
        held = HeldPrice(key, self.board.offers.number(what), house, price, None, 0.0, self.board.now, **changes)
        self.board.put(house, house * 11, held)

    def withdraw(self, house: int, what: Offer) -> None:
        """A house does not offer it any more."""
        number = self.board.offers.number(what)
        self.board.remove(house, house * 11, house * 1000 + number, number)

    def cycle(self, *houses: int) -> None:
        """These houses are read again."""
        for house in houses:
            self.seen(house, self.board.now)

    def tick(self, after_s: float = 2.0) -> dict[str, Any]:
        """Time passes and a round is made; the document, checked against its schema."""
        self.board.now += after_s
        self.maker.update(self.board, self.board.take_changes())
        return self.document()

    def document(self) -> dict[str, Any]:
        """The document as of the last round."""
        (feed,) = self.maker.feeds(self.board)
        document: dict[str, Any] = orjson.loads(written(feed, now=self.board.now)[0])
        schema("surebets").validate(document)
        assert document["content_hash"] == feed.content_hash
        return document

    def surebet(self) -> None:
        """Over at kto and under at betano, 5 % together."""
        self.put(1, OVER, 2.1)
        self.put(2, UNDER, 2.1)

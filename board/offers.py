"""The few thousand different offers of a fleet, numbered, so that prices only hold numbers."""

from __future__ import annotations

from typing import NamedTuple

from board.orientation import Offer, mirrored


class Contract(NamedTuple):
    """What the selections of one market have in common: prices of one contract can be compared."""

    market: str
    period: str
    line: float | None
    rules: str


class OfferTable:
    """Numbers offers and contracts from 0 on, in the order they turn up. Never forgets one."""

    def __init__(self) -> None:
        self.offers: list[Offer] = []
        self.contracts: list[Contract] = []
        self.contract_of: list[int] = []
        """The contract's number, by the offer's."""
        self._numbers: dict[Offer, int] = {}
        self._contract_numbers: dict[Contract, int] = {}
        self._mirrored: dict[int, int] = {}

    def number(self, offer: Offer) -> int:
        """The number of an offer; a new one if it never turned up."""
        number = self._numbers.get(offer)
        if number is None:
            number = self._numbers[offer] = len(self.offers)
            self.offers.append(offer)
            contract = Contract(offer.market, offer.period, offer.line, offer.rules)
            known = self._contract_numbers.setdefault(contract, len(self.contracts))
            if known == len(self.contracts):
                self.contracts.append(contract)
            self.contract_of.append(known)
        return number

    def in_view(self, number: int, *, swapped: bool) -> int:
        """The offer as the match itself sees it: turned round where its bookmaker lists the sides swapped."""
        if not swapped:
            return number
        turned = self._mirrored.get(number)
        if turned is None:
            turned = self._mirrored[number] = self.number(mirrored(self.offers[number]))
        return turned

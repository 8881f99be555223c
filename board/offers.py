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
    """Numbers offers and contracts from 0 on, in the order they turn up. Never forgets one.

    offers       by number
    turned       by an offer's number: that of the same offer as seen from the other side
    contract_of  by an offer's number: that of its contract
    contracts    by number
    offers_of    by a contract's number: those of its offers
    """

    def __init__(self) -> None:
        self.offers: list[Offer] = []
        self.turned: list[int] = []
        self.contract_of: list[int] = []
        self.contracts: list[Contract] = []
        self.offers_of: list[list[int]] = []
        self._numbers: dict[Offer, int] = {}
        self._contract_numbers: dict[Contract, int] = {}

    def number(self, offer: Offer) -> int:
        """The number of an offer; if it never turned up a new one, and its mirrored one gets the next."""
        number = self._numbers.get(offer)
        if number is None:
            number = self._add(offer)
            other = mirrored(offer)
            self.turned.append(number if other == offer else self._add(other))
            if other != offer:
                self.turned.append(number)
        return number

    def in_view(self, number: int, *, swapped: bool) -> int:
        """The offer as the match itself sees it: turned round where its bookmaker lists the sides swapped."""
        return self.turned[number] if swapped else number

    def _add(self, offer: Offer) -> int:
        number = self._numbers[offer] = len(self.offers)
        self.offers.append(offer)
        contract = Contract(offer.market, offer.period, offer.line, offer.rules)
        known = self._contract_numbers.setdefault(contract, len(self.contracts))
        if known == len(self.contracts):
            self.contracts.append(contract)
            self.offers_of.append([])
        self.offers_of[known].append(number)
        self.contract_of.append(known)
        return number

"""Why a surebet that is found no more ended: what the board says of its legs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from board.opportunities.finder import RefusedSet
from board.opportunities.records import Ending, HeldLeg, Opportunity
from board.state import Board

Scopes = Mapping[int, frozenset[int]]

_WEIGHT = (Ending.REVOKED, Ending.KICKOFF, Ending.BOOKMAKER_SILENT, Ending.LEG_GONE, Ending.PRICE_MOVED)
"""Of several endings of legs the first one here is told."""


def ending_of(
    opportunity: Opportunity, board: Board, fresh: Scopes, refused: Iterable[RefusedSet]
) -> tuple[Ending, str]:
    """Why it ended, and whose leg (slugs, joined by a comma) or which gates it was; '' where there is no such.

    fresh: the scopes that count; refused: the sets of its match that were turned down.
    """
    match_id = opportunity.match.match_id
    match = board.matches.get(match_id)
    if (match or opportunity.match).starts_at <= board.now:
        return Ending.KICKOFF, ""
    if match is None:
        return Ending.REVOKED, ""
    legs = [(_leg_ending(leg, match_id, board, fresh), leg) for leg in opportunity.sight.legs]
    for ending in _WEIGHT:
        whose = [leg.bookmaker for fault, leg in legs if fault is ending]
        if whose:
            return ending, ",".join(dict.fromkeys(whose))
    keys = {leg.key for leg in opportunity.sight.legs}
    for one in refused:
        if {price.key for price in one.prices} == keys:
            return Ending.DOUBTED, ",".join(one.rejection.reasons)
    return Ending.SUPERSEDED, ""


def _leg_ending(leg: HeldLeg, match_id: int, board: Board, fresh: Scopes) -> Ending | None:
    """What is wrong with a leg; None: it stands as it was."""
    part = board.parts.get(leg.bookmaker_id)
    if part is None:
        return Ending.BOOKMAKER_SILENT
    listing = part.listings.get(leg.event_id)
    if listing is None or listing.description.match_id != match_id:
        return Ending.REVOKED
    if listing.description.starts_at <= board.now:
        return Ending.KICKOFF
    counted = fresh.get(leg.bookmaker_id, frozenset())
    if leg.key not in listing.keys:
        return Ending.LEG_GONE if counted else Ending.BOOKMAKER_SILENT
    held = listing.at(listing.keys.index(leg.key))
    if held.scope_id not in counted:
        return Ending.BOOKMAKER_SILENT
    return None if held.price == leg.price else Ending.PRICE_MOVED

"""How an event is decided, for a person."""

from __future__ import annotations

from normalizer.catalogue import Catalogue
from normalizer.matches.candidates import hold_against, targets
from normalizer.matches.links import EventToLink
from normalizer.matches.resolving import resolve_events
from normalizer.matches.sides import Sides, prepare


def explain(event: EventToLink, catalogue: Catalogue) -> list[str]:
    """How an event is decided on its own, step by step, for a person: the names as read, each candidate with what
    speaks for and against it, the decision. Other events of the bookmaker and its platform are not considered."""
    one = prepare(event, catalogue)
    lines = [
        f"{label}: {side.name.raw!r} is {' '.join(side.name.tokens) or 'nothing'}"
        f", category {side.category or 'senior men'}, state {side.name.state or 'none'}"
        for label, side in (("home", one.home), ("away", one.away))
    ]
    lines.append(
        f"league: {event.league_key or 'unknown'} ({event.league_name}), kick-off {event.starts_at:%F %H:%MZ}"
    )
    sides = Sides(catalogue, {})
    for target in targets(one, catalogue):
        for swapped in (False, True):
            candidate = hold_against(one, target, swapped, sides)
            if candidate.near or not swapped:
                lent = "its sure side may speak for both" if candidate.verdict.lent else "near"
                verdict = "fits" if candidate.fits else lent if candidate.near else "no"
                lines.append(
                    f"match {target.match_id} {target.home.name.raw} - {target.away.name.raw}"
                    f"{' swapped' if swapped else ''}: {verdict}, {candidate.verdict.score:.3f}: {candidate.why}"
                )
    if len(lines) == 3:
        lines.append("no match in the catalogue shares a word with it near its kick-off")
    (link,) = resolve_events([event], catalogue, {})
    lines.append(
        f"decision: {link.decision}"
        + (f" {link.match_id} by {link.method}, score {link.score}" if link.decision == "match" else "")
        + (f", {link.reason}" if link.reason else "")
    )
    return lines

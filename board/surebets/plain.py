"""Bets and outcomes in plain values, for JSON: the command line and the published file spell them alike."""

from __future__ import annotations

from typing import Any

from board.surebets.records import Quote, Surebet


def bet_of(quote: Quote) -> dict[str, Any]:
    """What is bet on, and where."""
    return {
        "bookmaker": quote.bookmaker,
        "market": quote.market,
        "line": quote.line,
        "selection": quote.selection,
        "side": quote.side,
        "rules": quote.rules,
        "price": quote.price,
        "commission": quote.commission,
    }


def profits_of(surebet: Surebet) -> list[dict[str, Any]]:
    """The profit by kind of outcome, worst first."""
    return [
        {
            "difference": str(outcome.difference),
            "total": str(outcome.total),
            "both_scored": outcome.both_scored,
            "profit": profit,
        }
        for outcome, profit in surebet.profits
    ]

"""What is the matter with a scraper, in one word: the row of `scraper_status_view` judged for its cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STANDARD_INTERVAL_S = 30
SILENT_AFTER_S = 60
"""Age of the heartbeat from which a scraper is silent, at the standard interval: the view's `warning`."""
COMPLETE_FROM = 0.5
"""Share of the usual prices below which a successful cycle is incomplete, as in the view."""

OK = "ok"
WORDS: Mapping[str, str] = {
    OK: "ok",
    "never": "nunca deu sinal",
    "stopped": "parado por comando",
    "silent": "travado ou caído: nenhum ciclo termina",
    "incomplete": "ofertas muito abaixo do normal",
    "partial": "parte das páginas falhou",
    "empty": "páginas sem nenhum preço",
    "blocked": "bloqueado pela casa",
    "rate_limited": "a casa pede para ir mais devagar",
    "schema_changed": "a casa mudou o formato das páginas",
    "timeout": "a casa demora demais para responder",
    "network": "sem conexão com a casa",
    "database": "banco de dados fora durante o ciclo",
    "bug": "erro nosso; o log tem o rastro",
}
"""Condition -> how an operator reads it. Beside our own words they are the outcomes of a failed cycle."""


def condition_of(row: Mapping[str, Any]) -> str:
    """The condition of a scraper by its row of the status view; a key of `WORDS`.

    A process that does not speak comes before what it said last: that was another time.
    """
    scale = max(row["expected_interval_s"], STANDARD_INTERVAL_S) / STANDARD_INTERVAL_S
    if row["status"] == "stopped":
        return "stopped"
    if row["seconds_since_heartbeat"] is None:
        return "never"
    if row["seconds_since_heartbeat"] >= SILENT_AFTER_S * scale:
        return "silent"
    if row["status"] == "error" and row["outcome"] in WORDS:
        return str(row["outcome"])
    if row["completeness"] is not None and row["completeness"] < COMPLETE_FROM:
        return "incomplete"
    return OK

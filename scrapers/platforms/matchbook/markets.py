"""Matchbook's vocabulary: sports, market types, the words of names in English and Portuguese."""

from __future__ import annotations

from scrapers.records import Market, PriceStatus, Side, Sport

SPORTS: dict[str, Sport] = {"15": Sport.FOOTBALL, "4": Sport.BASKETBALL}
"""`sport-id`. "E Specials", "Enhanced Specials" and the like are sports of their own, with other ids."""

SPORT_TAGS: dict[Sport, str] = {Sport.FOOTBALL: "soccer", Sport.BASKETBALL: "basketball"}
"""The tag of a sport, asked for beside the league's own."""

STATUS: dict[str, PriceStatus | None] = {
    "open": PriceStatus.OPEN,
    "suspended": PriceStatus.SUSPENDED,
    "closed": None,
    "graded": None,
}
"""`status` of events, markets and runners; None: over, not to be offered again."""

SIDES: dict[str, Side] = {"back": Side.BACK, "lay": Side.LAY}
"""`prices[].side`: what a customer can do at that price."""

MARKET_TYPES: dict[Sport, dict[str, Market]] = {
    Sport.FOOTBALL: {
        "one_x_two": Market.MATCH_RESULT,
        "total": Market.TOTALS,
        "handicap": Market.HANDICAP,
        "asian-handicap": Market.HANDICAP,
        "both_to_score": Market.BOTH_TEAMS_TO_SCORE,
    },
    Sport.BASKETBALL: {
        "money_line": Market.MONEYLINE,
        "total": Market.TOTALS,
        "handicap": Market.HANDICAP,
    },
}
"""`market-type` by sport; in basketball overtime counts, by the exchange's rules. Names are translated."""

SPORT_MARKS: dict[Sport, frozenset[str]] = {
    Sport.FOOTBALL: frozenset({"one_x_two", "asian-handicap", "both_to_score"}),
    Sport.BASKETBALL: frozenset(),
}
"""Types that tell the sport of markets that stand alone. `money_line` does not: tennis has it too (2017)."""

OTHER = "other"
"""The type of markets that their name alone tells."""

NAMED_MARKETS: dict[str, Market] = {
    "double chance": Market.DOUBLE_CHANCE,
    "dupla chance": Market.DOUBLE_CHANCE,
    "chance dupla": Market.DOUBLE_CHANCE,
    "dupla hipótese": Market.DOUBLE_CHANCE,
    "draw no bet": Market.DRAW_NO_BET,
    "empate anula": Market.DRAW_NO_BET,
    "empate anula aposta": Market.DRAW_NO_BET,
    "empate anula a aposta": Market.DRAW_NO_BET,
    "empate devolve aposta": Market.DRAW_NO_BET,
}
"""The whole name of a football market of type `OTHER`, in small letters."""

ASKED_TYPES = ("one_x_two", "money_line", "total", "handicap", "asian-handicap", "both_to_score", OTHER)
"""The market types to ask for."""

NOT_THE_MATCH = frozenset(
    {
        # a part of the match
        *("half", "halves", "1st", "2nd", "first", "second", "period", "quarter", "minute", "minutes"),
        *("tempo", "1º", "2º", "1o", "2o", "primeiro", "segundo", "metade", "intervalo", "período", "quarto"),
        *("minuto", "minutos"),
        # one side or one player of it
        *("team", "home", "away", "player", "equipe", "time", "casa", "mandante", "visitante", "jogador"),
        # something else than goals and points
        *("corner", "corners", "card", "cards", "booking", "bookings", "shots", "rebounds", "assists"),
        *("escanteio", "escanteios", "cantos", "cartão", "cartões", "chutes", "rebotes", "assistências"),
    }
)
"""Words of a market's name that say that it is not about the match's result or score as a whole."""

HOME_FIRST = frozenset({"vs", "vs.", "v", "v.", "x"})
"""Between the sides of an event's name: the host is named first."""
GUEST_FIRST = frozenset({"at", "em", "@"})
"""Between the sides of an event's name: the guest plays at the host's (American sports)."""

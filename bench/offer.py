"""A bookmaker with a large offer: an Altenar list of a chosen number of prices, a share of which moves per request.

Run as a process (`python -m bench.offer PORT EVENTS SHARE`); answers every path with the list.
"""

from __future__ import annotations

import random
import sys
import time

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

LINES = (0.5, 1.5, 2.5, 3.5, 4.5)
HANDICAPS = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0)
# (market type, line, odd types): 3 + 2 + 3 + 5 x 2 + 6 x 2 = 30 prices per event
MARKETS = (
    (1, None, (1, 2, 3)),
    (29, None, (74, 76)),
    (10, None, (9, 10, 11)),
    *((18, line, (12, 13)) for line in LINES),
    *((16, line, (1714, 1715)) for line in HANDICAPS),
)
PRICES_PER_EVENT = sum(len(kinds) for _, _, kinds in MARKETS)


class Offer:
    """The list as entity arrays; `move` changes a share of the prices in place."""

    def __init__(self, events: int, seed: int = 1) -> None:
        self._random = random.Random(seed)
        kickoff = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 172_800))
        self.body: dict[str, list[dict[str, object]]] = {
            "events": [], "markets": [], "odds": [], "competitors": [],
            "champs": [{"id": 2936, "name": "Premier League"}],
            "categories": [{"id": 497, "name": "Inglaterra"}],
            "sports": [{"id": 66, "typeId": 1, "name": "Futebol", "iconName": "soccer"}],
        }  # fmt: skip
        for event in range(events):
            home, away = event * 2 + 1, event * 2 + 2
            market_ids = []
            for number, (kind, line, odd_kinds) in enumerate(MARKETS):
                market_id = event * 100 + number + 1_000_000
                market_ids.append(market_id)
                odd_ids = []
                for column, odd_kind in enumerate(odd_kinds):
                    odd_id = market_id * 10 + column
                    odd_ids.append(odd_id)
                    self.body["odds"].append(
                        {"id": odd_id, "typeId": odd_kind, "price": self._price(), "oddStatus": 0, "name": "x"}
                        | ({} if line is None else {"sv": str(line)})
                    )
                self.body["markets"].append(
                    {"id": market_id, "typeId": kind, "name": "m", "oddIds": odd_ids}
                    | ({} if line is None else {"sv": str(line)})
                )
            self.body["competitors"] += [
                {"id": home, "name": f"Clube {home:05d}"}, {"id": away, "name": f"Clube {away:05d}"},
            ]  # fmt: skip
            self.body["events"].append(
                {"id": event + 1, "name": f"Clube {home:05d} vs. Clube {away:05d}", "sportId": 66, "catId": 497,
                 "champId": 2936, "competitorIds": [home, away], "marketIds": market_ids, "startDate": kickoff,
                 "status": 0, "et": 0}
            )  # fmt: skip

    def _price(self) -> float:
        return self._random.randint(1100, 9000) / 1000

    def move(self, share: float) -> None:
        """Give `share` of all prices another value."""
        odds = self.body["odds"]
        for odd in self._random.sample(odds, round(len(odds) * share)):
            odd["price"] = self._price()


def main() -> None:
    """Serve until killed."""
    port, events, share = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    offer = Offer(events)

    async def answer(request: Request) -> Response:
        offer.move(share)
        return Response(orjson.dumps(offer.body), media_type="application/json")

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok")

    app = Starlette(
        routes=[Route("/healthz", health), Route("/{path:path}", answer)],
        middleware=[Middleware(GZipMiddleware, compresslevel=1)],
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()

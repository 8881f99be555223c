"""The simulated bookmakers over HTTP. `https://HOST/PATH?QUERY` is found at `/HOST/PATH?QUERY`.

One host is a provider of fixtures (`simulator.provider`), one a results site (`simulator.results`).
Beside the hosts: `GET /healthz`; `GET`, `POST`, `DELETE /control/faults`; `POST /control/move`.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Collection
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from scrapers.records import Market, Period, Rules, Selection
from simulator import pages
from simulator.answers import Answer, Request, code_of
from simulator.brands import Brand, load_bookmakers
from simulator.faults import Fault, FaultBoard, Kind
from simulator.fixtures import MATCHES_A_DAY
from simulator.journal import Entry, Journal
from simulator.platforms import serving
from simulator.provider import api as provider
from simulator.provider.api import ProviderApi
from simulator.provider.large import LargeHoldings
from simulator.provider.world import WorldHoldings
from simulator.results import site as results
from simulator.results.rounds import LARGE_ROUND_DAYS, ROUND_DAYS, Rounds
from simulator.wires import Demand
from simulator.world import Move, World

BOOKMAKER_HEADER = "x-fleet-bookmaker"
_GZIP_LEVEL = 5
_CHUNK = b" " * 65_536
_NEVER = 2**40

# Bookmakers answer with numbers of their own (Novibet: 622); uvicorn has phrases for the usual ones only.
STATUS_PHRASES.update(dict.fromkeys(range(600, 1000), b""))


class Protocol(H11Protocol):
    """Hands the connection to the application, which resets it when a fault says so."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport in each request's state."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class MoveOrder(BaseModel):
    """`POST /control/move`: show `price` for one selection of a listed match, from now until `until` (epoch s)."""

    model_config = ConfigDict(extra="forbid")

    bookmaker: str
    event_id: int
    market: Market
    selection: Selection
    price: Decimal = Field(gt=1, le=1001)
    line: Decimal | None = None
    period: Period = Period.MATCH
    rules: Rules = Rules.STANDARD
    until: int | None = None


class Simulator:
    """The application and what it needs: a world, its journal, the faults in force.

    guarded  whether bookmakers demand what their page hands out (`wires.Demand`); else only a fault makes them
    a_day    senior matches of each league on each day; `truth` knows the ordinary number only
    large    the provider of fixtures has 60,000 invented matches instead of the world's, and a round of the results
             site 380
    hourly   requests of one kind that the provider allows within `window_s`
    clock    world time in epoch s; the wall clock unless a test brings its own
    closing  set when the process is to end: held and slowed answers give up at once
    """

    def __init__(
        self,
        seed: int,
        folder: Path,
        clock: Callable[[], float] = time.time,
        *,
        guarded: bool = False,
        a_day: int = MATCHES_A_DAY,
        large: bool = False,
        hourly: int = provider.HOURLY,
        window_s: float = provider.HOUR_S,
    ) -> None:
        self.world = World(seed, a_day)
        holdings = LargeHoldings(seed) if large else WorldHoldings(seed, a_day)
        self._provider = ProviderApi(holdings, hourly=hourly, window_s=window_s)
        self._rounds = Rounds(seed, a_day, LARGE_ROUND_DAYS if large else ROUND_DAYS)
        self._guarded = guarded
        self.journal = Journal(folder)
        self.faults = FaultBoard()
        self.closing = asyncio.Event()
        self._clock = clock
        self._moves = self.journal.moves()
        self.app = Starlette(
            routes=[
                Route("/healthz", self._health),
                Route("/control/faults", self._control_faults, methods=["GET", "POST", "DELETE"]),
                Route("/control/move", self._control_move, methods=["POST"]),
                Route("/{host}", self._serve),
                Route("/{host}/{path:path}", self._serve),
            ]
        )

    def close(self) -> None:
        """Close the journal."""
        self.journal.close()

    def now(self) -> int:
        """World time, epoch s, whole seconds."""
        return int(self._clock())

    async def _health(self, request: HttpRequest) -> Response:
        faults = len(self.faults.active(self._clock()))
        return JSONResponse({"status": "ok", "seed": self.world.seed, "time": self.now(), "faults": faults})

    async def _control_faults(self, request: HttpRequest) -> Response:
        if request.method == "DELETE":
            return JSONResponse({"cleared": self.faults.clear(request.query_params.get("bookmaker"))})
        if request.method == "POST":
            try:
                fault = Fault.model_validate_json(await request.body())
            except ValidationError as error:
                return _refused(error)
            known = {"*", provider.NAME, results.NAME, *load_bookmakers()}
            if fault.bookmaker not in known:
                return JSONResponse({"error": f"no simulated bookmaker {fault.bookmaker!r}"}, status_code=400)
            self.faults.add(fault)
        return JSONResponse([fault.model_dump(mode="json") for fault in self.faults.active(self._clock())])

    async def _control_move(self, request: HttpRequest) -> Response:
        try:
            order = MoveOrder.model_validate_json(await request.body())
        except ValidationError as error:
            return _refused(error)
        now = self.now()
        bookmaker = load_bookmakers().get(order.bookmaker)
        code = code_of(self.world.seed, bookmaker.brand.platform, order.event_id) if bookmaker else -1
        fixture = self.world.fixture(code)
        if bookmaker is None or fixture is None or not fixture.listed(now):
            return JSONResponse({"error": "no such bookmaker or listed match"}, status_code=404)
        wanted = (order.market, order.period, order.rules, order.line)
        for quote in self.world.quotes(bookmaker.brand, fixture, now):
            offer = quote.offer
            same = (offer.market, offer.period, offer.rules, offer.line) == wanted
            if same and order.selection in dict(quote.prices):
                move = Move(
                    bookmaker.brand.key,
                    code,
                    offer.number,
                    order.selection,
                    order.price,
                    now,
                    _NEVER if order.until is None else order.until,
                )
                self.journal.moved(move)
                self._moves.append(move)
                return JSONResponse({"at": now})
        return JSONResponse({"error": "the match has no such market and selection"}, status_code=404)

    async def _serve(self, request: HttpRequest) -> Response:
        host, path = request.path_params["host"], "/" + request.path_params.get("path", "")
        now = self.now()
        if host == provider.HOST:
            return await self._fixtures(request, path, now)
        if host == results.HOST:
            return await self._results(request, path, now)
        asked = Request(host, path, dict(request.query_params), now, self._moves_at(now), dict(request.headers))
        platform = serving(host, path)
        if platform is None:
            return await self._site(request, host)
        return await self._odds(request, asked, platform.answer(self.world, asked))

    async def _fixtures(self, request: HttpRequest, path: str, now: int) -> Response:
        reply = self._provider.answer(path, request.query_params, request.headers, now)
        whole = _body(request, _bytes(reply.body), reply.status)
        fault = self.faults.find([provider.NAME], reply.leagues, "api", self._clock())
        return whole if fault is None else await self._spoil(request, fault, reply.body, whole)

    async def _results(self, request: HttpRequest, path: str, now: int) -> Response:
        where = "site" if path == "/" else "api"
        generation = self._generation([results.NAME])
        reply = results.answer(self._rounds, path, request.query_params, now, generation)
        fault = self.faults.find([results.NAME], reply.leagues, where, self._clock())
        demanded = self._guarded or (fault is not None and fault.kind is Kind.TOKEN_REQUIRED)
        brought = request.cookies.get(pages.SESSION_COOKIE) == results.token_of(self.world.seed, generation)
        if reply.guarded and demanded and not brought:
            return Response(pages.CHALLENGE, 403, {"server": "cloudflare"}, "text/html")
        if reply.moved_to:
            return Response(status_code=reply.status, headers={"location": reply.moved_to})
        whole = Response(reply.body, reply.status, media_type="text/html")
        if fault is None:
            return whole
        body = reply.empty if fault.kind is Kind.EMPTY_LIST and reply.empty else reply.body
        return await self._spoil(request, fault, body, whole)

    def _moves_at(self, now: int) -> tuple[Move, ...]:
        return tuple(move for move in self._moves if move.at <= now < move.until)

    async def _odds(self, request: HttpRequest, asked: Request, answer: Answer) -> Response:
        slugs = _slugs(request, answer.brand)
        fault = self.faults.find(slugs, answer.leagues, "api", self._clock())
        refusal = None
        demand = self._demand(slugs[0], answer, fault)
        if fault is not None and fault.kind is Kind.TOKEN_REQUIRED:
            fault = None
        if answer.brand is not None and demand is not Demand.NOTHING:
            refusal = self._refusal(request, answer.brand, demand, self._generation(slugs))
        if answer.brand is not None and answer.holds_prices:
            kind = fault.kind if fault else Kind.TOKEN_REQUIRED if refusal else None
            self.journal.served(_entry(asked, answer, slugs[0], answer.brand, kind, self._clock()))
        if refusal is not None and fault is None:
            return refusal
        whole = _body(request, _bytes(answer.body), answer.status)
        return whole if fault is None else await self._spoil(request, fault, answer.body, whole)

    def _demand(self, slug: str, answer: Answer, fault: Fault | None) -> Demand:
        """What the request has to bring: by declaration where the bookmakers are guarded, or because of a fault."""
        bookmaker = load_bookmakers().get(slug)
        own = bookmaker.demand if bookmaker is not None else Demand.NOTHING
        if fault is not None and fault.kind is Kind.TOKEN_REQUIRED:
            own = own if own is not Demand.NOTHING else Demand.TOKEN
        elif not self._guarded:
            return Demand.NOTHING
        return own if answer.demand is None or own is Demand.NOTHING else answer.demand

    def _refusal(self, request: HttpRequest, brand: Brand, demand: Demand, generation: int) -> Response | None:
        """None when the request brings what is demanded."""
        token = pages.token_of(self.world.seed, brand, generation)
        if demand is Demand.TOKEN:
            brought = request.headers.get("authorization", "")
            if brought == token:
                return None
            # No token is answered unlike a wrong one (another brand's, or one that has run out).
            return JSONResponse({"message": "Unauthorized"}, status_code=403 if brought else 401)
        if demand is Demand.PARAMETER:
            if request.query_params.get(pages.ACCESS_PARAMETER) == pages.access_id_of(token):
                return None
            return JSONResponse({"message": "Access id is missing or not valid"}, status_code=400)
        how = (request.headers.get("sec-fetch-site", ""), request.headers.get("sec-fetch-mode", ""))
        came_so = {
            Demand.COOKIE: True,
            Demand.PAGE: how in (("same-origin", "cors"), ("same-origin", "same-origin")),
            Demand.NAVIGATION: how[1] == "navigate",
        }[demand]
        if came_so and request.cookies.get(pages.SESSION_COOKIE) == token:
            return None
        return Response(pages.REFUSAL, 403, {"server": "cloudflare"}, "text/html")

    async def _site(self, request: HttpRequest, host: str) -> Response:
        of_host = [bookmaker for bookmaker in load_bookmakers().values() if bookmaker.host == host]
        if not of_host:
            return JSONResponse({"error": f"nothing is simulated at {host}"}, status_code=404)
        brand = of_host[0].brand
        slugs = [bookmaker.slug for bookmaker in of_host]
        fault = self.faults.find(slugs, (), "site", self._clock())
        token = pages.token_of(self.world.seed, brand, self._generation(slugs))
        page = Response(pages.brand_page(of_host[0].slug, brand, token), media_type="text/html")
        return page if fault is None else await self._spoil(request, fault, {}, page)

    def _generation(self, slugs: Collection[str]) -> int:
        """Of the tokens in force: what the latest demand for one says."""
        demands = (
            fault.generation
            for fault in self.faults.active(self._clock())
            if fault.kind is Kind.TOKEN_REQUIRED and (fault.bookmaker == "*" or fault.bookmaker in slugs)
        )
        return next(demands, 0)

    async def _spoil(self, request: HttpRequest, fault: Fault, body: Any, whole: Response) -> Response:
        """The answer as the fault makes it."""
        self.faults.spent(fault)
        match fault.kind:
            case Kind.MALFORMED:
                return _body(request, _bytes(body).replace(b":", b"=", 3).replace(b"|", b"!"))
            case Kind.TRUNCATED:
                text = _bytes(body)
                return _body(request, text[: len(text) // 2])
            case Kind.EMPTY_BODY:
                return Response(b"", media_type="application/json")
            case Kind.HTML_ERROR:
                return Response(pages.HTML_ERROR, media_type="text/html")
            case Kind.CHALLENGE_200:
                return Response(pages.CHALLENGE, media_type="text/html", headers={"server": "cloudflare"})
            case Kind.CHALLENGE_403:
                return Response(pages.REFUSAL, 403, {"server": "cloudflare"}, "text/html")
            case Kind.GIANT:
                return StreamingResponse(_giant(fault.size_mb), media_type="application/json")
            case Kind.RATE_LIMITED:
                after = {} if fault.retry_after_s is None else {"retry-after": str(fault.retry_after_s)}
                return JSONResponse({"message": "Too Many Requests"}, 429, after)
            case Kind.SERVER_ERROR:
                return JSONResponse({"message": "Internal Server Error"}, 500)
            case Kind.SLOW:
                await self._hold(request, fault.delay_s)
                return whole
            case Kind.HANG:
                await self._hold(request, None)
                return Response(b"", 503)
            case Kind.RESET:
                _reset(request.state.transport)
                return Response(b"")
            case Kind.SCHEMA_CHANGED:
                return _body(request, _bytes(_renamed(body)))
            case Kind.EMPTY_LIST:
                return _body(request, _bytes(_emptied(body)))
            case Kind.TOKEN_REQUIRED:
                return whole  # the site itself asks for no token

    async def _hold(self, request: HttpRequest, seconds: float | None) -> None:
        """Wait: for the time given, until the client leaves, or until the process is to end."""

        async def client_left() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        waits = [asyncio.create_task(client_left()), asyncio.create_task(self.closing.wait())]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _slugs(request: HttpRequest, brand: Brand | None) -> list[str]:
    """Whose request this is: the bookmaker that says so, else every one of the brand (a page's own call)."""
    named = request.headers.get(BOOKMAKER_HEADER)
    if named:
        return [named]
    return [b.slug for b in load_bookmakers().values() if b.brand == brand] or [""]


def _entry(asked: Request, answer: Answer, slug: str, brand: Brand, fault: Kind | None, at: float) -> Entry:
    query = "&".join(f"{key}={value}" for key, value in asked.query.items())
    return Entry(
        served_at=asked.time,
        bookmaker=slug,
        brand=brand.key,
        request={"host": asked.host, "path": asked.path, "query": query},
        league=",".join(answer.leagues),
        kind=answer.kind,
        events=answer.events,
        category=answer.category or None,
        fault=fault,
        moves=tuple(move for move in asked.moves if move.brand == brand.key),
        at=at,
    )


def _refused(error: ValidationError) -> Response:
    faults = error.errors(include_url=False, include_context=False)
    return Response(orjson.dumps({"error": faults}, default=str), 400, media_type="application/json")


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else orjson.dumps(body)


def _body(request: HttpRequest, body: bytes, status: int = 200) -> Response:
    """A body as bookmakers send it; 304 without one where the asker has it already."""
    headers = {"cache-control": "public,max-age=3", "vary": "Accept-Encoding", "access-control-allow-origin": "*"}
    if status == 200:
        # Weak: of the content, packed or not.
        headers["etag"] = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
    return Response(body, status, headers, "application/json")


def _renamed(value: Any) -> Any:
    """The same payload under other keys, as after a vendor's release."""
    if isinstance(value, dict):
        return {f"{key}V2": _renamed(inner) for key, inner in value.items()}
    if isinstance(value, bytes):
        return value.replace(b"=", b"2=")
    return [_renamed(inner) for inner in value] if isinstance(value, list) else value


def _emptied(body: Any) -> Any:
    """The same payload with nothing listed, and saying so where it counts its rows."""
    if isinstance(body, dict):
        return {key: 0 if key == "total" else _emptied(value) for key, value in body.items()}
    return [] if isinstance(body, list) else body


async def _giant(megabytes: int) -> AsyncIterator[bytes]:
    yield b'{"events":[],"markets":[],"odds":[],"padding":"'
    for _ in range(megabytes * 16):
        yield _CHUNK
    yield b'"}'


def _reset(transport: asyncio.Transport) -> None:
    """Break the connection off with a TCP reset: zero linger makes closing one."""
    sock: socket.socket = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()

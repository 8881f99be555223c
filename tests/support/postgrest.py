"""A small stand-in for a Supabase project's API, in front of the tests' real Postgres.

It answers what the fleet and its readers ask of PostgREST and Storage, with their statuses and bodies:
`/<database>/rest/v1/rpc/<function>`, `/<database>/rest/v1/<table or view>` and `/<database>/storage/v1`. The role
comes from the JWT, as there, so what it lets through is what the grants and policies of the migrations let through.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
import psycopg
import pytest
import uvicorn
from psycopg import sql
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from store.backend import Backend
from store.postgres import PostgresBackend
from store.supabase import SupabaseBackend
from tests.support.postgres import DECLARED, TestServer

SECRET = "a secret of at least thirty-two bytes, for tests"
ROLES = ("anon", "authenticated", "service_role")
MAX_ROWS = 1000
"""PostgREST cuts every answer at this many rows, with status 200."""

STATUS_OF_SQLSTATE = {"08": 503, "53": 503, "57P01": 503, "23503": 409, "23505": 409, "25006": 405, "42883": 404}
"""By state, else by class; everything else is 400 (PostgREST, "HTTP status codes")."""


def key_of(role: str) -> str:
    """An API key of that role."""
    return jwt.encode({"role": role, "iss": "tests"}, SECRET, algorithm="HS256")


@contextmanager
def open_either(kind: str, database_url: str, project: Project, *, declared: bool = True) -> Iterator[Backend]:
    """The backend "postgres" or "supabase" on a database, with the bookmakers of DECLARED unless told otherwise."""
    backend: Backend = (
        PostgresBackend(database_url)
        if kind == "postgres"
        else SupabaseBackend(project.url_of(database_url), key_of("service_role"))
    )
    if declared:
        backend.call(
            "register_declarations", {"p_bookmakers": DECLARED["bookmakers"], "p_leagues": DECLARED["leagues"]}
        )
    yield backend
    backend.close()


@dataclass(slots=True)
class Bucket:
    """A storage bucket: objects by name, as (body, content type, cache control)."""

    public: bool
    objects: dict[str, tuple[bytes, str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Project:
    """The stand-in, running. `buckets` are by database and bucket name."""

    address: str
    buckets: dict[tuple[str, str], Bucket]

    def url_of(self, database_url: str) -> str:
        """What SUPABASE_URL would be for that database."""
        return f"{self.address}/{database_url.rpartition('/')[2]}"


class ApiError(Exception):
    """An answer that is an error, as PostgREST words it."""

    def __init__(self, status: int, code: str, message: str, *, details: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "details": details, "hint": None}


def role_of(request: Request) -> str:
    """The role that the request's JWT names; `anon` without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token if scheme.lower() == "bearer" else request.headers.get("apikey", "")
    if not token:
        return "anon"
    try:
        role = str(jwt.decode(token, SECRET, algorithms=["HS256"])["role"])
    except jwt.ExpiredSignatureError:
        raise ApiError(401, "PGRST303", "JWT expired") from None
    except (jwt.InvalidTokenError, KeyError):
        raise ApiError(401, "PGRST301", "No suitable key or wrong key type") from None
    if role not in ROLES:
        raise ApiError(401, "PGRST301", f"unknown role {role}")
    return role


class Databases:
    """Connections to the databases of one server, kept between requests as PostgREST keeps its pool."""

    def __init__(self, server: TestServer) -> None:
        self._server = server
        self._idle: dict[str, list[psycopg.Connection[Any]]] = {}

    @contextmanager
    def acting_as(self, request: Request) -> Iterator[psycopg.Connection[Any]]:
        """One transaction with the role of the request; database errors become ApiErrors."""
        role, database = role_of(request), request.path_params["database"]
        idle = self._idle.setdefault(database, [])
        try:
            connection = idle.pop() if idle else psycopg.connect(self._server.url_of(database))
            try:
                with connection.transaction():
                    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
                    claims = json.dumps({"role": role})
                    connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
                    yield connection
            finally:
                idle.append(connection)
        except psycopg.Error as error:
            state = error.sqlstate or "08006"
            status = STATUS_OF_SQLSTATE.get(state, STATUS_OF_SQLSTATE.get(state[:2], 400))
            if state == "42501":
                status = 401 if role == "anon" else 403
            message = error.diag.message_primary or str(error)
            raise ApiError(status, state, message, details=error.diag.message_detail) from error

    def close(self) -> None:
        """Close them all."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()


def call_function(databases: Databases, request: Request, args: dict[str, Any]) -> Response:
    """POST /rpc/<function>: arguments by name; those with a default may be left out."""
    name = request.path_params["function"]
    with databases.acting_as(request) as connection:
        row = connection.execute(
            "select proargnames[1:pronargs], proargtypes::regtype[]::text[], proretset from pg_proc "
            "where pronamespace = 'public'::regnamespace and proname = %s and coalesce(proargnames, '{}') @> %s "
            "and coalesce(proargnames[1:pronargs - pronargdefaults], '{}') <@ %s",
            (name, list(args), list(args)),
        ).fetchone()
        if row is None:
            given = ", ".join(sorted(args))
            raise ApiError(
                404, "PGRST202", f"Could not find the function public.{name}({given}) in the schema cache"
            )
        types = dict(zip(row[0] or [], row[1], strict=True))
        values = [
            sql.SQL("{} => {}::{}").format(
                sql.Identifier(key), sql.Literal(_literal(value, types[key])), sql.SQL(types[key])
            )
            for key, value in args.items()
        ]
        function = sql.SQL("{}({})").format(sql.Identifier("public", name), sql.SQL(", ").join(values))
        if row[2]:
            query = sql.SQL("select coalesce(jsonb_agg(f), '[]')::text from (select * from {} f limit {}) f")
            found = connection.execute(query.format(function, MAX_ROWS)).fetchone()
        else:
            found = connection.execute(sql.SQL("select to_jsonb({})::text").format(function)).fetchone()
    assert found is not None
    return Response(found[0] if found[0] is not None else "null", media_type="application/json")


def _literal(value: Any, kind: str) -> Any:
    if value is None:
        return None
    return json.dumps(value) if kind in ("json", "jsonb") else str(value)


def read_rows(databases: Databases, request: Request) -> Response:
    """GET /<table or view>: `select=*`, `column=eq.value`, limit and offset, or a Range header."""
    name = request.path_params["table"]
    params = dict(request.query_params)
    params.pop("select", None)
    limit, offset = int(params.pop("limit", MAX_ROWS)), int(params.pop("offset", 0))
    if "range" in request.headers:
        first, _, last = request.headers["range"].rpartition("=")[2].partition("-")
        offset, limit = int(first), int(last) - int(first) + 1 if last else MAX_ROWS
    with databases.acting_as(request) as connection:
        if connection.execute("select to_regclass(%s)", (f"public.{name}",)).fetchone() == (None,):
            raise ApiError(404, "PGRST205", f"Could not find the table 'public.{name}' in the schema cache")
        conditions = [
            sql.SQL("{}::text = {}").format(sql.Identifier(column), sql.Literal(value.removeprefix("eq.")))
            for column, value in params.items()
        ]
        where = sql.SQL(" and ").join([sql.SQL("true"), *conditions])
        query = sql.SQL(
            "select coalesce(jsonb_agg(r), '[]')::text, count(*) "
            "from (select * from {} where {} limit {} offset {}) r"
        )
        found = connection.execute(
            query.format(sql.Identifier("public", name), where, min(limit, MAX_ROWS), offset)
        ).fetchone()
    assert found is not None
    body, count = found
    covered = f"{offset}-{offset + count - 1}" if count else "*"
    # 206 needs a total (Prefer: count); without one PostgREST answers 200, also where it cut.
    return Response(body, media_type="application/json", headers={"content-range": f"{covered}/*"})


def storage_error(status: int, error: str, message: str) -> Response:
    """An error of Storage: its own code stands in the body, the status is mostly 400."""
    return JSONResponse({"statusCode": str(status), "error": error, "message": message}, status_code=400)


def make_app(databases: Databases, buckets: dict[tuple[str, str], Bucket]) -> Starlette:
    """The whole API over the databases of one server."""

    async def rpc(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(call_function, databases, request, json.loads(body) if body else {})

    async def table(request: Request) -> Response:
        return await run_in_threadpool(read_rows, databases, request)

    def bucket_of(request: Request) -> tuple[str, str]:
        return request.path_params["database"], request.path_params["bucket"]

    async def get_bucket(request: Request) -> Response:
        bucket = buckets.get(bucket_of(request))
        if bucket is None:
            return storage_error(404, "Bucket not found", "Bucket not found")
        name = request.path_params["bucket"]
        return JSONResponse({"id": name, "name": name, "public": bucket.public})

    async def make_bucket(request: Request) -> Response:
        asked = await request.json()
        if role_of(request) != "service_role":
            return storage_error(403, "Unauthorized", "new row violates row-level security policy")
        key = request.path_params["database"], asked["id"]
        if key in buckets:
            return storage_error(409, "Duplicate", "The resource already exists")
        buckets[key] = Bucket(public=bool(asked.get("public")))
        return JSONResponse({"name": asked["id"]})

    async def upload(request: Request) -> Response:
        if role_of(request) != "service_role":
            return storage_error(403, "Unauthorized", "new row violates row-level security policy")
        bucket = buckets.get(bucket_of(request))
        if bucket is None:
            return storage_error(404, "Bucket not found", "Bucket not found")
        name = request.path_params["name"]
        if name in bucket.objects and request.headers.get("x-upsert") != "true":
            return storage_error(409, "Duplicate", "The resource already exists")
        body, kind, cache = read_multipart(await request.body(), request.headers["content-type"])
        bucket.objects[name] = body, kind, cache
        return JSONResponse({"Key": f"{request.path_params['bucket']}/{name}", "Id": "1"})

    async def download(request: Request) -> Response:
        bucket = buckets.get(bucket_of(request))
        found = bucket.objects.get(request.path_params["name"]) if bucket and bucket.public else None
        if found is None:
            return storage_error(404, "not_found", "Object not found")
        body, kind, cache = found
        return Response(body, media_type=kind, headers={"cache-control": f"max-age={cache}"})

    async def on_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return JSONResponse(error.body, status_code=error.status)

    rest, storage = "/{database}/rest/v1", "/{database}/storage/v1"
    return Starlette(
        routes=[
            Route(rest + "/rpc/{function}", rpc, methods=["POST"]),
            Route(rest + "/{table}", table, methods=["GET"]),
            Route(storage + "/bucket/{bucket}", get_bucket, methods=["GET"]),
            Route(storage + "/bucket", make_bucket, methods=["POST"]),
            Route(storage + "/object/public/{bucket}/{name:path}", download, methods=["GET"]),
            Route(storage + "/object/{bucket}/{name:path}", upload, methods=["POST", "PUT"]),
        ],
        exception_handlers={ApiError: on_error},
    )


def read_multipart(body: bytes, content_type: str) -> tuple[bytes, str, str]:
    """File, its type and the cacheControl field of an upload form, read by the standard library."""
    from email.parser import BytesParser
    from email.policy import HTTP

    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    cache, found, kind = "", b"", ""
    for part in form.iter_parts():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        name = part.get_param("name", header="content-disposition")
        if name == "cacheControl":
            cache = payload.decode()
        elif name == "file":
            found, kind = payload, part.get_content_type()
    return found, kind, cache


@contextmanager
def run_project(server: TestServer) -> Iterator[Project]:
    """The API on a free port of loopback, in a thread."""
    buckets: dict[tuple[str, str], Bucket] = {}
    databases = Databases(server)
    config = uvicorn.Config(make_app(databases, buckets), log_level="error", lifespan="off", ws="none")
    api = uvicorn.Server(config)
    # The protocol is named: asyncio switches Nagle's delay off only where it reads "TCP", which saves 40 ms a call.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=lambda: asyncio.run(api.serve(sockets=[listener])), daemon=True)
        thread.start()
        try:
            # The listener accepts from the start; what comes early waits in its queue.
            yield Project(f"http://127.0.0.1:{listener.getsockname()[1]}", buckets)
        finally:
            api.should_exit = True
            thread.join(timeout=10)
            databases.close()


@pytest.fixture(scope="session")
def supabase_project(postgres_server: TestServer) -> Iterator[Project]:
    """One API for the databases of all tests."""
    with run_project(postgres_server) as project:
        yield project


@pytest.fixture
def supabase_backend(supabase_project: Project, database_url: str) -> Iterator[SupabaseBackend]:
    """A SupabaseBackend with the service role's key on a fresh, migrated database."""
    backend = SupabaseBackend(supabase_project.url_of(database_url), key_of("service_role"))
    yield backend
    backend.close()

"""`/health`: this process answers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def alive(request: Request) -> Response:
    """200 while the process takes requests, whatever the rest of the fleet does."""
    return JSONResponse({"status": "ok"})

"""What the database tells by itself (LISTEN, NOTIFY), over a connection of its own; proved to work before it is
relied on.

A pooler in transaction mode takes LISTEN without a word and delivers nothing. So every new connection has to hear
an echo first: a notification that a second connection sends it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import psycopg
from loguru import logger
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from scrapers.errors import StoreUnavailableError
from store.postgres import CONNECTION, connect

ECHO_WITHIN_S = 3.0
RETRIED_AFTER_S = 5.0
DEAF_RETRIED_AFTER_S = 600.0
ALIVE_EVERY_S = 30.0
"""After so long a silence the connection is asked whether it still lives."""


class Listener:
    """Hears notifications until it is cancelled, and connects again when it has to.

    url      gives the address that is valid now; asked at every attempt to connect
    hear     called with each payload
    hearing  called with True when notifications are known to arrive, and with False when they do not (any more)
    echo     sends a notification (channel, payload) on another connection; given in tests
    """

    def __init__(
        self,
        url: Callable[[], str],
        channels: Sequence[str],
        hear: Callable[[str], Awaitable[None]],
        hearing: Callable[[bool], None],
        *,
        application_name: str,
        echo: Callable[[str, str], None] | None = None,
    ) -> None:
        self._url = url
        self._channels = channels
        self._hear = hear
        self._hearing = hearing
        self._application_name = application_name
        self._echo = echo or self._send

    async def run(self) -> None:
        """Listen for good."""
        while True:
            pause = RETRIED_AFTER_S
            try:
                if not await self._listen():
                    logger.info("the database does not notify (a pooler in transaction mode?); jobs are polled")
                    pause = DEAF_RETRIED_AFTER_S
            except (psycopg.Error, StoreUnavailableError) as error:
                logger.debug("listening ended: {}", error)
            finally:
                self._hearing(False)
            await asyncio.sleep(pause)

    async def _listen(self) -> bool:
        """False when no notification arrives; raises psycopg.Error when the connection ends."""
        options: dict[str, Any] = {
            **CONNECTION,
            "application_name": self._application_name,
            **conninfo_to_dict(self._url()),
        }
        connection = await psycopg.AsyncConnection.connect(**options, autocommit=True, prepare_threshold=None)
        async with connection:
            own = f"fleet_echo_{secrets.token_hex(8)}"
            for channel in (own, *self._channels):
                await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
            await asyncio.to_thread(self._echo, own, "echo")
            if not [True async for notify in connection.notifies(timeout=ECHO_WITHIN_S, stop_after=1)]:
                return False
            await connection.execute(sql.SQL("unlisten {}").format(sql.Identifier(own)))
            self._hearing(True)
            while True:
                async for notify in connection.notifies(timeout=ALIVE_EVERY_S):
                    if notify.channel != own:
                        await self._hear(notify.payload)
                await connection.execute("select 1")

    def _send(self, channel: str, payload: str) -> None:
        with connect(self._url(), application_name=self._application_name) as connection:
            connection.execute("select pg_notify(%s, %s)", (channel, payload))

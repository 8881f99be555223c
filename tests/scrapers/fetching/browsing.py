"""What the tests with a real browser share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.support.patience import patient

from .web import Answer, Asked, Writer, response


def brand(script: str) -> Answer:
    """A brand's page at `/esportes` with this script; everything else is answered with a little JSON."""
    page = f"<!doctype html><title>Acme</title><img src='/logo.png'><body><script>{script}</script>".encode()

    async def answer(asked: Asked, writer: Writer) -> None:
        is_page = asked.target == "/esportes"
        writer.write(response(body=page, Content_Type="text/html", Set_Cookie="s=1") if is_page else response())

    return answer


async def silent(asked: Asked, writer: Writer) -> None:
    """Never answers."""
    await asyncio.sleep(60)


async def until(holds: Callable[[], object]) -> None:
    """Wait for something that other processes do."""
    async with asyncio.timeout(patient(20)):
        while not holds():  # noqa: ASYNC110 - no event comes from there
            await asyncio.sleep(0.05)


def browsers(folder: Path) -> list[psutil.Process]:
    """Every process with a profile under `folder`."""
    found = []
    for process in psutil.process_iter():
        try:
            if f"--user-data-dir={folder}" in " ".join(process.cmdline()):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found

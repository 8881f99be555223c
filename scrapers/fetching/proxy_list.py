"""PROXY_LIST as text, read into proxies. Light: settings check the list with it when they load.

    direct, http://user:password@10.0.0.1:8080, residential=http://user:password@gate.example:7000

Entries are separated by commas, blanks or lines. Reserved characters in a user or password are written
percent-encoded. No message of this module shows an entry: a mistyped one may be all password.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scrapers.errors import DeclarationError

WAY = "way"
"""Name of the extension of an httpx request that holds the `Proxy` to take."""

SCHEMES = ("http", "https")
"""How a proxy is spoken to. SOCKS needs a package beyond httpx (httpx 0.28: socksio)."""

KEY_BYTES = 32

_TIER = re.compile(r"([a-z]+)=")
_LISTED = re.compile(r"[,\s]+")


class Tier(StrEnum):
    """What an address costs and how it looks to a bookmaker, the cheapest first."""

    DIRECT = "direct"
    """This machine's own address."""
    DATACENTER = "datacenter"
    RESIDENTIAL = "residential"


@dataclass(frozen=True, slots=True)
class Proxy:
    """One way out. Its `name` is all that is ever shown or written of it.

    name      "host:port#hash", where the hash tells credentials apart; "direct" for no proxy
    server    "scheme://host:port" without credentials; empty for no proxy
    username  empty when the proxy asks for none; providers put account and session into it
    """

    name: str
    tier: Tier
    server: str = ""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def is_direct(self) -> bool:
        """Whether this is the machine's own address."""
        return not self.server

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine, so that it reaches what listens on loopback here."""
        host = urlsplit(self.server).hostname or ""
        with suppress(ValueError):
            return ipaddress.ip_address(host).is_loopback
        return host == "localhost"


DIRECT = Proxy(str(Tier.DIRECT), Tier.DIRECT)


def parse_proxies(text: str, key: bytes = b"") -> tuple[Proxy, ...]:
    """The proxies that PROXY_LIST declares, in its order; without a prefix the tier is datacenter.

    Args:
        key: what hashes in names are made with, so that nobody can test guessed passwords against one.

    Raises DeclarationError naming the entry by its place: not a URL, another scheme than `SCHEMES`, no
    port, a path, an unknown tier, or an entry that is listed twice.
    """
    found: dict[str, int] = {}
    proxies = []
    for place, entry in enumerate(filter(None, _LISTED.split(text)), 1):
        proxy = _proxy(entry, place, key)
        if proxy.name in found:
            raise DeclarationError(f"PROXY_LIST: entry {place} repeats entry {found[proxy.name]}")
        found[proxy.name] = place
        proxies.append(proxy)
    return tuple(proxies)


def proxies_in_use(text: str, folder: Path, source: str) -> tuple[Proxy, ...]:
    """What of PROXY_LIST is used with this source of odds; empty when every request goes out directly.

    The simulator listens on this machine alone, so only proxies that run here reach it. A replay asks nobody.

    Args:
        folder: where the key of names is kept.
        source: "live", "simulator" or "replay".
    """
    proxies = parse_proxies(text, name_key(folder)) if text and source != "replay" else ()
    if source == "simulator":
        local = [proxy for proxy in proxies if proxy.is_local]
        return tuple(proxy for proxy in proxies if proxy.is_local or proxy.is_direct) if local else ()
    return proxies


def name_key(folder: Path) -> bytes:
    """The random key of this machine's proxy names, kept in `folder` (mode 0600) and made on first use."""
    path = folder / "name-key"
    with suppress(FileNotFoundError):
        key = path.read_bytes()
        if len(key) == KEY_BYTES:
            return key
        path.unlink()  # a crash of the machine may leave an empty file
    folder.mkdir(parents=True, exist_ok=True)
    mine = path.with_name(f"name-key.{secrets.token_hex(4)}")
    with open(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    with suppress(FileExistsError):  # another process was faster: its key holds
        os.link(mine, path)
    mine.unlink()
    return path.read_bytes()


def _proxy(entry: str, place: int, key: bytes) -> Proxy:
    def wrong(what: str) -> DeclarationError:
        return DeclarationError(f"PROXY_LIST: entry {place}: {what}")

    if entry == Tier.DIRECT:
        return DIRECT
    tier = Tier.DATACENTER
    prefix = _TIER.match(entry)
    if prefix is not None:
        if prefix[1] not in (Tier.DATACENTER, Tier.RESIDENTIAL):
            raise wrong("unknown tier, expected datacenter=URL or residential=URL")
        tier = Tier(prefix[1])
        entry = entry[prefix.end() :]
    try:
        parts = urlsplit(entry)
        host, port = parts.hostname, parts.port
    except ValueError:
        # Not chained: the cause quotes the entry.
        raise wrong("not a URL; reserved characters of a password are written percent-encoded") from None
    if parts.scheme.startswith("socks"):
        raise wrong("SOCKS is not supported, use the provider's HTTP port")
    if (
        parts.scheme not in SCHEMES
        or not host
        or not port
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise wrong("expected http://user:password@host:port")
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    told_apart = f"{parts.scheme}\0{parts.username or ''}\0{parts.password or ''}".encode()
    digest = hashlib.blake2b(told_apart, digest_size=4, key=key).hexdigest()
    return Proxy(
        name=f"{where}#{digest}",
        tier=tier,
        server=f"{parts.scheme}://{where}",
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )

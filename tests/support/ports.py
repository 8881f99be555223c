"""Ports of loopback for processes that are started a moment later.

Not those that the kernel hands out by itself: between the choice and the start, any connection of any process could
be given such a port, and the start would fail.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

_LOWEST = 10_000
_HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")
_chance = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """Different ports on which nobody listens now."""
    lowest = int(_HANDED_OUT.read_text().split()[0]) if _HANDED_OUT.exists() else 32_768
    found: list[int] = []
    while len(found) < count:
        port = _chance.randrange(_LOWEST, max(lowest, _LOWEST + 10_000))
        if port not in found and _is_free(port):
            found.append(port)
    return found


def free_port() -> int:
    """A port on which nobody listens now."""
    (port,) = free_ports(1)
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

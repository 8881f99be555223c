"""What several benchmarks need of the machine."""

from __future__ import annotations

import socket
from pathlib import Path


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process ever held, resident, MB.

    Not getrusage: what it says of a child begins with the memory of the parent that started it.
    """
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024 / 1e6

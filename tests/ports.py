"""Ports for servers that are started later than their address is needed."""

from __future__ import annotations

import random
import socket

# Below those that systems give away by themselves (Linux from 32768, others from 49152): nobody takes one meanwhile.
_OURS = range(15_000, 32_000)


def quiet_port() -> int:
    """Give a free port of this machine that stays free until somebody asks for it by number."""
    for port in random.sample(_OURS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("none of a hundred ports is free")

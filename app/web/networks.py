"""Names for networks that lead back to nobody: who wrote from next door can be told today, and by nobody tomorrow."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

IPV4, IPV6 = 24, 48  # bits of an address that say whose neighbourhood it is
LINE = 64  # bits of an IPv6 address that one customer has to themselves
UNKNOWN = "unknown"  # all addresses that cannot be read are one network


def network_of(address: str) -> str:
    """Give the neighbourhood of an address: the /24 of IPv4, the /48 of IPv6."""
    known = _read(address)
    return UNKNOWN if known is None else _cut(known, IPV4 if isinstance(known, IPv4Address) else IPV6)


def line_of(address: str) -> str:
    """Give what one customer has: an IPv4 address, or the /64 of an IPv6 address."""
    known = _read(address)
    return UNKNOWN if known is None else _cut(known, 32 if isinstance(known, IPv4Address) else LINE)


@dataclass(slots=True)
class NetworkNames:
    """Makes the names with a key that is never written down and is another one each day (UTC) and after each start."""

    now: Callable[[], datetime]
    _key: bytes = field(default=b"", repr=False)
    _day: date | None = None

    def name(self, *parts: str) -> str:
        """Name what is told apart by `parts`: 20 hex digits."""
        today = self.now().date()
        if today != self._day:
            self._key, self._day = secrets.token_bytes(32), today
        written = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._key, written.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:20]


def _read(address: str) -> IPv4Address | IPv6Address | None:
    bare = address.strip()
    if bare.startswith("["):  # [2001:db8::1]:443
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:  # 203.0.113.7:443
        bare = bare.partition(":")[0]
    try:
        known = ip_address(bare)
    except ValueError:
        return None
    return known.ipv4_mapped or known if isinstance(known, IPv6Address) else known


def _cut(address: IPv4Address | IPv6Address, bits: int) -> str:
    left = address.max_prefixlen - bits
    return f"{type(address)(int(address) >> left << left)}/{bits}"

"""Where hubbub may connect to: public addresses, and the private hosts the owner names; checked when it connects.

A feed can redirect to anything, and a name can point elsewhere each time it is asked for (DNS rebinding). So it is the
resolved addresses that are judged, in the resolver whose answer is connected to; addresses written as numbers never
reach a resolver and are judged before each request and each redirect.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from domain.errors import ConfigError, PermanentError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# AWS, Google and Azure (169.254.169.254), Azure's wire server, Alibaba, AWS over IPv6: they hand out credentials.
_METADATA = frozenset(map(ip_address, ("169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254")))
_NAT64 = ip_network("64:ff9b::/96")
_KINDS = (
    ("unspecified", "no address"), ("loopback", "this machine"), ("link_local", "link-local"),
    ("multicast", "multicast"), ("private", "private"), ("reserved", "reserved"),
)  # fmt: skip
_MORE: tuple[tuple[Network, str], ...] = (
    (ip_network("100.64.0.0/10"), "a carrier's own"), (ip_network("64:ff9b:1::/48"), "private"),
    (ip_network("fec0::/10"), "private"),
)  # fmt: skip
_LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_NAME = re.compile(r"(?:[\w-]{1,63}\.){0,120}(?!\d+$)[\w-]{1,63}")  # the last part of a name is no number
# Reserved or customary names of private networks: RFC 6761, 6762 (3 and appendix G), 8375, 9476.
_PRIVATE_ENDINGS = (
    "localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "test",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allowed:
    """Private hosts that may be asked all the same, each on one port or (None) on any."""

    names: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[Network, int | None], ...] = ()

    def has_name(self, host: str, port: int | None) -> bool:
        """Say whether a name is allowed, whatever it resolves to."""
        return not self.names.isdisjoint({(_bare(host), port), (_bare(host), None)})

    def on(self, port: int | None) -> tuple[Network, ...]:
        """Give the networks that are allowed on a port."""
        return tuple(network for network, only in self.networks if only in (None, port))


def why_refused(address: Address, allowed: Collection[Network] = ()) -> str | None:
    """Say what kind of address it is that hubbub does not connect to; None for a public or an allowed one."""
    plain = _unwrapped(address)
    if any(address in network or plain in network for network in allowed):
        return None
    if plain in _METADATA:
        return "a cloud's metadata service"
    for network, words in _MORE:
        if plain in network:
            return words
    kind = next((words for kind, words in _KINDS if getattr(plain, f"is_{kind}")), None)
    return kind or (None if plain.is_global else "reserved")


def why_host_refused(host: str, port: int | None, allowed: Allowed) -> str | None:
    """Judge a host before its name is resolved: numbers in full, and names that only the local network knows."""
    address = _literal(host)
    if address is not None:
        return why_refused(address, allowed.on(port))
    is_local = _bare(host).endswith(".local")  # mDNS: whoever shouts first on the network answers
    return "local" if is_local and not allowed.has_name(host, port) else None


def read_allowed(entries: Iterable[str]) -> Allowed:
    """Read names, addresses and networks, with or without a port. Raises `ConfigError` naming what is none of these."""
    read = [_read(entry) for entry in entries]
    problems = [problem for problem in read if isinstance(problem, str)]
    if problems:
        raise ConfigError(*problems)
    places = [place for place in read if not isinstance(place, str)]
    # An allowed "localhost" is 127.0.0.1 and ::1 under any name.
    places += [(network, port) for host, port in places if host == "localhost" for network in _LOOPBACK]
    return Allowed(
        frozenset((host, port) for host, port in places if isinstance(host, str)),
        tuple((host, port) for host, port in places if not isinstance(host, str)),
    )


def unreadable(entries: Iterable[str]) -> list[str]:
    """List what is wrong with the settings' `private_hosts`, one sentence each."""
    return [problem for problem in map(_read, entries) if isinstance(problem, str)]


def private_entries(urls: Iterable[str]) -> tuple[str, ...]:
    """Give host and port of those addresses in the settings that can only mean a private host.

    `http://127.0.0.1:8080` says so itself. A name that looks public does not: were it trusted, its owner could point it
    at our own network.
    """
    found: dict[str, None] = {}
    for url in urls:
        try:
            target = URL(url.strip())
            host, port = _bare(target.raw_host or ""), target.port
        except ValueError:
            continue
        if target.scheme in ("http", "https", "ws", "wss") and port is not None and _is_private_name(host):
            found[f"[{host}]:{port}" if ":" in host else f"{host}:{port}"] = None
    return tuple(entry for entry in found if not isinstance(_read(entry), str))


class GuardedResolver(AbstractResolver):
    """Resolves names and keeps only addresses that may be connected to."""

    def __init__(self, allowed: Allowed, inner: AbstractResolver) -> None:
        """Judge what `inner` finds."""
        self._allowed = allowed
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give the permitted addresses of a name; raises `PermanentError` when it has others only."""
        found = await self._inner.resolve(host, port, family)
        if self._allowed.has_name(host, port):
            return found
        networks = self._allowed.on(port)
        judged = [(entry, why_refused(ip_address(entry["host"]), networks)) for entry in found]
        permitted = [entry for entry, why in judged if why is None]
        if judged and not permitted:
            raise refused(host, judged[0][1] or "")
        return permitted

    async def close(self) -> None:
        """Close the resolver behind it."""
        await self._inner.close()


@dataclass(frozen=True, slots=True)
class Gate:
    """A client middleware: aiohttp passes every request and every redirect through it, before it connects."""

    allowed: Allowed

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Let a request pass, or raise `PermanentError`."""
        host = request.url.raw_host or ""
        why = why_host_refused(host, request.url.port, self.allowed)
        if why is not None:
            raise refused(host, why)
        return await handler(request)


def refused(host: str, why: str) -> PermanentError:
    """Say what was refused, and what the owner can do about it."""
    return PermanentError(
        f"{host[:100]} points to a private network address ({why}); allow it under network.private_hosts if that is "
        "meant."
    )


def _unwrapped(address: Address) -> Address:
    """Give the IPv4 address inside a mapped, 6to4 or NAT64 one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _literal(host: str) -> Address | None:
    """Read an address written as a number, also as only the oldest programs do: 127.1, 0177.0.0.1, 2130706433."""
    try:
        return _address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(_bare(host)))
    except OSError:
        return None


def _address(host: str) -> Address:
    return ip_address(host.strip("[]").replace("%25", "%"))


def _bare(host: str) -> str:
    return host.casefold().rstrip(".")


def _is_private_name(host: str) -> bool:
    address = _literal(host)
    if address is not None:
        return why_refused(address) is not None
    return bool(host) and ("." not in host or host.endswith(tuple(f".{ending}" for ending in _PRIVATE_ENDINGS)))


def _read(entry: str) -> tuple[str | Network, int | None] | str:
    """Read one entry, or say what is wrong with it."""
    try:
        return ip_network(entry.strip(), strict=False), None
    except ValueError:
        pass
    try:
        target = URL(f"http://{entry.strip()}")
        host, port = _bare(target.raw_host or ""), target.explicit_port
    except ValueError:
        return _wrong(entry)
    if (target.path, target.query_string, target.fragment, target.user) != ("/", "", "", None):
        return _wrong(entry)
    if _NAME.fullmatch(host):
        return host, port
    try:
        return ip_network(_address(host)), port
    except ValueError:
        return _wrong(entry)


def _wrong(entry: str) -> str:
    return f"network.private_hosts: {entry!r} is no name, address or network, such as 10.1.0.0/16."

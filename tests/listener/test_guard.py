"""Where hubbub connects to, and where nobody can make it connect."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address, ip_network

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from yarl import URL

from domain.errors import ConfigError, PermanentError, TemporaryError
from listener.guard import (
    Allowed,
    GuardedResolver,
    private_entries,
    read_allowed,
    unreadable,
    why_host_refused,
    why_refused,
)
from listener.http import Web, make_session
from tests.listener.service import NOW, Reply, Service

PUBLIC = "93.184.216.34"


class Names(AbstractResolver):
    """Resolves each name to its addresses in turn, as a server of names does that changes its mind."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name.replace("_", "."): list(turns) for name, turns in answers.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        turns = self.answers.get(host)
        if not turns:
            raise OSError(None, "no such name")
        found = turns.pop(0) if len(turns) > 1 else turns[0]
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=0,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in found
        ]  # fmt: skip

    async def close(self) -> None:
        self.asked.append("closed")


@asynccontextmanager
async def asking(*allowed: str, names: Names | None = None) -> AsyncIterator[Web]:
    async with make_session("hubbub-test/1", allowed, names or Names()) as session:
        yield Web(session, lambda: NOW)


@pytest.fixture
async def inside() -> AsyncIterator[Service]:
    """Another service of this machine, which nobody allowed."""
    made = Service()
    made.says("/secret", Reply({"key": "s3cr3t"}))
    async with TestServer(made.app()) as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


def place(service: Service) -> str:
    return URL(service.url).authority


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (PUBLIC, None),
        ("8.8.8.8", None),
        ("2606:2800:220:1:248:1893:25c8:1946", None),
        ("127.0.0.1", "this machine"),
        ("127.255.1.2", "this machine"),
        ("::1", "this machine"),
        ("0.0.0.0", "no address"),  # noqa: S104
        ("::", "no address"),
        ("0.1.2.3", "private"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.32.0.1", None),
        ("192.168.1.1", "private"),
        ("fd12:3456::1", "private"),
        ("fec0::1", "private"),
        ("192.0.2.1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("169.254.169.254", "a cloud's metadata service"),
        ("100.100.100.200", "a cloud's metadata service"),
        ("168.63.129.16", "a cloud's metadata service"),
        ("fd00:ec2::254", "a cloud's metadata service"),
        ("100.64.0.1", "a carrier's own"),
        ("100.127.255.255", "a carrier's own"),
        ("100.128.0.1", None),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("240.0.0.1", "private"),
        ("255.255.255.255", "private"),
        ("::ffff:127.0.0.1", "this machine"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:169.254.169.254", "a cloud's metadata service"),
        ("::ffff:8.8.8.8", None),
        ("2002:7f00:1::", "this machine"),
        ("2002:a00:1::1", "private"),
        ("64:ff9b::127.0.0.1", "this machine"),
        ("64:ff9b::a9fe:a9fe", "a cloud's metadata service"),
        ("64:ff9b::8.8.8.8", None),
        ("64:ff9b:1::8.8.8.8", "private"),
        ("::127.0.0.1", "reserved"),
        ("2001:0:7f00:1::1", "private"),
    ],
)
def test_only_public_addresses_are_connected_to(address: str, why: str | None) -> None:
    assert why_refused(ip_address(address)) == why


@pytest.mark.parametrize(
    ("address", "network", "is_allowed"),
    [
        ("10.1.2.3", "10.1.0.0/16", True),
        ("10.2.2.3", "10.1.0.0/16", False),
        ("::ffff:10.1.2.3", "10.1.0.0/16", True),
        ("64:ff9b::10.1.2.3", "10.1.0.0/16", True),
        ("fd00::1", "fd00::/8", True),
        ("127.0.0.1", "127.0.0.1/32", True),
        ("127.0.0.2", "127.0.0.1/32", False),
        ("169.254.169.254", "169.254.0.0/16", True),
        ("::1", "0.0.0.0/0", False),
    ],
)
def test_an_allowed_network_is_connected_to(address: str, network: str, is_allowed: bool) -> None:
    assert (why_refused(ip_address(address), (ip_network(network),)) is None) == is_allowed


@pytest.mark.parametrize(
    ("host", "port", "allowed", "why"),
    [
        ("127.0.0.1", 80, (), "this machine"),
        ("127.0.0.1", 80, ("127.0.0.1",), None),
        ("127.0.0.1", 80, ("127.0.0.1:80",), None),
        ("127.0.0.1", 6379, ("127.0.0.1:80",), "this machine"),
        ("::1", 80, ("localhost:80",), None),
        ("[::1]", 80, ("[::1]:80",), None),
        ("fe80::1%25lo", 80, (), "link-local"),
        ("printer.local", 80, (), "local"),
        ("Printer.LOCAL.", 80, (), "local"),
        ("printer.local", 80, ("printer.local",), None),
        ("printer.local", 81, ("printer.local:80",), "local"),
        ("news.example", 80, (), None),
    ],
)
def test_a_host_is_judged_by_name_number_and_port(
    host: str, port: int, allowed: tuple[str, ...], why: str | None
) -> None:
    assert why_host_refused(host, port, read_allowed(allowed)) == why


def test_what_may_be_asked_is_read_as_people_write_it() -> None:
    allowed = read_allowed(["Mastodon.Internal", "db1:5432", "10.1.2.3/16", " fd00::/8 ", "[::1]:80", "münchen.lan"])
    assert allowed == Allowed(
        frozenset({("mastodon.internal", None), ("db1", 5432), ("xn--mnchen-3ya.lan", None)}),
        ((ip_network("10.1.0.0/16"), None), (ip_network("fd00::/8"), None), (ip_network("::1/128"), 80)),
    )


@pytest.mark.parametrize(
    "entry", ["", "a b", "*.corp", "http://x", "x/y", "10.1.0.0/99", "user@x", "x:y", "127.0.0.1:99999", "8080", "[::1"]
)
def test_what_cannot_be_read_is_named(entry: str) -> None:
    (problem,) = unreadable(["10.0.0.0/8", entry])
    assert problem == f"network.private_hosts: {entry!r} is no name, address or network, such as 10.1.0.0/16."
    with pytest.raises(ConfigError) as caught:
        read_allowed([entry, "localhost"])
    assert caught.value.problems == (problem,)


def test_only_addresses_that_plainly_mean_a_private_host_speak_for_themselves() -> None:
    said = private_entries(
        ["http://127.0.0.1:8080/a?b", "https://localhost", "http://[::1]:9/", "http://mastodon:3000", "wss://x.lan/",
         "http://127.0.0.1:8080/again", "https://news.example/feed", "http://8.8.8.8/", "ftp://10.0.0.1/", "words",
         "http://[", "http://x:99999/", "http://2130706433/", "sqlite:///hubbub.db", ""]
    )  # fmt: skip
    assert said == ("127.0.0.1:8080", "localhost:443", "[::1]:9", "mastodon:3000", "x.lan:443")


async def test_private_addresses_of_a_name_are_dropped() -> None:
    names = Names(mixed_example=[["10.0.0.1", PUBLIC, "::1"]])
    guarded = GuardedResolver(Allowed(), names)
    assert [found["host"] for found in await guarded.resolve("mixed.example", 80)] == [PUBLIC]
    await guarded.close()
    assert names.asked == ["mixed.example", "closed"]


async def test_a_name_that_changes_its_mind_is_judged_when_it_is_connected_to(service: Service) -> None:
    names = Names(rebind_example=[[PUBLIC], ["127.0.0.1"]])
    port = URL(service.url).port
    assert (await names.resolve("rebind.example"))[0]["host"] == PUBLIC, "whoever checks first sees nothing wrong"
    async with asking(names=names) as web:
        with pytest.raises(PermanentError, match=r"rebind\.example points to a private network address \(this machine"):
            await web.get(f"http://rebind.example:{port}/a")
    assert service.asked == []


async def test_the_refusal_says_how_to_allow_it(service: Service) -> None:
    async with asking() as web:
        with pytest.raises(PermanentError) as caught:
            await web.get(f"{service.url}/a")
    assert str(caught.value) == (
        "127.0.0.1 points to a private network address (this machine); allow it under network.private_hosts if that is "
        "meant."
    )
    assert service.asked == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "0.0.0.0", "0", "127.1", "2130706433", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "017700000001",  # noqa: S104
     "localhost", "localhost.", "LOCALHOST", "127.0.0.1.", "１２７.0.0.1", "127。0。0。1", "ⓛocalhost", "127.0.0.1%00",
     "news.example@127.0.0.1", "news.example:80@127.0.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
     "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "ip6-localhost"],
)  # fmt: skip
async def test_no_way_of_writing_this_machine_reaches_it(service: Service, host: str) -> None:
    service.says("/a", Reply({}))
    async with make_session("hubbub-test/1") as session:  # with the resolver of this machine
        web = Web(session, lambda: NOW)
        with pytest.raises((PermanentError, TemporaryError), match=r"points to a private|cannot be read|be resolved"):
            await web.get(f"http://{host}:{URL(service.url).port}/a")
        service.says("/there", Reply(status=302, headers={"Location": f"http://{host}:{URL(service.url).port}/a"}))
    async with asking(place(service).replace("127.0.0.1", "front.example"), names=front(service)) as web:
        with pytest.raises((PermanentError, TemporaryError)):
            await web.get(f"http://front.example:{URL(service.url).port}/there")
    assert [asked.path for asked in service.asked] == ["/there"]


def front(service: Service) -> Names:
    """Names under which this machine is one that may be asked."""
    return Names(front_example=[["127.0.0.1"]], localhost=[["127.0.0.1"]])


@pytest.mark.parametrize("to", ["http://127.0.0.1:{port}/secret", "http://inside.example:{port}/secret"])
async def test_a_redirect_to_another_service_of_this_machine_is_refused(
    service: Service, inside: Service, to: str
) -> None:
    service.says("/feed", Reply(status=302, headers={"Location": to.format(port=URL(inside.url).port)}))
    async with asking(place(service), names=Names(inside_example=[["127.0.0.1"]])) as web:
        with pytest.raises(PermanentError, match="points to a private network address"):
            await web.get(f"{service.url}/feed")
    assert (len(service.asked), inside.asked) == (1, [])


async def test_a_redirect_to_a_private_host_that_is_meant_is_followed(service: Service, inside: Service) -> None:
    service.says("/feed", Reply(status=302, headers={"Location": f"{inside.url}/secret"}))
    async with asking(place(service), place(inside)) as web:
        assert (await web.get(f"{service.url}/feed")).json() == {"key": "s3cr3t"}


async def test_an_allowed_name_may_point_anywhere(service: Service) -> None:
    service.says("/a", Reply([1]))
    names = Names(mastodon_internal=[["127.0.0.1"]])
    async with asking("mastodon.internal", names=names) as web:
        assert (await web.get(f"http://mastodon.internal:{URL(service.url).port}/a")).json() == [1]


async def test_a_name_of_the_local_network_is_not_even_asked_for() -> None:
    names = Names(printer_local=[[PUBLIC]])
    async with asking(names=names) as web:
        with pytest.raises(PermanentError, match=r"printer\.local points to a private network address"):
            await web.get("http://printer.local/")
    assert names.asked == []


async def test_a_name_nobody_knows_is_temporary() -> None:
    async with asking() as web:
        with pytest.raises(TemporaryError, match=r"The name nowhere\.example cannot be resolved"):
            await web.get("http://nowhere.example/")


async def test_other_users_of_the_session_are_guarded_too(inside: Service) -> None:
    async with make_session("hubbub-test/1") as session:
        for url in (f"{inside.url}/secret", inside.url.replace("127.0.0.1", "localhost")):
            with pytest.raises(PermanentError, match="points to a private network address"):
                await session.post(url)
        with pytest.raises(PermanentError):
            await session.ws_connect(inside.url.replace("http", "ws"))
    assert inside.asked == []


async def test_a_session_is_not_opened_for_a_host_that_cannot_be_read() -> None:
    with pytest.raises(ConfigError, match=r"network\.private_hosts"):
        make_session("hubbub-test/1", ["10.0.0.0/99"])

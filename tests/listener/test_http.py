"""Asking other servers: every failure is one of ours, in one sentence, without secrets."""

from __future__ import annotations

import asyncio
import contextlib
import time
import tracemalloc
import zlib
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from listener.http import Web, unreachable
from tests.listener.service import NOW, Reply, Service

SECRET = "s3cr3t-token"


def web(session: aiohttp.ClientSession, **more: Any) -> Web:
    return Web(session, lambda: NOW, **more)


async def test_json_comes_back_with_its_headers(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/a", Reply({"x": 1}, headers={"ETag": "e"}))
    answer = await web(session).get(f"{service.url}/a", params=[("q", "ö & b"), ("t[]", "1")], headers={"X-Key": "k"})
    assert answer.json() == {"x": 1}
    assert answer.headers["etag"] == "e"
    assert service.asked[0].query == [("q", "ö & b"), ("t[]", "1")]
    assert service.asked[0].headers["X-Key"] == "k"
    assert service.asked[0].headers["User-Agent"] == "hubbub-test/1"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthError),
        (403, AuthError),
        (404, NotFound),
        (410, NotFound),
        (429, RateLimited),
        (400, PermanentError),
        (501, TemporaryError),
        (503, TemporaryError),
        (408, TemporaryError),
        (304, PermanentError),
    ],
)
async def test_each_status_asks_the_right_question(
    service: Service, session: aiohttp.ClientSession, status: int, kind: type[ServiceError]
) -> None:
    service.says("/a", Reply(b"<html>an error page</html>" if status > 400 else b"", status))
    with pytest.raises(ServiceError) as caught:
        await web(session).get(f"{service.url}/a?key={SECRET}", headers={"Authorization": SECRET})
    assert type(caught.value) is kind
    assert str(status) in str(caught.value)
    assert SECRET not in str(caught.value)


async def test_the_wait_a_server_asks_for_is_passed_on(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/429", Reply(status=429, headers={"X-RateLimit-Reset": "2026-11-02T12:01:00Z"}))
    service.says("/503", Reply(status=503, headers={"Retry-After": "7"}))
    for path, wait in (("/429", timedelta(minutes=1)), ("/503", timedelta(seconds=7))):
        with pytest.raises(TemporaryError) as caught:
            await web(session).get(service.url + path)
        assert caught.value.retry_after == wait


@pytest.mark.parametrize(
    ("headers", "kind", "wait"),
    [
        ({}, AuthError, None),
        ({"Retry-After": "soon"}, AuthError, None),
        ({"X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": "60"}, AuthError, None),
        ({"Retry-After": "60"}, RateLimited, timedelta(minutes=1)),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1793620860"}, RateLimited, timedelta(minutes=1)),
        ({"X-RateLimit-Remaining": "0"}, RateLimited, None),
    ],
)
async def test_a_refusal_about_pace_is_no_trouble_with_credentials(
    service: Service, session: aiohttp.ClientSession, headers: dict[str, str], kind: type[ServiceError],
    wait: timedelta | None,
) -> None:  # fmt: skip
    service.says("/a", Reply({"message": "slow down"}, 403, headers))
    with pytest.raises(ServiceError) as caught:
        await web(session).get(f"{service.url}/a")
    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", None) == wait


@pytest.mark.parametrize(
    ("body", "headers", "kind", "says"),
    [
        (b"  <!DOCTYPE html><p>sorry", {}, TemporaryError, "web page instead of JSON"),
        (b"hello", {"Content-Type": "text/html"}, TemporaryError, "web page instead of JSON"),
        (b'{"a": ', {}, PermanentError, "broken JSON"),
        (b"", {}, PermanentError, "broken JSON"),
        (b"\xff\xfe\xfa", {}, PermanentError, "broken JSON"),
        (b"[" * 100_000, {}, PermanentError, "broken JSON"),
        (b"9" * 100_000, {}, PermanentError, "broken JSON"),
    ],
)
async def test_what_is_no_json_is_said_clearly(
    service: Service, session: aiohttp.ClientSession, body: bytes, headers: dict[str, str],
    kind: type[ServiceError], says: str,
) -> None:  # fmt: skip
    service.says("/a", Reply(body, headers=headers))
    answer = await web(session).get(f"{service.url}/a")
    with pytest.raises(kind, match=says):
        answer.json()


async def test_an_answer_larger_than_allowed_is_refused(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/big", Reply(b"x" * 5_000_001))
    with pytest.raises(PermanentError, match="larger than 5 MB"):
        await web(session).get(f"{service.url}/big")


async def test_an_announced_size_is_refused_before_it_is_read(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/big", Reply(b"x" * 2000))
    with pytest.raises(PermanentError, match=r"larger than 0\.001 MB"):
        await web(session, max_bytes=1000).get(f"{service.url}/big")
    assert (await web(session, max_bytes=2000).get(f"{service.url}/big")).body == b"x" * 2000


@pytest.mark.parametrize(
    ("encoding", "wbits"), [("gzip", 31), ("deflate", 15), ("deflate", -15)], ids=["gzip", "zlib", "raw deflate"]
)
async def test_a_compressed_bomb_is_refused_by_its_unpacked_size_and_takes_little_memory(
    service: Service, session: aiohttp.ClientSession, encoding: str, wbits: int
) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    service.says("/bomb", Reply(packed, headers={"Content-Encoding": encoding}))
    tracemalloc.start()
    try:
        with pytest.raises(PermanentError, match="larger than 5 MB"):
            await web(session).get(f"{service.url}/bomb")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000, "100 MB unpacked"


@pytest.mark.parametrize("encoding", ["br", "gzip", "zstd"])
async def test_what_cannot_be_unpacked_is_temporary(
    service: Service, session: aiohttp.ClientSession, encoding: str
) -> None:
    service.says("/a", Reply(b"\x1f\x8b but no more", headers={"Content-Encoding": encoding}))
    with pytest.raises(TemporaryError):
        (await web(session).get(f"{service.url}/a")).json()


async def test_an_answer_that_drips_is_left_after_the_timeout(session: aiohttp.ClientSession) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.suppress(OSError):
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        started = time.perf_counter()
        with pytest.raises(TemporaryError, match=r"did not answer within 0\.3 seconds"):
            await web(session, timeout=timedelta(seconds=0.3)).get(f"http://127.0.0.1:{port}/")
    assert time.perf_counter() - started < 3


async def test_redirects_share_one_timeout(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/slow", Reply(status=302, headers={"Location": "/slow"}, wait=0.2))
    with pytest.raises(TemporaryError, match="did not answer within"):
        await web(session, timeout=timedelta(seconds=0.5)).get(f"{service.url}/slow")


async def test_a_slow_server_is_left_after_the_timeout(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/slow", Reply(b"{}", wait=5))
    with pytest.raises(TemporaryError, match=r"did not answer within 0\.2 seconds"):
        await web(session, timeout=timedelta(seconds=0.2)).get(f"{service.url}/slow")


async def test_a_dropped_connection_is_tried_again(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/a", Reply(drop=True), Reply(drop=True), Reply([1]))
    assert (await web(session).get(f"{service.url}/a")).json() == [1]


async def test_after_three_dropped_connections_it_gives_up(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/a", Reply(drop=True))
    with pytest.raises(TemporaryError, match="dropped the connection"):
        await web(session).get(f"{service.url}/a")
    assert len(service.asked) >= 3


async def test_what_was_posted_is_not_posted_twice(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/a", Reply(drop=True))
    with pytest.raises(TemporaryError):
        await web(session).post(f"{service.url}/a", {"password": SECRET})
    assert len([asked for asked in service.asked if asked.body]) == 1


async def test_a_form_is_posted_once_as_a_form(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/token", Reply({"access_token": "t"}, status=201))
    answer = await web(session).post_form(
        f"{service.url}/token", {"grant_type": "client credentials", "ö": "&="}, headers={"X-Key": "k"}, ok=(201,)
    )
    assert answer.json() == {"access_token": "t"}
    (asked,) = service.asked
    assert (asked.method, asked.headers["X-Key"]) == ("POST", "k")
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.body == "grant_type=client+credentials&%C3%B6=%26%3D"
    service.says("/token", Reply(drop=True))
    with pytest.raises(TemporaryError):
        await web(session).post_form(f"{service.url}/token", {"password": SECRET})
    assert len(service.asked) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_what_is_posted_goes_nowhere_else(service: Service, session: aiohttp.ClientSession, status: int) -> None:
    service.says("/token", Reply(status=status, headers={"Location": "/elsewhere"}))
    for post in (web(session).post, web(session).post_form):
        with pytest.raises(PermanentError, match="sends us to another address"):
            await post(f"{service.url}/token", {"password": SECRET})
    assert [asked.path for asked in service.asked] == ["/token", "/token"]


async def test_a_redirect_on_the_same_server_keeps_the_headers(
    service: Service, session: aiohttp.ClientSession
) -> None:
    service.says("/old", Reply(status=301, headers={"Location": "new?page=2"}))
    service.says("/new", Reply([1]))
    answer = await web(session).get(f"{service.url}/old", params=[("key", SECRET)], headers={"X-Api-Key": SECRET})
    assert answer.json() == [1]
    assert (service.asked[1].query, service.asked[1].headers["X-Api-Key"]) == ([("page", "2")], SECRET)


async def test_a_redirect_to_another_server_takes_no_secrets_along(
    service: Service, session: aiohttp.ClientSession
) -> None:
    other = Service()
    other.says("/b", Reply(status=302, headers={"Location": f"{service.url}/c"}))
    async with TestServer(other.app()) as server:
        service.says("/a", Reply(status=307, headers={"Location": str(server.make_url("/b"))}))
        service.says("/c", Reply([1]))
        secrets = {"Authorization": SECRET, "X-Api-Key": SECRET, "Cookie": SECRET}
        await web(session).get(f"{service.url}/a", headers={**secrets, "Accept": "text/xml", "If-None-Match": "e"})
    for asked in (*other.asked, service.asked[1]):
        assert SECRET not in "".join(asked.headers.values())
        assert (asked.headers["Accept"], asked.headers["If-None-Match"]) == ("text/xml", "e")


async def test_a_redirect_that_says_not_where_to_is_refused(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/a", Reply(status=302))
    with pytest.raises(PermanentError, match=r"another address \(status 302\)"):
        await web(session).get(f"{service.url}/a")


async def test_five_redirects_are_followed(service: Service, session: aiohttp.ClientSession) -> None:
    for step in range(5):
        service.says(f"/{step}", Reply(status=302, headers={"Location": f"/{step + 1}"}))
    service.says("/5", Reply([1]))
    assert (await web(session).get(f"{service.url}/0")).json() == [1]


async def test_endless_redirects_end(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/loop", Reply(status=302, headers={"Location": "/loop"}))
    with pytest.raises(PermanentError, match="redirects more than 5 times"):
        await web(session).get(f"{service.url}/loop")


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("file:///etc/passwd", "not http or https"),
        ("gopher://127.0.0.1:6379/x", "not http or https"),
        ("javascript:alert(1)", "not http or https"),
        ("http://[", "cannot be read"),
        ("http://127.0.0.1:99999/", "cannot be read"),
        ("http://x\\@y/", "cannot be read"),
    ],
)
async def test_a_redirect_out_of_the_web_is_refused(
    service: Service, session: aiohttp.ClientSession, location: str, says: str
) -> None:
    service.says("/out", Reply(status=302, headers={"Location": location}))
    with pytest.raises(PermanentError, match=says):
        await web(session).get(f"{service.url}/out?key={SECRET}")
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/y", "gopher://x", "/relative", "http://", "http://[", ""]
)
async def test_only_web_addresses_are_fetched(session: aiohttp.ClientSession, url: str) -> None:
    with pytest.raises(PermanentError):
        await web(session).get(url)


async def test_a_server_that_is_not_there_is_temporary(session: aiohttp.ClientSession, unused_tcp_port: int) -> None:
    with pytest.raises(TemporaryError, match="cannot be reached"):
        await web(session).get(f"http://127.0.0.1:{unused_tcp_port}/?key={SECRET}")


async def test_a_server_that_talks_nonsense_is_temporary(session: aiohttp.ClientSession) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 smtp.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TemporaryError, match=r"127\.0\.0\.1"):
            await web(session).get(f"http://127.0.0.1:{port}/")


async def test_a_certificate_nobody_vouches_for_is_named(service: Service, session: aiohttp.ClientSession) -> None:
    with pytest.raises(TemporaryError, match="certificate or encryption"):
        await web(session).get(service.url.replace("http:", "https:"))


def test_failures_never_quote_the_library() -> None:
    err = aiohttp.InvalidURL(f"http://x/?key={SECRET}")
    assert SECRET not in str(unreachable("x.example", err))
    assert SECRET not in str(unreachable("x.example", ValueError(SECRET)))

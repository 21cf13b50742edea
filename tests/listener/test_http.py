"""Asking other servers: every failure is one of ours, in one sentence, without secrets."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

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


async def test_a_compressed_bomb_is_refused_by_its_unpacked_size(
    service: Service, session: aiohttp.ClientSession
) -> None:
    packed = gzip.compress(b"\0" * 40_000_000)
    service.says("/bomb", Reply(packed, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(ServiceError):
        await web(session).get(f"{service.url}/bomb")


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


async def test_endless_redirects_end(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/loop", Reply(status=302, headers={"Location": "/loop"}))
    with pytest.raises(PermanentError, match="redirects more than 5 times"):
        await web(session).get(f"{service.url}/loop")


async def test_a_redirect_to_a_file_is_refused(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/out", Reply(status=302, headers={"Location": "file:///etc/passwd"}))
    with pytest.raises(PermanentError, match="not http or https"):
        await web(session).get(f"{service.url}/out")


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

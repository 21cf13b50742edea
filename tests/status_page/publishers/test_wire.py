"""What an answer (or none) means: try again, when, or never; the same for every publisher that speaks HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from status_page.publishers.bluesky import Bluesky
from status_page.publishers.mastodon import Mastodon
from status_page.publishers.publisher import NotTaken, Publisher
from status_page.publishers.telegram import Telegram
from status_page.publishers.webhook import Webhook
from status_page.publishers.wire import LONGEST_WAIT_S, MAX_ANSWER, Request, refusal, send
from status_page.publishers.x import X
from tests.domain.make import NOW, delivery
from tests.ports import quiet_port
from tests.status_page.publishers.receiver import Answer, hangs_up, raw, receiving, says

SECRET = "s3cret-t0ken"
Make = Callable[[str, aiohttp.ClientSession], Publisher]


def _mastodon(url: str, session: aiohttp.ClientSession) -> Publisher:
    return Mastodon("mastodon", url, SECRET, session)


def _bluesky(url: str, session: aiohttp.ClientSession) -> Publisher:
    return Bluesky("bluesky", url, "brand.example", SECRET, session, lambda: NOW)


def _webhook(url: str, session: aiohttp.ClientSession) -> Publisher:
    return Webhook("hook", f"{url}/{SECRET}", SECRET, session, lambda: datetime.now(UTC))


def _x(url: str, session: aiohttp.ClientSession) -> Publisher:
    return X("x", url, SECRET, session, lambda: NOW)


def _x_with_keys(url: str, session: aiohttp.ClientSession) -> Publisher:
    return X("x", url, f"app:{SECRET}:token:{SECRET}", session, lambda: NOW)


def _telegram(url: str, session: aiohttp.ClientSession) -> Publisher:
    return Telegram("telegram", url, f"123:{SECRET}", session, "@acme")


every_publisher = pytest.mark.parametrize("make", [_mastodon, _bluesky, _webhook, _x, _x_with_keys, _telegram])


@every_publisher
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (says({"error": "The access token is invalid"}, 401), AuthError),
        (says({"error": "not allowed"}, 403), AuthError),
        (says({"error": "gone"}, 404), NotFound),
        (says({}, 410), NotFound),
        (says({"error": "Validation failed"}, 422), PermanentError),
        (raw(b"<html>moved</html>", 302), PermanentError),
        (says({}, 429, Retry_After="90"), RateLimited),
        (raw(b"<html>Bad gateway</html>", 502), TemporaryError),
        (says({"error": "internal"}, 500), TemporaryError),
        (raw(b"", 408), TemporaryError),
        (hangs_up, TemporaryError),
    ],
)
async def test_each_failure_becomes_the_error_that_says_what_to_do(
    make: Make, answer: Answer, kind: type[ServiceError], session: aiohttp.ClientSession
) -> None:
    async with receiving(answer) as receiver:
        with pytest.raises(ServiceError) as caught:
            await make(receiver.url, session).publish(delivery())
    assert type(caught.value) in ((kind, AuthError) if make is _telegram and kind is NotFound else (kind,))
    assert SECRET not in repr(caught.value.__cause__)
    assert SECRET not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@every_publisher
async def test_nobody_listening_is_tried_again_later(make: Make, session: aiohttp.ClientSession) -> None:
    with pytest.raises(NotTaken) as caught:
        await make(f"http://127.0.0.1:{quiet_port()}", session).publish(delivery())
    assert "cannot be reached" in str(caught.value)
    assert SECRET not in str(caught.value)


@every_publisher
def test_no_secret_is_shown_where_a_publisher_is_printed(make: Make) -> None:
    made = make("http://127.0.0.1:1", None)  # type: ignore[arg-type]
    assert SECRET not in f"{made!r} {made}"


@pytest.mark.parametrize("url", ["ftp://files.example", "no address", "http://", "http://[::1"])
async def test_an_address_that_is_none_is_never_tried_again(url: str, session: aiohttp.ClientSession) -> None:
    with pytest.raises(PermanentError, match="not usable"):
        await send(session, Request("POST", url, "Webhook (x)", {}, body=b""))


async def test_a_token_with_a_line_break_cannot_smuggle_in_a_header(session: aiohttp.ClientSession) -> None:
    async with receiving(says({"id": "1"})) as receiver:
        bad = Mastodon("mastodon", receiver.url, f"{SECRET}\r\nX-Admin: yes", session)
        with pytest.raises(PermanentError) as caught:
            await bad.publish(delivery())
    assert receiver.got == []
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None  # the library's own words quote the header


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("90", timedelta(seconds=90)),
        ("0", timedelta()),
        ("99999999", timedelta(seconds=LONGEST_WAIT_S)),
        ("9" * 5000, None),
        ("²", None),
        ("Fri, 06 Mar 2026 17:00:00 GMT", None),
        ("-5", None),
        (None, None),
    ],
)
def test_the_wait_that_was_asked_for_is_kept_within_reason(asked: str | None, wait: timedelta | None) -> None:
    error = refusal("X", 429, asked, "")
    assert isinstance(error, RateLimited)
    assert error.retry_after == wait
    busy = refusal("X", 503, asked, "")
    assert isinstance(busy, TemporaryError)
    assert busy.retry_after == wait


@pytest.mark.parametrize("body", [b"not json", b"[1, 2]", b"[" * 100_000, b"\xff\xfe", b""])
async def test_an_answer_that_is_no_object_is_empty(body: bytes, session: aiohttp.ClientSession) -> None:
    async with receiving(raw(body, content_type="application/json")) as receiver:
        assert await send(session, Request("POST", receiver.url, "X", {}, body=b"")) == {}


async def test_only_so_much_of_an_answer_is_read(session: aiohttp.ClientSession) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(status=500)
        await response.prepare(request)
        try:
            for _ in range(500):
                await response.write(b"x" * 100_000)
                sent += 100_000
        except ConnectionError:
            pass
        return response

    from aiohttp.test_utils import TestServer

    app = web.Application()
    app.router.add_post("/", endless)
    server = TestServer(app)
    await server.start_server()
    with pytest.raises(TemporaryError):
        await send(session, Request("POST", str(server.make_url("/")), "X", {}, body=b""))
    await server.close()
    assert MAX_ANSWER <= sent < 20 * MAX_ANSWER


async def test_what_the_platform_said_is_quoted_briefly(session: aiohttp.ClientSession) -> None:
    async with receiving(says({"error": "Validation failed", "message": "x" * 5000}, 422)) as receiver:
        with pytest.raises(PermanentError) as caught:
            await send(session, Request("POST", receiver.url, "Mastodon (m)", {}, body=b""))
    assert str(caught.value).startswith("Mastodon (m) answers 422: Validation failed: xxx")
    assert len(str(caught.value)) < 260

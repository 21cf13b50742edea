"""The second channel: signed webhooks and mails that nobody outside can bend."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from hypothesis import given
from hypothesis import strategies as st

from alerts.second_channel import MailServer, compose_mail, send_mail, send_webhook
from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from tests.alerts.records import HOSTILE, NOW
from tests.ports import quiet_port

SECRET = "a-webhook-secret"


class Receiver:
    """Takes webhooks; `status` and `headers` are what it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, dict[str, str]]] = []
        self.status, self.headers = 204, dict[str, str]()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        """Keep one webhook."""
        self.got.append((await request.read(), dict(request.headers)))
        return web.Response(status=self.status, headers=self.headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on loopback."""
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/hook"))
    yield made
    await server.close()


async def test_a_webhook_is_signed_and_names_its_key(receiver: Receiver, session: aiohttp.ClientSession) -> None:
    payload = {"signal": "sig_1", "text": "Customers report: پرداخت"}
    await send_webhook(session, receiver.url, payload, SECRET, key="sig_1#1", now=NOW)
    ((body, headers),) = receiver.got
    assert json.loads(body) == payload
    mac = hmac.new(SECRET.encode(), b"1795183200." + body, hashlib.sha256).hexdigest()
    assert headers["X-Hubbub-Signature"] == f"t=1795183200,v1={mac}"
    assert headers["Idempotency-Key"] == "sig_1#1"
    assert headers["Content-Type"] == "application/json"


async def test_a_repeat_has_the_same_key_and_body(receiver: Receiver, session: aiohttp.ClientSession) -> None:
    for minute in (0, 1):
        now = NOW + timedelta(minutes=minute)
        await send_webhook(session, receiver.url, {"b": 1, "a": 2}, SECRET, key="k\r\nEvil: 1", now=now)
    (first, one), (second, two) = receiver.got
    assert first == second == b'{"a": 2, "b": 1}'
    assert one["Idempotency-Key"] == two["Idempotency-Key"] == "k Evil: 1"
    assert one["X-Hubbub-Signature"] != two["X-Hubbub-Signature"]


async def test_without_a_secret_nothing_is_signed(receiver: Receiver, session: aiohttp.ClientSession) -> None:
    await send_webhook(session, receiver.url, {}, "", key="k", now=NOW)
    assert "X-Hubbub-Signature" not in receiver.got[0][1]


@pytest.mark.parametrize(
    ("status", "error"),
    [(301, PermanentError), (400, PermanentError), (401, AuthError), (403, AuthError), (404, NotFound), (410, NotFound),
     (408, TemporaryError), (429, RateLimited), (500, TemporaryError), (503, TemporaryError)],
)  # fmt: skip
async def test_a_refusal_says_if_another_try_helps(
    receiver: Receiver, session: aiohttp.ClientSession, status: int, error: type[ServiceError]
) -> None:
    receiver.status, receiver.headers = status, {"Retry-After": "40", "Location": receiver.url}
    with pytest.raises(error, match=f"HTTP {status}") as caught:
        await send_webhook(session, receiver.url, {}, SECRET, key="k", now=NOW)
    assert type(caught.value) is error
    assert len(receiver.got) == 1
    if isinstance(caught.value, TemporaryError):
        assert caught.value.retry_after == timedelta(seconds=40)


@pytest.mark.parametrize(
    ("url", "error"),
    [("http://127.0.0.1:9/hook?token=secret", TemporaryError), ("not an address", PermanentError),
     ("ftp://x.example", PermanentError)],
)  # fmt: skip
async def test_a_webhook_nobody_takes_is_said_without_its_address(
    session: aiohttp.ClientSession, url: str, error: type[ServiceError]
) -> None:
    with pytest.raises(error) as caught:
        await send_webhook(session, url, {}, SECRET, key="k", now=NOW)
    assert "secret" not in str(caught.value)


class Sink:
    """Takes mail; `answer` is what it says to the data, `unknown` the address it does not know."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer, self.unknown, self.unknown_code = "250 OK", "nobody@example.org", 550

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Take or refuse a recipient."""
        if address == self.unknown:
            return f"{self.unknown_code} no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a mail with its envelope."""
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return self.answer


def _login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"right", handled=False)


@pytest.fixture
def sink() -> Iterator[tuple[Sink, MailServer]]:
    """A mail server on loopback."""
    made, port = Sink(), quiet_port()
    controller = Controller(made, "127.0.0.1", port, authenticator=_login, auth_require_tls=False)
    controller.start()
    yield made, MailServer("127.0.0.1", port, "hubbub@example.org", tls="none", timeout_s=5)
    controller.stop()


async def test_a_mail_arrives_with_its_words_and_a_stable_id(sink: tuple[Sink, MailServer]) -> None:
    got, server = sink
    name = await send_mail(server, "ada@example.org", "Customers report: Ödeme", "سلام\nمتن", key="sig_1#1", now=NOW)
    await send_mail(server, "ada@example.org", "x", "y", key="sig_1#1", now=NOW)
    sender, recipients, mail = got.mails[0]
    assert (sender, recipients) == ("hubbub@example.org", ["ada@example.org"])
    assert (mail["Subject"], mail["From"], mail["To"]) == (
        "Customers report: Ödeme", "hubbub@example.org", "ada@example.org",
    )  # fmt: skip
    assert mail.get_content().split() == ["سلام", "متن"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == name == got.mails[1][2]["Message-ID"]
    assert mail["Date"] == "Fri, 20 Nov 2026 14:00:00 +0000"


async def test_a_subject_cannot_add_a_header_or_a_recipient(sink: tuple[Sink, MailServer]) -> None:
    got, server = sink
    subject = "Hello\r\nBcc: all@example.org\n\nnew body"
    await send_mail(
        server, "ada@example.org", subject, ".\r\nQUIT\r\n", key="k\n>", now=NOW, in_reply_to="<a@b>\r\nX: 1"
    )
    _, recipients, mail = got.mails[0]
    assert recipients == ["ada@example.org"]
    assert mail["Bcc"] is None and mail["X"] is None
    assert mail["Subject"] == "Hello Bcc: all@example.org new body"
    assert mail.get_content().split() == [".", "QUIT"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_makes_a_mail_with_other_headers(subject: str, text: str) -> None:
    mail = compose_mail("hubbub@example.org", "ada@example.org", subject, text, key=subject, now=NOW)
    again = message_from_bytes(mail.as_bytes(), policy=default)
    assert sorted(again.keys()) == sorted(mail.keys())
    assert again["To"] == "ada@example.org"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_in_their_place(hostile: str) -> None:
    mail = compose_mail("hubbub@example.org", "ada@example.org", hostile, hostile, key=hostile, now=NOW)
    assert mail.as_bytes().count(b"\nTo:") == 1


@pytest.mark.parametrize(
    "address",
    ["", "ada", "@example.org", "ada@", "a@b@c", "a@x.org, b@y.org", "Ada <ada@x.org>", "a@x.org\r\nBcc: b@y.org",
     "a b@x.org", "a@" + "x" * 260, "ada@münchen.example", '"a b"@x.org', "a..b@x.org", "a@x\x00.org"],
)  # fmt: skip
def test_an_incomplete_or_double_address_is_refused(address: str) -> None:
    with pytest.raises(PermanentError, match="address is not complete"):
        compose_mail("hubbub@example.org", address, "x", "y", key="k", now=NOW)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"answer": "451 try later"}, TemporaryError),
        ({"answer": "554 no"}, PermanentError),
        ({"unknown": "ada@example.org"}, NotFound),
        ({"unknown": "ada@example.org", "unknown_code": 450}, TemporaryError),
    ],
)
async def test_the_mail_servers_answer_says_if_another_try_helps(
    sink: tuple[Sink, MailServer], changes: dict[str, Any], error: type[ServiceError]
) -> None:
    got, server = sink
    for name, value in changes.items():
        setattr(got, name, value)
    with pytest.raises(error) as caught:
        await send_mail(server, "ada@example.org", "x", "y", key="k", now=NOW)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"username": "hubbub", "password": "wrong-password"}, AuthError, "user name or password"),
        ({"tls": "starttls"}, PermanentError, "does not offer"),
        ({"tls": "tls"}, TemporaryError, "could not be reached"),
        ({"port": 9}, TemporaryError, "could not be reached"),
        ({"host": "mail.invalid"}, TemporaryError, "could not be reached"),
    ],
)
async def test_wrong_settings_are_said_in_words(
    sink: tuple[Sink, MailServer], changes: dict[str, Any], error: type[ServiceError], words: str
) -> None:
    known = {"host": "127.0.0.1", "port": sink[1].port, "sender": "hubbub@example.org", "tls": "none", "timeout_s": 5}
    server = MailServer(**{**known, **changes})
    with pytest.raises(error, match=words) as caught:
        await send_mail(server, "ada@example.org", "x", "y", key="k", now=NOW)
    assert "wrong-password" not in f"{caught.value} {server!r}"


async def test_the_right_password_lets_the_mail_through(sink: tuple[Sink, MailServer]) -> None:
    got, server = sink
    signed_in = MailServer("127.0.0.1", server.port, "hubbub@example.org", "hubbub", "right", "none", 5)
    await send_mail(signed_in, "ada@example.org", "x", "y", key="k", now=NOW)
    assert len(got.mails) == 1

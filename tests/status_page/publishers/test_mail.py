"""Answers by mail: what the server is handed, what a Maildir holds, and what can never become a header."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from domain.errors import AuthError, PermanentError, TemporaryError
from domain.work import Delivery
from status_page.publishers.mail import SUBJECTS, Mail, compose
from tests.domain.make import NOW, delivery
from tests.ports import quiet_port

SENDER = "care@brand.example"


@dataclass
class Sink:
    """Takes mail; `refusal` is what it answers to a recipient instead of a yes."""

    got: list[Envelope] = field(default_factory=list)
    refusal: str = ""
    after_data: str = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        """Take or refuse a recipient."""
        envelope.rcpt_tos.append(address)
        return self.refusal or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        """Keep a mail."""
        self.got.append(envelope)
        return self.after_data

    def mail(self) -> EmailMessage:
        """Give the only mail that came."""
        (envelope,) = self.got
        return cast(EmailMessage, message_from_bytes(cast(bytes, envelope.content), policy=default))


def _judge(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"care@brand.example", b"right")
    return AuthResult(success=right, handled=right)


@pytest.fixture
def sink() -> Iterator[tuple[Sink, str]]:
    """A mail server on loopback, and its host and port."""
    taken = Sink()
    controller = Controller(
        taken, hostname="127.0.0.1", port=quiet_port(), authenticator=_judge, auth_require_tls=False
    )
    controller.start()
    yield taken, f"127.0.0.1:{controller.port}"
    controller.stop()


def answer(**changes: Any) -> Delivery:
    return delivery(**{"channel": "mail", "to": "zeynep@mail.example", **changes})


async def test_an_answer_reaches_the_address_that_was_left(sink: tuple[Sink, str]) -> None:
    taken, place = sink
    text = "Merhaba Zeynep,\nپرداخت درست شد 🎉"
    sent = await Mail("mail", f"smtp://{place}", SENDER).publish(answer(text=text, language="tr"))
    mail = taken.mail()
    assert (taken.got[0].mail_from, taken.got[0].rcpt_tos) == (SENDER, ["zeynep@mail.example"])
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "zeynep@mail.example", SUBJECTS["tr"])
    assert mail["Message-ID"] == sent.remote_id == "<del_1@brand.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert mail.get_content().splitlines() == text.splitlines()


async def test_it_signs_in_with_an_address_as_the_user_name(sink: tuple[Sink, str]) -> None:
    taken, place = sink
    await Mail("mail", f"smtp://care%40brand.example@{place}", SENDER, "right").publish(answer())
    assert len(taken.got) == 1


async def test_a_wrong_password_is_an_error_that_does_not_tell_it(sink: tuple[Sink, str]) -> None:
    taken, place = sink
    mail = Mail("mail", f"smtp://care%40brand.example@{place}", SENDER, "wr0ng-pass")
    with pytest.raises(AuthError) as caught:
        await mail.publish(answer())
    assert "wr0ng-pass" not in f"{caught.value} {mail!r}"
    assert taken.got == []


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [("550 no such person", PermanentError), ("451 greylisted, come again", TemporaryError)],
)
async def test_a_refused_recipient_is_tried_again_only_when_asked(
    sink: tuple[Sink, str], refusal: str, kind: type[Exception]
) -> None:
    taken, place = sink
    taken.refusal = refusal
    with pytest.raises(kind) as caught:
        await Mail("mail", f"smtp://{place}", SENDER).publish(answer())
    assert type(caught.value) is kind


@pytest.mark.parametrize(("said", "kind"), [("554 spam", PermanentError), ("452 disk full", TemporaryError)])
async def test_a_refused_mail_is_tried_again_only_when_asked(
    sink: tuple[Sink, str], said: str, kind: type[Exception]
) -> None:
    taken, place = sink
    taken.after_data = said
    with pytest.raises(kind) as caught:
        await Mail("mail", f"smtp://{place}", SENDER).publish(answer())
    assert type(caught.value) is kind


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_no_server_is_tried_again_later(scheme: str) -> None:
    with pytest.raises(TemporaryError, match="cannot be reached"):
        await Mail("mail", f"{scheme}://127.0.0.1:{quiet_port()}", SENDER).publish(answer())


@pytest.mark.parametrize(
    "to",
    [
        None, "", "nobody", "a@b@c", "a@b.example,evil@x.example", "a@b.example\r\nBcc: evil@x.example",
        "a@b.example\nX: y", "a b@c.example", "Zeynep <a@b.example>", "<a@b.example>", "list:a@b.example;",
        "a@b.example(x)", "a\x00@b.example", "@b.example", "a@",
    ],
)  # fmt: skip
async def test_an_address_that_hides_something_is_never_written_to(to: str | None, sink: tuple[Sink, str]) -> None:
    taken, place = sink
    with pytest.raises(PermanentError, match="no usable mail address"):
        await Mail("mail", f"smtp://{place}", SENDER).publish(answer(to=to))
    assert taken.got == []


def test_a_text_cannot_add_a_header_or_end_the_mail() -> None:
    text = "Hello\r\nBcc: evil@x.example\r\n.\r\nMAIL FROM:<x>"
    read = message_from_bytes(compose(answer(text=text), SENDER).as_bytes(), policy=default)
    assert read["Bcc"] is None
    assert "Bcc: evil@x.example" in read.get_content()  # type: ignore[attr-defined]


def test_a_language_without_a_subject_gets_the_english_one() -> None:
    assert compose(answer(language="de"), SENDER)["Subject"] == SUBJECTS["en"]


async def test_a_maildir_gets_the_same_answer_once(tmp_path: Path) -> None:
    mail = Mail("mail", f"maildir://{tmp_path}/out", SENDER)
    await mail.publish(answer())
    await mail.publish(answer())
    (found,) = (tmp_path / "out" / "new").iterdir()
    assert message_from_bytes(found.read_bytes(), policy=default)["To"] == "zeynep@mail.example"
    assert list((tmp_path / "out" / "tmp").iterdir()) == []


async def test_a_maildir_knows_an_answer_that_was_read_already(tmp_path: Path) -> None:
    mail = Mail("mail", f"maildir://{tmp_path}", SENDER)  # a folder that is there, without rooms in it
    await mail.publish(answer())
    (tmp_path / "new" / "del_1").rename(tmp_path / "cur" / "del_1:2,S")
    await mail.publish(answer())
    assert list((tmp_path / "new").iterdir()) == []


async def test_a_maildir_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file is in the way")
    with pytest.raises(TemporaryError, match="cannot be written"):
        await Mail("mail", f"maildir://{tmp_path}/out", SENDER).publish(answer())

"""Mails to subscribers: what is the same for all is written once per language, the rest is filled in per address."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from markupsafe import Markup

from app.subscribers.addresses import MAIL
from app.subscribers.links import Links
from domain.errors import PermanentError
from domain.told.subscriber import Subscriber
from status_page.pages.templating import Frame, environment
from status_page.words.subscriber_words import Wording

_BOUNDARY = "=_hubbub_part_=_"  # cannot stand in a body: "=_" is never written in quoted-printable, "_" never in base64

_PLAIN = {"From": re.compile(r"[A-Za-z0-9 ]+"), "Subject": re.compile(r"(?!.*=\?)[ -~]*")}  # needs no encoding


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail ready to be handed over."""

    sender: str  # the return path
    to: str
    content: bytes
    key: str  # the same for each try


@dataclass(frozen=True, slots=True)
class Letterhead:
    """From whom mails come, and where bounces go (None: back to the sender)."""

    brand: str
    sender: str
    links: Links
    bounces: str | None = None

    @property
    def domain(self) -> str:
        """The domain of the sender."""
        return self.sender.rpartition("@")[2]

    def return_path(self, subscriber: Subscriber) -> str:
        """Give an address of our own for each subscriber (VERP), so that a bounce says whom it is about."""
        if self.bounces is None:
            return self.sender
        local, _, domain = self.bounces.rpartition("@")
        return f"{local}+{self.links.tag(subscriber, '-')}@{domain}"


class Stencil:
    """One mail in one language, to be addressed as often as needed: 0.1 ms instead of 2 ms for each."""

    def __init__(self, letterhead: Letterhead, wording: Wording, at: datetime) -> None:
        """Write what is the same for all; `at` is when it was said."""
        self._letterhead = letterhead
        self._head = _head(letterhead, wording, at)
        machine = environment(wording.language)
        html = machine.get_template("subscribe_mail.html").render(wording.html)
        self._parts = [("plain", Frame(wording.text)), ("html", Frame(html))]

    def envelope(self, subscriber: Subscriber, key: str, thread: str = "") -> Envelope:
        """Address it; `key` names this mail and `thread` the first of its thread.

        Raises PermanentError for an address that could smuggle in headers.
        """
        ours, to = self._letterhead, subscriber.address
        if not MAIL.fullmatch(to):
            raise PermanentError("The stored mail address is not usable.")
        tag = ours.links.tag(subscriber)
        head = [
            f"To: {to}", f"Message-ID: <{tag}.{key}@{ours.domain}>",
            *([f"In-Reply-To: <{tag}.{thread}@{ours.domain}>", f"References: <{tag}.{thread}@{ours.domain}>"]
              if thread and thread != key else []),
            f"List-Unsubscribe: <{ours.links.unsubscribe(subscriber)}>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        ]  # fmt: skip
        links = {"manage": ours.links.manage(subscriber), "confirm": ours.links.confirm(subscriber)}
        values = {name: Markup(link) for name, link in links.items()}  # noqa: S704 - nobody typed anything in them
        parts = [_part(kind, frame.fill(values)) for kind, frame in self._parts]
        content = "\r\n".join(head).encode("ascii") + b"\r\n" + self._head + b"".join(parts) + _END
        return Envelope(ours.return_path(subscriber), to, content, f"{tag}.{key}")


def _head(letterhead: Letterhead, wording: Wording, at: datetime) -> bytes:
    lines = [
        f"From: {_encoded(letterhead.brand, 'From')} <{letterhead.sender}>",
        f"Subject: {_encoded(wording.subject, 'Subject')}", f"Date: {format_datetime(at)}",
        "Auto-Submitted: auto-generated",  # RFC 3834: no holiday notes in answer
        "X-Auto-Response-Suppress: All",  # the same for Exchange
        f"List-Id: <news.{letterhead.domain}>", "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"',
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _encoded(text: str, name: str) -> str:
    """Write a text of anybody as the value of a header: one line, in encoded words unless it is plain.

    Not EmailMessage: it takes "=?utf-8?q?=0D=0ABcc=3A...?=" in a title for an encoded word and writes the line break
    and the header in it (CVE-2024-6923; so it does in Python 3.11.7, tried 2026-11).
    """
    line = " ".join(text.split())
    charset = "us-ascii" if _PLAIN[name].fullmatch(line) else "utf-8"
    return Header(line, charset, header_name=name).encode(linesep="\r\n")


def _part(kind: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    # Quoted-printable stays readable where most is ASCII; Persian would grow threefold in it.
    if (len(data) - len(text)) * 8 < len(data):
        encoding, body = b"quoted-printable", binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
    else:
        body = base64.encodebytes(data.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
        encoding = b"base64"
    head = b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: %s\r\n' % (kind.encode(), encoding)
    return b"--%s\r\n%s\r\n%s\r\n" % (_BOUNDARY.encode(), head, body)


_END = b"--%s--\r\n" % _BOUNDARY.encode()

"""Mails become mentions; machines' mails do not; nothing in one breaks its page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.heard.mention import Author, Mention, MentionKind, person_id
from listener.items import Parsed
from listener.sources.letters import Letter, parse_letters, why_skipped
from tests.listener.service import NOW, ORIGIN, fixture


def parsed(*raws: bytes, own: str = "help@acme.example") -> Parsed:
    letters = [Letter(raw, f"7:{number}", NOW - timedelta(hours=1)) for number, raw in enumerate(raws, 1)]
    return parse_letters(letters, replace(ORIGIN, type="mail", own_handles=frozenset({"desk@acme.example"})), own)


def read(raw: bytes) -> Mention:
    (mention,) = parsed(raw).mentions
    return mention


def mail(body: str = "it broke", charset: str = "utf-8", **headers: str) -> bytes:
    shown = {"From": "Pat <pat@x.example>", "Content-Type": f"text/plain; charset={charset}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return "".join(f"{name}: {value}\r\n" for name, value in shown.items()).encode() + b"\r\n" + body.encode()


def test_a_mail_becomes_a_message_to_us() -> None:
    mention = read(fixture("mail_en.eml"))
    assert mention.native_id == "<abc-1@customer.example>"
    assert mention.author == Author("pat@customer.example", "Pat O'Hara")
    assert mention.contact == "pat@customer.example"
    assert mention.text == "Checkout fails\n\nIt still fails with error 42.\n\nAnd the app does not start at all."
    assert (mention.kind, mention.addressed) == (MentionKind.MESSAGE, True)
    assert mention.created_at == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert (mention.in_reply_to, mention.root) == ("<sup-9@acme.example>", "<abc-0@customer.example>")


def test_turkish_mail_is_read_in_its_old_charset_and_answered_where_it_says() -> None:
    mention = read(fixture("mail_tr.eml"))
    assert mention.author.name == "Ayşe Yılmaz"
    assert mention.text == "İnsaf!\n\nKargom hâlâ gelmedi, kimse açmıyor."
    assert (mention.author.id, mention.contact) == ("ayse@musteri.example", "ayse.yeni@musteri.example")


def test_persian_html_mail_is_read_without_its_quotation() -> None:
    mention = read(fixture("mail_fa.eml"))
    assert mention.text == "پرداخت\n\nپرداخت انجام نمی‌شود"
    assert mention.author.name == "سارا"
    assert mention.created_at == NOW - timedelta(hours=1), "without a date it is as old as its arrival"


def test_a_person_is_the_same_in_the_form_and_in_mail() -> None:
    (mail_person, form_person) = (read(mail()), replace(read(mail()), source_type="form", contact="PAT@x.example"))
    assert person_id(mail_person) == person_id(form_person)


def test_a_bounce_is_no_mention() -> None:
    assert parsed(fixture("mail_bounce.eml")) == Parsed()


@pytest.mark.parametrize(
    ("headers", "sender", "own", "why"),
    [
        ({}, "pat@x.example", False, None),
        ({"auto-submitted": "no"}, "pat@x.example", False, None),
        ({"auto-submitted": "No; why"}, "pat@x.example", False, None),
        ({"precedence": "normal", "return-path": "<pat@x.example>"}, "pat@x.example", False, None),
        ({}, "help@acme.example", True, "it is from our own address"),
        ({"auto-submitted": "auto-replied"}, "pat@x.example", False, "a program sent it (Auto-Submitted)"),
        ({"auto-submitted": "auto-generated; x=1"}, "pat@x.example", False, "a program sent it (Auto-Submitted)"),
        ({"precedence": "Bulk"}, "pat@x.example", False, "it is bulk mail or an automatic answer"),
        ({"x-autoreply": "yes"}, "pat@x.example", False, "it is bulk mail or an automatic answer"),
        ({}, "MAILER-DAEMON@x.example", False, "a mail server sent it"),
        ({"return-path": "<>"}, "pat@x.example", False, "a mail server sent it"),
        ({"content-type": "multipart/report; x"}, "pat@x.example", False, "it is a report on a delivery"),
    ],
)
def test_machines_are_not_listened_to(headers: Mapping[str, str], sender: str, own: bool, why: str | None) -> None:
    assert why_skipped(headers, sender, own) == why


def test_our_own_mails_are_skipped() -> None:
    ours = [mail(From=address) for address in ("Help <HELP@acme.example>", "desk@acme.example")]
    assert parsed(*ours) == Parsed()


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("windows-1254", "ışık".encode("cp1254"), "ışık"),
        ("windows-1256", "سلام".encode("cp1256"), "سلام"),
        ("utf-8", "ışık".encode("cp1254"), "ışık"),
        ("x-unknown", "ışık".encode(), "ışık"),
        ("us-ascii", "پرداخت".encode(), "پرداخت"),
        ("punycode", b"as it is", "as it is"),
        ("hex", b"as it is", "as it is"),
        ("\x00", b"as it is", "as it is"),
    ],
)
def test_charset_troubles_survive(charset: str, body: bytes, text: str) -> None:
    assert read(mail("", charset) + body).text == text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("=?utf-8?q?=C3=A7=C3=B6k?= =?utf-8?q?t=C3=BC?=", "çöktü"),
        ("=?x-unknown?q?=E7=F6kt=FC?=", "çöktü"),
        ("=?utf-8?b?A?=", "=?utf-8?b?A?="),
        ("çöktü", "çöktü"),
        ("YNT: Re: RE: çöktü", "çöktü"),
        ("mixed =?iso-8859-9?q?=FE?= end", "mixed ş end"),
        ("a\r\n b\r\n\tc", "a b c"),
    ],
)
def test_subjects_are_read_in_any_encoding(said: str, shown: str) -> None:
    assert read(mail(Subject=said)).text == f"{shown}\n\nit broke"


def test_a_mail_without_an_id_is_named_by_its_place() -> None:
    assert read(mail()).native_id == "7:1"
    assert read(mail(Message_ID="no brackets")).native_id == "7:1"


def test_a_date_from_the_future_is_not_believed() -> None:
    assert read(mail(Date="Fri, 2 Nov 2029 10:00:00 +0000")).created_at == NOW - timedelta(hours=1)
    assert read(mail(Date="someday")).created_at == NOW - timedelta(hours=1)


def test_parts_of_attachments_and_attached_mails_are_not_the_writers_words() -> None:
    raw = (
        b"From: p@x.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
        b"From: q@x.example\n\nattached\n--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\n"
        b"a log\n--b\nContent-Type: text/html\n\n<b>mine</b>\n--b--\n"
    )
    assert read(raw).text == "mine"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (mail(From=""), "it has no readable sender"),
        (mail(From="pat at x.example"), "it has no readable sender"),
        (mail(From='"' * 2000), "it has no readable sender"),
        (mail(""), "it has no text"),
        (b"", "it has no readable sender"),
    ],
)
def test_a_bad_mail_is_set_aside_and_its_page_goes_on(raw: bytes, reason: str) -> None:
    found = parsed(mail(), raw, mail("another"))
    assert len(found.mentions) == 2
    assert [aside.reason for aside in found.set_aside] == [reason]


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b'"' * 250_000 + b" <p@x.example>\r\n\r\nx",
        b"From: " + b"(" * 250_000 + b"\r\n\r\nx",
        b"From: p@x.example\r\nSubject: " + b"=?utf-8?q?" * 25_000 + b"\r\n\r\nx",
        b"From: p@x.example\r\nReferences: " + b"<a@b> " * 40_000 + b"\r\n\r\nx",
        b"From: p@x.example\r\n" + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 5_000,
        b"From: p@x.example\r\nContent-Type: text/plain; " + b"a*0=b; " * 30_000 + b"\r\n\r\nx",
        b"From: p@x.example\r\n" + b"X: y\r\n" * 40_000 + b"\r\nx",
    ],
    ids=["quotes", "comments", "encoded words", "references", "nesting", "parameters", "headers"],
)
def test_hostile_mails_cost_no_more_than_long_ones(raw: bytes) -> None:
    start = time.process_time()
    parsed(raw)
    assert time.process_time() - start < 2

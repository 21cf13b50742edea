"""A mailbox as a source: every mail once, whatever happens to its numbering."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError
from listener.sources.mail import MailOptions, problems_of
from tests.listener.imap_server import PASSWORD, USER, ImapServer, running
from tests.listener.service import NOW, fixture, source


def inbox(session: aiohttp.ClientSession, server: ImapServer, password: str = PASSWORD, **options: Any) -> Any:
    return source(
        "mail", session, host="127.0.0.1", port=server.port, user=USER, tls="none", secrets={"password": password},
        **options,
    )  # fmt: skip


def letter(number: int) -> bytes:
    return f"From: p{number}@x.example\r\nMessage-ID: <{number}@x.example>\r\n\r\nno {number}".encode()


async def test_mails_become_mentions_of_this_source(session: aiohttp.ClientSession) -> None:
    names = ("mail_en.eml", "mail_tr.eml", "mail_fa.eml", "mail_bounce.eml")
    async with running(ImapServer({uid: fixture(name) for uid, name in enumerate(names, 1)})) as server:
        batch = await inbox(session, server).fetch(None)
    assert [mention.author.name for mention in batch.mentions] == ["Pat O'Hara", "Ayşe Yılmaz", "سارا"]
    assert {(mention.source, mention.source_type) for mention in batch.mentions} == {("mail-test", "mail")}
    assert json.loads(batch.cursor) == {"day": "2026-11-02", "uid": 4, "validity": 7}
    assert (batch.more, batch.set_aside) == (False, ())


async def test_a_full_inbox_is_read_in_portions_without_a_gap(session: aiohttp.ClientSession) -> None:
    async with running(ImapServer({uid: letter(uid) for uid in range(1, 6)})) as server:
        box, cursor, texts, more = inbox(session, server, limit=2), None, [], True
        while more:
            batch = await box.fetch(cursor)
            cursor, more = batch.cursor, batch.more
            texts.append([mention.text for mention in batch.mentions])
        server.mails[6] = letter(6)
        texts.append([mention.text for mention in (await box.fetch(cursor)).mentions])
    assert texts == [["no 1", "no 2"], ["no 3", "no 4"], ["no 5"], ["no 6"]]


async def test_a_mailbox_numbered_anew_is_read_from_the_day_before_the_last_look(
    session: aiohttp.ClientSession,
) -> None:
    known = json.dumps({"validity": 3, "uid": 900, "day": "2026-10-20"})
    async with running(ImapServer({1: letter(1)}, arrived={1: NOW - timedelta(days=10)})) as server:
        batch = await inbox(session, server).fetch(known)
    assert "UID SEARCH SINCE 19-Oct-2026" in server.said
    assert [mention.native_id for mention in batch.mentions] == ["<1@x.example>"]


async def test_the_first_look_reaches_as_far_back_as_the_settings_say(session: aiohttp.ClientSession) -> None:
    async with running(ImapServer()) as server:
        batch = await inbox(session, server, lookback_days=30).fetch(None)
        await inbox(session, server).fetch(batch.cursor)
    assert [said for said in server.said if "SEARCH" in said] == [
        "UID SEARCH SINCE 03-Oct-2026", "UID SEARCH SINCE 01-Nov-2026",
    ]  # fmt: skip


async def test_a_broken_mail_is_set_aside_and_read_over(session: aiohttp.ClientSession) -> None:
    async with running(ImapServer({1: b"\xff\xfe", 2: letter(2)})) as server:
        batch = await inbox(session, server).fetch(None)
    assert (len(batch.mentions), len(batch.set_aside)) == (1, 1)
    assert json.loads(batch.cursor)["uid"] == 2


async def test_a_wrong_password_never_shows(session: aiohttp.ClientSession) -> None:
    async with running(ImapServer()) as server:
        box = inbox(session, server, "s3cr3t-pw")
        with pytest.raises(AuthError) as caught:
            await box.fetch(None)
    assert "s3cr3t-pw" not in f"{caught.value}{box!r}{caught.value.__cause__!r}"


@pytest.mark.parametrize(
    ("options", "base_url", "password", "says"),
    [
        (MailOptions("mail.x.example", "u"), "https://mail.x.example", "p", "name the server with option `host`"),
        (MailOptions("mail.x.example", "u"), None, "", "secret `password` is missing"),
        (MailOptions("mail.x.example", "u"), None, "a\nb", "secret `password` is missing or unreadable"),
        (MailOptions("mail.x.example", "u", tls="none"), None, "p", "readable for everyone"),
        (MailOptions("mail.x.example", "u\r\nx"), None, "p", "cannot be printed"),
    ],
)
def test_unsafe_settings_are_refused(options: MailOptions, base_url: str | None, password: str, says: str) -> None:
    (problem,) = problems_of(options, base_url, {"password": password})
    assert says in problem


def test_an_encrypted_mailbox_needs_no_more_than_host_user_and_password() -> None:
    assert problems_of(MailOptions("mail.x.example", "u"), None, {"password": "p"}) == []

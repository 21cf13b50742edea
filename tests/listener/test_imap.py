"""IMAP against a real server on loopback: nothing is marked, nothing is read twice, no password gets out."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import time
import traceback
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.errors import AuthError, NotFound, PermanentError, ServiceError, TemporaryError
from listener.sources import imap
from listener.sources.imap import Found, Mailbox, Place, look
from tests.listener.imap_server import ARRIVED, PASSWORD, USER, ImapServer, running

NOWHERE = Place(0, 0, date(2026, 11, 1))


def mailbox(server: ImapServer, folder: str = "INBOX") -> Mailbox:
    return Mailbox("127.0.0.1", USER, PASSWORD, server.port, folder, "none")


async def looked(server: ImapServer, place: Place = NOWHERE, limit: int = 50) -> Found:
    async with running(server):
        return await look(mailbox(server), place, limit)


async def failure(server: ImapServer, box: Mailbox | None = None) -> ServiceError:
    async with running(server):
        with pytest.raises(ServiceError) as caught:
            await look(replace(box or mailbox(server), port=server.port), NOWHERE, 50)
    return caught.value


async def test_a_first_look_goes_by_date_and_marks_nothing() -> None:
    old = {1: ARRIVED - timedelta(days=30)}
    found = await looked(server := ImapServer({1: b"old", 4: b"new", 9: b"newer"}, old))
    assert [(letter.raw, letter.place, letter.arrived) for letter in found.letters] == [
        (b"new", "7:4", ARRIVED), (b"newer", "7:9", ARRIVED),
    ]  # fmt: skip
    assert (found.validity, found.uid, found.more) == (7, 9, False)
    assert server.said[-3:] == [
        "UID SEARCH SINCE 01-Nov-2026",
        "UID FETCH 4,9 (UID INTERNALDATE BODY.PEEK[]<0.256000>)",
        "LOGOUT",
    ]
    assert 'EXAMINE "INBOX"' in server.said, "read-only: SELECT would touch \\Recent"


async def test_the_next_look_takes_only_newer_mails() -> None:
    server = ImapServer({4: b"known", 9: b"newer"})
    assert [letter.place for letter in (await looked(server, Place(7, 4, NOWHERE.since))).letters] == ["7:9"]
    nothing = await looked(server, Place(7, 9, NOWHERE.since))
    assert (nothing.letters, nothing.uid) == ((), 9), "`10:*` names the last mail all the same"


async def test_mails_come_in_portions() -> None:
    server = ImapServer({uid: b"%d" % uid for uid in (30, 10, 20)})
    first = await looked(server, limit=2)
    assert ([letter.raw for letter in first.letters], first.uid, first.more) == ([b"10", b"20"], 20, True)
    last = await looked(server, Place(7, 20, NOWHERE.since), 2)
    assert ([letter.raw for letter in last.letters], last.more) == ([b"30"], False)


async def test_a_folder_numbered_anew_is_read_again_by_date() -> None:
    found = await looked(ImapServer({1: b"a"}, validity=8), Place(7, 400, NOWHERE.since))
    assert (found.letters[0].place, found.validity, found.uid) == ("8:1", 8, 1)


async def test_an_empty_folder_is_fine() -> None:
    assert await looked(ImapServer()) == Found((), 7, 0, False)


async def test_facts_may_stand_behind_the_bytes_of_a_mail() -> None:
    found = await looked(ImapServer({1: b"a", 2: b"b"}, attributes_last=True))
    assert [(letter.raw, letter.place, letter.arrived) for letter in found.letters] == [
        (b"a", "7:1", ARRIVED), (b"b", "7:2", ARRIVED),
    ]  # fmt: skip


async def test_a_long_mail_is_cut() -> None:
    found = await looked(ImapServer({1: b"x" * 300_000}))
    assert len(found.letters[0].raw) == 256_000


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN"])
async def test_quotes_in_a_password_are_no_problem(capabilities: str) -> None:
    server = ImapServer({1: b"a"}, password='p"a\\ss', capabilities=capabilities)
    async with running(server):
        assert (await look(replace(mailbox(server), password='p"a\\ss'), NOWHERE, 50)).letters


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN"])
async def test_a_wrong_password_is_an_auth_error_that_never_shows_it(capabilities: str) -> None:
    server = ImapServer(capabilities=capabilities)
    box = Mailbox("127.0.0.1", USER, "s3cr3t-pw", 0, "INBOX", "none")
    err = await failure(server, box)
    assert isinstance(err, AuthError)
    assert str(err) == "127.0.0.1 does not accept the user name and password."
    shown = "".join(traceback.format_exception(err, chain=False)) + repr(box) + repr(err.__cause__)
    assert "s3cr3t-pw" not in shown
    assert err.__suppress_context__, "a log prints no more than that"


async def test_a_password_that_login_cannot_carry_is_an_auth_error() -> None:
    assert isinstance(await failure(ImapServer(capabilities="IMAP4rev1")), AuthError)


async def test_a_server_that_is_busy_is_no_wrong_password() -> None:
    err = await failure(ImapServer(refusal="NO [UNAVAILABLE] later", user="someone"))
    assert isinstance(err, TemporaryError)


async def test_a_missing_folder_is_named() -> None:
    err = await failure(ImapServer(), Mailbox("127.0.0.1", USER, PASSWORD, 0, "Destek", "none"))
    assert isinstance(err, NotFound)
    assert "'Destek'" in str(err)


@pytest.mark.parametrize(
    ("folder", "written"),
    [("Müşteri", "M&APwBXw-teri"), ("R&D", "R&-D"), ('a"b', 'a\\"b'), ("پشتیبانی", "&Bn4GNAYqBswGKAYnBkYGzA-")],
)
async def test_folders_are_found_in_any_script(folder: str, written: str) -> None:
    server = ImapServer({1: b"a"}, folder=written)
    async with running(server):
        assert (await look(mailbox(server, folder), NOWHERE, 50)).letters


@pytest.mark.parametrize("command", ["CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID SEARCH", "UID FETCH"])
async def test_a_dropped_connection_is_temporary(command: str) -> None:
    assert isinstance(await failure(ImapServer({1: b"a"}, drops_at=command)), TemporaryError)


async def test_a_server_that_keeps_us_waiting_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "_SECONDS", 0.5)
    start = time.monotonic()
    err = await failure(ImapServer({1: b"a"}, silent_at="UID FETCH"))
    assert isinstance(err, TemporaryError)
    assert time.monotonic() - start < 10
    assert not [task for task in asyncio.all_tasks() if "look" in repr(task)]


@pytest.mark.parametrize("size", [3_000_000, 10**18])
async def test_a_mail_of_boundless_size_is_not_taken_in(size: int) -> None:
    err = await failure(ImapServer({1: b"a"}, announced=size))
    assert isinstance(err, TemporaryError)


async def test_something_else_than_imap_is_said() -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(http, "127.0.0.1", 0) as server:
        box = Mailbox("127.0.0.1", USER, PASSWORD, server.sockets[0].getsockname()[1], "INBOX", "none")
        with pytest.raises(ServiceError):
            await look(box, NOWHERE, 50)


async def test_nobody_there_is_temporary(unused_tcp_port: int) -> None:
    box = Mailbox("127.0.0.1", USER, PASSWORD, unused_tcp_port, "INBOX", "none")
    with pytest.raises(TemporaryError):
        await look(box, NOWHERE, 50)


async def test_starttls_is_not_left_out_where_it_was_asked_for() -> None:
    server = ImapServer({1: b"a"})
    err = await failure(server, replace(mailbox(server), tls="starttls"))
    assert isinstance(err, PermanentError)
    assert "STARTTLS" in str(err)
    assert not any(said.startswith(("LOGIN", "AUTHENTICATE")) for said in server.said)


async def test_tls_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert),
    ]  # fmt: skip
    made = await asyncio.to_thread(lambda: subprocess.run(command, capture_output=True, check=False))
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    server = ImapServer({1: b"a"})
    async with running(server, context):
        box = Mailbox("localhost", USER, PASSWORD, server.port)
        with pytest.raises(TemporaryError, match="SSLCertVerificationError"):
            await look(box, NOWHERE, 50)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        assert [letter.raw for letter in (await look(box, NOWHERE, 50)).letters] == [b"a"]
        with pytest.raises(TemporaryError):
            await look(replace(box, host="127.0.0.1"), NOWHERE, 50)

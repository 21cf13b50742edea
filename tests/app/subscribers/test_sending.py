"""The way out for mail: kept connections, sign-in and encryption, what a server's answers mean, a Maildir."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.subscribers.carrier import Job, share
from app.subscribers.letters import Envelope
from app.subscribers.sending import PER_CONNECTION, Connection, Maildir, Server, exits
from domain.errors import AuthError, PermanentError, ServiceError, TemporaryError
from domain.told.mailing import Outcome, Verdict
from domain.told.subscriber import Errand
from tests.app.subscribers.town import Sink, active
from tests.ports import quiet_port


def letter(number: int = 1) -> Envelope:
    return Envelope("news@nar.example", f"a{number}@mail.example", b"Subject: x\r\n\r\nhello\r\n", f"key-{number}")


def _judge(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"us@nar.example", b"right")
    return AuthResult(success=right, handled=right)


@pytest.fixture
def sink() -> Any:
    taken = Sink()
    controller = Controller(
        taken, hostname="127.0.0.1", port=quiet_port(), authenticator=_judge, auth_require_tls=False
    )
    controller.start()
    yield taken, f"127.0.0.1:{controller.port}"
    controller.stop()


@asynccontextmanager
async def talking(answers: Callable[[int, bytes], bytes]) -> AsyncIterator[str]:
    """Run a mail server that says what it is told to (number of the connection, line); b"" ends the connection."""
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(number := len(connections) + 1)
        writer.write(answers(number, b""))
        while line := (await reader.readline()).strip():
            if not (answer := answers(number, line)):
                break
            writer.write(answer)
            if line == b"DATA" and answer.startswith(b"354"):
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 taken\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


def polite(line: bytes) -> bytes:
    """Say yes to everything."""
    return {b"": b"220 here\r\n", b"DATA": b"354 go on\r\n"}.get(line, b"250 OK\r\n")


async def test_one_connection_carries_a_hundred_mails(sink: tuple[Sink, str]) -> None:
    taken, place = sink
    connection = Connection(Server(f"smtp://{place}"))
    for number in range(PER_CONNECTION + 1):
        assert (await connection.send(letter(number))).verdict is Verdict.SENT
    await connection.close()
    assert (len(taken.got), taken.sessions) == (PER_CONNECTION + 1, 2)


async def test_a_refused_mail_leaves_the_connection_usable(sink: tuple[Sink, str]) -> None:
    taken, place = sink
    connection = Connection(Server(f"smtp://{place}"))
    taken.refuse = lambda a: "550 5.1.1 no such user" if a.startswith("a1@") else ""
    assert [(await connection.send(letter(n))).verdict for n in (1, 2)] == [Verdict.GONE, Verdict.SENT]
    taken.refuse, taken.after_data = lambda a: "", "554 5.6.0 content"
    assert (await connection.send(letter(3))).verdict is Verdict.REFUSED
    await connection.close()
    assert taken.sessions == 1


async def test_user_and_password_are_used_and_never_shown(sink: tuple[Sink, str]) -> None:
    _, place = sink
    server = Server(f"smtp://us%40nar.example@{place}", "right")
    assert "right" not in repr(server) + repr(Connection(server))
    connection = Connection(server)
    assert (await connection.send(letter())).verdict is Verdict.SENT
    await connection.close()
    with pytest.raises(AuthError):
        await Connection(Server(f"smtp://us%40nar.example@{place}", "wrong")).send(letter())


def test_a_password_never_travels_in_the_clear_to_another_machine() -> None:
    def wants_tls(url: str, password: str | None) -> bool | None:
        return Server(url, password).client()._start_tls_on_connect

    assert wants_tls("smtp://mx.example:587", "secret") is True
    assert wants_tls("smtp://mx.example:587", None) is None
    assert wants_tls("smtp://127.0.0.1:25", "secret") is None
    assert Server("smtps://mx.example", "secret").client().use_tls is True


async def test_nobody_at_home_is_worth_another_try() -> None:
    with pytest.raises(TemporaryError):
        await Connection(Server(f"smtp://127.0.0.1:{quiet_port()}")).send(letter())


@pytest.mark.parametrize("greeting", [b"554 go away\r\n", b"421 busy\r\n", b"garbage\r\n", b"\xff\xfe\r\n"])
async def test_a_server_that_does_not_greet_is_trouble_of_the_server(greeting: bytes) -> None:
    async with talking(lambda number, line: greeting) as url:
        with pytest.raises(TemporaryError):
            await Connection(Server(url)).send(letter())


async def test_a_refused_sender_is_trouble_of_ours_and_blames_no_recipient() -> None:
    def answer(number: int, line: bytes) -> bytes:
        return b"553 5.7.1 not your address\r\n" if line.startswith(b"MAIL") else polite(line)

    async with talking(answer) as url:
        with pytest.raises(TemporaryError, match="553"):
            await Connection(Server(url)).send(letter())


@pytest.mark.parametrize("at", [b"EHLO", b"MAIL", b"RCPT", b"DATA"])
async def test_a_connection_that_drops_is_renewed_once(at: bytes) -> None:
    async with talking(lambda number, line: b"" if number == 1 and line.startswith(at) else polite(line)) as url:
        connection = Connection(Server(url))
        assert (await connection.send(letter())).verdict is Verdict.SENT
        await connection.close()


@pytest.mark.parametrize("at", [b"EHLO", b"RCPT", b"DATA"])
async def test_a_connection_that_drops_twice_is_trouble(at: bytes) -> None:
    async with talking(lambda number, line: b"" if line.startswith(at) else polite(line)) as url:
        with pytest.raises(TemporaryError):
            await Connection(Server(url)).send(letter())


async def test_a_maildir_holds_each_mail_once_also_after_it_was_taken_on(tmp_path: Path) -> None:
    box = Maildir(tmp_path / "out")
    for _ in range(2):
        assert (await box.send(letter())).verdict is Verdict.SENT
    (found,) = (tmp_path / "out" / "new").iterdir()
    found.rename(tmp_path / "out" / "cur" / "key-1:2,S")
    await box.send(letter())
    assert list((tmp_path / "out" / "new").iterdir()) == []


async def test_a_maildir_that_cannot_be_written_is_worth_another_try(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TemporaryError):
        await Maildir(tmp_path / "file").send(letter())


async def test_exits_are_lent_and_kept() -> None:
    way_out = exits("maildir:///tmp/nowhere", None)
    async with way_out.one(), way_out.one():
        assert way_out.idle == []
    assert len(way_out.idle) == 2
    await way_out.close()
    assert way_out.idle == []


class Hands:
    """A carrier whose hands do as they are told."""

    hands = 3

    def __init__(self, work: Callable[[Job], Any]) -> None:
        self.work = work

    @asynccontextmanager
    async def hand(self) -> AsyncIterator[Any]:
        async def one(job: Job) -> Outcome:
            await asyncio.sleep(0)
            found = self.work(job)
            if isinstance(found, BaseException):
                raise found
            return Outcome(Verdict.SENT)

        yield one

    async def rest(self) -> None: ...


@pytest.mark.parametrize("trouble", [TemporaryError("down"), PermanentError("no TLS"), ValueError("a mistake of ours")])
async def test_when_the_channel_has_trouble_what_is_under_way_ends_and_the_rest_is_left(trouble: Exception) -> None:
    jobs = [Job(active(f"a{n}@mail.example"), Errand.CONFIRM) for n in range(20)]
    told: list[str] = []

    async def tell(job: Job, outcome: Outcome) -> None:
        told.append(job.subscriber.address)

    carrier = Hands(lambda job: trouble if job.subscriber.address == "a4@mail.example" else None)
    with pytest.raises(type(trouble)):
        await share(jobs, carrier, tell)
    assert 3 <= len(told) <= 7
    done = len(told)
    await asyncio.sleep(0.01)
    assert len(told) == done, "no hand goes on behind our back"


async def test_no_jobs_are_no_work() -> None:
    async def tell(job: Job, outcome: Outcome) -> None:
        raise ServiceError("never")

    await share([], Hands(lambda job: None), tell)

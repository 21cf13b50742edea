"""A small IMAP server on loopback (the part of RFC 3501 that a reader needs); remembers what it was asked."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

USER, PASSWORD = "help@acme.example", 'p"ss\\wörd'
ARRIVED = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


@dataclass
class ImapServer:
    """Holds one folder; its faults are switched on by the test."""

    mails: dict[int, bytes] = field(default_factory=dict)  # by uid
    arrived: dict[int, datetime] = field(default_factory=dict)
    validity: int = 7
    folder: str = "INBOX"
    user: str = USER
    password: str = PASSWORD
    capabilities: str = "IMAP4rev1 AUTH=PLAIN"
    refusal: str = "NO [AUTHENTICATIONFAILED] wrong"
    silent_at: str = ""  # never answers this command
    drops_at: str = ""  # closes the connection instead
    announced: int = 0  # size it claims for every mail
    attributes_last: bool = False  # UID and date after the bytes
    port: int = 0
    said: list[str] = field(default_factory=list)  # commands, without their tags
    visits: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one visitor."""
        self.visits += 1
        writer.write(b"* OK ready\r\n")
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := (await reader.readline()).decode().strip():
                tag, _, command = line.partition(" ")
                self.said.append(command)
                name = " ".join(command.upper().split()[: 2 if command.upper().startswith("UID") else 1])
                if name == self.silent_at:
                    await reader.read()
                if name == self.drops_at:
                    break
                if name == "AUTHENTICATE":
                    command += " " + await self._continued(reader, writer)
                writer.write(self._answer(name, command).replace(b"TAG", tag.encode()))
                await writer.drain()
                if name == "LOGOUT":
                    break
        writer.close()

    async def _continued(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        writer.write(b"+ \r\n")
        return (await reader.readline()).decode().strip()

    def _answer(self, name: str, command: str) -> bytes:
        answers: dict[str, Callable[[str], bytes]] = {
            "CAPABILITY": lambda _: f"* CAPABILITY {self.capabilities}\r\nTAG OK done\r\n".encode(),
            "AUTHENTICATE": self._authenticate, "LOGIN": self._login, "EXAMINE": self._examine,
            "UID SEARCH": self._search, "UID FETCH": self._fetch,
            "LOGOUT": lambda _: b"* BYE bye\r\nTAG OK done\r\n",
        }  # fmt: skip
        answer = answers.get(name)
        return answer(command) if answer else b"TAG BAD unknown\r\n"

    def _authenticate(self, command: str) -> bytes:
        _, user, password = base64.b64decode(command.split()[-1]).decode().split("\0")
        return self._let_in(user, password)

    def _login(self, command: str) -> bytes:
        user, password = (re.sub(r"\\(.)", r"\1", part) for part in re.findall(r'"((?:[^"\\]|\\.)*)"', command))
        return self._let_in(user, password)

    def _let_in(self, user: str, password: str) -> bytes:
        if (user, password) == (self.user, self.password):
            return b"TAG OK done\r\n"
        return f"TAG {self.refusal} {password}\r\n".encode()  # an indiscreet server

    def _examine(self, command: str) -> bytes:
        if command != f'EXAMINE "{self.folder}"':
            return b"TAG NO [NONEXISTENT] no such folder\r\n"
        head = f"* {len(self.mails)} EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY {self.validity}] valid\r\n"
        return f"{head}TAG OK [READ-ONLY] done\r\n".encode()

    def _search(self, command: str) -> bytes:
        if found := re.search(r"UID (\d+):\*", command):
            uids = [uid for uid in self.mails if uid >= int(found[1])] or sorted(self.mails)[-1:]
        else:
            since = datetime.strptime(command.split()[-1], "%d-%b-%Y").replace(tzinfo=UTC).date()
            uids = [uid for uid in self.mails if self._day(uid) >= since]
        return f"* SEARCH {' '.join(map(str, uids))}\r\nTAG OK done\r\n".encode()

    def _day(self, uid: int) -> date:
        return self.arrived.get(uid, ARRIVED).date()

    def _fetch(self, command: str) -> bytes:
        asked = re.fullmatch(r"UID FETCH ([\d,]+) \(UID INTERNALDATE BODY\.PEEK\[\]<0\.(\d+)>\)", command)
        if asked is None:
            return b"TAG BAD what?\r\n"
        body = b"* 1 FETCH (FLAGS (\\Recent))\r\n"  # news nobody asked for may stand between
        for uid in map(int, asked[1].split(",")):
            raw = self.mails[uid][: int(asked[2])]
            facts = f'UID {uid} INTERNALDATE "{self.arrived.get(uid, ARRIVED):%d-%b-%Y %H:%M:%S %z}"'.encode()
            size = self.announced or len(raw)
            literal = b"BODY[]<0> {%d}\r\n%b" % (size, raw)
            inner = literal + b" " + facts if self.attributes_last else facts + b" " + literal
            body += b"* %d FETCH (%b)\r\n" % (uid, inner)
        return body + b"TAG OK done\r\n"


@contextlib.asynccontextmanager
async def running(server: ImapServer, tls: ssl.SSLContext | None = None) -> AsyncIterator[ImapServer]:
    """Serve on a free port."""
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls) as listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server

"""A look into a mailbox over IMAP (RFC 3501): what arrived since the last look; nothing is marked, moved or kept open.

The standard library's imaplib, in a thread that is cut off when its time is up; aioimaplib is under the GPL.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from domain.errors import AuthError, NotFound, PermanentError, ServiceError, TemporaryError
from listener.http import unreachable
from listener.items import moment_of
from listener.sources.letters import Letter

MAX_LETTER = 256_000  # bytes read of one mail; what is longer is cut
_MAX_VISIT = 64_000_000  # bytes a server may send in one visit
_SECONDS = 60.0  # for a whole visit
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Which mailbox, and how to get in."""

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 993
    folder: str = "INBOX"
    tls: Literal["tls", "starttls", "none"] = "tls"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a mailbox was read: everything up to `uid`, as long as its `validity` stays the same."""

    validity: int
    uid: int
    since: date  # from when on to read where the numbers mean nothing (yet, or any more)


@dataclass(frozen=True, slots=True)
class Found:
    """What a look brought."""

    letters: tuple[Letter, ...]
    validity: int
    uid: int  # of the last mail read; 0 when there was none yet
    more: bool


async def look(mailbox: Mailbox, place: Place, limit: int) -> Found:
    """Read up to `limit` mails after `place`; raises `ServiceError`, which never quotes the server or the password."""
    line = _Line()
    try:
        async with asyncio.timeout(_SECONDS):
            return await asyncio.to_thread(_visit, line, mailbox, place, limit)
    except ServiceError:
        raise
    except Exception as err:
        # imaplib lets several kinds out, and quotes what the server said, which may quote what we said: no `from err`.
        raise _trouble(mailbox.host, err) from None
    finally:
        line.cut()


def _trouble(host: str, err: Exception) -> ServiceError:
    if isinstance(err, imaplib.IMAP4.abort):
        return TemporaryError(f"{host} ended the conversation.")
    if isinstance(err, OSError):
        return unreachable(host, err)
    return PermanentError(f"{host} does not speak IMAP as expected ({type(err).__name__}).")


class _Line:
    """The connection of a thread; its owner can cut it, which ends a read that would take forever."""

    def __init__(self) -> None:
        self.box: imaplib.IMAP4 | None = None
        self.left = _MAX_VISIT  # bytes

    def open(self, mailbox: Mailbox) -> imaplib.IMAP4:
        """Connect, encrypted unless the settings say otherwise."""
        context = ssl.create_default_context()
        if mailbox.tls == "tls":
            return _Encrypted(self, mailbox.host, mailbox.port, context)
        box = _Plain(self, mailbox.host, mailbox.port)
        if mailbox.tls == "starttls":
            _encrypt(box, context)
        return box

    def cut(self) -> None:
        """End the connection, from any thread and in any state."""
        self.left = -1
        sock = getattr(self.box, "sock", None)
        with contextlib.suppress(OSError, ValueError):
            if sock is not None:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # around TLS, which another thread may be using
        with contextlib.suppress(OSError, ValueError):
            if sock is not None:
                sock.close()


class _Bounded(imaplib.IMAP4):
    """IMAP that never takes more than it can carry: a server may announce a mail of any size."""

    line: _Line

    def read(self, size: int) -> bytes:
        """Read a mail or a part of one."""
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read one line (imaplib itself stops at 1 MB)."""
        self._count(0)
        found = super().readline()
        self._count(len(found))
        return found

    def _count(self, size: int) -> None:
        self.line.left -= size
        if self.line.left < 0 or size > 1_000_000 + MAX_LETTER:
            raise self.abort("too much, or too late")


class _Plain(_Bounded):
    def __init__(self, line: _Line, host: str, port: int) -> None:
        self.line, line.box = line, self
        super().__init__(host, port, timeout=30)


class _Encrypted(_Bounded, imaplib.IMAP4_SSL):
    def __init__(self, line: _Line, host: str, port: int, context: ssl.SSLContext) -> None:
        self.line, line.box = line, self
        imaplib.IMAP4_SSL.__init__(self, host, port, ssl_context=context, timeout=30)


def _visit(line: _Line, mailbox: Mailbox, place: Place, limit: int) -> Found:
    box = line.open(mailbox)
    _sign_in(box, mailbox)
    # Read-only, so that not even a flag changes.
    answer, _ = box.select(_quoted(_utf7(mailbox.folder)), readonly=True)
    if answer != "OK":
        raise NotFound(f"{mailbox.host} has no folder {mailbox.folder!r} for this account.")
    validity = _number(box.response("UIDVALIDITY")[1])
    known = place.uid if place.validity == validity else 0
    uids = _search(box, known, place.since)
    letters = tuple(_fetch(box, uids[:limit], validity)) if uids else ()
    with contextlib.suppress(imaplib.IMAP4.error, OSError):
        box.logout()
    return Found(letters, validity, max([known, *uids[:limit]]), len(uids) > limit)


def _encrypt(box: imaplib.IMAP4, context: ssl.SSLContext) -> None:
    if "STARTTLS" not in box.capabilities:
        raise PermanentError(f"{box.host} does not offer STARTTLS; try option `tls: tls`.")
    box.starttls(context)


def _sign_in(box: imaplib.IMAP4, mailbox: Mailbox) -> None:
    try:
        if "AUTH=PLAIN" in box.capabilities:  # the only way for a password that is not ASCII
            box.authenticate("PLAIN", lambda _: f"\0{mailbox.user}\0{mailbox.password}".encode())
        else:
            box.login(_quoted(mailbox.user), mailbox.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError) as err:
        if re.search(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many", str(err), re.IGNORECASE):
            raise TemporaryError(f"{mailbox.host} cannot let us in just now.") from None
        raise AuthError(f"{mailbox.host} does not accept the user name and password.") from None


def _search(box: imaplib.IMAP4, known: int, since: date) -> list[int]:
    day = f"{since.day:02}-{_MONTHS[since.month - 1]}-{since.year}"
    answer, data = box.uid("SEARCH", *(("UID", f"{known + 1}:*") if known else ("SINCE", day)))
    if answer != "OK":
        raise TemporaryError(f"{box.host} did not search the folder.")
    numbers = b" ".join(line for line in data if isinstance(line, bytes)).split()
    # `n:*` always names the last mail, even when it is older than n.
    return sorted({int(number) for number in numbers if number.isdigit() and int(number) > known})


def _fetch(box: imaplib.IMAP4, uids: Sequence[int], validity: int) -> Iterator[Letter]:
    listed = ",".join(map(str, uids))
    answer, data = box.uid("FETCH", listed, f"(UID INTERNALDATE BODY.PEEK[]<0.{MAX_LETTER}>)")
    if answer != "OK":
        raise TemporaryError(f"{box.host} did not hand out the mails.")
    for number, part in enumerate(data):
        if isinstance(part, tuple):
            # What a server says about a mail may stand before or after its bytes.
            after = data[number + 1] if number + 1 < len(data) else b""
            yield _letter(part[0] + (after if isinstance(after, bytes) else b""), part[1], uids, validity)


def _letter(said: bytes, raw: bytes, uids: Sequence[int], validity: int) -> Letter:
    found = re.search(rb"\bUID (\d{1,12})", said)
    if found is None or int(found[1]) not in uids:
        raise PermanentError("The mail server hands out mails that were not asked for.")
    arrived = re.search(rb"INTERNALDATE \"([^\"]{1,40})\"", said)
    # "02-Nov-2026 10:00:00 +0300" is RFC 2822 but for the hyphens.
    moment = moment_of(arrived[1].decode("ascii", "replace").strip().replace("-", " ", 2)) if arrived else None
    return Letter(raw[:MAX_LETTER], f"{validity}:{int(found[1])}", moment)


def _number(data: Sequence[Any]) -> int:
    found = data[0] if data else None
    return int(found) if isinstance(found, bytes) and found.isdigit() else 0


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(folder: str) -> str:
    """Write a folder's name the way IMAP wants it ("Müşteri" -> "M&APwBXw-teri", RFC 3501, 5.1.3)."""

    def encoded(found: re.Match[str]) -> str:
        """Encode what is not ASCII."""
        packed = base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=")
        return f"&{packed.replace('/', ',')}-"

    return re.sub(r"[^ -~]+", encoded, folder.replace("&", "&-"))

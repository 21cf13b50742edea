"""The one way sources ask other servers: bounded in time, size and redirects, and failing only with `ServiceError`s.

Where it may connect to is decided in listener/guard.py, for every user of the session. Messages name the host and never
the rest of an address: paths, queries and headers can hold secrets.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import stamina
from aiohttp.abc import AbstractResolver
from yarl import URL

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from listener.guard import Gate, GuardedResolver, read_allowed
from listener.pacing import is_throttled, retry_after

MAX_BYTES = 5_000_000  # of one answer, after decompression
MAX_REDIRECTS = 5
TIMEOUT = timedelta(seconds=30)
CONNECT_S = 10
Params = Sequence[tuple[str, str]]
_REDIRECTS = (301, 302, 303, 307, 308)
_TELL_ANYONE = ("accept", "if-none-match", "if-modified-since")  # headers that follow a redirect to another server


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, read to the end."""

    host: str
    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes

    def is_html(self) -> bool:
        """Tell an HTML page (often an error page with status 200) from data."""
        start = self.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return start.startswith((b"<!doctype html", b"<html"))

    def json(self) -> object:
        """Decode the body; raises `TemporaryError` for an HTML page, `PermanentError` for broken JSON."""
        if self.is_html() or self.headers.get("Content-Type", "").startswith("text/html"):
            raise TemporaryError(f"{self.host} answered with a web page instead of JSON.")
        try:
            decoded: object = json.loads(self.body)
        except (ValueError, RecursionError) as err:
            raise PermanentError(f"{self.host} answered with broken JSON.") from err
        return decoded


@dataclass(frozen=True, slots=True)
class Web:
    """Asks servers on behalf of one source, through the session it was given."""

    session: aiohttp.ClientSession
    now: Callable[[], datetime]
    timeout: timedelta = TIMEOUT
    max_bytes: int = MAX_BYTES

    async def get(
        self, url: str, *, params: Params = (), headers: Mapping[str, str] | None = None, ok: Sequence[int] = (200,)
    ) -> Answer:
        """GET `url`; a dropped connection is tried three times. Raises `ServiceError` for any status not in `ok`."""
        async for attempt in stamina.retry_context(
            on=_was_dropped, attempts=3, timeout=self.timeout.total_seconds(), wait_initial=0.1, wait_max=1.0,
            wait_jitter=0.3,
        ):  # fmt: skip
            with attempt:
                answer = await self._ask("GET", _address(url, params), headers or {})
        return self._checked(answer, ok)

    async def post(
        self, url: str, body: object, *, headers: Mapping[str, str] | None = None, ok: Sequence[int] = (200,)
    ) -> Answer:
        """POST `body` as JSON, once: what was sent may have counted although the answer got lost."""
        return self._checked(await self._ask("POST", _address(url), headers or {}, json=body), ok)

    async def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None,
        ok: Sequence[int] = (200,),
    ) -> Answer:  # fmt: skip
        """POST `fields` as a form, once, as servers that hand out tokens want it."""
        return self._checked(await self._ask("POST", _address(url), headers or {}, data=fields), ok)

    def _checked(self, answer: Answer, ok: Sequence[int]) -> Answer:
        if answer.status not in ok:
            raise refusal(answer.host, answer.status, answer.headers, self.now())
        return answer

    async def _ask(self, method: str, target: URL, headers: Mapping[str, str], **body: Any) -> Answer:
        """Ask, and follow redirects of a GET. aiohttp would take headers of ours (`X-Api-Key`) to any other server."""
        host = target.host or "the server"
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                for _ in range(MAX_REDIRECTS + 1):
                    answer = await self._once(method, target, headers, **body)
                    if method != "GET" or answer.status not in _REDIRECTS or "Location" not in answer.headers:
                        return answer
                    onward = _onward(answer, target)
                    if onward.origin() != target.origin():
                        headers = {name: value for name, value in headers.items() if name.lower() in _TELL_ANYONE}
                    target = onward
        except (aiohttp.ClientError, OSError, ValueError) as err:
            raise unreachable(host, err, self.timeout) from err
        raise PermanentError(f"{host} redirects more than {MAX_REDIRECTS} times.")

    async def _once(self, method: str, target: URL, headers: Mapping[str, str], **body: Any) -> Answer:
        limits = aiohttp.ClientTimeout(total=self.timeout.total_seconds(), sock_connect=CONNECT_S)
        async with self.session.request(
            method, target, headers=headers, timeout=limits, allow_redirects=False, **body
        ) as response:
            host = target.host or "the server"
            return Answer(host, response.status, response.headers, await self._body(response, host))

    async def _body(self, response: aiohttp.ClientResponse, host: str) -> bytes:
        too_large = PermanentError(f"{host} sent an answer larger than {self.max_bytes / 1e6:g} MB.")
        if (response.content_length or 0) > self.max_bytes:
            raise too_large
        body = bytearray()
        # aiohttp unpacks no further ahead than its read buffer: 300 MB of zeros cost 6.6 MB (2026-11).
        async for chunk in response.content.iter_chunked(65536):
            body += chunk
            if len(body) > self.max_bytes:
                raise too_large
        return bytes(body)


def make_session(
    user_agent: str, private_hosts: Sequence[str] = (), resolver: AbstractResolver | None = None
) -> aiohttp.ClientSession:
    """Open the session all sources share; the caller closes it. Cookies are never kept.

    It connects to public addresses and to `private_hosts`: names, addresses or networks, each with a port or without.
    Raises `ConfigError` when one of them cannot be read.
    """
    allowed = read_allowed(private_hosts)
    guarded = GuardedResolver(allowed, resolver or aiohttp.ThreadedResolver())
    return aiohttp.ClientSession(
        headers={"User-Agent": user_agent},
        connector=aiohttp.TCPConnector(limit=100, limit_per_host=8, resolver=guarded),
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(Gate(allowed),),
    )


def refusal(host: str, status: int, headers: Mapping[str, str], now: datetime) -> ServiceError:
    """Say what a status other than success means to a source."""
    wait = retry_after(headers, now)
    if status == 429 or (status == 403 and is_throttled(headers, now)):  # GitHub and Reddit say 403, too
        return RateLimited(f"{host} asks us to slow down (status {status}).", wait)
    if status in (401, 403):
        return AuthError(f"{host} does not accept the credentials (status {status}).")
    if status in (404, 410):
        return NotFound(f"{host} does not have what was asked for (status {status}).")
    if status in _REDIRECTS:
        return PermanentError(f"{host} sends us to another address (status {status}).")
    if status >= 500 or status in (408, 425):
        return TemporaryError(f"{host} has trouble of its own (status {status}).", wait)
    return PermanentError(f"{host} refused the request (status {status}).")


def unreachable(host: str, err: Exception, timeout: timedelta = TIMEOUT) -> ServiceError:
    """Say in one sentence what a failed connection means; never quotes the library, which quotes addresses."""
    for kind, message in _FAILURES:
        if isinstance(err, kind):
            return message[0](message[1].format(host=host, seconds=timeout.total_seconds()))
    return TemporaryError(f"The connection to {host} failed ({type(err).__name__}).")


_FAILURES: tuple[tuple[type[Exception], tuple[type[ServiceError], str]], ...] = (
    (aiohttp.InvalidURL, (PermanentError, "{host} is, or redirects to, an address that cannot be read.")),
    (aiohttp.ConnectionTimeoutError, (TemporaryError, f"{{host}} cannot be reached within {CONNECT_S} seconds.")),
    (asyncio.TimeoutError, (TemporaryError, "{host} did not answer within {seconds:g} seconds.")),
    (aiohttp.ClientSSLError, (TemporaryError, "The certificate or encryption of {host} cannot be trusted.")),
    (aiohttp.ClientConnectorDNSError, (TemporaryError, "The name {host} cannot be resolved.")),
    (aiohttp.ClientConnectorError, (TemporaryError, "{host} cannot be reached.")),
    (aiohttp.ClientPayloadError, (TemporaryError, "The answer of {host} broke off or cannot be unpacked.")),
    (aiohttp.ServerDisconnectedError, (TemporaryError, "{host} dropped the connection.")),
    (aiohttp.ClientResponseError, (TemporaryError, "What {host} answers is no HTTP, or packed in a way unknown here.")),
    (ConnectionError, (TemporaryError, "{host} dropped the connection.")),
)


def _was_dropped(err: Exception) -> bool:
    cause = err.__cause__
    dropped = (aiohttp.ServerDisconnectedError, ConnectionResetError, aiohttp.ClientPayloadError)
    return isinstance(err, TemporaryError) and isinstance(cause, dropped)


def _address(url: str, params: Params = ()) -> URL:
    try:
        target = URL(url)
        port = target.port
    except ValueError as err:
        raise PermanentError("The address of the source cannot be read.") from err
    if target.scheme not in ("http", "https") or not target.host or port is None:
        raise PermanentError(f"Only http and https addresses are fetched, not {target.scheme or 'this one'!r}.")
    return target.extend_query(list(params)) if params else target


def _onward(answer: Answer, asked: URL) -> URL:
    """Give the address an answer redirects to; raises `PermanentError` when it is none of the web."""
    try:
        onward = asked.join(URL(answer.headers["Location"]))
        is_web = onward.scheme in ("http", "https") and bool(onward.host) and onward.port is not None
    except ValueError as err:
        raise PermanentError(f"{answer.host} redirects to an address that cannot be read.") from err
    if not is_web:
        raise PermanentError(f"{answer.host} redirects to an address that is not http or https.")
    return onward

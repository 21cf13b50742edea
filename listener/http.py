"""The one way sources ask other servers: bounded in time, size and redirects, and failing only with `ServiceError`s.

Messages name the host and never the rest of an address: paths, queries and headers can hold secrets.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import stamina
from yarl import URL

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from listener.pacing import retry_after

MAX_BYTES = 5_000_000  # of one answer, after decompression
MAX_REDIRECTS = 5
TIMEOUT = timedelta(seconds=30)
Params = Sequence[tuple[str, str]]


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
                answer = await self._ask("GET", url, params, headers or {}, None)
        return self._checked(answer, ok)

    async def post(
        self, url: str, body: object, *, headers: Mapping[str, str] | None = None, ok: Sequence[int] = (200,)
    ) -> Answer:
        """POST `body` as JSON, once: what was sent may have counted although the answer got lost."""
        return self._checked(await self._ask("POST", url, (), headers or {}, body), ok)

    def _checked(self, answer: Answer, ok: Sequence[int]) -> Answer:
        if answer.status not in ok:
            raise refusal(answer.host, answer.status, answer.headers, self.now())
        return answer

    async def _ask(self, method: str, url: str, params: Params, headers: Mapping[str, str], body: object) -> Answer:
        target = _address(url, params)
        host = target.host or "the server"
        limits = aiohttp.ClientTimeout(total=self.timeout.total_seconds(), sock_connect=10)
        try:
            async with self.session.request(
                method, target, headers=headers, json=body, timeout=limits, max_redirects=MAX_REDIRECTS
            ) as response:
                return Answer(host, response.status, response.headers, await self._body(response, host))
        except (aiohttp.ClientError, OSError, ValueError) as err:
            raise unreachable(host, err, self.timeout) from err

    async def _body(self, response: aiohttp.ClientResponse, host: str) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(65536):
            body += chunk
            if len(body) > self.max_bytes:
                raise PermanentError(f"{host} sent an answer larger than {self.max_bytes / 1e6:g} MB.")
        return bytes(body)


def make_session(user_agent: str) -> aiohttp.ClientSession:
    """Open the session all sources share; the caller closes it. Cookies are never kept."""
    return aiohttp.ClientSession(
        headers={"User-Agent": user_agent},
        connector=aiohttp.TCPConnector(limit=100, limit_per_host=8),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def refusal(host: str, status: int, headers: Mapping[str, str], now: datetime) -> ServiceError:
    """Say what a status other than success means to a source."""
    wait = retry_after(headers, now)
    if status in (401, 403):
        return AuthError(f"{host} does not accept the credentials (status {status}).")
    if status in (404, 410):
        return NotFound(f"{host} does not have what was asked for (status {status}).")
    if status == 429:
        return RateLimited(f"{host} asks us to slow down (status 429).", wait)
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
    (aiohttp.TooManyRedirects, (PermanentError, f"{{host}} redirects more than {MAX_REDIRECTS} times.")),
    (aiohttp.NonHttpUrlClientError, (PermanentError, "{host} redirects to an address that is not http or https.")),
    (aiohttp.InvalidURL, (PermanentError, "{host} redirects to an address that cannot be read.")),
    (asyncio.TimeoutError, (TemporaryError, "{host} did not answer within {seconds:g} seconds.")),
    (aiohttp.ClientSSLError, (TemporaryError, "The certificate or encryption of {host} cannot be trusted.")),
    (aiohttp.ClientConnectorDNSError, (TemporaryError, "The name {host} cannot be resolved.")),
    (aiohttp.ClientConnectorError, (TemporaryError, "{host} cannot be reached.")),
    (aiohttp.ClientPayloadError, (TemporaryError, "The answer of {host} broke off or cannot be unpacked.")),
    (aiohttp.ServerDisconnectedError, (TemporaryError, "{host} dropped the connection.")),
    (ConnectionError, (TemporaryError, "{host} dropped the connection.")),
)


def _was_dropped(err: Exception) -> bool:
    cause = err.__cause__
    dropped = (aiohttp.ServerDisconnectedError, ConnectionResetError, aiohttp.ClientPayloadError)
    return isinstance(err, TemporaryError) and isinstance(cause, dropped)


def _address(url: str, params: Params) -> URL:
    try:
        target = URL(url)
        port = target.port
    except ValueError as err:
        raise PermanentError("The address of the source cannot be read.") from err
    if target.scheme not in ("http", "https") or not target.host or port is None:
        raise PermanentError(f"Only http and https addresses are fetched, not {target.scheme or 'this one'!r}.")
    return target.extend_query(list(params)) if params else target

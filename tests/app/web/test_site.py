"""The published folder over HTTP: the right types and headers, and never a file beside it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from app.web.site import CSP, SiteDoor, safe_headers
from status_page.pages.lost import Imprint

FILES = {
    "index.html": "<p>پرداخت</p>", "tr/index.html": "<p>Ödemeler</p>", "assets/page.css": "p{}", "assets/page.js": "1",
    "api/v2/summary.json": "{}", "history.atom": "<feed/>", "history.rss": "<rss/>", "badge.svg": "<svg/>",
    "feed.json": "{}", "fa/maintenance.ics": "BEGIN:VCALENDAR", "embed/banner.js": "1", "embed/status.html": "<p>",
    "tr/embed/status.html": "<p>", "embed/status.html.html": "<p>",
    "what.bin": "\0", ".hidden": "secret", ".versions/x/index.html": "secret", "tr/.git/config": "secret",
}  # fmt: skip


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[TestServer]:
    """The site door over a small site; `secret.html` lies beside it."""
    (tmp_path / "secret.html").write_text("secret")
    for name, content in FILES.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    async def ready() -> None:
        """Have the page already."""

    app = web.Application(middlewares=[safe_headers])
    imprints = {tmp_path / "site": Imprint("Köşk & Co", ("tr", "en", "fa"))}
    door = SiteDoor(tmp_path / "site", ready, imprints=imprints)
    app.router.add_get("/{path:.*}", door.page)
    app.router.add_options("/{path:.*}", door.preflight)
    made = TestServer(app)
    await made.start_server()
    yield made
    await made.close()


async def raw(server: TestServer, path: bytes) -> tuple[int, bytes]:
    """Ask for a path byte for byte, as no decent client would; give the status and the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, family=socket.AF_INET)
    writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.parametrize(
    ("path", "kind", "open_to_all"),
    [
        ("/", "text/html", False), ("/tr/", "text/html", False), ("/tr", "text/html", False),
        ("/index.html", "text/html", False), ("/assets/page.css", "text/css", False),
        ("/assets/page.js", "text/javascript", False), ("/what.bin", "application/octet-stream", False),
        ("/api/v2/summary.json", "application/json", True), ("/feed.json", "application/feed+json", True),
        ("/history.atom", "application/atom+xml", True), ("/history.rss", "application/rss+xml", True),
        ("/fa/maintenance.ics", "text/calendar", True),
    ],
)  # fmt: skip
async def test_each_file_has_its_type_and_only_data_is_open_to_other_pages(
    server: TestServer, path: str, kind: str, open_to_all: bool
) -> None:
    async with ClientSession() as session, session.get(server.make_url(path)) as answer:
        assert (answer.status, answer.content_type) == (200, kind)
        assert answer.headers.get("Access-Control-Allow-Origin") == ("*" if open_to_all else None)
        assert answer.headers.get("Content-Security-Policy") == (None if open_to_all else CSP)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"


async def test_texts_say_that_they_are_utf_8(server: TestServer) -> None:
    async with ClientSession() as session:
        for path in ("/", "/api/v2/summary.json", "/history.rss", "/fa/maintenance.ics", "/embed/banner.js"):
            async with session.get(server.make_url(path)) as answer:
                assert answer.charset == "utf-8", path


@pytest.mark.parametrize("path", ["/badge.svg", "/embed/banner.js"])
async def test_pictures_and_the_banner_may_be_used_anywhere_and_can_still_do_nothing(
    server: TestServer, path: str
) -> None:
    async with ClientSession() as session, session.get(server.make_url(path)) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Content-Security-Policy"] == CSP


@pytest.mark.parametrize(
    ("path", "framed"),
    [("/embed/status.html", True), ("/tr/embed/status.html", True), ("/index.html", False), ("/tr/", False),
     ("/embed/status.html.html", False)],
)  # fmt: skip
async def test_only_the_small_state_may_stand_in_a_frame_elsewhere(server: TestServer, path: str, framed: bool) -> None:
    async with ClientSession() as session, session.get(server.make_url(path)) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors *" if framed else "frame-ancestors 'none'")
        assert policy.removesuffix("*").removesuffix("'none'") == CSP.removesuffix("'none'")
        assert answer.headers.get("X-Frame-Options") == (None if framed else "DENY")


async def test_a_script_elsewhere_may_ask_for_data_with_headers_of_its_own(server: TestServer) -> None:
    asked = {"Origin": "https://widget.example", "Access-Control-Request-Method": "GET",
             "Access-Control-Request-Headers": "cache-control,if-none-match"}  # fmt: skip
    async with ClientSession() as session:
        async with session.options(server.make_url("/api/v2/summary.json"), headers=asked) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
            assert answer.headers["Access-Control-Allow-Headers"] == "*"
        for path in ("/index.html", "/nowhere", "/.hidden"):
            async with session.options(server.make_url(path), headers=asked) as answer:
                assert (answer.status, answer.headers.get("Access-Control-Allow-Origin")) == (405, None)


@pytest.mark.parametrize("header", ["If-None-Match", "if-none-match"])
async def test_what_is_known_already_is_not_sent_again(server: TestServer, header: str) -> None:
    async with ClientSession() as session:
        async with session.get(server.make_url("/api/v2/summary.json")) as answer:
            tag = {header: answer.headers["ETag"]}
            assert "Last-Modified" in answer.headers
            assert answer.headers["Access-Control-Expose-Headers"] == "ETag, Last-Modified"
        async with session.get(server.make_url("/api/v2/summary.json"), headers=tag) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        async with session.get(server.make_url("/api/v2/summary.json")) as answer:
            assert (answer.status, await answer.read()) == (200, b"{}"), "the connection is still good"


@pytest.mark.parametrize(
    "path",
    [
        b"/../secret.html", b"/%2e%2e/secret.html", b"/tr/..%2f..%2fsecret.html", b"/tr/%2e%2e/%2e%2e/secret.html",
        b"//etc/passwd", b"/%2fetc/passwd", b"/%2Fetc%2Fpasswd", b"/.hidden", b"/%2ehidden", b"/.versions/x/index.html",
        b"/tr/.git/config", b"/index.html%00", b"/%00", b"/index.html%00.css", b"/..%5csecret.html",
        b"/..%c0%af..%c0%afsecret.html", b"/%ff%fe", b"/" + b"a" * 300, b"/" + b"a/" * 2000, b"/none.html",
        b"/tr/./../../secret.html", b"/%252e%252e/secret.html",
    ],
)  # fmt: skip
async def test_nothing_beside_the_site_is_ever_given(server: TestServer, path: bytes) -> None:
    status, answer = await raw(server, path)
    assert status in (400, 404)
    assert b"secret</" not in answer
    assert not answer.endswith(b"secret")
    assert b"root:" not in answer


@pytest.mark.parametrize(
    ("path", "asked", "words", "home"),
    [
        ("/nowhere", "", "Böyle bir sayfa yok.", "/tr/"),
        ("/nowhere", "de, en;q=0.8", "There is no such page.", "/en/"),
        ("/nowhere", "fa-IR, en", "چنین صفحه‌ای وجود ندارد.", "/fa/"),
        ('/en/x/<b>"y', "fa", "There is no such page.", "/en/"),
        ("/tr/olmayan.html", "fa", "Adres yanlış yazılmış veya eski olabilir.", "/tr/"),
        ("/fa/incidents/x.html", "", 'dir="rtl"', "/fa/"),
    ],
)
async def test_a_page_that_is_not_there_is_said_in_the_readers_words_with_safe_headers(
    server: TestServer, path: str, asked: str, words: str, home: str
) -> None:
    headers = {"Accept-Language": asked}
    async with ClientSession() as session, session.get(server.make_url(path), headers=headers) as answer:
        text = await answer.text()
        assert (answer.status, words in text, "<b>" in text) == (404, True, False)
        assert f'<a href="{home}">' in text
        assert "· Köşk &amp; Co</title>" in text
        assert answer.headers["Cache-Control"] == "no-store", "the same address speaks several languages"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


async def test_nothing_can_be_written_and_a_head_is_answered(server: TestServer) -> None:
    async with ClientSession() as session:
        async with session.post(server.make_url("/index.html"), data=b"x") as answer:
            assert answer.status == 405
        async with session.head(server.make_url("/")) as answer:
            assert answer.status == 200


async def test_texts_are_sent_small_to_browsers_that_can_read_them_so(server: TestServer, tmp_path: Path) -> None:
    (tmp_path / "site" / "long.html").write_text("<p>the same again</p>" * 500)
    async with ClientSession(auto_decompress=False) as session:
        for headers, small in (({"Accept-Encoding": "gzip"}, True), ({"Accept-Encoding": "identity"}, False)):
            async with session.get(server.make_url("/long.html"), headers=headers) as answer:
                body = await answer.read()
                assert answer.headers["Vary"] == "Accept-Encoding"
                assert (answer.headers.get("Content-Encoding") == "gzip") is small
                assert (len(body) < 500) is small
        asked = {"Accept-Encoding": "gzip", "Range": "bytes=0-9"}
        async with session.get(server.make_url("/long.html"), headers=asked) as answer:
            assert (answer.status, await answer.read()) == (206, b"<p>the sam")


async def test_files_named_by_their_content_may_be_kept_for_ever(server: TestServer) -> None:
    async with ClientSession() as session:
        async with session.get(server.make_url("/assets/page.css")) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        async with session.get(server.make_url("/index.html")) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=10"


async def test_the_page_of_another_brand_is_chosen_by_the_name_it_is_asked_under(tmp_path: Path) -> None:
    for name in ("main", "pay"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)

    async def ready() -> None:
        """Have the pages already."""

    app = web.Application()
    app.router.add_get("/{path:.*}", SiteDoor(tmp_path / "main", ready, {"status.pay.example": tmp_path / "pay"}).page)
    asked = {
        "status.pay.example": "pay",
        "Status.Pay.Example:8080": "pay",
        "status.example": "main",
        "[::1]:80": "main",
    }
    async with TestServer(app) as server, ClientSession() as session:
        for host, page in asked.items():
            async with session.get(server.make_url("/"), headers={"Host": host}) as answer:
                assert await answer.text() == page

"""What is sent from memory is what lies on the disk at that moment, and answers as the disk would."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDict

from app.web.shelf import LARGEST, Shelf
from app.web.site import SiteDoor, safe_headers
from status_page.publish import publish_site

LONG = "<p>the same again</p>" * 500
MINUTE = 60_000_000_000  # nanoseconds


def settle(path: Path) -> None:
    """Let a file be a minute old: one that was written this moment is not kept yet."""
    known = path.stat()
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns - MINUTE))


def put(path: Path, content: str) -> Path:
    """Write a file that has been there for a while."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    settle(path)
    return path


class Site:
    """A folder, the door over it, and one who asks."""

    def __init__(self, folder: Path, session: ClientSession) -> None:
        async def ready() -> None:
            """Have the page already."""

        self.folder, self.session, self.door = folder, session, SiteDoor(folder, ready)
        application = web.Application(middlewares=[safe_headers])
        application.router.add_get("/{path:.*}", self.door.page)
        self.server = TestServer(application)

    async def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, CIMultiDict[str], bytes]:
        """Ask with headers (`_` for `-`); give status, headers without the date, body as it was sent."""
        named = {name.replace("_", "-"): value for name, value in {"Accept_Encoding": "identity", **headers}.items()}
        async with self.session.request(method, self.server.make_url(path), headers=named) as answer:
            body = await answer.read()
            kept = CIMultiDict((name, value) for name, value in answer.headers.items() if name != "Date")
            return answer.status, kept, body


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site with one long page, which was asked for once."""
    async with ClientSession(auto_decompress=False) as session:
        made = Site(tmp_path / "site", session)
        put(made.folder / "long.html", LONG)
        await made.server.start_server()
        await made.ask("/long.html")
        assert len(made.door.shelf.copies) == 1
        yield made
        await made.server.close()


async def test_the_second_answer_is_the_first_one_again(site: Site) -> None:
    for path in ("index.html", "badge.svg", "api/v2/summary.json", "history.atom", "what.bin", "assets/a.css"):
        put(site.folder / path, f"{path} " * 300)
        for asked in ({}, {"Accept_Encoding": "gzip, deflate, br"}):
            first = await site.ask(f"/{path}", **asked)
            assert await site.ask(f"/{path}", **asked) == first
            assert (site.folder, path) in site.door.shelf.copies
            assert first[0] == 200


@pytest.mark.parametrize("name", ["/long.html", "/large.html"])
async def test_memory_and_disk_say_the_same_about_a_file(site: Site, name: str) -> None:
    put(site.folder / "large.html", LONG * (LARGEST // len(LONG) + 1))
    size = (site.folder / name[1:]).stat().st_size
    status, headers, body = await site.ask(name)
    assert (status, len(body), headers["Content-Length"]) == (200, size, str(size))
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Last-Modified"].endswith(" GMT")
    part, partly, _ = await site.ask(name, Range="bytes=0-9")
    assert (part, partly["ETag"], partly["Last-Modified"]) == (206, headers["ETag"], headers["Last-Modified"])
    head = await site.ask(name, "HEAD")
    assert (head[0], head[1]["Content-Length"], head[2]) == (200, str(size), b"")
    packed = await site.ask(name, Accept_Encoding="gzip")
    assert packed[1]["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed[2]) == body


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ({"Range": "bytes=0-9"}, 206, b"<p>the sam"),
        ({"Range": "bytes=-4"}, 206, b"</p>"),
        ({"Range": "bytes=99999-"}, 416, None),
        ({"If_Match": '"other"'}, 412, None),
        ({"If_Unmodified_Since": "Thu, 01 Jan 1970 00:00:10 GMT"}, 412, None),
        ({"If_Modified_Since": "Thu, 01 Jan 1970 00:00:10 GMT"}, 200, LONG.encode()),
        ({"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304, b""),
        ({"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT", "If_None_Match": '"other"'}, 200, LONG.encode()),
        ({"If_None_Match": "*"}, 304, b""),
        ({"If_None_Match": '"other", W/"another"'}, 200, LONG.encode()),
        ({"If_None_Match": "nonsense"}, 200, LONG.encode()),
    ],
)
async def test_conditions_and_parts_are_answered_as_ever(
    site: Site, asked: dict[str, str], status: int, body: bytes | None
) -> None:
    for _ in range(2):  # the connection is still good after it
        found = await site.ask("/long.html", **asked)
        assert found[0] == status
        assert body is None or found[2] == body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_what_is_known_is_not_sent_again_packed_or_not(site: Site, encoding: str, method: str) -> None:
    first = await site.ask("/long.html", Accept_Encoding=encoding)
    status, headers, body = await site.ask(
        "/long.html", method, Accept_Encoding=encoding, If_None_Match=first[1]["ETag"]
    )
    assert (status, body) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "Last-Modified", "Content-Security-Policy"):
        assert headers[name] == first[1][name], name
    assert first[1]["ETag"].startswith("W/") is (encoding == "gzip"), "two forms of a text have no strong tag in common"
    assert (await site.ask("/long.html", Accept_Encoding=encoding))[0] == 200


@pytest.mark.parametrize(
    ("said", "small"),
    [("gzip", True), ("GZIP", True), ("deflate, gzip;q=1.0, *;q=0.5", True), ("gzip;q=0.5", True), ("", False),
     ("gzip;q=0", False), ("br, gzip; q=0.0 , deflate", False), ("identity", False), ("br", False)],
)  # fmt: skip
async def test_only_those_who_take_gzip_get_it(site: Site, said: str, small: bool) -> None:
    _, headers, body = await site.ask("/long.html", Accept_Encoding=said)
    assert (headers.get("Content-Encoding") == "gzip") is small
    assert (len(body) < 500) is small
    assert (await site.ask("/long.html", "HEAD", Accept_Encoding=said))[1] == headers


async def test_what_packing_does_not_make_smaller_is_sent_as_it_is(site: Site) -> None:
    put(site.folder / "short.html", "<p>")
    _, headers, body = await site.ask("/short.html", Accept_Encoding="gzip")
    assert ("Content-Encoding" in headers, body) == (False, b"<p>")


async def test_a_site_that_is_published_anew_is_seen_at_once_and_never_mixed(tmp_path: Path) -> None:
    async with ClientSession(auto_decompress=False) as session:
        site = Site(tmp_path / "site", session)
        await site.server.start_server()
        for turn in range(12):
            publish_site(
                {"index.html": b"%04d" % turn, "en/a.html": b"%04d" % turn, "en/same.html": b"same"}, site.folder
            )
            for path in ("/", "/en/a.html", "/en/a.html"):
                assert (await site.ask(path))[2] == b"%04d" % turn
            assert (await site.ask("/en/same.html"))[2] == b"same"
            for name in ("index.html", "en/a.html", "en/same.html"):
                settle(site.folder / name)
            await site.ask("/en/a.html")
            assert (site.folder, "en/a.html") in site.door.shelf.copies
        publish_site({"index.html": b"alone"}, site.folder)
        assert (await site.ask("/en/a.html"))[0] == 404
        assert (await site.ask("/"))[2] == b"alone"
        await site.server.close()


async def test_a_file_that_is_written_over_is_seen_at_once_however_quickly(site: Site) -> None:
    for turn in range(200):
        (site.folder / "long.html").write_text(f"{turn:04}")
        assert (await site.ask("/long.html"))[2] == f"{turn:04}".encode()


async def test_a_file_that_goes_or_becomes_a_folder_is_seen_at_once(site: Site) -> None:
    (site.folder / "long.html").unlink()
    assert (await site.ask("/long.html"))[0] == 404
    put(site.folder / "long.html" / "index.html", "within")
    assert (await site.ask("/long.html"))[2] == b"within"
    assert (await site.ask("/long.html/"))[2] == b"within"


async def test_the_pages_of_two_brands_are_not_confused(tmp_path: Path) -> None:
    folders = {name: put(tmp_path / name / "index.html", name).parent for name in ("main", "pay")}

    async def ready() -> None:
        """Have the pages already."""

    app = web.Application()
    app.router.add_get("/{path:.*}", SiteDoor(folders["main"], ready, {"pay.example": folders["pay"]}).page)
    async with TestServer(app) as server, ClientSession() as session:
        for host, page in 2 * (("pay.example", "pay"), ("status.example", "main")):
            async with session.get(server.make_url("/"), headers={"Host": host}) as answer:
                assert await answer.text() == page


def shelf(most: int) -> Shelf:
    """Make a shelf that holds so many bytes and packs nothing."""
    return Shelf(lambda file: {"Content-Type": "text/plain"}, lambda file: False, most=most)


def test_what_was_asked_for_least_recently_goes_first(tmp_path: Path) -> None:
    files = {name: put(tmp_path / name, "x" * 10_000) for name in "abc"}
    made = shelf(30_000)
    for name in "ab":
        made.put((tmp_path, name), files[name])
    assert made.take((tmp_path, "a")) is not None
    made.put((tmp_path, "c"), files["c"])
    assert [name for _, name in made.copies] == ["a", "c"]
    assert made.size == sum(copy.size for copy in made.copies.values()) <= 30_000


def test_a_thousand_names_of_an_empty_file_do_not_fill_the_memory(tmp_path: Path) -> None:
    file, made = put(tmp_path / "empty", ""), shelf(30_000)
    for slashes in range(1000):
        made.put((tmp_path, "/" * slashes + "empty"), file)
    assert len(made.copies) <= 15


def test_what_is_read_again_is_counted_once_and_what_is_gone_not_at_all(tmp_path: Path) -> None:
    file, made = put(tmp_path / "a", "x" * 1000), shelf(30_000)
    for _ in range(3):
        made.put((tmp_path, "a"), file)
    assert made.size == next(iter(made.copies.values())).size
    file.unlink()
    assert made.take((tmp_path, "a")) is None
    assert (made.size, len(made.copies)) == (0, 0)


def test_what_is_too_large_or_was_written_this_moment_is_not_kept(tmp_path: Path) -> None:
    made = shelf(30_000)
    assert made.put((tmp_path, "large"), put(tmp_path / "large", "x" * (LARGEST + 1))) is None
    fresh = tmp_path / "fresh"
    fresh.write_text("x")
    os.utime(fresh, ns=(time.time_ns(), time.time_ns()))
    copy = made.put((tmp_path, "fresh"), fresh)
    assert copy is not None and copy.plain.content == b"x"
    assert (made.size, len(made.copies)) == (0, 0)


def test_a_file_that_cannot_be_read_is_said_to_the_caller(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing"):
        shelf(30_000).put((tmp_path, "nothing"), tmp_path / "nothing")

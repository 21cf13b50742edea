"""Feeds in the wild."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import timedelta

import aiohttp
import pytest

from domain.errors import NotFound, PermanentError, TemporaryError
from domain.heard.mention import Author, Quota
from listener.sources import rss
from listener.sources.rss import RssOptions, parse_feed
from tests.listener.service import NOW, ORIGIN, Reply, Service, fixture, source

OPTIONS = RssOptions("https://forum.example/feed.xml")
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB"><title>t</title>
<entry><id>urn:1</id><title>Down</title><link href="https://x.example/1"/><published>2026-11-02T09:00:00Z</published>
<updated>2026-11-02T10:00:00Z</updated><author><name>/u/pat</name><uri>https://r.example/u/pat</uri></author>
<content type="html">&lt;p&gt;Down again&lt;/p&gt;</content></entry></feed>"""


def test_a_turkish_feed_in_its_own_encoding_is_read() -> None:
    first, second, third = parse_feed(fixture("rss.xml"), ORIGIN, OPTIONS).mentions
    assert first.native_id == "konu-1"
    assert first.text == "Ödeme çalışmıyor\n\nKart reddedildi.\n\nNeden?"
    assert first.url == "https://forum.example/konu/1"
    assert first.created_at.isoformat() == "2026-11-02T10:00:10+00:00"
    assert (first.author, first.language) == (Author("ayşe", "ayşe", "ayşe"), "tr")
    assert (second.native_id, second.created_at) == ("https://news.example/2", NOW)
    assert second.author.id == "news.example", "an entry without author counts as its site's"
    assert third.text == "Neither guid nor link"
    assert len(third.native_id) == 32


def test_an_entry_with_nothing_in_it_is_set_aside() -> None:
    assert [aside.reason for aside in parse_feed(fixture("rss.xml"), ORIGIN, OPTIONS).set_aside] == ["it has no id"]


def test_an_atom_entry_tells_its_author_and_its_edit() -> None:
    (mention,) = parse_feed(ATOM.encode(), ORIGIN, OPTIONS).mentions
    assert mention.author == Author("https://r.example/u/pat", "/u/pat", "pat", url="https://r.example/u/pat")
    assert mention.text == "Down again", "a title repeated by the text is said once"
    assert mention.edited_at is not None
    assert mention.edited_at.hour == 10
    assert mention.language == "en"


@pytest.mark.parametrize(
    "body",
    [
        fixture("rss.xml").replace(b"iso-8859-9", b"utf-8"),
        fixture("rss.xml").replace(b"iso-8859-9", b"klingon-7"),
        fixture("rss.xml").replace(b"</item>", b""),
        fixture("rss.xml").replace(b"&lt;b&gt;", b"<b>&nbsp;&bogus;"),
        fixture("rss.xml")[:600],
        b"\n\n" + fixture("rss.xml"),
        b"\xef\xbb\xbf" + ATOM.encode(),
        ATOM.encode("utf-16"),
    ],
)
def test_malformed_feeds_give_what_can_be_saved(body: bytes) -> None:
    assert parse_feed(body, ORIGIN, OPTIONS).mentions


def test_an_address_nobody_can_read_still_names_its_entry() -> None:
    feed = '<rss version="2.0"><channel><item><guid>http://[x</guid><link>http://[x</link></item></channel></rss>'
    (mention,) = parse_feed(feed.encode(), ORIGIN, OPTIONS).mentions
    assert mention.native_id == "http://[x"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_neither_grow_nor_take_time(encoding: str) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "ha">{entities}]><rss version="2.0"><channel><item>'
    started = time.perf_counter()
    parsed = parse_feed(f"{bomb}<title>x &a9;</title></item></channel></rss>".encode(encoding), ORIGIN, OPTIONS)
    assert all(len(mention.text) < 1000 for mention in parsed.mentions)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("text", "language", "encoding", "declared", "served"),
    [
        ("Ödeme çalışmıyor", "tr", "iso-8859-9", "iso-8859-9", ""),
        ("Ödeme çalışmıyor", "tr", "utf-8", "iso-8859-1", ""),
        ("Ödeme çalışmıyor", "tr", "cp1254", "utf-8", ""),
        ("Ödeme çalışmıyor", "tr", "cp1254", "klingon-7", "text/xml; charset=windows-1254"),
        ("پرداخت انجام نشد", "fa", "cp1256", "utf-8", "text/xml; charset=utf-8"),
        ("پرداخت انجام نشد", "fa", "utf-16", "utf-16", ""),
        ("پرداخت انجام نشد", "fa", "utf-16-be", "utf-16", ""),
        ("déjà vu", "fr", "iso-8859-1", "hex", "text/xml; charset=rot13"),
    ],
)
def test_letters_survive_lies_about_the_encoding(
    text: str, language: str, encoding: str, declared: str, served: str
) -> None:
    feed = f"""<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel>
        <language>{language}</language><item><title>{text}</title></item></channel></rss>"""
    assert parse_feed(feed.encode(encoding), ORIGIN, OPTIONS, served).mentions[0].text == text


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"<!DOCTYPE html><html><body>Too many requests", TemporaryError, "web page"),
        (b'{"json": true}', PermanentError, "not a feed"),
        (b"", PermanentError, "empty"),
        (b"/etc/passwd", PermanentError, "not a feed"),
        (b"\x00\xff\xfe", PermanentError, "not a feed"),
    ],
)
def test_what_is_no_feed_is_said_clearly(body: bytes, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        parse_feed(body, ORIGIN, OPTIONS)


async def test_an_unchanged_feed_is_asked_for_conditionally(service: Service, session: aiohttp.ClientSession) -> None:
    kept = {"ETag": '"v1"', "Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT"}
    service.says("/feed.xml", Reply(fixture("rss.xml"), headers=kept), Reply(status=304))
    feed = source("rss", session, service.url, url="https://forum.example/feed.xml?a=1")
    batch = await feed.fetch(None)
    assert len(batch.mentions) == 3
    again = await feed.fetch(batch.cursor)
    assert (again.mentions, again.cursor) == ((), batch.cursor)
    assert service.asked[1].headers["If-None-Match"] == '"v1"'
    assert service.asked[1].headers["If-Modified-Since"] == kept["Last-Modified"]
    assert service.asked[0].query == [("a", "1")]


async def test_a_feed_without_validators_is_not_read_twice(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/feed.xml", Reply(fixture("rss.xml")))
    feed = source("rss", session, service.url, url="https://forum.example/feed.xml")
    batch = await feed.fetch(None)
    assert (await feed.fetch(batch.cursor)).mentions == ()


async def test_a_feed_that_is_gone_is_named(service: Service, session: aiohttp.ClientSession) -> None:
    with pytest.raises(NotFound):
        await source("rss", session, service.url, url="https://forum.example/gone.xml").fetch(None)


def feed_of(*items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>t</title>{"".join(items)}</channel></rss>'.encode()


HOSTILE = {
    "letters as an author": feed_of(f"<item><guid>1</guid><author>{'a' * 100_000}</author></item>"),
    "attributes": feed_of("<item ", *(f"a{n}='>' " for n in range(20_000)), "><guid>1</guid></item>"),
    "namespaces": feed_of(*(f"<n{n}:a xmlns:n{n}='http://x/{n}'/>" for n in range(5000))),
    "categories": feed_of("<item><guid>1</guid>", *(f"<category>{n}</category>" for n in range(20_000)), "</item>"),
    "empty lines": b"<?xml version='1.0'?><!-- x -->" + b"\n" * 400_000 + feed_of("<item><guid>1</guid></item>"),
    "document types": b"<!DOCTYPE " + b'<!ENTITY a "' * 20_000,
    "long entities": b"<!DOCTYPE r [<!ENTITY a '" + b"x" * 190 + b"'>]>" + feed_of("<item><title>", "&a;" * 100_000),
    "nested elements": feed_of("<item><guid>1</guid>", "<a>" * 50_000),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_feed_made_to_be_slow_holds_nobody_up(
    service: Service, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    service.says("/good.xml", Reply(fixture("rss.xml")))
    await source("rss", session, f"{service.url}", url="https://forum.example/good.xml").fetch(None)
    monkeypatch.setattr(rss, "READING_LIMIT", timedelta(seconds=1.5))
    service.says("/feed.xml", Reply(body))
    longest, started = 0.0, time.perf_counter()
    reading = asyncio.create_task(source("rss", session, service.url, url="https://forum.example/feed.xml").fetch(None))
    while not reading.done():
        before = time.perf_counter()
        await asyncio.sleep(0.01)
        longest = max(longest, time.perf_counter() - before)
    took = time.perf_counter() - started
    with contextlib.suppress(PermanentError):
        assert len((await reading).mentions) <= 1
    assert took < 30, "the hostile ones take minutes"
    assert longest < 1.4, "the loop went on meanwhile"


async def test_an_ordinary_feed_of_many_entries_is_read_whole(service: Service, session: aiohttp.ClientSession) -> None:
    item = "<item><guid>{n}</guid><title>Ödeme çalışmıyor {n}</title><description>Kart reddedildi.</description></item>"
    service.says("/feed.xml", Reply(feed_of(*(item.format(n=n) for n in range(1000)))))
    batch = await source("rss", session, service.url, url="https://forum.example/feed.xml").fetch(None)
    assert [mention.native_id for mention in batch.mentions] == [str(n) for n in range(1000)]


async def test_a_feed_of_ten_megabytes_is_refused(service: Service, session: aiohttp.ClientSession) -> None:
    service.says("/feed.xml", Reply(feed_of("<item><title>x</title></item>" * 350_000)))
    with pytest.raises(PermanentError, match="larger than 5 MB"):
        await source("rss", session, service.url, url="https://forum.example/feed.xml").fetch(None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_a_feed_that_broke_off_is_asked_for_in_full_again(
    service: Service, session: aiohttp.ClientSession, encoding: str
) -> None:
    whole = feed_of("<item><guid>1</guid><title>a</title></item>", "<item><guid>2</guid><title>b</title></item>\n")
    text = whole.decode().encode(encoding)
    cut, same = text[: len(text) * 2 // 3], {"ETag": '"v1"'}
    service.says("/feed.xml", Reply(cut, headers=same), Reply(text, headers=same))
    feed = source("rss", session, service.url, url="https://forum.example/feed.xml")
    broken = await feed.fetch(None)
    assert [mention.native_id for mention in broken.mentions][:1] == ["1"]
    again = await feed.fetch(broken.cursor)
    assert "If-None-Match" not in service.asked[1].headers, "its ETag is that of the whole feed"
    assert [mention.native_id for mention in again.mentions] == ["1", "2"]
    await feed.fetch(again.cursor)
    assert service.asked[2].headers["If-None-Match"] == '"v1"'


async def test_what_is_left_of_a_quota_is_passed_on(service: Service, session: aiohttp.ClientSession) -> None:
    left = {"x-ratelimit-remaining": "98.0", "x-ratelimit-reset": "120", "ETag": "e"}
    service.says("/new/.rss", Reply(fixture("rss.xml"), headers=left), Reply(status=304, headers=left))
    feed = source("rss", session, service.url, url="https://www.reddit.example/new/.rss")
    batch = await feed.fetch(None)
    assert batch.quota == Quota(98, NOW + timedelta(minutes=2))
    assert (await feed.fetch(batch.cursor)).quota == batch.quota


@pytest.mark.parametrize(
    ("prolog", "title"),
    [
        ('<!DOCTYPE rss [<!ENTITY brand "Nar">]>', "Nar is down"),
        ('<?xml version="1.0"?>\n<!-- <b> -->\n<?x y?><!DOCTYPE rss [\n<!ENTITY brand "Nar">\n] >', "Nar is down"),
        ('<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd" [<!ENTITY brand SYSTEM "file:///etc/passwd">]>', "is down"),
        ('<!DOCTYPE rss [<!ENTITY % brand "Nar">]>', "is down"),
        ("Warning: mysql_connect() in /var/www\n", "is down"),
    ],
)
def test_plain_entities_are_read_and_others_do_nothing(prolog: str, title: str) -> None:
    body = prolog.encode() + feed_of("<item><guid>1</guid><title>&brand; is down</title></item>")
    (mention,) = parse_feed(body, ORIGIN, OPTIONS).mentions
    assert mention.text.endswith(title)
    assert "root:" not in mention.text

"""What stands in the mails: language and direction, thread, the way out; and that no text becomes a header."""

from __future__ import annotations

import asyncio
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from app.subscribers.letters import Letterhead, Stencil
from app.subscribers.links import Links
from domain.component import ComponentStatus
from domain.errors import PermanentError
from domain.incidents.incident import IncidentStatus
from domain.incidents.planned import WorkStatus, WorkUpdate
from domain.told.subscriber import Channel, Subscriber
from status_page.words.subscriber_words import Wording
from tests.app.subscribers.town import NOW, Town, incident, link_in, open_town, said, work

ALL = {
    "To", "From", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id",
    "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
}  # fmt: skip


def body(mail: EmailMessage, kind: str = "plain") -> str:
    """Give one of the two forms of a mail's words."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


async def news(town: Town, story: Any, *languages: str) -> list[EmailMessage]:
    """Let one subscriber for each language get a mail."""
    for language in languages:
        await town.add(f"{language}@mail.example", language=language)
    await town.store.add(story)
    await town.room.settle()
    return [town.sink.mails(f"{language}@mail.example")[-1] for language in languages]


async def test_everybody_reads_their_own_language(town: Town) -> None:
    english, turkish, persian = await news(town, incident(), "en", "tr", "fa")
    assert [mail["Subject"] for mail in (english, turkish, persian)] == [
        "[Nar] Cards are declined", "[Nar] Kartlar reddediliyor", "\u200f[Nar] پرداخت انجام نمی‌شود"
    ]  # fmt: skip
    assert "Investigating · 6 March 2026, 16:45 UTC\nWe look into it." in body(english)
    assert "Affected: Payments (Partial outage)" in body(english)
    assert "https://nar.example/en/incidents/inc_1.html" in body(english)
    assert "İnceleniyor" in body(turkish)
    assert "در حال بررسی · ۱۵ اسفند ۱۴۰۴، ساعت ۱۶:۴۵ UTC" in body(persian)
    html = BeautifulSoup(body(persian, "html"), "html.parser")
    assert html.html is not None
    assert (html.html["lang"], html.html["dir"]) == ("fa", "rtl")


async def test_what_is_not_written_in_the_readers_language_is_shown_as_the_original_and_says_so(town: Town) -> None:
    (mail,) = await news(town, incident(said(texts={"en": "We look into it."})), "fa")
    assert "به زبان شما" in body(mail)
    foreign = BeautifulSoup(body(mail, "html"), "html.parser").find("div", lang="en")
    assert foreign is not None
    assert (foreign["dir"], foreign.get_text()) == ("ltr", "We look into it.")


async def test_later_mails_hang_under_the_first_and_keep_its_subject(town: Town) -> None:
    await town.add("a@mail.example")
    await town.store.add(incident())
    await town.room.settle()
    later = incident(said(), said(2, IncidentStatus.RESOLVED, texts={"en": "It works again."}))
    await town.store.replace(later)
    await town.room.settle()
    first, second = town.sink.mails("a@mail.example")
    assert second["References"] == second["In-Reply-To"] == first["Message-ID"]
    assert first["References"] is None
    assert second["Message-ID"] != first["Message-ID"]
    assert first["Subject"] == second["Subject"]
    assert "Resolved" in body(second)
    assert "Said before:" in body(second)
    assert "We look into it." in body(second)


async def test_two_stories_are_two_threads(town: Town) -> None:
    await town.add("a@mail.example")
    await town.store.add(incident(), incident(id="inc_2"))
    await town.room.settle()
    assert len({mail["Message-ID"] for mail in town.sink.mails()}) == 2
    assert [mail["References"] for mail in town.sink.mails()] == [None, None]


async def test_a_mail_has_the_headers_it_should_and_no_others(town: Town) -> None:
    (mail,) = await news(town, incident(), "en")
    assert set(mail.keys()) == ALL
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"].addresses[0].display_name == "Nar"
    assert mail["To"] == "en@mail.example"
    assert str(mail["Date"]) == "Fri, 06 Mar 2026 16:45:00 +0000"
    assert not mail.defects
    assert all(not part.defects for part in mail.walk())


HOSTILE = [
    "Fine\r\nBcc: victim@mail.example", "Fine\nBcc: victim@mail.example", "Fine\rBcc: victim@mail.example",
    "Fine\r\n\r\n<script>alert(1)</script>", "--=_hubbub_part_=_--", "=?utf-8?q?=0D=0ABcc=3A_victim=40mail=2Eexample?=",
    "\u2028Bcc: victim@mail.example", "\x00\x0b\x0cBcc: v@mail.example", "\u202eevil", "\ue000manage\ue001",
    "\ud800", "💥" * 400, "a" * 5000, "ا" * 3000, "%(brand)s {url} ${x}", ".\r\n.\r\nMAIL FROM:<x@y.example>",
    "<a href=javascript:alert(1)>x</a>",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
async def test_no_text_becomes_a_header_a_recipient_or_markup(text: str) -> None:
    name = text.replace("\ud800", "")  # no setting can hold a half surrogate; a stored text could
    settings = {
        "brand": {"name": f"Nar {name}"[:80].strip(), "languages": ["en", "fa"]},
        "components": [{"id": "payments", "names": {"en": f"Pay {name}"[:200]}}],
    }
    async with open_town(**settings) as town:
        story = incident(said(texts={"en": f"Text {text}"}), titles={"en": f"Title {text}"})
        (mail,) = await news(town, story, "en")
    assert set(mail.keys()) == ALL
    assert [envelope.rcpt_tos for envelope in town.sink.got] == [["en@mail.example"]]
    assert [a.addr_spec for a in _addresses(mail["From"])] == ["news@nar.example"]
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    html = BeautifulSoup(body(mail, "html"), "html.parser")
    assert html.find("script") is None
    links = [str(a["href"]) for a in html.find_all("a")]
    assert len(links) == 3
    assert all(link.startswith("https://nar.example/") for link in links)
    assert all(len(line) <= 998 for line in bytes(town.sink.got[0].content or b"").split(b"\r\n"))


def _addresses(header: AddressHeader) -> Any:
    return header.addresses


def test_an_address_that_came_into_the_store_by_another_way_is_still_checked() -> None:
    head = Letterhead("Nar", "news@nar.example", Links(b"k", "https://nar.example"))
    stencil = Stencil(head, Wording("s", "t\n", {"lines": [], "rest": [], "link": "", "brand": "Nar"}, "en"), NOW)
    for address in ("a@mail.example\r\nBcc: b@mail.example", "a@mail.example\n", "a@mail.example,b@mail.example", ""):
        with pytest.raises(PermanentError):
            stencil.envelope(Subscriber("sub_1", Channel.MAIL, address, "en", NOW), "k")


async def test_a_promise_and_every_component_are_told(town: Town) -> None:
    update = said(
        components={"payments": ComponentStatus.MAJOR_OUTAGE, "gone": ComponentStatus.OPERATIONAL},
        next_update_by=NOW.replace(hour=17, minute=15),
    )
    (mail,) = await news(town, incident(update), "en")
    assert "Affected: Payments (Major outage), gone (Operational)" in body(mail)
    assert "Next update by: 6 March 2026, 17:15 UTC" in body(mail)


async def test_planned_work_is_told_with_its_time(town: Town) -> None:
    english, persian = await news(town, work(), "en", "fa")
    assert english["Subject"] == "[Nar] Database"
    assert "Scheduled" in body(english)
    assert "Planned for: 7 March 2026, 16:45–18:45 UTC" in body(english)
    assert "https://nar.example/en/maintenance/work_1.html" in body(english)
    assert "زمان برنامه‌ریزی‌شده" in body(persian)


async def test_the_reminder_of_planned_work_is_a_mail_of_its_own(town: Town) -> None:
    await town.add("a@mail.example")
    await town.store.add(work())
    await town.room.settle()
    town.clock.passes(hours=23, minutes=30)
    await town.store.replace(work(reminded_of=work().starts_at))
    await town.room.settle()
    first, second = town.sink.mails()
    assert "Begins soon" in body(second)
    assert second["References"] == first["Message-ID"]
    last = WorkUpdate("w2", town.clock(), WorkStatus.CANCELLED, {"en": "Not now."}, "Ada")
    words = (*work().updates, last)
    over = work(reminded_of=work().starts_at, updates=words, finished_at=town.clock(), version=1)
    await town.store.replace(over)
    await town.room.settle()
    assert "Cancelled" in body(town.sink.mails()[-1])


async def test_bounces_come_back_to_an_address_that_names_the_subscriber(town: Town) -> None:
    async with open_town(subscribers={"mail": True, "bounces": "bounce@nar.example"}) as strict:
        (mail,) = await news(strict, incident(), "en")
        known = await strict.known("en@mail.example")
        path = str(strict.sink.got[0].mail_from)
        assert path.startswith("bounce+")
        assert path.endswith("@nar.example")
        assert len(path.partition("@")[0]) <= 64
        assert known is not None
        assert strict.room.links.bounced(path) == known.id
        assert strict.room.links.bounced(str(mail["Message-ID"])) == known.id


async def test_without_a_bounce_address_the_sender_gets_them(town: Town) -> None:
    await news(town, incident(), "en")
    assert town.sink.got[0].mail_from == "news@nar.example"


async def test_a_maildir_takes_the_same_mails_once(tmp_path: Path) -> None:
    async with open_town(mail={"url": f"maildir://{tmp_path}/out", "sender": "news@nar.example"}) as town:
        await town.add("a@mail.example")
        await town.store.add(incident())
        await town.room.settle()
        (found,) = await asyncio.to_thread(lambda: list((tmp_path / "out" / "new").iterdir()))
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in found.read_bytes()


async def test_the_way_to_the_manage_page_stands_in_text_and_html(town: Town) -> None:
    (mail,) = await news(town, incident(), "tr")
    link = link_in(mail, "/manage/")
    assert link.startswith("https://nar.example/tr/manage/")
    assert link in body(mail)
    assert link in body(mail, "html")

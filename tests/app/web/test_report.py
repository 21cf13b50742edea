"""The page's doors for customers: reports and "I have this too", from people, programs and pages elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from bs4 import BeautifulSoup
from multidict import CIMultiDict

from app.pipeline.intake import Intake
from app.web.inbound import REPORTS
from app.web.report import FROM_NETWORK, MAX_FORM, TOO_FROM_NETWORK, ReportDoor, Seen, is_foreign
from domain.heard.mention import MentionKind, MentionRecord, Submission
from domain.heard.proof_of_work import BITS, REPORT, Proof, read_proof, solve, too_subject, zero_bits
from domain.incidents.incident import IncidentStatus
from listener.registry import build_source
from listener.sources.form import Form
from status_page.pages.report_pages import ReportPages
from status_page.site import Site
from tests.app.desk.office import COMPONENTS, Office, open_office
from tests.domain.make import incident, word
from tests.status_page.builders import site

GOOD = {"text": "پرداخت کار نمی‌کند", "contact": "Zeynep@mail.example", "component": "payments", "language": "fa"}
OPEN = incident(id="inc_1")
PAY = site(brand="Pay <&>", languages=("tr", "fa"), public_url="https://status.pay.example/now")


@dataclass
class Page:
    """The doors with the store behind them."""

    office: Office
    session: aiohttp.ClientSession
    base: str
    door: ReportDoor

    async def send(
        self, path: str = "report", headers: Mapping[str, str] | None = None, **fields: str
    ) -> tuple[int, str]:
        """Send a form; give status and where it leads."""
        asked = self.session.post(f"{self.base}/{path}", data=fields, headers=headers, allow_redirects=False)
        async with asked as answer:
            return answer.status, answer.headers.get("Location", "")

    async def read(
        self, path: str = "report", headers: Mapping[str, str] | None = None, **fields: str
    ) -> tuple[aiohttp.ClientResponse, BeautifulSoup]:
        """Send a form; give the answer and the page that it shows."""
        async with self.session.post(f"{self.base}/{path}", data=fields, headers=headers) as answer:
            return answer, BeautifulSoup(await answer.text(), "html.parser")

    async def too(self, headers: Mapping[str, str] | None = None, **fields: str) -> tuple[int, str]:
        """Say "I have this too"."""
        return await self.send("report/too", headers, **{"incident": OPEN.id, "language": "en", **fields})

    async def stored(self) -> list[MentionRecord]:
        """List what was stored."""
        return await self.office.all(MentionRecord)

    async def submissions(self) -> list[Submission]:
        """List how it came."""
        return [sent for record in await self.stored() if (sent := record.mention.submission) is not None]


@asynccontextmanager
async def form_source(office: Office) -> AsyncIterator[Form]:
    async with aiohttp.ClientSession() as session:
        made = build_source("form", "form", base_url=None, every=timedelta(minutes=1), options={}, secrets={},
                            session=session, now=office.clock)  # fmt: skip
        assert isinstance(made, Form)
        yield made


@asynccontextmanager
async def open_page(*sites: Site, form: bool = True) -> AsyncIterator[Page]:
    async with open_office() as office, form_source(office) as made, aiohttp.ClientSession() as session:
        intake, forms = Intake(office.store, office.clock), [made] if form else []
        pages = [ReportPages(made) for made in sites or (site(),)]
        door = ReportDoor(intake, forms, COMPONENTS, pages, now)
        application = web.Application(client_max_size=5_000_000)
        application.add_routes(door.routes())
        server = TestServer(application)
        await server.start_server()
        await office.store.add(OPEN)
        yield Page(office, session, str(server.make_url("/")).rstrip("/"), door)
        await server.close()


def now() -> datetime:
    return datetime.now(UTC)


def work(subject: str = REPORT, at: datetime | None = None) -> str:
    return solve(subject, at or now(), secrets.token_hex(16))


def behind(number: int, host: int = 7) -> dict[str, str]:
    """Come from so many different networks, behind our proxy."""
    return {"X-Forwarded-For": f"198.18.{number}.{host}"}


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with open_page() as opened:
        yield opened


# --- reports


async def test_a_report_is_stored_with_its_component_and_thanked_in_its_language(page: Page) -> None:
    assert await page.send(**GOOD) == (303, "/fa/thanks.html")
    (record,) = await page.stored()
    said = record.mention
    assert (said.text, said.about, said.kind, said.source) == (GOOD["text"], "payments", MentionKind.REPORT, "form")
    assert said.contact is not None
    assert said.contact.casefold() == "zeynep@mail.example"


async def test_the_same_form_sent_twice_is_one_record(page: Page) -> None:
    for _ in range(2):
        assert await page.send(**GOOD) == (303, "/fa/thanks.html")
    await page.send(**GOOD | {"text": "کارت هم کار نمی‌کند"})
    assert len(await page.stored()) == 2


async def test_a_program_that_fills_the_hidden_field_is_thanked_and_forgotten(page: Page) -> None:
    assert await page.send(**GOOD, website="https://spam.example") == (303, "/fa/thanks.html")
    assert await page.too(website="https://spam.example") == (303, "/en/too-thanks.html")
    assert await page.stored() == []


@pytest.mark.parametrize(
    ("changes", "language", "said", "field"),
    [
        ({"text": " "}, "fa", "در چند کلمه", "text"),
        ({"text": "x" * 5001}, "fa", "۵۰۰۰", "text"),
        ({"text": "ش" * 10_000, "language": "tr"}, "tr", "5.000", "text"),
        ({"contact": "not an address"}, "fa", "ایمیل", "contact"),
        ({"contact": "ayse@gmail", "language": "tr"}, "tr", "ileti gönderemiyoruz", "contact"),
        ({"text": "", "language": "xx"}, "en", "in a few words", "text"),
        ({"text": "", "language": "//evil.example"}, "en", "in a few words", "text"),
    ],
)
async def test_a_report_that_is_refused_comes_back_with_all_that_was_typed(
    page: Page, changes: dict[str, str], language: str, said: str, field: str
) -> None:
    typed = GOOD | changes
    answer, shown = await page.read(**typed)
    assert (answer.status, shown.html and shown.html["lang"]) == (400, language)
    (told,) = shown.select("[role=alert]")
    opening = {"en": "Not sent yet", "tr": "Bildiriminiz henüz gönderilmedi", "fa": "گزارش شما هنوز فرستاده نشده"}
    assert told.get_text().startswith(opening[language])
    assert said in told.get_text()
    (wrong,) = shown.select("[aria-invalid]")
    assert (wrong["name"], told["id"] in str(wrong["aria-describedby"]).split()) == (field, True)
    text, contact, component = (shown.select_one(f"[name={name}]") for name in ("text", "contact", "component"))
    assert text is not None and contact is not None and component is not None
    assert (text.get_text(), contact["value"]) == (typed["text"], typed["contact"])
    assert [option["value"] for option in component.select("[selected]")] == ["payments"]
    assert await page.stored() == []


async def test_the_form_that_comes_back_is_sent_and_proven_like_the_first_one(page: Page) -> None:
    _, shown = await page.read(**GOOD | {"contact": "ayse@gmail"}, proof=work())
    form = shown.select_one("form.card")
    assert form is not None
    assert (form["action"], form["data-work"], form["data-bits"]) == ("/report", REPORT, str(BITS))
    fields = {str(tag["name"]): str(tag.get("value") or "") for tag in form.select("input")}
    assert (fields["language"], fields["proof"], fields["website"]) == ("fa", "", "")
    named = shown.select("script[src], nav a, link[rel=stylesheet]")
    assert {str(tag.get("src") or tag["href"])[0] for tag in named} == {"/"}, "it stands outside of every folder"
    assert await page.send(**GOOD, proof=work()) == (303, "/fa/thanks.html")
    assert [sent.proven for sent in await page.submissions()] == [True]


@pytest.mark.parametrize("evil", ['"><script>alert(1)</script>', "</textarea><script>alert(1)</script>", "{{ 7 * 7 }}"])
async def test_hostile_words_come_back_as_words(page: Page, evil: str) -> None:
    for path, fields in (
        ("report", {"text": evil, "contact": evil, "component": evil}),
        ("report/too", {"contact": evil, "incident": OPEN.id}),
    ):
        answer, shown = await page.read(path, **fields, language="en")
        assert answer.status == 400
        assert not [tag for tag in shown.select("script") if tag.get_text()]
        contact = shown.select_one("[name=contact]")
        assert contact is not None
        assert contact["value"] == evil
    assert await page.stored() == []


async def test_half_a_character_comes_back_as_a_page(page: Page) -> None:
    body, kind = b"contact=x&text=%5Cud800&language=en", "application/x-www-form-urlencoded; charset=unicode_escape"
    for path in ("report", "report/too"):
        sent = page.session.post(f"{page.base}/{path}", data=body + b"&incident=inc_1", headers={"Content-Type": kind})
        async with sent as answer:
            assert answer.status == 400


async def test_what_somebody_typed_is_kept_by_nobody_on_the_way(page: Page) -> None:
    for path in ("report", "report/too"):
        answer, _ = await page.read(path, contact="ayse@gmail", text="broken", incident=OPEN.id)
        assert (answer.status, answer.headers["Cache-Control"]) == (400, "no-store")
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_each_brand_answers_with_its_own_page_below_its_own_path() -> None:
    async with open_page(site(), PAY) as page:
        host = {"Host": "Status.Pay.example:8080", "Accept-Language": "en, fa;q=0.5"}
        assert await page.send(headers=host, **GOOD) == (303, "/now/fa/thanks.html")
        assert await page.too(headers=host, language="tr") == (303, "/now/tr/too-thanks.html")
        _, shown = await page.read(headers=host, text="", language="en")
        assert shown.html is not None and shown.title is not None and shown.form is not None
        assert (shown.html["lang"], shown.form["action"]) == ("fa", "/now/report")
        assert shown.title.get_text().endswith("· Pay <&>")
        links = [str(tag["href"]) for tag in shown.select("nav a, link[rel=stylesheet]")]
        assert [link for link in links if not link.startswith("/now/")] == []


async def test_a_component_that_does_not_exist_is_no_component(page: Page) -> None:
    await page.send(**GOOD | {"component": "moon"})
    assert (await page.stored())[0].mention.about is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"text=\xff\xfe%ff", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"no boundary", "multipart/form-data"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
    ],
)
async def test_a_broken_form_is_refused_not_an_error_of_ours(page: Page, body: bytes, kind: str) -> None:
    headers = {"Content-Type": kind}
    for path in ("report", "report/too"):
        asked = page.session.post(f"{page.base}/{path}", data=body, headers=headers, allow_redirects=False)
        async with asked as answer:
            assert answer.status == 400
    assert await page.stored() == []


@pytest.mark.parametrize("size", [MAX_FORM + 1, 4_000_000])
@pytest.mark.parametrize("is_multipart", [False, True])
async def test_a_huge_body_is_refused_in_a_sentence_and_the_next_report_is_taken(
    page: Page, size: int, is_multipart: bool
) -> None:
    data: Any = {"text": "x" * size}
    if is_multipart:
        data = aiohttp.FormData()
        data.add_field("text", b"x" * size, filename="much.bin")
    async with page.session.post(f"{page.base}/report", data=data, allow_redirects=False) as answer:
        assert answer.status == 413
        assert "5,000 characters" in await answer.text()
        assert answer.content_type == "text/html"
    assert await page.stored() == []
    assert (await page.send(**GOOD))[0] == 303


async def test_a_file_in_the_form_is_not_read(page: Page) -> None:
    data = aiohttp.FormData()
    data.add_field("text", b"x" * 100, filename="virus.exe")
    async with page.session.post(f"{page.base}/report", data=data, allow_redirects=False) as answer:
        assert (answer.status, "in a few words" in await answer.text()) == (400, True)


async def test_without_a_form_there_is_no_door() -> None:
    async with open_page(form=False) as closed:
        assert (await closed.send(**GOOD))[0] == 404
        assert (await closed.too())[0] == 404


# --- how often


async def test_too_many_from_one_address_are_asked_to_wait(page: Page) -> None:
    answers = [(await page.send(**GOOD | {"text": f"broken {n}"}))[0] for n in range(REPORTS + 2)]
    assert answers == [303] * REPORTS + [429] * 2
    assert len(await page.stored()) == REPORTS


async def test_what_a_proxy_writes_into_a_header_of_its_own_counts(page: Page) -> None:
    codes = []
    for n in range(REPORTS + 1):
        lines = CIMultiDict([("X-Forwarded-For", f"8.8.4.{n}"), ("X-Forwarded-For", "203.0.113.9")])
        codes.append((await page.send(headers=lines, **GOOD | {"text": f"again {n}"}))[0])
    assert codes == [303] * REPORTS + [429]


async def test_behind_a_proxy_each_customer_has_their_own_pace(page: Page) -> None:
    for n in range(REPORTS + 3):
        status, _ = await page.send(headers={"X-Forwarded-For": f"203.0.113.{n}"}, **GOOD | {"text": f"broken {n}"})
        assert status == 303
    claimed = [
        (await page.send(headers={"X-Forwarded-For": f"10.0.0.{n}, 198.51.100.7"}, **GOOD | {"text": f"mine {n}"}))[0]
        for n in range(REPORTS + 1)
    ]  # what the client claims about itself does not help it
    assert claimed[-1] == 429


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"language": "tr", "text": "bozuk"}, 429, "Çok sık denediniz"),
        ({"language": "fa", "text": "خراب"}, 429, "ده دقیقهٔ دیگر"),
        ({"language": "tr", "text": "x" * 200_000}, 413, "5.000"),
    ],
)
async def test_a_refusal_is_said_in_the_readers_language(
    page: Page, sent: dict[str, str], status: int, words: str
) -> None:
    for n in range(REPORTS):
        await page.send(text=f"broken {n}")
    asked = page.session.post(f"{page.base}/report", data=sent, headers={"Accept-Language": "tr-TR,tr;q=0.9"})
    async with asked as answer:
        assert (answer.status, words in await answer.text()) == (status, True), await answer.text()


async def test_whoever_must_wait_keeps_what_they_typed_and_learns_how_long(page: Page) -> None:
    for n in range(REPORTS):
        await page.send(text=f"broken {n}")
    answer, shown = await page.read(**GOOD)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "600")
    assert shown.textarea is not None and shown.textarea.get_text() == GOOD["text"]
    answer, shown = await page.read("report/too", incident=OPEN.id, language="fa")
    assert (answer.status, answer.headers["Retry-After"], answer.content_type) == (429, "600", "text/html")
    assert shown.html is not None and shown.title is not None and shown.a is not None
    assert (shown.html["dir"], shown.title.get_text()) == ("rtl", "هنوز فرستاده نشده است · Kiosk")
    assert shown.a["href"] == "/fa/"


@pytest.mark.parametrize(
    ("headers", "fields", "status", "words"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, {}, 403, "Bu form bizim sayfamızdan gelmiyor."),
        ({"Content-Type": "multipart/form-data"}, {}, 400, "Form okunamadı."),
        ({}, {"text": "x" * MAX_FORM}, 413, "geri dönüp"),
    ],
)
@pytest.mark.parametrize("path", ["report", "report/too"])
async def test_what_is_not_even_read_is_refused_on_a_page_with_a_way_on(
    page: Page, path: str, headers: dict[str, str], fields: dict[str, str], status: int, words: str
) -> None:
    answer, shown = await page.read(path, {"Accept-Language": "de, tr;q=0.5", **headers}, **fields)
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (status, "text/html", "no-store")
    assert words in shown.get_text()
    assert shown.a is not None
    assert str(shown.a["href"]).startswith("/tr/")


async def test_five_hundred_from_one_network_are_stored_within_the_rate_as_one_network(page: Page) -> None:
    statuses = [
        (await page.send(headers={"X-Forwarded-For": f"2001:db8:7:{n:x}::1"}, text=f"down, number {n}"))[0]
        for n in range(500)
    ]
    assert statuses == [303] * FROM_NETWORK + [429] * (500 - FROM_NETWORK)
    sent = await page.submissions()
    assert len(sent) == FROM_NETWORK
    assert len({each.network for each in sent}) == 1
    assert not any(each.proven for each in sent)


async def test_addresses_are_kept_nowhere(page: Page) -> None:
    await page.send(headers=behind(44, 99), text="broken", proof=work())
    (record,) = await page.stored()
    assert "198.18" not in repr(record)
    sent = record.mention.submission
    assert sent is not None
    assert (len(sent.network), len(sent.visitor)) == (20, 20)


async def test_two_strangers_without_an_address_are_two_people_and_one_who_writes_again_is_one(page: Page) -> None:
    safari, firefox = {"User-Agent": "Safari"}, {"User-Agent": "Firefox"}
    await page.send(headers=behind(1) | safari, text="cards fail")
    await page.send(headers=behind(1) | safari, text="cards fail")
    await page.send(headers=behind(1) | safari, text="still the same here")
    await page.send(headers=behind(1) | firefox, text="cards fail")
    await page.send(headers=behind(2) | safari, text="cards fail")
    records = await page.stored()
    assert len(records) == 4, "the same words by the same person within the hour are one report"
    assert len({record.person_id for record in records}) == 3


# --- the proof of work


async def test_a_report_with_its_work_done_is_proven_once(page: Page) -> None:
    proof = work()
    await page.send(headers=behind(1), text="card declined", proof=proof)
    await page.send(headers=behind(2), text="card declined again", proof=proof)
    assert [sent.proven for sent in await page.submissions()] == [True, False]


@pytest.mark.parametrize(
    "proof",
    ["", "x", f"{int(now().timestamp())}.{'0' * 32}.1", f"{10**10}.{'a' * 32}.5", "9" * 500, "1.2.3", "\u0663.a.1"],
)
async def test_a_report_without_its_work_is_taken_all_the_same(page: Page, proof: str) -> None:
    assert await page.send(**GOOD, proof=proof) == (303, "/fa/thanks.html")
    assert [sent.proven for sent in await page.submissions()] == [False]


async def test_work_for_something_else_or_of_yesterday_or_too_easy_proves_nothing(page: Page) -> None:
    easy = next(p for n in range(10_000) if zero_bits(p := Proof(int(now().timestamp()), f"{n:032x}", 0), REPORT) < 4)
    for n, proof in enumerate((work(too_subject("inc_1")), work(at=now() - timedelta(days=1)), str(easy))):
        assert (await page.send(headers=behind(n), text=f"broken {n}", proof=proof))[0] == 303
    assert [sent.proven for sent in await page.submissions()] == [False] * 3


def test_used_proofs_are_remembered_within_bounds() -> None:
    seen = Seen(most=3)
    for name in "abcd":
        seen.add(name)
    assert [name in seen for name in "abcd"] == [False, True, True, True]


# --- forms on pages of somebody else


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://www.kiosk.example"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, False),
        ({"Origin": "null"}, True),
        ({"Origin": "https://status.kiosk.example"}, True),
        ({"Origin": "https://status.kiosk.example:8443"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://status.kiosk.example.evil.example"}, False),
        ({"Origin": "garbage"}, False),
    ],
)
def test_a_form_from_a_page_of_somebody_else_is_turned_away(headers: dict[str, str], is_taken: bool) -> None:
    assert is_foreign(headers, {"status.kiosk.example", "[::1]:8080"}) is not is_taken


async def test_a_flood_from_the_visitors_of_another_page_stores_nothing(page: Page) -> None:
    for n in range(3):
        headers = {**behind(n), "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
        assert (await page.send(headers=headers, **GOOD | {"text": f"broken {n}"}, proof=work()))[0] == 403
        assert (await page.too(headers=headers))[0] == 403
    assert await page.stored() == []


# --- "I have this too"


async def test_who_has_it_too_is_stored_as_a_report_about_the_incident(page: Page) -> None:
    assert await page.too(contact="Ada@mail.example", language="tr", proof=work(too_subject(OPEN.id))) == (
        303, "/tr/too-thanks.html",
    )  # fmt: skip
    (record,) = await page.stored()
    said, sent = record.mention, record.mention.submission
    assert (said.source_type, said.about, said.contact, said.language) == ("form", "payments", "Ada@mail.example", "tr")
    assert said.text == "Bu sorun bende de var: Payments fail"
    assert sent is not None
    assert (sent.incident, sent.proven) == (OPEN.id, True)


async def test_one_person_has_an_incident_once_also_after_leaving_an_address(page: Page) -> None:
    for contact in ("", "", "ada@mail.example", "ADA@mail.example", ""):
        assert await page.too(headers=behind(1) | {"User-Agent": "A"}, contact=contact) == (303, "/en/too-thanks.html")
    await page.too(headers=behind(2) | {"User-Agent": "A"})
    assert [r.mention.contact for r in await page.stored()] == [None, "ada@mail.example", None]


@pytest.mark.parametrize("contact", ["not an address", "a@b.example\nBcc: c@d.example"])
async def test_an_address_we_cannot_write_to_is_said_above_the_form_and_the_way_back(page: Page, contact: str) -> None:
    answer, shown = await page.read("report/too", incident=OPEN.id, language="tr", contact=contact)
    assert (answer.status, shown.h1 and shown.h1.get_text()) == (400, "Henüz gönderilmedi")
    (told,) = shown.select("[role=alert]")
    assert "hiçbir şey kaydedilmedi" in told.get_text()
    assert shown.select_one("main a[href='/tr/incidents/inc_1.html']") is not None
    form = shown.select_one("form.too")
    assert form is not None
    fields = {str(tag["name"]): str(tag.get("value") or "") for tag in form.select("input")}
    assert (fields["incident"], fields["contact"].split()) == (OPEN.id, contact.split())
    assert form["data-work"] == too_subject(OPEN.id)
    assert form.select_one("details[open]") is not None
    assert await page.stored() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"private": True}, {"merged_into": "inc_2"}, {"updates": (word(), word(IncidentStatus.RESOLVED, "upd_2"))},
    ],
    ids=["private", "merged", "over"],
)  # fmt: skip
async def test_what_is_not_open_for_all_to_see_cannot_be_joined(page: Page, changed: dict[str, Any]) -> None:
    await page.office.store.add(incident(id="inc_x", **changed))
    for asked in ("inc_x", "inc_nobody_knows", "", "x" * 5000):
        assert await page.too(headers=behind(len(asked) % 250), incident=asked) == (303, "/en/too-over.html")
    assert await page.stored() == []


async def test_one_network_can_join_an_incident_only_so_often(page: Page) -> None:
    answers = [(await page.too(headers=behind(9, n) | {"User-Agent": f"{n}"}))[0] for n in range(TOO_FROM_NETWORK + 3)]
    assert answers == [303] * TOO_FROM_NETWORK + [429] * 3


async def test_the_work_for_one_incident_is_not_good_for_another(page: Page) -> None:
    await page.office.store.add(incident(id="inc_2"))
    proof = work(too_subject("inc_2"))
    assert read_proof(proof) is not None
    for n, asked in enumerate(("inc_1", "inc_2")):
        await page.too(headers=behind(n), incident=asked, proof=proof)
    assert {sent.incident: sent.proven for sent in await page.submissions()} == {"inc_1": False, "inc_2": True}
    assert BITS >= 10

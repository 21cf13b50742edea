"""The feedback page of a whole hubbub: the mail's link asks, GET changes nothing, POST is noted and can be changed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from bs4 import BeautifulSoup

from app.desk.answers import ON_PAGE
from app.privacy.forgetting import follow_up_forgotten
from app.store.protocol import update
from app.web.feedback import LIFE
from app.web.server import add_site, make_web
from app.wiring import Hubbub, build
from config.secrets import Secrets
from config.settings import Settings
from domain.action import Action, Verb
from domain.care.case import Case
from domain.care.follow_up import FollowUp
from domain.care.satisfaction import Answer
from domain.incidents.incident import Incident
from tests.app.desk.office import DECLARATION, Clock
from tests.domain.make import ADA

LANGUAGES = ("en", "tr", "fa")
ADDRESS = "zeynep@mail.example"


@dataclass
class Running:
    """A whole hubbub with its doors open."""

    hubbub: Hubbub
    clock: Clock
    mails: Path
    session: aiohttp.ClientSession
    base: str

    async def ask(
        self, path: str, data: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, BeautifulSoup, Any]:
        """GET a page, or POST a form to it; links of mails are asked for here, whatever host they name."""
        path = re.sub(r"^https?://[^/]+", "", path)
        method = "GET" if data is None else "POST"
        async with self.session.request(
            method, self.base + path, data=data, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, BeautifulSoup(await answer.text(), "html.parser"), answer.headers

    async def act(self, verb: Verb, subject: str, values: dict[str, str] | None = None, key: str = "") -> str:
        """Act as a person at the desk."""
        return await self.hubbub.front.act(Action(verb, subject, ADA, values or {}, key))

    async def follow_up(self) -> FollowUp:
        """Give the one there is."""
        (found,) = await self.hubbub.store.find(FollowUp)
        return found

    async def incident(self) -> Incident:
        """Give the one there is."""
        (found,) = await self.hubbub.store.find(Incident)
        return found

    async def link(self, language: str = "en") -> str:
        """Complain by the form with an address, let it be resolved, and take the link out of the mail."""
        words = {"en": "My card was declined!", "tr": "Kartım reddedildi!", "fa": "کارت من رد شد!"}[language]
        report = {"text": words, "contact": ADDRESS, "language": language, "component": "payments", "website": ""}
        await self.ask("/report", report)
        await self.hubbub.understanding.run()
        await self.act(
            Verb.DECLARE, "", {**DECLARATION, "title.fa": "پرداخت کار نمی‌کند", "text.fa": "بررسی می‌کنیم."}, "k"
        )
        self.clock.passes(minutes=30)
        going = await self.incident()
        await self.act(Verb.RESOLVE, going.id, {"text.en": "It is fixed."}, "r")
        (case,) = await self.hubbub.store.find(Case)
        await update(self.hubbub.store, Case, case.id, lambda c: with_language(c, language))
        await self.act(Verb.SEND_FOLLOW_UPS, going.id)
        await self.hubbub.outbox.run()
        (mail,) = [message_from_bytes(path.read_bytes(), policy=default) for path in self.mails.glob("new/*")]
        text = str(mail.get_payload(decode=True), "utf-8")  # type: ignore[arg-type]
        (link,) = re.findall(r"https://\S+/feedback/\S+", text)
        return str(link)


def with_language(case: Case, language: str) -> Case:
    """Say in which language they wrote: the small rules of a test do not see it in four words."""
    return replace(case, language=language)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    clock = Clock()
    tree: dict[str, Any] = {
        "brand": {"name": "Nar", "languages": list(LANGUAGES)},
        "store": "sqlite://",
        "components": [{"id": "payments", "names": {"en": "Payments", "tr": "Ödemeler", "fa": "پرداخت"}}],
        "sources": [{"type": "form", "name": "form"}],
        "mail": {"url": f"maildir://{tmp_path / 'mail'}", "sender": "care@nar.example"},
        "web": {"public_url": "https://nar.example"},
        "model": {"name": "none here: the small rules do"},
        "page": {"out_dir": str(tmp_path / "site")},
    }
    async with AsyncExitStack() as stack:
        hubbub = await build(Settings.model_validate(tree), Secrets(), stack, now=clock)
        application = make_web(hubbub)
        add_site(application, hubbub)
        server = TestServer(application)
        await server.start_server()
        stack.push_async_callback(server.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Running(hubbub, clock, tmp_path / "mail", session, str(server.make_url("/")).rstrip("/"))


def words(page: BeautifulSoup) -> str:
    """Give the words of the main part in one line."""
    main = page.select_one("main")
    return " ".join(main.get_text(" ").split()) if main else ""


def chosen(page: BeautifulSoup) -> set[str]:
    """Say what stands chosen in the form."""
    return {str(each["value"]) for each in page.select("input[checked]")}


async def test_the_mails_link_asks_and_looking_changes_nothing(running: Running) -> None:
    link = await running.link()
    before = await running.follow_up()
    for _ in range(3):
        status, page, headers = await running.ask(link)
    assert status == 200
    assert "You told us about this problem: Payments fail. As far as we can see, it is solved." in words(page)
    assert chosen(page) == set()
    assert await running.follow_up() == before
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "noindex" in headers["X-Robots-Tag"]


async def test_the_link_says_nothing_about_the_person(running: Running) -> None:
    link = await running.link()
    assert re.fullmatch(r"https://nar\.example/feedback/[0-9a-f]{52}", link)


async def test_what_is_sent_is_noted_and_a_later_word_replaces_it(running: Running) -> None:
    link = await running.link()
    _, page, _ = await running.ask(link)
    action = str(page.select_one("main form")["action"])  # type: ignore[index]
    status, page, _ = await running.ask(action, {"answer": "still_broken", "rating": "2"})
    assert status == 200
    assert "Our team can see it now".casefold() in words(page).casefold()
    assert chosen(page) == {"still_broken", "2"}
    noted, incident = await running.follow_up(), await running.incident()
    assert (noted.answer, noted.rating, noted.answered_at) == (Answer.STILL_BROKEN, 2, running.clock())
    assert incident.still_broken == (noted.person_id,)
    (case,) = await running.hubbub.store.find(Case)
    assert case.history[-1].text == f"noted: {ON_PAGE}"

    running.clock.passes(minutes=5)
    await running.ask(action, {"answer": "fixed"})
    noted, incident = await running.follow_up(), await running.incident()
    assert (noted.answer, noted.rating, noted.answered_at) == (Answer.FIXED, 2, running.clock())
    assert incident.still_broken == ()
    _, page, _ = await running.ask(link)
    assert chosen(page) == {"fixed", "2"}


async def test_who_says_that_it_is_still_broken_is_not_told_that_it_is_solved(running: Running) -> None:
    link = await running.link()
    for data in ({"answer": "still_broken"}, None):
        _, page, _ = await running.ask(link, data)
        assert "it is solved" not in words(page)
        assert "You told us about this problem: Payments fail." in words(page)
        assert "If you would like to tell us what you see: Report a problem" in words(page)
        assert [str(each["href"]) for each in page.select("main a.button")] == ["/en/report.html"]
    _, page, _ = await running.ask(link, {"answer": "fixed"})
    assert "As far as we can see, it is solved." in words(page)
    assert page.select("main a.button") == []


async def test_pressing_twice_counts_once(running: Running) -> None:
    link = await running.link()
    for _ in range(3):
        await running.ask(link, {"answer": "still_broken"})
    incident = await running.incident()
    assert len(incident.still_broken) == 1
    assert sum("still broken" in line.text for line in incident.history) == 1


@pytest.mark.parametrize(
    "fields",
    [{}, {"answer": ""}, {"answer": "great", "rating": "6"}, {"rating": "-1"}, {"rating": "٥"}, {"x": "fixed"}],
)
async def test_a_form_without_a_choice_says_so_and_notes_nothing(running: Running, fields: dict[str, str]) -> None:
    link = await running.link()
    status, page, _ = await running.ask(link, fields)
    assert status == 400
    assert "Please choose an answer or a number." in words(page)
    assert (await running.follow_up()).answered_at is None


async def test_one_of_both_questions_is_enough(running: Running) -> None:
    link = await running.link()
    await running.ask(link, {"rating": "5"})
    noted = await running.follow_up()
    assert (noted.answer, noted.rating) == (None, 5)


@pytest.mark.parametrize("word", ["x", "0" * 52, "0" * 51, "ŞŞ", "0" * 20 + "g" * 32])
@pytest.mark.parametrize("data", [None, {"answer": "fixed"}])
async def test_a_forged_link_gets_a_clear_page(running: Running, word: str, data: dict[str, str] | None) -> None:
    status, page, _ = await running.ask(f"/feedback/{word}", data)
    assert status == 404
    assert "This link does not work" in words(page)
    assert "the report it belongs to has already been erased" in words(page)
    assert [str(each["href"]) for each in page.select("main a.button")] == ["/en/report.html"]


@pytest.mark.parametrize(("said", "language"), [("fa-IR,fa;q=0.9", "fa"), ("de, tr;q=0.5", "tr"), ("", "en")])
async def test_a_forged_link_speaks_as_the_browser_asks(running: Running, said: str, language: str) -> None:
    _, page, _ = await running.ask("/feedback/x", **{"Accept-Language": said})
    assert page.select_one("html")["lang"] == language  # type: ignore[index]


async def test_another_follow_ups_id_needs_its_own_proof(running: Running) -> None:
    link = await running.link()
    other = "f" * 20 + link[-32:]
    status, _, _ = await running.ask(f"/feedback/{other}", {"answer": "fixed"})
    assert status == 404
    assert (await running.follow_up()).answered_at is None


async def test_after_thirty_days_the_time_is_over(running: Running) -> None:
    link = await running.link()
    running.clock.at += LIFE
    assert (await running.ask(link))[0] == 200
    running.clock.passes(seconds=1)
    for data in (None, {"answer": "fixed"}):
        status, page, _ = await running.ask(link, data)
        assert status == 410
        assert "The link in our email worked for 30 days." in words(page)
    assert (await running.follow_up()).answered_at is None


async def test_a_person_who_was_forgotten_has_no_link_any_more(running: Running) -> None:
    link = await running.link()
    known = await running.follow_up()
    await update(running.hubbub.store, FollowUp, known.id, lambda f: follow_up_forgotten(f, "per_nobody"))
    assert (await running.ask(link))[0] == 404


@pytest.mark.parametrize(
    ("language", "heading", "direction"),
    [("en", "Is it fixed for you?", "ltr"), ("tr", "Sizde de düzeldi mi?", "ltr"),
     ("fa", "آیا برای شما هم درست شده است؟", "rtl")],
)  # fmt: skip
async def test_the_page_speaks_as_the_mail_did(running: Running, language: str, heading: str, direction: str) -> None:
    link = await running.link(language)
    _, page, _ = await running.ask(link)
    html = page.select_one("html")
    assert html is not None and (html["lang"], html["dir"]) == (language, direction)
    assert page.select_one("h1").get_text() == heading  # type: ignore[union-attr]
    title = {"en": "Payments fail", "tr": "Ödemeler çalışmıyor", "fa": "پرداخت کار نمی‌کند"}[language]
    assert title in words(page)


async def test_one_can_choose_another_language(running: Running) -> None:
    link = await running.link()
    _, page, _ = await running.ask(link)
    there = next(str(a["href"]) for a in page.select("nav.languages a") if a["lang"] == "fa")
    status, page, _ = await running.ask(there)
    assert status == 200
    assert page.select_one("html")["dir"] == "rtl"  # type: ignore[index]
    status, _, _ = await running.ask(str(page.select_one("main form")["action"]), {"rating": "4"})  # type: ignore[index]
    assert (status, (await running.follow_up()).rating) == (200, 4)


@pytest.mark.parametrize("is_over", [True, False])
async def test_one_can_choose_another_language_where_a_link_leads_no_further(running: Running, is_over: bool) -> None:
    link = await running.link() if is_over else "/feedback/%22%3Cé"
    running.clock.at += LIFE * 2
    _, page, _ = await running.ask(link)
    there = next(str(a["href"]) for a in page.select("nav.languages a") if a["lang"] == "tr")
    status, page, _ = await running.ask(there)
    assert (status, page.select_one("html")["lang"]) == (410 if is_over else 404, "tr")  # type: ignore[index]
    assert page.select_one("h1").get_text() == (  # type: ignore[union-attr]
        "Yanıt süresi doldu" if is_over else "Bu bağlantı çalışmıyor"
    )


async def test_every_file_that_the_page_names_is_there(running: Running) -> None:
    link = await running.link()
    _, page, _ = await running.ask(link)
    names = [str(each.get("href") or each.get("src")) for each in page.select("link[rel=stylesheet], script[src]")]
    assert len(names) == 3
    for name in [*names, *(str(a["href"]) for a in page.select("main a[href], footer a[href$=html]"))]:
        assert (await running.ask(name))[0] == 200, name


async def test_a_report_that_is_refused_and_a_page_that_is_not_there_lead_to_what_is_there(running: Running) -> None:
    status, page, _ = await running.ask("/report", {"text": "broken", "contact": "ayse@gmail", "language": "tr"})
    assert (status, page.textarea and page.textarea.get_text()) == (400, "broken")
    named = page.select("link[rel=stylesheet], script[src], header a, main a, footer a[href$=html]")
    for name in {str(each.get("href") or each.get("src")) for each in named}:
        assert (await running.ask(name))[0] == 200, name
    status, page, _ = await running.ask("/nowhere", None, **{"Accept-Language": "fa"})
    assert (status, page.title and page.title.get_text()) == (404, "چنین صفحه‌ای وجود ندارد. · Nar")
    assert (await running.ask(str(page.select("a")[0]["href"])))[0] == 200


async def test_a_hostile_body_is_refused(running: Running) -> None:
    link = re.sub(r"^https?://[^/]+", "", await running.link())
    for body, kind in ((b"\xff" * 100, "application/x-www-form-urlencoded; charset=nonsense"), (b"{", "text/plain")):
        headers = {"Content-Type": kind, "Accept-Language": "tr"}
        async with running.session.post(running.base + link, data=body, headers=headers) as answer:
            assert answer.status == 400
            assert 'lang="tr"' in await answer.text(), "also where the body is none, it is a page in the reader's words"
    assert (await running.follow_up()).answered_at is None

"""Changing and stopping: by the link of any mail, by the button of a mail program, and beginning again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.told.subscriber import KEPT_AFTER, Standing, Subscriber
from tests.app.subscribers.town import Town, incident, link_in

ZEYNEP = "zeynep@mail.example"


async def told(town: Town) -> Subscriber:
    """Let one subscriber get one mail."""
    known = await town.add(ZEYNEP)
    await town.store.add(incident())
    await town.room.settle()
    return known


async def after(town: Town) -> Subscriber:
    known = await town.known(ZEYNEP)
    assert known is not None
    return known


async def test_the_link_of_every_mail_leads_to_what_one_gets(town: Town) -> None:
    await told(town)
    page = await town.get(link_in(town.sink.mails()[0], "/manage/"))
    assert page.status == 200
    assert "z…@mail.example" in page.words
    assert ZEYNEP not in page.text, "who holds a forwarded mail learns no address"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]


async def test_components_and_language_are_changed_by_post(town: Town) -> None:
    await told(town)
    link = link_in(town.sink.mails()[0], "/manage/")
    page = await town.post(link, {"do": "change", "component": "delivery", "language": "fa"})
    assert "ذخیره شد" in page.words
    assert page.soup.select_one("#own-c-delivery[checked]") is not None
    known = await after(town)
    assert (known.components, known.language) == (("delivery",), "fa")


async def test_all_components_ticked_one_by_one_mean_everything(town: Town) -> None:
    await told(town)
    link = link_in(town.sink.mails()[0], "/manage/")
    await town.post(link, [("do", "change"), ("component", "delivery"), ("component", "payments")])
    assert (await after(town)).components == ()


async def test_components_and_languages_that_do_not_exist_change_nothing_else(town: Town) -> None:
    await told(town)
    link = link_in(town.sink.mails()[0], "/manage/")
    await town.post(link, {"do": "change", "component": "../x", "language": "//evil.example"})
    known = await after(town)
    assert (known.components, known.language) == ((), "en")
    refused = await town.post(link, {"do": "explode"})
    assert (refused.status, "The form could not be read." in refused.text) == (400, True)
    assert '<html lang="en"' in refused.text


async def test_one_click_of_a_mail_program_stops_the_news_without_cookie_or_redirect(town: Town) -> None:
    await told(town)
    (mail,) = town.sink.mails()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    header = str(mail["List-Unsubscribe"])
    assert header.startswith("<https://nar.example/unsubscribe/")
    body = b"List-Unsubscribe=One-Click"
    done = await town.post(header.strip("<>"), body, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (done.status, "Location" in done.headers, "Set-Cookie" in done.headers) == (200, False, False)
    assert (await after(town)).state is Standing.STOPPED
    again = await town.post(header.strip("<>"), body)
    assert again.status == 200, "mail programs may press twice"


async def test_one_click_as_a_form_of_several_parts_works_too(town: Town) -> None:
    await told(town)
    link = link_in(town.sink.mails()[0], "/unsubscribe/")
    assert (await town._ask("POST", link, data={"List-Unsubscribe": "One-Click"})).status == 200
    assert (await after(town)).state is Standing.STOPPED


async def test_whoever_stopped_gets_nothing_more(town: Town) -> None:
    await told(town)
    await town.post(link_in(town.sink.mails()[0], "/unsubscribe/"))
    await town.store.add(incident(id="inc_2"))
    await town.room.settle()
    assert len(town.sink.got) == 1


async def test_a_mistake_can_be_taken_back_with_the_same_link(town: Town) -> None:
    await told(town)
    stop, manage = (link_in(town.sink.mails()[0], part) for part in ("/unsubscribe/", "/manage/"))
    stopped = await town.post(stop)
    assert any("/manage/" in link for link in stopped.links())
    assert "z…@mail.example" in stopped.words, "it says which address is meant"
    assert "We send nothing more to this address." in (await town.get(manage)).words
    assert "You are subscribed again." in (await town.post(manage, {"do": "resume"})).words
    assert (await after(town)).state is Standing.ACTIVE


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "If you unsubscribe, you will get nothing more, and the address will be erased after 30 days."),
        ("tr", "Aboneliği durdurursanız size artık bir şey göndermeyiz; adresiniz 30 gün sonra silinir."),
        ("fa", "اگر اشتراک را متوقف کنید، دیگر خبری دریافت نمی‌کنید و نشانی شما پس از ۳۰ روز پاک می‌شود."),
    ],
)
async def test_who_gets_news_reads_what_stopping_would_do_not_that_it_is_done(
    town: Town, language: str, words: str
) -> None:
    page = await town.get(town.room.links.manage(await town.add(ZEYNEP, language=language)))
    assert words in page.words


@pytest.mark.parametrize(("language", "name", "link", "button"), [
    ("en", "Your subscription", "Change or end your subscription", "Unsubscribe"),
    ("tr", "Aboneliğiniz", "Aboneliği değiştir veya durdur", "Aboneliği durdur"),
    ("fa", "اشتراک شما", "تغییر یا توقف اشتراک", "توقف اشتراک"),
])  # fmt: skip
async def test_mail_page_and_button_call_it_by_one_name(
    town: Town, language: str, name: str, link: str, button: str
) -> None:
    known = await town.add(ZEYNEP, language=language)
    await town.store.add(incident())
    await town.room.settle()
    (mail,) = town.sink.mails()
    assert all(link in str(part.get_content()) for part in mail.walk() if not part.is_multipart())
    page = await town.get(link_in(mail, "/manage/"))
    assert page.soup.select_one("h1").get_text() == name  # type: ignore[union-attr]
    assert [each.get_text() for each in page.soup.select("main button")][-1] == button
    stop = await town.get(town.room.links.unsubscribe(known))
    assert [each.get_text() for each in stop.soup.select("main button")] == [button]


async def test_an_unconfirmed_address_is_told_the_next_step(town: Town) -> None:
    await town.sign_up(ZEYNEP)
    page = await town.get(town.room.links.manage(await after(town)))
    assert "Open the link in our confirmation message, or ask for a new one." in page.words
    assert [str(each["href"]) for each in page.soup.select("main a.button")] == ["/en/subscribe"]


ENDED = "If it has been erased, nothing more is sent to it"


@pytest.mark.parametrize("path", ["/en/manage/", "/unsubscribe/"])
async def test_a_dead_link_to_stop_says_that_nothing_more_comes_and_offers_no_news(town: Town, path: str) -> None:
    page = await town.get(f"{path}no-such-word")
    assert ENDED in page.words
    assert page.soup.select("main a.button") == []


async def test_a_dead_link_to_confirm_leads_to_the_form(town: Town) -> None:
    page = await town.get("/en/subscribe/confirm/no-such-word")
    assert ENDED not in page.words
    assert [str(each["href"]) for each in page.soup.select("main a.button")] == ["/en/subscribe"]


@pytest.mark.parametrize("word", ["no-such-word", "é", "%3Cb%3E%22%3Fx", "%2F..%2F"])
@pytest.mark.parametrize("path", ["/en/manage/", "/en/subscribe/confirm/", "/unsubscribe/"])
async def test_a_dead_link_says_the_same_in_every_language_one_changes_to(town: Town, path: str, word: str) -> None:
    headings = {"tr": "Bu bağlantı çalışmıyor", "fa": "این پیوند کار نمی‌کند"}
    page = await town.get(path + word)
    there = {str(each["lang"]): str(each["href"]) for each in page.soup.select("nav.languages a")}
    assert there.keys() == headings.keys()
    for language, heading in headings.items():
        assert (await town.get(there[language])).soup.select_one("h1").get_text() == heading  # type: ignore[union-attr]


@pytest.mark.parametrize(("said", "language"), [("fa-IR,fa;q=0.9", "fa"), ("de, tr;q=0.5", "tr"), ("", "en")])
async def test_a_dead_link_of_no_language_speaks_as_the_browser_asks(town: Town, said: str, language: str) -> None:
    page = await town._ask("GET", "/unsubscribe/no-such-word", headers={"Accept-Language": said})
    assert (page.status, page.soup.select_one("html")["lang"]) == (404, language)  # type: ignore[index]


async def test_nobody_becomes_active_by_resuming_what_was_never_confirmed(town: Town) -> None:
    await town.sign_up(ZEYNEP)
    known = await after(town)
    manage = town.room.links.manage(known)
    await town.post(manage, {"do": "stop"})
    await town.post(manage, {"do": "resume"})
    assert (await after(town)).state is Standing.STOPPED


async def test_a_stopped_address_is_erased_after_a_month_and_may_sign_up_again_before(town: Town) -> None:
    await told(town)
    await town.post(link_in(town.sink.mails()[0], "/unsubscribe/"))
    await town.sign_up(ZEYNEP)
    assert (await after(town)).state is Standing.PENDING
    await town.post(town.room.links.unsubscribe(await after(town)))
    town.clock.at += KEPT_AFTER + timedelta(minutes=1)
    assert await town.room.sign_up.expire() == 1
    assert await town.known(ZEYNEP) is None


@pytest.mark.parametrize("language", ["en", "tr", "fa"])
async def test_every_page_speaks_its_language_and_says_where_it_is(town: Town, language: str) -> None:
    known = await town.add(ZEYNEP, language=language)
    links = town.room.links
    for link in (f"/{language}/subscribe", links.manage(known), links.confirm(known), links.unsubscribe(known)):
        page = await town.get(link)
        html = page.soup.find("html")
        assert html is not None
        assert html["lang"] == language  # type: ignore[index]
        assert html["dir"] == ("rtl" if language == "fa" else "ltr")  # type: ignore[index]
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert page.soup.find(style=True) is None
        assert [each for each in page.soup.find_all("script") if not each.get("src")] == []


async def test_style_and_scripts_are_served_from_here(town: Town) -> None:
    page = await town.get("/en/subscribe")
    own = [link for link in page.links() if "/subscribe/subscribe" in link]
    assert len(own) == 2
    for link in [*own, "/subscribe/subscribe_worker.js"]:
        answer = await town.get(link)
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith(("text/css", "text/javascript"))

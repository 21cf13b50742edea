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
    assert (await town.post(link, {"do": "explode"})).status == 400


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
    assert "You get nothing more" in (await town.get(manage)).words
    assert "You get news again" in (await town.post(manage, {"do": "resume"})).words
    assert (await after(town)).state is Standing.ACTIVE


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

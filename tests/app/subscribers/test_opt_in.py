"""Signing up by mail: who says yes, who only looks, what a stranger learns, and when an address is erased."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.told.subscriber import MOST_ASKS, REST, Standing, Subscriber
from tests.app.subscribers.town import Town, incident, link_in, links_in, open_town

ZEYNEP = "zeynep@mail.example"


async def test_a_sign_up_is_confirmed_by_the_button_of_the_page_behind_the_mails_link(town: Town) -> None:
    asked = await town.sign_up(ZEYNEP, component="payments", language="tr")
    assert (asked.status, asked.headers["Location"]) == (303, "/tr/subscribe/asked/mail")
    await town.room.errands.run()
    (mail,) = town.sink.mails(ZEYNEP)
    assert mail["Subject"] == "Lütfen onaylayın: Nar haberleri"
    page = await town.get(link_in(mail))
    assert page.status == 200
    (form,) = page.forms()
    done = await town.post(str(form["action"]))
    assert done.status == 200
    known = await town.known(ZEYNEP)
    assert known is not None
    assert (known.state, known.components, known.language) == (Standing.ACTIVE, ("payments",), "tr")
    assert known.confirmed_at == town.clock()


async def test_whoever_follows_every_link_by_get_confirms_and_unsubscribes_nobody(town: Town) -> None:
    await town.confirmed("active@mail.example")
    await town.sign_up(ZEYNEP)
    await town.room.errands.run()
    await town.store.add(incident())
    town.clock.passes(minutes=1)
    await town.room.settle()
    before = {each.id: each for each in await town.store.find(Subscriber)}
    waiting = [link for mail in town.sink.mails() for link in links_in(mail)]
    seen: set[str] = set()
    while waiting:
        link = waiting.pop()
        if link in seen or not link.startswith(("/", "https://nar.example")):
            continue
        seen.add(link)
        for method in ("GET", "HEAD", "OPTIONS"):
            page = await town._ask(method, link)
            waiting += page.links() + [str(form.get("action")) for form in page.forms()]
    assert any("/subscribe/confirm/" in link for link in seen)
    assert any("/unsubscribe/" in link for link in seen)
    assert any("/manage/" in link for link in seen)
    assert {each.id: each for each in await town.store.find(Subscriber)} == before


async def test_the_answer_is_the_same_for_known_unknown_and_often_asked_addresses(town: Town) -> None:
    await town.confirmed("active@mail.example")
    answers = set()
    for address in ("active@mail.example", "new@mail.example", "new@mail.example"):
        asked = await town.sign_up(address)
        answers.add((asked.status, asked.headers["Location"], asked.text))
    assert len(answers) == 1


async def test_who_waits_for_the_mail_may_try_again(town: Town) -> None:
    page = await town.get("/en/subscribe/asked/mail")
    assert "Without your confirmation the address is erased after 2 days." in page.words
    assert [str(each["href"]) for each in page.soup.select("main a.button")] == ["/en/subscribe"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "The first notification is on its way When it arrives you are subscribed; nothing else is needed."),
        ("tr", "İlk bildirim gönderildi Geldiğinde aboneliğiniz başlar; başka bir şey yapmanız gerekmez."),
        ("fa", "نخستین اعلان فرستاده شد با رسیدن آن اشتراک شما آغاز می‌شود؛ کار دیگری لازم نیست."),
    ],
)
async def test_a_browser_that_took_notifications_has_nothing_left_to_do(town: Town, language: str, words: str) -> None:
    page = await town.get(f"/{language}/subscribe/asked/push")
    current = {"en": "Current state", "tr": "Güncel durum", "fa": "وضعیت کنونی"}[language]
    assert page.words == f"{words} {current}"
    assert page.soup.title.get_text().startswith(words[:15])  # type: ignore[union-attr]


async def test_capitals_and_copied_marks_make_no_second_subscriber(town: Town) -> None:
    for typed in (ZEYNEP, " Zeynep@MAIL.example ", "\u200ezeynep@mail.example"):
        await town.sign_up(typed)
    assert len(await town.store.find(Subscriber)) == 1


async def test_somebody_who_is_subscribed_is_only_reminded_and_never_changed_by_strangers(town: Town) -> None:
    known = await town.confirmed(ZEYNEP)
    town.clock.passes(days=2)
    await town.sign_up(ZEYNEP, component="delivery", language="fa")
    await town.room.errands.run()
    mail = town.sink.mails(ZEYNEP)[-1]
    assert mail["Subject"] == "You get news about Nar already"
    after = await town.known(ZEYNEP)
    assert after is not None
    assert (after.components, after.language, after.state) == (known.components, known.language, Standing.ACTIVE)
    assert (await town.get(link_in(mail, "/manage/"))).status == 200


async def test_strangers_cannot_flood_an_address(town: Town) -> None:
    for hour in range(12):
        async with town.session.post(
            f"{town.base}/subscribe", data={"address": ZEYNEP}, headers={"X-Forwarded-For": f"192.0.2.{hour}"}
        ):
            await town.room.errands.run()
            town.clock.passes(hours=1)
    assert len(town.sink.got) == MOST_ASKS


async def test_two_mails_to_one_address_keep_their_distance(town: Town) -> None:
    await town.sign_up(ZEYNEP)
    await town.room.errands.run()
    town.clock.passes(minutes=1)
    await town.sign_up(ZEYNEP)
    await town.room.errands.run()
    assert len(town.sink.got) == 1
    town.clock.at += REST
    await town.room.errands.run()
    assert len(town.sink.got) == 2


async def test_one_network_may_sign_up_five_times_in_ten_minutes(town: Town) -> None:
    for number in range(5):
        assert (await town.sign_up(f"a{number}@mail.example")).status == 303
    late = await town.sign_up("a6@mail.example")
    assert (late.status, late.headers["Retry-After"]) == (429, "600")
    assert "wait ten minutes" in late.words
    assert await town.known("a6@mail.example") is None


async def test_a_whole_ipv6_network_counts_as_one(town: Town) -> None:
    answers = []
    for number in range(6):
        data = {"address": f"a{number}@mail.example"}
        headers = {"X-Forwarded-For": f"2001:db8:1:2:{number}::1"}
        answers.append((await town.post("/subscribe", data, **headers)).status)
    assert answers == [303] * 5 + [429]


async def test_a_program_that_fills_the_hidden_field_is_thanked_and_forgotten(town: Town) -> None:
    assert (await town.sign_up(ZEYNEP, website="https://spam.example")).status == 303
    assert await town.store.find(Subscriber) == []


@pytest.mark.parametrize("typed", [
    "", "zeynep", "zeynep@", "@mail.example", "a@b@c.example", "zeynep@mail", "a@mail.example, b@mail.example",
    "a@mail.example;b@mail.example", "a@mail.example\r\nBcc: b@mail.example", "a@mail.example\nX: y",
    "Zeynep <a@mail.example>", '"a b"@mail.example', "a b@mail.example", "a..b@mail.example", ".a@mail.example",
    "a@-mail.example", "a@mail..example", "a@[127.0.0.1]", "a@127.0.0.1", "x" * 65 + "@mail.example",
    "a@" + "x." * 130 + "example", "زینب@mail.example", "a@mail.example\0", "a@mail\u2028.example",
])  # fmt: skip
async def test_what_is_no_single_address_is_refused_with_a_sentence(town: Town, typed: str) -> None:
    page = await town.sign_up(typed)
    assert page.status == 400
    assert "We cannot send to this email address. Please check it." in page.words
    assert await town.store.find(Subscriber) == []


async def test_domains_of_every_script_are_kept_in_ascii(town: Town) -> None:
    await town.sign_up("zeynep@ödeme.example")
    await town.sign_up("a@نامه‌ای.example")
    # IDNA 2008: Python's own codec would lose the half-space of the second one.
    assert {each.address for each in await town.store.find(Subscriber)} == {
        "zeynep@xn--deme-4qa.example", "a@xn--mgba3gch31f060k.example"
    }  # fmt: skip


async def test_typed_words_come_back_escaped(town: Town) -> None:
    page = await town.sign_up('"><script>alert(1)</script>')
    assert "<script>alert" not in page.text
    assert page.soup.select_one("#mail-address")["value"] == '"><script>alert(1)</script>'  # type: ignore[index]


async def test_an_unconfirmed_address_is_erased_after_48_hours_and_its_link_is_dead_before_that(town: Town) -> None:
    await town.sign_up(ZEYNEP)
    await town.room.errands.run()
    link = link_in(town.sink.mails(ZEYNEP)[0])
    town.clock.passes(hours=47)
    assert (await town.get(link)).status == 200
    assert await town.room.sign_up.expire() == 0
    town.clock.passes(hours=2)
    assert (await town.get(link)).status == 404
    assert (await town.post(link)).status == 404
    assert await town.room.sign_up.expire() == 1
    assert await town.store.find(Subscriber) == []
    assert (await town.post(link)).status == 404


async def test_a_link_of_an_older_sign_up_confirms_nothing(town: Town) -> None:
    await town.sign_up(ZEYNEP)
    await town.room.errands.run()
    old = link_in(town.sink.mails(ZEYNEP)[0])
    town.clock.passes(hours=49)
    await town.room.sign_up.expire()
    await town.sign_up(ZEYNEP)
    assert (await town.post(old)).status == 404
    known = await town.known(ZEYNEP)
    assert known is not None
    assert known.state is Standing.PENDING


async def test_confirming_twice_is_no_error_and_keeps_the_first_moment(town: Town) -> None:
    await town.sign_up(ZEYNEP)
    await town.room.errands.run()
    link = link_in(town.sink.mails(ZEYNEP)[0])
    first = town.clock()
    assert (await town.post(link)).status == 200
    town.clock.passes(days=30)
    assert (await town.post(link)).status == 200
    assert (await town.get(link)).forms() == []
    known = await town.known(ZEYNEP)
    assert known is not None
    assert known.confirmed_at == first


@pytest.mark.parametrize("word", ["x", "0" * 52, "0" * 51, "é" * 52, "%00", "../../desk"])
async def test_invented_links_lead_nowhere(town: Town, word: str) -> None:
    await town.confirmed(ZEYNEP)
    for path in ("/en/subscribe/confirm/", "/en/manage/", "/unsubscribe/"):
        assert (await town.get(path + word)).status == 404
        assert (await town.post(path + word, {"do": "stop"})).status == 404
    known = await town.known(ZEYNEP)
    assert known is not None
    assert known.state is Standing.ACTIVE


async def test_the_proof_of_one_subscriber_opens_no_other(town: Town) -> None:
    one, two = await town.confirmed("one@mail.example"), await town.confirmed("two@mail.example")
    links = town.room.links
    mixed = two.id.removeprefix("sub_") + links.manage_word(one)[20:]
    assert (await town.post(f"/unsubscribe/{mixed}")).status == 404
    assert (await town.get(f"/en/manage/{links.confirm_word(one)}")).status == 404


async def test_a_way_that_is_not_offered_is_refused(town: Town) -> None:
    assert (await town.sign_up("1", channel="pigeon")).status == 404
    async with open_town(subscribers={"mail": True}) as small:
        assert (await small.sign_up("https://hook.example/1", channel="webhook")).status == 404
        assert len((await small.get("/en/subscribe")).forms()) == 1
        asked = await small.get("/en/subscribe/asked/webhook")
        assert (asked.status, len(asked.forms())) == (404, 1)
        assert "This way of getting news is not offered here." in asked.words


async def test_old_links_work_although_no_way_is_offered_any_more(town: Town) -> None:
    async with open_town(subscribers={}) as closed:
        known = await closed.add(ZEYNEP)
        assert (await closed.post(closed.room.links.unsubscribe(known))).status == 200
        after = await closed.known(ZEYNEP)
        assert after is not None
        assert after.state is Standing.STOPPED


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "This page offers no subscriptions yet You can see the current state on our status page at any time. "
            "Current state",
        ),
        (
            "tr",
            "Bu sayfada henüz abonelik seçeneği sunmuyoruz Güncel durumu dilediğiniz zaman durum sayfamızdan takip "
            "edebilirsiniz. Güncel durum",
        ),
        (
            "fa",
            "این صفحه هنوز امکان اشتراک ندارد وضعیت کنونی را می‌توانید هر زمان در صفحهٔ وضعیت ما ببینید. وضعیت کنونی",
        ),
    ],
)
async def test_where_no_way_is_offered_that_is_said_with_the_way_to_the_current_state(
    language: str, words: str
) -> None:
    async with open_town(subscribers={}, web={"public_url": "https://nar.example/status"}) as closed:
        led = await closed._ask("GET", "/subscribe", headers={"Accept-Language": language})
        assert led.headers["Location"] == f"/status/{language}/subscribe"
        asked = {"language": language, "channel": "mail", "address": ZEYNEP}
        for page in (
            await closed.get(f"/{language}/subscribe"),
            await closed.get(f"/{language}/subscribe/asked/mail"),
            await closed.post("/subscribe", asked),
        ):
            assert (page.status, page.words) == (404, words)
            assert page.soup.select_one("html")["lang"] == language  # type: ignore[index]
            assert page.soup.select_one("main a")["href"] == f"/status/{language}/index.html"  # type: ignore[index]
            assert f"/status/{language}/subscribe" not in page.links(), "it does not lead to itself"
        assert await closed.known(ZEYNEP) is None


async def test_a_page_below_a_path_leads_on_from_whatever_depth_it_answers_at() -> None:
    async with open_town(web={"public_url": "https://nar.example/status"}) as below:
        for page in (
            await below.get("/unsubscribe/no-such-word"),
            await below.get("/tr/manage/no-such-word"),
            await below.post("/subscribe", {"language": "tr", "channel": "mail", "address": "no address"}),
        ):
            assert page.status >= 400
            inside = [link for link in page.links() if "://" not in link and not link.startswith(("#", "mailto:"))]
            assert len(inside) > 5
            assert [link for link in inside if not link.startswith("/status/")] == []


async def test_the_form_is_offered_in_the_language_of_the_browser(town: Town) -> None:
    for said, language in (("fa-IR,fa;q=0.9", "fa"), ("de, tr;q=0.5", "tr"), ("de", "en"), ("", "en")):
        async with town.session.get(
            f"{town.base}/subscribe", headers={"Accept-Language": said}, allow_redirects=False
        ) as answer:
            assert answer.headers["Location"] == f"/{language}/subscribe"


async def test_a_confirmation_that_could_not_be_sent_is_tried_again(town: Town) -> None:
    town.sink.refuse = lambda address: "451 4.7.1 greylisted"
    await town.sign_up(ZEYNEP)
    await town.room.errands.run()
    assert town.sink.got == []
    town.sink.refuse = lambda address: ""
    town.clock.passes(minutes=2)
    await town.room.errands.run()
    assert len(town.sink.got) == 1


async def test_a_refused_confirmation_is_not_repeated(town: Town) -> None:
    town.sink.refuse = lambda address: "550 5.1.1 no such user"
    await town.sign_up(ZEYNEP)
    for _ in range(3):
        await town.room.errands.run()
        town.clock.passes(hours=1)
    known = await town.known(ZEYNEP)
    assert known is not None
    assert (known.state, known.errand) == (Standing.PENDING, None)


async def test_a_mail_server_that_is_down_costs_no_sign_up(town: Town) -> None:
    town.close_mail()
    await town.sign_up(ZEYNEP)
    await town.room.errands.run()
    known = await town.known(ZEYNEP)
    assert known is not None
    assert known.errand_at == town.clock() + timedelta(seconds=30)
    town.open_mail()
    town.clock.passes(minutes=1)
    await town.room.errands.run()
    assert town.sink.reached() == [ZEYNEP]


async def test_nothing_about_addresses_stands_in_the_text_of_a_record() -> None:
    async with open_town() as town:
        await town.sign_up(ZEYNEP)
        known = await town.known(ZEYNEP)
        assert ZEYNEP not in repr(known)

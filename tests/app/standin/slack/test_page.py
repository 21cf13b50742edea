"""The page: true, live, and deaf to what strangers try."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from app.standin.door import TOKEN_HEADER
from tests.app.standin.world import (
    World,
    actions,
    button,
    input_block,
    modal,
    option,
    section,
    select,
    text_input,
)

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)> <!channel> \u202ejavascript:alert(1) \x07 {{ 7*7 }}'


async def state(world: World, **query: Any) -> tuple[int, dict[str, Any]]:
    async with world.http.get(f"{world.home}ui/state", params={"channel": "care", "as": "U1", **query}) as answer:
        return answer.status, (await answer.json() if answer.status == 200 else {})


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


async def test_hostile_words_stay_words_everywhere(world: World) -> None:
    text = HOSTILE[:75]
    kinds = [
        section(HOSTILE), {"type": "header", "text": {"type": "plain_text", "text": HOSTILE}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": HOSTILE}]},
        actions(button("a", text, value=HOSTILE), select("s", text[:60])),
        {"type": "image", "image_url": f"javascript:{HOSTILE}", "alt_text": HOSTILE},
    ]  # fmt: skip
    ts = (await world.client.chat_postMessage(channel="#care", text=HOSTILE, blocks=kinds, username=HOSTILE))["ts"]
    await world.client.chat_postMessage(channel="#care", text=HOSTILE, thread_ts=ts)
    await world.ui("say", channel="care", text=HOSTILE)
    page = soup(await world.page("?channel=care"))
    assert [script.get("src") for script in page.find_all("script")] == ["page.js"]
    assert page.find_all("img") == []
    for tag in page.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"]
        assert not str(tag.get("href", "")).startswith("javascript:")
    assert "alert(1)" in page.select_one("article").text and "49" not in page.select_one("article h3").text


async def test_a_hostile_modal_stays_words(world: World) -> None:
    field = input_block(
        "b", text_input(initial_value=HOSTILE, multiline=True), hint={"type": "plain_text", "text": HOSTILE}
    )
    menu = input_block("m", select("m", "v", initial_option=option("v")))

    async def answer(payload: dict[str, Any]) -> None:
        await world.client.views_open(trigger_id=payload["trigger_id"], view=modal(section(HOSTILE), field, menu))

    world.hubbub.answer = answer
    ts = (await world.client.chat_postMessage(channel="#care", text="x", blocks=[actions(button())]))["ts"]
    page = soup((await world.ui("press", channel="care", ts=ts, action_id="claim"))["view"]["html"])
    assert page.find_all(["script", "img"]) == []
    assert page.textarea.text.lstrip("\n") == HOSTILE
    assert page.select_one("option[selected]")["value"] == "v"


async def test_a_link_button_leads_to_the_web_only(world: World) -> None:
    row = actions(button("a", url="javascript:alert(1)"), button("b", url="https://a.test/x"))
    await world.client.chat_postMessage(channel="#care", text="x", blocks=[row])
    assert [a["href"] for a in soup(await world.page()).select("a.button")] == ["#", "https://a.test/x"]


async def test_only_own_pictures_are_fetched(world: World) -> None:
    own = f"http://127.0.0.1:{world.server.port}/chart.png"
    images = [{"type": "image", "image_url": url, "alt_text": url} for url in (own, "https://elsewhere.test/spy.png")]
    await world.client.chat_postMessage(channel="#care", text="x", blocks=images)
    page = soup(await world.page())
    assert [image["src"] for image in page.find_all("img")] == [own]
    assert "elsewhere.test" in page.select_one(".no-picture").text


async def test_nothing_on_the_page_comes_from_elsewhere(world: World) -> None:
    page = soup(await world.page())
    assert [tag.get("src") or tag["href"] for tag in page.select("script, link")] == ["data:,", "page.css", "page.js"]
    script = await world.page("page.js")
    assert "http://" not in script and "https://" not in script


async def test_every_block_has_its_shape_on_the_page(world: World) -> None:
    confirm = {name: {"type": "plain_text", "text": name} for name in ("title", "text", "confirm", "deny")}
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Head :bell:"}}, {"type": "divider"},
        {**section("with a side"), "accessory": button("side", "Side")},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*a*"}]},
        actions(button("sure", "Sure", style="danger", confirm=confirm), select("menu", "one", "two")),
    ]  # fmt: skip
    await world.client.chat_postMessage(channel="#care", text="x", blocks=blocks)
    card = soup(await world.page()).article
    assert "🔔" in card.h3.text and card.hr and card.select_one(".accessory button").text == "Side"
    assert card.select_one("button.danger")["data-confirm"] == "text"
    assert [each["value"] for each in card.select("select option")] == ["", "one", "two"]


async def test_a_long_thread_is_folded_but_whole(world: World) -> None:
    ts = (await world.client.chat_postMessage(channel="#care", text="root"))["ts"]
    for number in range(7):
        await world.client.chat_postMessage(channel="#care", text=f"line {number}", thread_ts=ts)
    thread = soup(await world.page()).select_one(".thread")
    assert thread.summary.text == "3 earlier replies"
    assert [f"line {n}" in thread.details.text for n in (0, 2, 3)] == [True, True, False]
    assert "line 6" in thread.text


async def test_the_page_hears_of_changes_only(world: World) -> None:
    channel = world.stand_in.workspace.channel("care").id
    first = (await world.client.chat_postMessage(channel="#care", text="one"))["ts"]
    await world.client.chat_postMessage(channel="#care", text="two")
    _, news = await state(world, seen=0)
    assert len(news["changed"]) == 2 and news["counts"][channel] == 2
    seen = news["revision"]
    assert (await state(world, seen=seen))[0] == 204
    await world.client.chat_update(channel=channel, ts=first, text="one, changed")
    _, news = await state(world, seen=seen)
    assert [(c["ts"], "one, changed" in c["html"]) for c in news["changed"]] == [(first, True)]


async def test_a_reply_renews_its_card_and_a_deletion_is_told(world: World) -> None:
    channel = world.stand_in.workspace.channel("care").id
    ts = (await world.client.chat_postMessage(channel="#care", text="root"))["ts"]
    seen = world.stand_in.workspace.revision
    await world.client.chat_postMessage(channel="#care", text="a reply", thread_ts=ts)
    _, news = await state(world, seen=seen)
    assert [c["ts"] for c in news["changed"]] == [ts] and "a reply" in news["changed"][0]["html"]
    await world.client.chat_delete(channel=channel, ts=ts)
    _, news = await state(world, seen=news["revision"])
    assert news["changed"] == [{"ts": ts, "html": None}]


@pytest.mark.parametrize("seen", ["999", "x", "-1", ""])
async def test_a_page_that_is_lost_gets_everything(world: World, seen: str) -> None:
    await world.client.chat_postMessage(channel="#care", text="one")
    assert len((await state(world, seen=seen))[1]["changed"]) == 1


async def test_our_page_presses_with_the_word_it_carries(world: World) -> None:
    ts = (await world.client.chat_postMessage(channel="#care", text="x", blocks=[actions(button())]))["ts"]
    token = soup(await world.page()).select_one("meta[name=stand-in-token]")["content"]
    headers = {"Origin": f"http://127.0.0.1:{world.server.port}", "Sec-Fetch-Site": "same-origin"}
    asked = {"channel": "care", "ts": ts, "action_id": "claim", "wait": 0}
    for word, status in (("", 403), (token, 200)):
        both = {**headers, TOKEN_HEADER: word}
        async with world.http.post(f"{world.home}ui/press", json=asked, headers=both) as answer:
            assert answer.status == status
    assert len(world.hubbub.payloads) == 1


async def test_unknown_places_and_people_fall_back_to_the_first(world: World) -> None:
    page = soup(await world.page("?channel=nowhere&as=nobody"))
    assert (page.body["data-user"], page.h1.bdi.text) == ("U1", "care")


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
async def test_a_broken_request_of_a_page_is_answered_in_words(world: World, body: bytes) -> None:
    async with world.http.post(f"{world.home}ui/press", data=body) as answer:
        assert (await answer.json())["error"] in {"invalid_json", "json_not_object"}

"""The door: this machine only, and no foreign page."""

from __future__ import annotations

import pytest

from app.standin.door import TOKEN_HEADER, page_token, why_refused
from tests.app.standin.world import World, actions, button

HOST = "127.0.0.1:8080"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "127.0.0.1", "localhost:8080", "[::1]:8080", "[::1]"])
def test_a_program_on_this_machine_comes_in(host: str) -> None:
    assert why_refused(host, {}) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.4:8080", "", "[::", "localhost.evil"]
)
def test_a_name_that_was_rebound_to_this_machine_stays_out(host: str) -> None:
    assert why_refused(host, {}) is not None


@pytest.mark.parametrize(
    ("headers", "comes_in"),
    [
        ({"Origin": f"http://{HOST}"}, True),
        ({"Origin": f"https://{HOST}"}, False),
        ({"Origin": "http://127.0.0.1:9999"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, True),
    ],
)
def test_pages_of_other_addresses_stay_out(headers: dict[str, str], comes_in: bool) -> None:
    assert (why_refused(HOST, headers) is None) is comes_in


@pytest.mark.parametrize(
    ("headers", "comes_in"),
    [
        ({}, True),
        ({"Origin": f"http://{HOST}"}, False),
        ({"Origin": f"http://{HOST}", TOKEN_HEADER: "word"}, True),
        ({"Origin": f"http://{HOST}", TOKEN_HEADER: "wörd"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, False),
    ],
)
def test_a_browser_needs_the_word_of_our_page_to_press(headers: dict[str, str], comes_in: bool) -> None:
    assert (why_refused(HOST, headers, token="word", guarded=True) is None) is comes_in


def test_the_word_of_the_page_is_the_same_after_a_restart_and_no_secret_leaks() -> None:
    assert page_token("one") == page_token("one") != page_token("two")
    assert "one" not in page_token("one")


async def test_a_foreign_page_cannot_press_a_button(world: World) -> None:
    ts = (await world.client.chat_postMessage(channel="#care", text="x", blocks=[actions(button(value="1"))]))["ts"]
    asked = {"channel": "care", "ts": ts, "action_id": "claim"}
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        async with world.http.post(f"{world.home}ui/press", json=asked, headers=headers) as answer:
            assert answer.status == 403
            assert (await answer.json())["ok"] is False
    assert world.hubbub.payloads == []


async def test_a_foreign_page_cannot_use_the_api_although_the_token_is_known(world: World) -> None:
    form = {"token": "xoxb-stand-in", "channel": "#care", "text": "from elsewhere"}
    async with world.http.post(
        f"{world.home}api/chat.postMessage", data=form, headers={"Origin": "http://x.test"}
    ) as answer:
        assert answer.status == 403
    assert world.stand_in.workspace.revision == 0


async def test_every_answer_carries_the_strict_policy(world: World) -> None:
    for path in ("", "page.js", "page.css", "ui/state?seen=9", "api/auth.test"):
        async with world.http.get(world.home + path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"

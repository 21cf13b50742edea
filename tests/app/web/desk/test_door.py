"""Who comes in, and that nothing changes by another page's hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from app.store import Store
from app.store.protocol import Where
from app.web.desk import one_time_link
from app.web.desk.guard import why_foreign
from app.web.desk.sign_in import _next
from domain.care.case import Case
from domain.records import AuditEntry, Kept
from tests.app.web.desk.conftest import Opened
from tests.app.web.desk.hall import Browser, Clock, Page
from tests.domain.make import case

HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # quick: how slow it is, is argon2's own business
WORD = "kestane kebap"
USERS = {"desk": {"users": [{"name": "Ana", "password_hash": HASHER.hash(WORD)}]}}
PAGES = ["/desk", "/desk/cases/case_1", "/desk/incidents", "/desk/incidents/declare", "/desk/signals/sig_1",
         "/desk/sources", "/desk/day", "/desk/audit", "/desk/nothing-here"]  # fmt: skip
ACTIONS = ["/desk/cases/case_1/claim", "/desk/incidents/declare/declare", "/desk/incidents/i/resolve",
           "/desk/signals/s/dismiss", "/desk/sign-out"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_who_is_not_signed_in_is_led_to_the_sign_in(open_desk: Opened, path: str) -> None:
    page = await (await open_desk()).get(path, allow_redirects=False)
    assert page.status == 303
    assert page.response.headers["Location"].startswith("/desk/sign-in")


@pytest.mark.parametrize("path", ACTIONS)
async def test_nobody_acts_without_a_session(open_desk: Opened, store: Store, path: str) -> None:
    desk = await open_desk()
    page = await desk.post(path, {"text": "my long answer"})
    assert page.status == 403
    assert "my long answer" in page.text, "what was written can be copied"
    assert await store.find(AuditEntry) == []


async def test_live_news_and_htmx_get_a_plain_401(open_desk: Opened) -> None:
    desk = await open_desk()
    assert (await desk.get("/desk/live?watch=queue", headers={"Accept": "text/event-stream"})).status == 401
    assert (await desk.get("/desk", headers={"HX-Request": "true"})).status == 401


@pytest.mark.parametrize("path", ["/desk/cases/case_1/claim", "/desk/signals/s/dismiss", "/desk/sign-out"])
async def test_looking_never_acts(desk: Browser, path: str) -> None:
    assert (await desk.get(path)).status in (404, 405)


async def test_a_form_without_the_sessions_word_is_refused(desk: Browser, store: Store) -> None:
    known = case()
    await store.add(known)
    for word in ({}, {"csrf": ""}, {"csrf": "0" * 40}, {"csrf": "ö"}):
        page = await desk.post(f"/desk/cases/{known.id}/note", {**word, "text": "keep me"})
        assert page.status == 403 and "keep me" in page.text
    assert (await store.find(Case))[0].version == 0


async def test_the_word_of_another_session_is_refused(open_desk: Opened, store: Store, desk: Browser) -> None:
    known = case()
    await store.add(known)
    other = await open_desk()
    await other.sign_in()
    page = await other.get(f"/desk/cases/{known.id}")
    foreign = page.form("/claim").select_one("[name=csrf]")["value"]  # type: ignore[union-attr,index]
    assert (await desk.post(f"/desk/cases/{known.id}/claim", {"csrf": str(foreign)})).status == 403


async def test_htmx_sends_the_word_by_header(desk: Browser, store: Store) -> None:
    known = case()
    await store.add(known)
    page = await desk.get(f"/desk/cases/{known.id}")
    word = page.form("/claim").select_one("[name=csrf]")["value"]  # type: ignore[union-attr,index]
    assert str(word) in str(page.soup.body["hx-headers"])  # type: ignore[index]
    answer = await desk.post(f"/desk/cases/{known.id}/claim", {"nonce": "n"}, **{"X-CSRF-Token": str(word)})
    assert answer.status == 200
    assert (await store.find(Case))[0].assignee is not None


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", ""])
async def test_a_form_from_another_page_is_refused(desk: Browser, store: Store, origin: str) -> None:
    known = case()
    await store.add(known)
    page = await desk.get(f"/desk/cases/{known.id}")
    word = page.form("/claim").select_one("[name=csrf]")["value"]  # type: ignore[union-attr,index]
    refused = await desk.post(f"/desk/cases/{known.id}/claim", {"csrf": str(word)}, Origin=origin)
    assert refused.status == 403
    assert (await store.find(Case))[0].assignee is None


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Origin": "https://desk.example"}, None),
        ({"Origin": "http://desk.example"}, "this form was sent from another web page"),
        ({"Origin": "null"}, "this form was sent from another web page"),
        ({"Sec-Fetch-Site": "same-origin"}, None),
        ({"Sec-Fetch-Site": "cross-site"}, "the browser does not say which page this form is from"),
        ({}, "the browser does not say which page this form is from"),
    ],
)
def test_where_a_form_comes_from(headers: dict[str, str], why: str | None) -> None:
    assert why_foreign(headers, frozenset({"https://desk.example"})) == why


async def test_a_link_opens_the_desk_once(open_desk: Opened) -> None:
    desk = await open_desk()
    link = one_time_link(desk.application, desk.origin).removeprefix(desk.origin)
    for _ in range(3):
        shown = await desk.get(link)
        assert shown.status == 200, "looking at it (a preview robot, say) does not use it up"
    assert (await desk.press(shown, link.rsplit("/", 1)[1])).response.url.path == "/desk"
    desk.client.session.cookie_jar.clear()
    again = await desk.post(link, {})
    assert again.status == 410 and "used already" in again.text
    assert (await desk.get("/desk", allow_redirects=False)).status == 303


async def test_a_link_ends_after_a_quarter_of_an_hour(open_desk: Opened, wall: Clock) -> None:
    desk = await open_desk()
    link = one_time_link(desk.application, desk.origin).removeprefix(desk.origin)
    wall.wind(minutes=15)
    assert (await desk.get(link)).status == 410
    assert (await desk.post(link, {})).status == 410
    assert (await desk.post("/desk/enter/guessed", {})).status == 410


async def test_another_page_cannot_sign_somebody_in(open_desk: Opened) -> None:
    desk = await open_desk(**USERS)
    link = one_time_link(desk.application, desk.origin).removeprefix(desk.origin)
    assert (await desk.post(link, {}, Origin="https://evil.example")).status == 403
    form = {"name": "Ana", "password": "kestane kebap"}
    assert (await desk.post("/desk/sign-in", form, Origin="https://evil.example")).status == 403


async def test_the_cookie_is_for_the_browser_alone_and_the_store_knows_only_its_hash(
    open_desk: Opened, store: Store
) -> None:
    desk = await open_desk()
    link = one_time_link(desk.application, desk.origin).removeprefix(desk.origin)
    response = await desk.client.post(link, headers={"Origin": desk.origin}, allow_redirects=False)
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/desk" in cookie and "Secure" not in cookie
    word = response.cookies["hubbub_desk"].value
    kept = await store.find(Kept)
    assert len(kept) == 1 and word not in repr(kept)


async def test_behind_https_the_cookie_is_secure(open_desk: Opened) -> None:
    desk = await open_desk(web={"public_url": "https://desk.example"})
    link = one_time_link(desk.application, "").removeprefix(desk.origin)
    headers = {"Origin": "https://desk.example"}
    response = await desk.client.post(link, headers=headers, allow_redirects=False)
    assert "__Secure-hubbub_desk=" in response.headers["Set-Cookie"] and "; Secure" in response.headers["Set-Cookie"]


async def test_a_session_survives_a_restart_and_ends_after_a_day(open_desk: Opened, desk: Browser, wall: Clock) -> None:
    restarted = await open_desk()
    restarted.client.session.cookie_jar.update_cookies(
        {"hubbub_desk": next(iter(desk.client.session.cookie_jar)).value}, restarted.client.make_url("/desk")
    )
    assert (await restarted.get("/desk", allow_redirects=False)).status == 200
    wall.wind(hours=24)
    assert (await restarted.get("/desk", allow_redirects=False)).status == 303


async def test_signing_out_ends_the_session_also_for_a_copy_of_the_cookie(desk: Browser, store: Store) -> None:
    word = next(iter(desk.client.session.cookie_jar)).value
    page = await desk.press(await desk.get("/desk"), "/sign-out")
    assert page.response.url.path == "/desk/sign-in"
    assert await store.find(Kept) == []
    copy = await desk.get("/desk", headers={"Cookie": f"hubbub_desk={word}"}, allow_redirects=False)
    assert copy.status == 303
    assert {e.action for e in await store.find(AuditEntry)} == {"sign_in", "sign_out"}


async def test_old_sessions_are_forgotten_at_the_next_sign_in(desk: Browser, store: Store, wall: Clock) -> None:
    wall.wind(days=2)
    await desk.sign_in()
    assert await store.count(Kept, Where("id", "ge", "desk_session:")) == 1


async def sign_in(desk: Browser, name: str = "Ana", password: str = WORD, next: str = "") -> Page:
    page = await desk.get(f"/desk/sign-in?next={next}")
    return await desk.press(page, "/sign-in", name=name, password=password)


async def test_a_user_signs_in_and_goes_where_she_wanted_to(open_desk: Opened, store: Store) -> None:
    desk = await open_desk(**USERS)
    page = await sign_in(desk, next="/desk/sources")
    assert page.response.url.path == "/desk/sources"
    assert "Ana" in page.part(".who")
    assert (await store.find(AuditEntry))[0].actor == "Ana (desk:Ana)"


@pytest.mark.parametrize(
    ("name", "password"), [("Ana", "wrong"), ("Nobody", "kestane kebap"), ("", ""), ("ana", "sarımsak")]
)
async def test_a_wrong_name_and_a_wrong_password_look_the_same(open_desk: Opened, name: str, password: str) -> None:
    desk = await open_desk(**USERS)
    page = await sign_in(desk, name, password)
    assert (page.status, page.part(".problem")) == (403, "Name or password is not right.")
    assert password not in page.text or not password
    assert (await desk.get("/desk", allow_redirects=False)).status == 303


async def test_guessing_gets_slower_with_each_failure(open_desk: Opened, wall: Clock) -> None:
    desk = await open_desk(**USERS)
    for _ in range(3):
        assert (await sign_in(desk, password="wrong")).status == 403
    refused = await sign_in(desk)
    assert (refused.status, refused.response.headers["Retry-After"]) == (429, "2")
    assert "Please wait 2 seconds" in refused.part(".problem")
    wall.wind(seconds=2)
    assert (await sign_in(desk, password="wrong")).status == 403
    assert (await sign_in(desk)).response.headers["Retry-After"] == "4"
    assert (await sign_in(desk, name="Bora", password="x")).status == 403, "others are not held up"
    wall.wind(seconds=4)
    assert (await sign_in(desk)).response.url.path == "/desk"


async def test_behind_a_proxy_a_stranger_cannot_lock_somebody_out(open_desk: Opened) -> None:
    desk = await open_desk(**USERS)
    tries = {"name": "Ana", "password": "wrong"}
    for _ in range(5):
        await desk.post("/desk/sign-in", tries, **{"X-Forwarded-For": "10.9.9.9, 203.0.113.7"})
    refused = await desk.post("/desk/sign-in", tries, **{"X-Forwarded-For": "203.0.113.7"})
    assert refused.status == 429
    hers = await desk.post("/desk/sign-in", tries | {"password": WORD}, **{"X-Forwarded-For": "198.51.100.4"})
    assert hers.response.url.path == "/desk"


async def test_a_changed_password_ends_the_sessions_of_its_user(open_desk: Opened) -> None:
    desk = await open_desk(**USERS)
    await sign_in(desk)
    word = next(iter(desk.client.session.cookie_jar)).value
    changed = {"desk": {"users": [{"name": "Ana", "password_hash": HASHER.hash("new")}]}}
    for settings in (changed, {}):
        other = await open_desk(**settings)
        headers = {"Cookie": f"hubbub_desk={word}"}
        assert (await other.get("/desk", headers=headers, allow_redirects=False)).status == 303


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/desk/cases/case_1", "/desk/cases/case_1"), ("/desk?tab=mine", "/desk?tab=mine"),
        ("//evil.example/desk", "/desk"), ("https://evil.example", "/desk"), ("/desk/../x", "/desk"),
        ("/desk//evil.example", "/desk"), ("/deskevil", "/desk"), ("/desk\\evil", "/desk"), ("/desk\n", "/desk"),
        ("", "/desk"),
    ],
)  # fmt: skip
def test_after_signing_in_nobody_is_sent_elsewhere(wanted: str, goes: str) -> None:
    assert _next(wanted) == goes


async def test_without_users_the_page_says_how_to_get_in(open_desk: Opened) -> None:
    page = await (await open_desk()).get("/desk/sign-in")
    assert "hubbub password" in page.part(".sheet")
    assert page.form("/sign-in") is None


async def test_every_answer_carries_a_strict_policy_and_is_not_kept(desk: Browser) -> None:
    for path in ("/desk", "/desk/cases/x", "/desk/nothing-here", "/desk/sign-in"):
        headers = (await desk.get(path, allow_redirects=False)).response.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"


async def test_pages_ask_nothing_of_others_and_carry_no_inline_script_or_style(desk: Browser, store: Store) -> None:
    known = case()
    await store.add(known)
    for path in ("/desk", f"/desk/cases/{known.id}", "/desk/day", "/desk/incidents/declare"):
        soup = (await desk.get(path)).soup
        assets = [str(tag.get("src") or tag.get("href")) for tag in soup.select("script, link[rel=stylesheet], img")]
        assert assets and all(asset.startswith("/desk/static/") for asset in assets)
        assert all(not script.get_text() for script in soup.select("script"))
        assert not soup.select("style, [style], [onclick], [onload]")


async def test_static_files_are_kept_for_ever_and_nothing_else_is_served(open_desk: Opened) -> None:
    desk = await open_desk()
    page = await desk.get("/desk/sign-in")
    sheet = await desk.get(str(page.soup.select_one("link[rel=stylesheet]")["href"]))  # type: ignore[index]
    assert (sheet.status, sheet.response.content_type) == (200, "text/css")
    assert "immutable" in sheet.response.headers["Cache-Control"]
    for path in ("../guard.py", "%2e%2e/guard.py", "nothing.js", "vendor"):
        assert (await desk.get(f"/desk/static/{path}", allow_redirects=False)).status in (303, 404)


def test_a_session_lasts_longer_than_a_shift() -> None:
    from app.web.desk.sessions import LIFE

    assert timedelta(hours=12) <= LIFE

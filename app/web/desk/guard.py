"""The door of the desk: who is not signed in sees only the sign-in, and nothing changes by another page's hand."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from app.web.desk.room import FORM, SESSION, Room, page, room_of
from app.web.desk.sessions import Session
from app.web.site import CSP

CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
OPEN = "open."  # routes whose name begins so need no session
LONGEST_TEXT = 20_000  # characters of one field


def cookie_name(public_url: str) -> str:
    """Name the cookie; the prefix makes browsers refuse it without https."""
    return "__Secure-hubbub_desk" if public_url.startswith("https:") else "hubbub_desk"


def set_cookie(room: Room, response: web.StreamResponse, session: Session) -> None:
    """Hand the session to the browser: no script reads it, no other site sends it along with a form."""
    secure = room.public_url.startswith("https:")
    response.set_cookie(
        cookie_name(room.public_url), session.word, path="/desk", httponly=True, samesite="Lax", secure=secure
    )


def why_foreign(headers: Mapping[str, str], own: frozenset[str]) -> str | None:
    """Say why a POST does not come from our own page, or None; browsers send Origin with every form."""
    origin = headers.get("Origin")
    if origin is not None:
        return None if origin in own else "this form was sent from another web page"
    if headers.get("Sec-Fetch-Site") == "same-origin":
        return None
    return "the browser does not say which page this form is from"


async def seal(request: web.Request, response: web.StreamResponse) -> None:
    """Give every answer of the desk its headers: no script, style or frame from elsewhere, nothing kept in caches."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request in, or answer it here."""
    room = room_of(request)
    session = await room.sessions.find(request.cookies.get(cookie_name(room.public_url), ""))
    if session is not None:
        request[SESSION] = session
    is_open = (request.match_info.route.name or "").startswith(OPEN)
    if request.method == "POST":
        refusal = await _why_not(room, request, session, is_open)
        if refusal is not None:
            return refusal
    elif session is None and not is_open:
        return _to_sign_in(request)
    return await handler(request)


async def _why_not(
    room: Room, request: web.Request, session: Session | None, is_open: bool
) -> web.StreamResponse | None:
    own = frozenset({_origin(room.public_url), f"{request.scheme}://{request.host}"})
    foreign = why_foreign(request.headers, own)
    if foreign is not None:
        return web.Response(status=403, text=f"Refused: {foreign}.\n")
    form = request[FORM] = await _read(request)
    if is_open:
        return None
    if session is None:
        return page(request, "refused.html", status=403, problem="You are not signed in (any more).", kept=_texts(form))
    if not session.owns(request.headers.get(CSRF_HEADER) or form.get(CSRF_FIELD, "")):
        return page(request, "refused.html", status=403, problem="This page is out of date.", kept=_texts(form))
    return None


async def _read(request: web.Request) -> dict[str, str]:
    """Read the fields of a form; a field that comes several times (checkboxes) is joined by commas."""
    form: dict[str, str] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, str) and len(form) < 100:
            text = value[: LONGEST_TEXT + 1].replace("\r\n", "\n")
            form[name] = f"{form[name]},{text}" if name in form else text
    return form


def _texts(form: Mapping[str, str]) -> dict[str, str]:
    """Pick what somebody has written, so that it can be copied from the refusal."""
    return {name: text for name, text in form.items() if name.partition(".")[0] in {"text", "reason", "title"} and text}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _to_sign_in(request: web.Request) -> web.StreamResponse:
    if "HX-Request" in request.headers or "text/event-stream" in request.headers.get("Accept", ""):
        return web.Response(status=401, text="You are not signed in (any more).\n")
    if request.method not in ("GET", "HEAD"):
        return web.Response(status=403, text="You are not signed in.\n")
    wanted = request.rel_url.path_qs
    raise web.HTTPSeeOther("/desk/sign-in" + (f"?next={quote(wanted, safe='')}" if wanted != "/desk" else ""))

"""Answers of a few words at the doors of the page: in the reader's language, with the brand and a way on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web

from app.web.languages import asked_language
from status_page.pages.lost import Imprint, notice_page, policy
from status_page.words.report_words import UNREADABLE, Notice


def said(
    notice: Notice, imprint: Imprint, language: str, headers: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """Give what an exception that is an answer of aiohttp needs to show a notice."""
    own = {"Content-Security-Policy": policy(imprint.look), "Cache-Control": "no-store"}
    text = notice_page(notice, imprint, language)
    return {"text": text, "content_type": "text/html", "headers": {**own, **headers}}


def unreadable(request: web.Request, imprint: Imprint) -> web.HTTPException:
    """Say that a form is none: a broken body, a charset that does not exist, a button that we do not have."""
    return web.HTTPBadRequest(**said(UNREADABLE, imprint, spoken_language(request, imprint)))


def spoken_language(request: web.Request, imprint: Imprint) -> str:
    """Speak as the address says, else as the browser asks."""
    first = request.path.strip("/").partition("/")[0]
    return first if first in imprint.languages else asked_language(request, imprint.languages)

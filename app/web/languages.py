"""Which of our languages a browser asks for, where neither the address nor a record says it."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

_MOST = 500  # characters of a header that are read


def asked_language(request: web.Request, languages: Sequence[str]) -> str:
    """Choose the first of the browser's languages that we speak, else our first one."""
    said = request.headers.get("Accept-Language", "")[:_MOST].split(",")
    wanted = [part.partition(";")[0].strip()[:2].lower() for part in said]
    return next((each for each in wanted if each in languages), languages[0])

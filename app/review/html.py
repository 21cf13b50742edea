"""A review or a scorecard as one HTML file that needs nothing else: no script, no request, styles by their hash."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from app.review import words
from app.review.score_sheet import ScoreSheet
from app.review.sheet import Sheet

TEMPLATES = Path(__file__).parent / "templates"


def review_html(sheet: Sheet, brand: str) -> str:
    """Write a review."""
    ended = f" to {words.utc(sheet.ended, sheet.began)}" if sheet.ended else ", still open"
    times = f"{words.utc(sheet.began)}{ended}, as of {words.utc(sheet.as_of, sheet.began)}. All times are UTC."
    return _page(
        "review_body.html", sheet.began, heading=sheet.title, title=f"Review: {sheet.title}", times=times,
        eyebrow=f"{words.line(brand, 60)} · what customers saw, what we said · {sheet.id}", sheet=sheet,
    )  # fmt: skip


def scorecard_html(score: ScoreSheet, brand: str) -> str:
    """Write a scorecard."""
    times = f"{words.utc(score.since)} to {words.utc(score.until)}. All times are UTC."
    return _page(
        "score_body.html", None, heading="Scorecard", title="Scorecard", times=times, score=score,
        eyebrow=f"{words.line(brand, 60)} · how fast and how honest we were",
    )  # fmt: skip


def _page(body: str, near: datetime | None, **values: Any) -> str:
    style = sheet_of_styles()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    csp = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return _environment().get_template("page.html").render(
        body=body, csp=csp, style=Markup(style), moment=lambda at: _moment(at, near),  # noqa: S704 - our own file
        **{"sheet": None, **values},
    )  # fmt: skip


@lru_cache(maxsize=1)
def sheet_of_styles() -> str:
    """Give the styles of the file: its frame, then what it shares with the desk."""
    return "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "parts.css"))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def _moment(at: datetime, near: datetime | None) -> Markup:
    shown = words.utc(at, near)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), shown)

"""Reads what the owner chose for a page's look from the settings and the files they name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.pages import Colours, Page
from config.settings import Settings
from domain.errors import ConfigError
from status_page.look.logo import MOST, Logo, read_logo
from status_page.look.theme import CSS_MOST, TOKENS, Look, look_problems


def look_of(page: Page) -> Look:
    """Build the look of a page. Raises ConfigError with everything that is wrong with it."""
    problems: list[str] = []
    look = Look(
        light=_chosen(page.theme), dark=_chosen(page.theme.dark), logo=_logo("logo", page.logo, problems),
        logo_dark=_logo("logo_dark", page.logo_dark, problems), css=_css(page.css, problems),
    )  # fmt: skip
    problems += look_problems(look)
    if look.logo is None and look.logo_dark is not None:
        problems.append("logo_dark: a logo for the dark page needs one for the light page as well")
    if problems:
        raise ConfigError(*problems)
    return look


def page_problems(settings: Settings) -> Iterator[str]:
    """Say what is wrong with the looks of all pages, each with its place in the settings."""
    for place, page in (("page", settings.page), *((f"pages.{p.name}", p) for p in settings.pages)):
        try:
            look_of(page)
        except ConfigError as err:
            yield from (f"{place}.{problem}" for problem in err.problems)


def _chosen(colours: Colours) -> tuple[tuple[str, str], ...]:
    named = ((token, getattr(colours, token)) for token in TOKENS)
    return tuple((token, colour) for token, colour in named if colour is not None)


def _logo(key: str, path: str | None, problems: list[str]) -> Logo | None:
    content = _read(key, path, MOST, problems)
    if not content:
        return None
    try:
        return read_logo(Path(path or "").name, content)
    except ConfigError as err:
        problems += [f"{key}: {problem}" for problem in err.problems]
        return None


def _css(path: str | None, problems: list[str]) -> str:
    content = _read("css", path, CSS_MOST, problems)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        problems.append(f"css: {path} is not UTF-8")
        return ""


def _read(key: str, path: str | None, most: int, problems: list[str]) -> bytes:
    """Read a file the settings name, a little more than it may have, so that its size can be judged."""
    if path is None:
        return b""
    try:
        with Path(path).open("rb") as file:
            content = file.read(20 * most)
    except OSError as err:
        problems.append(f"{key}: {path} cannot be read ({err.strerror})")
        return b""
    if not content:
        problems.append(f"{key}: {path} is empty")
    return content

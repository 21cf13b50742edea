"""How one brand's page looks: colours that can be read, a logo, and style of the owner's own. Checked, then dressed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from status_page.look.assets import STATIC
from status_page.look.contrast import AA, contrast, parse, readable
from status_page.look.logo import Logo

# What the owner may choose, and the name it has in page.css.
TOKENS: Mapping[str, str] = {
    "accent": "link", "background": "bg", "card": "card", "text": "ink", "muted": "soft", "line": "line"
}  # fmt: skip
_STATES = ("ok", "degraded", "partial", "major", "maintenance")
CSS_MOST = 20_000  # bytes of the owner's own style: the page stays light on a bad line
_ELSEWHERE = re.compile(r"@import|url\(\s*[\"']?\s*(?!data:|#)[^)\"'\s]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Look:
    """The choices of one brand; colours by token, without one the page keeps its own."""

    light: tuple[tuple[str, str], ...] = ()
    dark: tuple[tuple[str, str], ...] = ()
    logo: Logo | None = None
    logo_dark: Logo | None = None  # shown instead where the visitor prefers dark pages
    css: str = field(default="", repr=False)  # comes after everything else


PLAIN = Look()


@lru_cache(maxsize=1)
def palettes() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Read the page's own colours, light and dark, by their names in page.css."""
    sheet = (STATIC / "page.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root\s*\{(.*?)\}", sheet, re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-fA-F]{3,6})\b", block)) for block in blocks[:2])
    return light, {**light, **dark}


def look_problems(look: Look) -> list[str]:
    """Say in sentences what is wrong with a look: colours nobody can read, style that asks other servers."""
    problems = [problem for theme in ("light", "dark") for problem in _colour_problems(look, theme)]
    if len(look.css.encode()) > CSS_MOST:
        problems.append(f"css: is larger than {CSS_MOST // 1000} kB, and every visitor would have to load it")
    if (found := _ELSEWHERE.search(look.css)) is not None:
        near = look.css[found.start() : found.start() + 40].splitlines()[0]
        problems.append(f"css: the page asks no other file or server for anything, so “{near}” would be blocked")
    return problems


def _colour_problems(look: Look, theme: str) -> Iterator[str]:
    chosen, own = (look.light, palettes()[0]) if theme == "light" else (look.dark, palettes()[1])
    prefix = "theme." if theme == "light" else "theme.dark."
    colours = dict(own)
    for token, colour in chosen:
        try:
            parse(colour)
        except ValueError as err:
            yield f"{prefix}{token}: {err}"
            return
        colours[TOKENS[token]] = colour
    of = {TOKENS[token]: token for token, _ in chosen}
    for ink, ground in _pairs():
        if {ink, ground} & set(of) and contrast(colours[ink], colours[ground]) < AA:
            yield prefix + _too_faint(ink, ground, colours, of)


def _pairs() -> Iterator[tuple[str, str]]:
    """List what stands on what on the page: text colour, ground."""
    for ink in ("ink", "soft", "link"):
        yield from ((ink, ground) for ground in ("bg", "card"))
    for state in _STATES:
        yield from ((state, "card"), ("ink", f"{state}-bg"), ("soft", f"{state}-bg"))


def _too_faint(ink: str, ground: str, colours: Mapping[str, str], of: Mapping[str, str]) -> str:
    ratio = contrast(colours[ink], colours[ground])
    words = f"{_NAMES[ink]} ({colours[ink]}) on {_NAMES[ground]} ({colours[ground]}) has a contrast of {ratio:.1f}"
    advice = f"; try {readable(colours[ink], colours[ground])}" if ink in of else ""
    return f"{of.get(ink) or of[ground]}: {words}, and many people can read it only from {AA}{advice}"


_NAMES = {
    "ink": "text", "soft": "muted text", "link": "a link", "bg": "the background", "card": "a card",
    **{state: f"the word of the state “{state}”" for state in _STATES},
    **{f"{state}-bg": f"the band of the state “{state}”" for state in _STATES},
}  # fmt: skip


def style_of(look: Look) -> str:
    """Write the style that comes after the page's own: the brand's colours, then what the owner wrote."""
    light, dark = (_declared(chosen) for chosen in (look.light, look.dark))
    rules = [f":root{{{light}}}"] if light else []
    if light or dark:
        # The page's own dark colours come before the brand's light ones, so they are said again.
        names = sorted({TOKENS[token] for token, _ in look.light})
        again = "".join(f"--{name}:{palettes()[1][name]};" for name in names)
        rules.append(f"@media(prefers-color-scheme:dark){{:root{{{again}{dark}}}}}")
    return "\n".join([*rules, look.css] if look.css else rules)


def _declared(chosen: tuple[tuple[str, str], ...]) -> str:
    return "".join(f"--{TOKENS[token]}:{colour};" for token, colour in chosen)

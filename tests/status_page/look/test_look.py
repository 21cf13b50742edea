"""The look of a brand: colours people can read, a logo that only draws, style that asks nobody."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ConfigError
from status_page.look.contrast import AA, contrast, parse, readable
from status_page.look.logo import HEIGHT, MOST, read_logo
from status_page.look.theme import CSS_MOST, TOKENS, Look, look_problems, palettes, style_of
from status_page.render import render_site
from tests.status_page.builders import page, site

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><path d="M0 0h120v40z" fill="#123"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 200, 50) + b"\x08\x06\0\0\0" + bytes(40)
COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@pytest.mark.parametrize(
    ("one", "other", "wanted"), [("#000", "#ffffff", 21), ("#777777", "#fff", 4.48), ("#abc", "#abc", 1)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, wanted: float) -> None:
    assert contrast(one, other) == pytest.approx(wanted, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(COLOURS, COLOURS)
def test_the_advised_shade_can_be_read_wherever_one_can_be(colour: str, ground: str) -> None:
    assert contrast(readable(colour, ground), ground) >= AA


@pytest.mark.parametrize("colour", ["red", "#12", "#12345", "#1234567", "#ggg", "", "rgb(0,0,0)"])
def test_only_plain_hexadecimal_is_a_colour(colour: str) -> None:
    with pytest.raises(ValueError, match="is no colour"):
        parse(colour)


def test_the_pages_own_colours_pass_in_light_and_dark() -> None:
    for theme in ("light", "dark"):
        own = palettes()[theme == "dark"]
        everything: Any = {theme: tuple((token, own[name]) for token, name in TOKENS.items())}
        assert look_problems(Look(**everything)) == []


def test_a_faint_accent_is_refused_with_a_shade_that_can_be_read() -> None:
    said = look_problems(Look(light=(("accent", "#ffcc00"),)))
    assert len(said) == 2
    assert said[1] == (
        "theme.accent: a link (#ffcc00) on a card (#fff) has a contrast of 1.5, "
        "and many people can read it only from 4.5; try #8f7200"
    )


def test_a_ground_that_swallows_the_text_is_refused_too() -> None:
    said = look_problems(Look(dark=(("background", "#888888"),)))
    assert any(problem.startswith("theme.dark.background: text (") for problem in said)


def test_the_brands_colours_come_after_the_pages_own() -> None:
    made = site(look=Look(light=(("accent", "#7a1fa2"),), dark=(("accent", "#d9a6ff"),), css="h1{color:var(--link)}"))
    sheet = next(
        content.decode() for path, content in render_site(made).items() if path.endswith(".css") and "page" in path
    )
    assert sheet.index("--link:#1552b5") < sheet.index(":root{--link:#7a1fa2;}") < sheet.index("--link:#d9a6ff")
    assert sheet.endswith("h1{color:var(--link)}")


def test_a_light_choice_does_not_reach_into_the_dark_page() -> None:
    style = style_of(Look(light=(("accent", "#7a1fa2"),)))
    assert style.endswith("@media(prefers-color-scheme:dark){:root{--link:#8ab8ff;}}")


@pytest.mark.parametrize(
    "css",
    [
        "@import 'x.css';",
        "a{background:url(https://x.example/a.png)}",
        "a{background:url( 'b.png' )}",
        "@IMPORT url(x)",
    ],
)
def test_style_that_asks_for_other_files_is_refused(css: str) -> None:
    (said,) = look_problems(Look(css=css))
    assert "the page asks no other file or server for anything" in said


def test_style_may_carry_pictures_in_itself_but_not_too_many() -> None:
    assert look_problems(Look(css="a{background:url(data:image/png;base64,AA)}b{fill:url(#x)}")) == []
    (said,) = look_problems(Look(css="a{}" * CSS_MOST))
    assert "larger than 20 kB" in said


@pytest.mark.parametrize(("content", "kind", "width"), [(SVG, "svg", 3 * HEIGHT), (PNG, "png", 4 * HEIGHT)])
def test_a_logo_keeps_its_shape_and_is_written_into_the_site(content: bytes, kind: str, width: int) -> None:
    logo = read_logo("logo", content)
    assert (logo.width, logo.height) == (width, HEIGHT)
    files = render_site(site(look=Look(logo=logo)))
    assert files[logo.path] == content
    assert logo.path.endswith(kind)
    image = BeautifulSoup(
        files["en/incidents/inc_1.html" if "en/incidents/inc_1.html" in files else "en/index.html"], "lxml"
    ).img
    assert image is not None
    assert (image["alt"], image["src"], image["width"]) == ("Kiosk", f"../{logo.path}", str(width))


def test_the_dark_page_may_have_a_logo_of_its_own() -> None:
    dark = read_logo("dark", SVG.replace(b"#123", b"#fff"))
    soup = page(site(look=Look(logo=read_logo("logo", SVG), logo_dark=dark)))
    source = soup.select_one("picture source")
    assert source is not None
    assert (source["media"], source["srcset"]) == ("(prefers-color-scheme: dark)", f"../{dark.path}")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"GIF89a", "neither a PNG nor an SVG"),
        (PNG + bytes(MOST), "use a logo of at most 20 kB"),
        (PNG[:16] + bytes(20), "a broken PNG"),
        (b"<svg", "is not an SVG"),
        (SVG.replace(b"<path", b"<script>alert(1)</script><path"), "holds <script>"),
        (SVG.replace(b"<path", b"<foreignObject/><path"), "holds <foreignObject>"),
        (SVG.replace(b"<path", b"<animate/><path"), "holds <animate>"),
        (SVG.replace(b"<path", b'<path onclick="alert(1)"'), "holds onclick"),
        (SVG.replace(b"<path", b'<a href="https://x.example"/><path'), "holds href"),
        (SVG.replace(b"<path", b'<image href="https://x.example/a.png"/><path'), "holds href"),
        (SVG.replace(b"<path", b'<path style="fill:url(https://x.example)"'), "holds style"),
        (SVG.replace(b"<path", b"<style>@import 'x';</style><path"), "has a style that asks others"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "has a document type"),
        (b'<?xml-stylesheet href="x"?>' + SVG, "has a document type or style sheet"),
    ],
)
def test_a_logo_that_could_do_more_than_show_itself_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        read_logo("logo.svg", content)


def test_an_svg_may_use_what_is_inside_it() -> None:
    inside = SVG.replace(b"<path", b'<defs><linearGradient id="g"/></defs><use href="#g"/><path style="fill:url(#g)"')
    assert read_logo("logo.svg", inside).content == inside

"""Logo, colours and style of a page come from files that the settings name; what is wrong is said with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app import outfit
from app.page.looks import look_of, page_problems
from app.page.sheets import sheets
from config.pages import Page
from config.secrets import Secrets
from config.settings import Settings
from domain.errors import ConfigError
from tests.status_page.look.test_look import PNG, SVG


def settings(page: dict[str, Any] | None = None, *pages: dict[str, Any], **more: Any) -> Settings:
    tree: dict[str, Any] = {
        "brand": {"name": "Nar", "languages": ["en", "tr"]}, "page": page or {}, "pages": list(pages),
        "components": [{"id": "app", "names": {"en": "App"}}, {"id": "payments", "names": {"en": "Payments"}}], **more,
    }  # fmt: skip
    return Settings.model_validate(tree)


PAY = {
    "name": "pay", "out_dir": "site-pay", "public_url": "https://status.pay.example", "brand": "Nar Pay",
    "components": ["payments"], "languages": ["tr"], "url": "https://pay.example",
}  # fmt: skip


def test_a_look_is_read_from_the_files_that_the_settings_name(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(SVG)
    (tmp_path / "dark.png").write_bytes(PNG)
    (tmp_path / "own.css").write_text("h1{font-weight:400}")
    look = look_of(
        Page.model_validate({
            "logo": str(tmp_path / "logo.svg"), "logo_dark": str(tmp_path / "dark.png"),
            "css": str(tmp_path / "own.css"), "theme": {"accent": "#7a1fa2", "dark": {"accent": "#d9a6ff"}},
        })
    )  # fmt: skip
    assert (look.light, look.dark) == ((("accent", "#7a1fa2"),), (("accent", "#d9a6ff"),))
    assert look.logo is not None
    assert look.logo_dark is not None
    assert (look.logo.content, look.logo_dark.content, look.css) == (SVG, PNG, "h1{font-weight:400}")


def test_without_wishes_the_page_keeps_its_own_look() -> None:
    assert list(page_problems(settings())) == []


def test_everything_that_is_wrong_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "logo.gif").write_bytes(b"GIF89a")
    (tmp_path / "latin.css").write_bytes(b"/* \xe9 */")
    (tmp_path / "empty.png").touch()
    first = {"logo": str(tmp_path / "logo.gif"), "css": str(tmp_path / "latin.css"), "theme": {"text": "#cccccc"}}
    second = {**PAY, "logo": str(tmp_path / "absent.svg"), "logo_dark": str(tmp_path / "empty.png")}
    with pytest.raises(ConfigError) as caught:
        outfit.check(settings(first, second), Secrets())
    said = caught.value.problems
    assert [problem.partition(": ")[0] for problem in said] == [
        "page.logo", "page.css", *["page.theme.text"] * 7, "pages.pay.logo", "pages.pay.logo_dark",
    ]  # fmt: skip
    assert said[0] == "page.logo: logo.gif is neither a PNG nor an SVG"
    assert said[1].endswith("latin.css is not UTF-8")
    assert said[-2].endswith("absent.svg cannot be read (No such file or directory)")
    assert said[-1].endswith("empty.png is empty")


def test_a_logo_for_the_dark_page_alone_is_half_a_wish(tmp_path: Path) -> None:
    (tmp_path / "dark.svg").write_bytes(SVG)
    with pytest.raises(ConfigError, match="logo_dark: a logo for the dark page needs one for the light page as well"):
        look_of(Page(logo_dark=str(tmp_path / "dark.svg")))


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "logo.png").open("wb") as file:
        file.write(PNG)
        file.truncate(10_000_000_000)  # sparse
    with pytest.raises(ConfigError, match="use a logo of at most 20 kB"):
        look_of(Page(logo=str(tmp_path / "logo.png")))


def test_each_brand_has_its_page_with_its_own_components_and_languages() -> None:
    made = settings({"out_dir": "site"}, PAY)
    first, pay = sheets(made, outfit.components(made))
    assert (first.name, first.brand, first.whole, first.languages) == ("", "Nar", True, ("en", "tr"))
    assert (pay.name, pay.brand, pay.whole, pay.languages) == ("pay", "Nar Pay", False, ("tr",))
    assert [c.id for c in pay.components] == ["payments"]
    assert (pay.public_url, pay.brand_url) == ("https://status.pay.example", "https://pay.example")


FORM = {"type": "form", "name": "reports"}


@pytest.mark.parametrize(
    ("sources", "wanted", "offered"),
    [
        ([], True, False),
        ([FORM], True, True),
        ([FORM], False, False),
        ([{**FORM, "enabled": False}], True, False),
        ([{"type": "hackernews", "name": "form"}], True, False),
    ],
)
def test_the_form_is_offered_only_where_a_source_takes_what_comes(
    sources: list[dict[str, Any]], wanted: bool, offered: bool
) -> None:
    made = settings({"report_form": wanted}, {**PAY, "report_form": wanted}, sources=sources)
    assert {sheet.report_form for sheet in sheets(made, outfit.components(made))} == {offered}


@pytest.mark.parametrize(
    ("page", "pages", "why"),
    [
        ({"components": ["nothing"]}, [], "page: nothing is no component; known are app, payments"),
        ({}, [{**PAY, "components": ["nothing"]}], "pages.pay: nothing is no component"),
        ({}, [{**PAY, "languages": ["fa"]}], "pages.pay.languages: fa is not there; known are en, tr"),
        ({}, [PAY, {**PAY, "out_dir": "x", "public_url": "https://x.example"}], "pages: the name pay is used more"),
        ({"out_dir": "site-pay"}, [PAY], "pages: the name site-pay is used more than once"),
        ({"publish": ["rsync", "-a", "site/", "host:"]}, [], "name a program and, in an argument, {dir}"),
        ({"publish": ["{dir}/run"]}, [], "name a program"),
        ({"theme": {"accent": "red"}}, [], "theme.accent"),
    ],
)
def test_settings_that_cannot_be_are_refused(page: dict[str, Any], pages: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("{", r"\{").replace(".", r"\.")):
        settings(page, *pages)

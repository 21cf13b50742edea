"""The part of `hubbub.yaml` about the status page: one page, and further ones for other brands."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from config.parts import Identifier, Part, Url

Colour = Annotated[str, Field(pattern=r"^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")]


class Colours(Part):
    """Colours of the page; without one the page keeps its own. What nobody could read is refused."""

    accent: Colour | None = None  # links and buttons
    background: Colour | None = None
    card: Colour | None = None  # the ground of boxes
    text: Colour | None = None
    muted: Colour | None = None  # text that matters less
    line: Colour | None = None


class Theme(Colours):
    """The brand's colours, and those of the dark page."""

    dark: Colours = Colours()


class Page(Part):
    """The status page."""

    out_dir: str = "site"
    report_form: bool = True
    reports_chart: bool = False  # how many people report problems, against what is usual, is shown to everybody
    components: tuple[str, ...] = ()  # none: all of them
    theme: Theme = Theme()
    logo: str | None = None  # a PNG or SVG of at most 20 kB
    logo_dark: str | None = None  # shown instead on the dark page
    css: str | None = None  # a style sheet that comes after ours
    index: bool = True  # False: search engines are asked to stay away
    publish: tuple[str, ...] = ()  # a program that takes {dir} elsewhere after each print, with its arguments

    @field_validator("publish")
    @classmethod
    def _names_the_folder(cls, command: tuple[str, ...]) -> tuple[str, ...]:
        if command and not any("{dir}" in argument for argument in command[1:]):
            raise ValueError('name a program and, in an argument, {dir}: ["rsync", "-a", "{dir}/", "host:/srv"]')
        return command


class BrandPage(Page):
    """A further page, for another brand: other components, languages, look and address."""

    name: Identifier
    out_dir: str
    public_url: Url
    brand: str = Field(min_length=1, max_length=80)
    url: Url | None = None  # the name on top leads there
    languages: tuple[str, ...] = ()  # some of the brand's; none: all of them

"""What somebody says in the scenario, and what it truly means: the record that the data files hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from domain.heard.classification import Kind

DAYS = 2
MINUTES = DAYS * 24 * 60
BRAND = "nar"  # the handle of the brand's own account

Text = Annotated[str, Field(min_length=1)]


class Part(StrEnum):
    """Which part of the story a post belongs to."""

    QUIET = "quiet"
    PAYMENT_OUTAGE = "payment_outage"
    DELIVERY_PROBLEM = "delivery_problem"
    JOKE = "joke"
    CAMPAIGN = "campaign"
    REPOST = "repost"
    HOSTILE = "hostile"
    EDIT = "edit"
    AFTERMATH = "aftermath"
    STILL_BROKEN = "still_broken"


@dataclass(frozen=True, slots=True)
class Label:
    """What a person would say the post means; `kind` is OTHER unless it is a complaint."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: Kind
    complaint: bool
    component: str | None
    part: Part


@dataclass(frozen=True, slots=True)
class Post:
    """One utterance at one moment; an edit is a post of its own that names the one it replaces."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    n: Text
    minute: Annotated[int, Field(ge=0, lt=MINUTES)]  # since Monday 00:00 UTC
    second: Annotated[int, Field(ge=0, lt=60)]
    source: Literal["mastodon", "reviews", "forum", "form"]
    author: Text
    name: str
    lang: Literal["en", "tr", "fa"]
    text: Text
    truth: Label
    addressed: bool
    followers: Annotated[int, Field(ge=0)]
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    contact: str | None = None
    region: str | None = None
    edit_of: str | None = None
    repost_of: str | None = None
    grow_to: Annotated[int, Field(ge=1)] | None = None  # the text is repeated to that many characters on loading

    @property
    def native_id(self) -> str:
        """The id at the source, which an edit keeps."""
        return self.edit_of or self.n

    @property
    def offset(self) -> timedelta:
        """Time since the scenario began."""
        return timedelta(minutes=self.minute, seconds=self.second)

    @property
    def person(self) -> str:
        """Who is behind it, told apart as `domain.heard.mention.person_id` does: by mail address, else by account."""
        return f"mail:{self.contact.casefold()}" if self.contact else f"{self.source}:{self.author}"

    @property
    def own(self) -> bool:
        """True if the brand itself says it."""
        return self.author == BRAND

    @property
    def complains(self) -> bool:
        """True if it is a complaint in truth."""
        return self.truth.complaint

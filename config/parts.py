"""What every part of `hubbub.yaml` is made of."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    PlainSerializer,
)

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


def _whole_url(url: HttpUrl) -> str:
    return str(url).rstrip("/")


Url = Annotated[HttpUrl, AfterValidator(_whole_url), PlainSerializer(str)]


def _iso(given: object) -> object:
    """Take nothing but ISO 8601: of a bare number nobody knows the unit, and P5M would be five months."""
    if isinstance(given, str) and _ISO.fullmatch(given.strip()):
        return given.strip()
    if isinstance(given, timedelta) and given > timedelta(0):
        return given
    raise ValueError("write a duration like PT5M (five minutes), PT1H or P1D")


_ISO = re.compile(r"P(?=.*[1-9])([0-9]+Y)?([0-9]+W)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+S)?)?")
Duration = Annotated[timedelta, BeforeValidator(_iso)]  # longer than no time at all


class Part(BaseModel):
    """A part of the tree; unknown keys are mistakes, not comments."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

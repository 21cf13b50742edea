"""What every part of `hubbub.yaml` is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, PlainSerializer

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


def _whole_url(url: HttpUrl) -> str:
    return str(url).rstrip("/")


Url = Annotated[HttpUrl, AfterValidator(_whole_url), PlainSerializer(str)]


class Part(BaseModel):
    """A part of the tree; unknown keys are mistakes, not comments."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

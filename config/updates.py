"""The owner's own words to begin an update with."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from config.parts import Part
from domain.incidents.incident import IncidentStatus
from domain.incidents.templates import PLACEHOLDERS

_IN_BRACES = re.compile(r"\{(\w+)\}")


class UpdateTemplate(Part):
    """Words for one phase of an incident, in every language we write; they are offered before hubbub's own."""

    name: str = Field(min_length=1, max_length=60)  # what the desk offers
    phase: IncidentStatus
    texts: dict[str, str] = Field(min_length=1)  # language -> text with {component}, {since}, {next_update}

    @field_validator("texts")
    @classmethod
    def _can_be_filled_in(cls, texts: dict[str, str]) -> dict[str, str]:
        for language, text in texts.items():
            if not text.strip() or len(text) > 2000:
                raise ValueError(f"{language}: write between 1 and 2000 characters")
            strange = sorted(set(_IN_BRACES.findall(text)) - set(PLACEHOLDERS))
            if strange:
                known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
                raise ValueError(f"{language}: {{{strange[0]}}} is never filled in; there are {known}")
        return texts

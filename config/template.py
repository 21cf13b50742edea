"""Writes a commented `hubbub.yaml` from a few answers."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template

_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")  # ... but for these


@dataclass(frozen=True, slots=True)
class Answers:
    """What `hubbub init` asks."""

    brand: str
    languages: Sequence[str] = ("en", "tr", "fa")
    query: str = ""  # the word people use for the brand
    slack: str = "off"
    public_url: str = "http://127.0.0.1:8080"


def fill(answers: Answers) -> str:
    """Give the text of the settings; answers are quoted, so that no name can break the file."""
    query = answers.query or answers.brand
    word = "".join(c for c in query if c.isalnum()) or "brand"
    text = (resources.files("config") / "template.yaml").read_text(encoding="utf-8")
    return Template(text).substitute(
        brand=_quoted(answers.brand), languages=", ".join(answers.languages), language=answers.languages[0],
        handle=_quoted(word.casefold()), query=_quoted(query), tag=_quoted(word.casefold()),
        slack=_quoted(answers.slack), public_url=_quoted(answers.public_url),
    )  # fmt: skip


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML string ...
    return _NOT_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
